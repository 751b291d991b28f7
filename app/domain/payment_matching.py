"""Whether a payment is for the claim whose number it carries, and what becomes of it (domain rules B1, B6 and B7).

A payment is posted when its remittance is whole and adds up, its payer is the claim's, and all that this payer has said
of the claim makes a decision. Everything else waits for a person and posts nothing. A payer that says it stands elsewhere
in the order of benefits has decided all the same: that is posted, and somebody looks at the order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from app.domain.adjudications import Decision
from app.domain.claim_payments import ClaimPaymentVerdict, decision_of
from app.domain.claims import Claim
from app.domain.findings import Finding, Severity
from app.domain.payers import Payer
from app.domain.received_remittances import PaymentStatus
from app.domain.remittances import ClaimPayment, Remittance
from app.domain.work_items import WorkItemKind

STANDING: Final = frozenset({PaymentStatus.POSTED, PaymentStatus.PROPOSED, PaymentStatus.INCOMPLETE})
"""Payments that are a part of what the payer decided: a later one is read together with them."""
TOGETHER: Final = STANDING | {PaymentStatus.REVERSAL, PaymentStatus.ORDER_DISPUTED}
"""Those, and what took some of them back, or was posted although the order is disputed."""

WORK_OF: Final = {
    PaymentStatus.PROPOSED: WorkItemKind.ADJUDICATION_PROPOSED,
    PaymentStatus.UNMATCHED: WorkItemKind.REMITTANCE_UNMATCHED,
    PaymentStatus.UNBALANCED: WorkItemKind.REMITTANCE_UNBALANCED,
    PaymentStatus.REVERSAL: WorkItemKind.REMITTANCE_REVERSAL,
    PaymentStatus.NOT_ON_FILE: WorkItemKind.COVERAGE_NOT_ON_FILE,
    PaymentStatus.ORDER_DISPUTED: WorkItemKind.PAYER_ORDER_DISPUTED,
    PaymentStatus.FORWARDED: WorkItemKind.FORWARDED_TO_OTHER_PAYER,
}
"""What a person has to do."""

_REVERSAL: Final = "22"
_FORWARDED_ONLY: Final = "23"
_PREDETERMINATION: Final = "25"
_DECIDES_NOTHING: Final = frozenset({_FORWARDED_ONLY, _PREDETERMINATION})
_RANK_OF_STATUS: Final = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
"""CLP02: processed as primary, secondary, tertiary; 3 and 21 say it of every later payer."""
_LAST_RANK: Final = 3
_RANK_DIFFERS: Final = "rank_differs"
_OTHER_PAYER_FIRST: Final = "22"
"""CARC 22: this care may be covered by another payer per coordination of benefits."""

_STATUS_OF: Final = {
    ClaimPaymentVerdict.POSTABLE: PaymentStatus.POSTED,
    ClaimPaymentVerdict.INCOMPLETE: PaymentStatus.INCOMPLETE,
    ClaimPaymentVerdict.REVERSAL: PaymentStatus.REVERSAL,
    ClaimPaymentVerdict.NOT_KNOWN: PaymentStatus.NOT_ON_FILE,
    ClaimPaymentVerdict.NOT_OUR_CLAIM: PaymentStatus.FORWARDED,
    ClaimPaymentVerdict.PREDETERMINATION: PaymentStatus.IGNORED,
    ClaimPaymentVerdict.STATUS_UNKNOWN: PaymentStatus.UNMATCHED,
    ClaimPaymentVerdict.UNDATED: PaymentStatus.UNMATCHED,
    ClaimPaymentVerdict.UNREADABLE: PaymentStatus.UNBALANCED,
    ClaimPaymentVerdict.UNMATCHED_LINE: PaymentStatus.UNMATCHED,
    ClaimPaymentVerdict.CHARGE_DIFFERS: PaymentStatus.UNMATCHED,
    ClaimPaymentVerdict.UNBALANCED: PaymentStatus.UNBALANCED,
}
"""Amounts that cannot be read cannot be held against each other either."""


@dataclass(frozen=True, kw_only=True)
class Judgment:
    """What becomes of a claim's payments in one remittance. `decision` is what is posted; `reason` says why in a word."""

    status: PaymentStatus
    reason: str
    decision: Decision | None = field(default=None, repr=False)

    def status_of(self, payment: ClaimPayment) -> PaymentStatus:
        """Of one of the payments. What takes another back, or decides nothing, does so whatever the others do."""
        if self.status in {PaymentStatus.UNMATCHED, PaymentStatus.UNBALANCED}:
            return self.status
        return {
            _REVERSAL: PaymentStatus.REVERSAL,
            _FORWARDED_ONLY: PaymentStatus.FORWARDED,
            _PREDETERMINATION: PaymentStatus.IGNORED,
        }.get(payment.status_code, self.status)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A claim's payments in one remittance, `new`, among all that stand: `together` in the order they were said in.

    `said_on` is the day of the latest of them.
    """

    new: Sequence[ClaimPayment]
    together: Sequence[ClaimPayment]
    said_on: date | None


def judge(told: Told, *, claim: Claim, payer: Payer, payer_id: str | None, fault: str | None) -> Judgment:
    """`payer` is the claim's, `payer_id` whom the remittance names; `fault` is what is wrong with the remittance itself,
    as `fault_of` has it.
    """
    refused = _refused(told.new, claim, payer, payer_id, fault) or _undecided(told.new)
    if refused is not None:
        return refused
    deciding = [payment for payment in told.together if payment.status_code not in _DECIDES_NOTHING]
    decision, verdict, _ = _decided(deciding, told.said_on, claim)
    if decision is None:
        return Judgment(status=_STATUS_OF[verdict], reason=verdict.value)
    if verdict is ClaimPaymentVerdict.INCOMPLETE and _has_reversal(told.new):
        return Judgment(status=PaymentStatus.REVERSAL, reason=ClaimPaymentVerdict.REVERSAL.value)
    dispute = _dispute(told.new, claim)
    if dispute is None:
        return Judgment(status=_STATUS_OF[verdict], reason=verdict.value, decision=decision)
    # Without the payer's id these are perhaps not this payer's words: what was forwarded comes back under the number of
    # the claim that was forwarded (domain rule D3).
    is_doubtful = payer_id is None and dispute == _RANK_DIFFERS
    return Judgment(status=PaymentStatus.ORDER_DISPUTED, reason=dispute, decision=None if is_doubtful else decision)


def _refused(
    new: Sequence[ClaimPayment], claim: Claim, payer: Payer, payer_id: str | None, fault: str | None
) -> Judgment | None:
    """What is about another claim, or one that is over, or stands in a remittance that does not add up."""
    if fault is not None:
        return Judgment(status=PaymentStatus.UNBALANCED, reason=fault)
    if payer_id is not None and not _is_named(payer, payer_id):
        return Judgment(status=PaymentStatus.UNMATCHED, reason="payer_differs")
    if claim.status.is_over:
        status = PaymentStatus.REVERSAL if _has_reversal(new) else PaymentStatus.UNMATCHED
        return Judgment(status=status, reason="claim_over")
    return None


def _undecided(new: Sequence[ClaimPayment]) -> Judgment | None:
    codes = {payment.status_code for payment in new}
    if not codes <= _DECIDES_NOTHING:
        return None
    forwarded = _FORWARDED_ONLY in codes
    verdict = ClaimPaymentVerdict.NOT_OUR_CLAIM if forwarded else ClaimPaymentVerdict.PREDETERMINATION
    return Judgment(status=_STATUS_OF[verdict], reason=verdict.value)


def fault_of(remittance: Remittance) -> str | None:
    """What keeps everything in a remittance from being posted: it must be whole, and balance as one payment."""
    if not remittance.is_whole:
        return "remittance_unreadable"
    return "remittance_out_of_balance" if remittance.difference else None


def is_repeated(
    payment: ClaimPayment, trace_number: str | None, earlier: Iterable[tuple[str | None, ClaimPayment]]
) -> bool:
    """The same words under the same trace number (TRN02): the payment came before, in another file."""
    if trace_number is None:
        return False
    words = _words(payment)
    return any(trace == trace_number and _words(one) == words for trace, one in earlier)


def payment_findings(payment: ClaimPayment, claim: Claim, payer: Payer, remittance: Remittance) -> tuple[Finding, ...]:
    """What is wrong with a payment by itself, held against its claim. Pointers are into the payment."""
    findings: list[Finding] = []
    if remittance.payer_id is not None and not _is_named(payer, remittance.payer_id):
        findings.append(
            Finding(
                code="payer_differs",
                message="The remittance names another payer than the claim's.",
                location="1000A REF02",
            )
        )
    if payment.status_code == _REVERSAL or payment.status_code in _DECIDES_NOTHING:
        return tuple(findings)
    if _dispute((payment,), claim) is not None:
        findings.append(
            Finding(
                code="payer_order_disputed",
                message="The payer says that it stands elsewhere in the order of benefits than it was billed.",
                severity=Severity.WARNING,
                location="2100 CLP02",
            )
        )
    _, _, faults = _decided((payment,), remittance.adjudicated_on, claim)
    return (*findings, *(replace(one, pointer=_within(one.pointer)) for one in faults))


def _decided(
    payments: Sequence[ClaimPayment], said_on: date | None, claim: Claim
) -> tuple[Decision | None, ClaimPaymentVerdict, tuple[Finding, ...]]:
    content = claim.content
    return decision_of(payments, remittance_date=said_on, lines=content.lines, billed_charge=content.total_charge)


def _has_reversal(payments: Iterable[ClaimPayment]) -> bool:
    return any(payment.status_code == _REVERSAL for payment in payments)


def _is_named(payer: Payer, said: str) -> bool:
    known = {one.strip().upper() for one in (payer.electronic_id, *payer.aliases)}
    return said.strip().upper() in known


def _dispute(payments: Iterable[ClaimPayment], claim: Claim) -> str | None:
    """Why a payer does not stand where it was billed, as it sees it (domain rule B7)."""
    reasons: list[str] = []
    for payment in payments:
        rank = _RANK_OF_STATUS.get(payment.status_code)
        if rank is not None and rank != min(claim.rank.number, _LAST_RANK):
            reasons.append(_RANK_DIFFERS)
        adjustments = (*payment.adjustments, *(one for service in payment.services for one in service.adjustments))
        if any(one.reason_code == _OTHER_PAYER_FIRST and one.amount > 0 for one in adjustments):
            reasons.append("other_payer_first")
        if payment.corrected_payer is not None:
            reasons.append("payer_corrected")
    return reasons[0] if reasons else None


def _words(payment: ClaimPayment) -> ClaimPayment:
    """A payment without its place in a file."""
    services = tuple(replace(service, segment=None) for service in payment.services)
    return replace(payment, position=0, segment=0, services=services)


def _within(pointer: str | None) -> str | None:
    """``/0/services/1`` is ``/services/1`` of the payment; what points into the decision has no place in it."""
    if pointer is None or not pointer.startswith("/0"):
        return None
    return pointer.removeprefix("/0")
