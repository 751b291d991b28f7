"""What stands in an inbound document: whose claims it speaks of, and the part of it that is one practice's.

Reading is pure and may take long: a document may have tens of megabytes. Call it in a thread.

A document may hold claims of several practices. Each is given its own claims and what is said of the whole; of a payment
that it shares with another practice the others' money is taken out, and what may speak of their claims.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.domain.acknowledgments import (
    AcknowledgmentEffect,
    BatchAcknowledgment,
    ClaimAcknowledgment,
    GroupAcknowledgment,
    TransactionAcknowledgment,
)
from app.domain.findings import Finding, Severity
from app.domain.inbound_documents import InboundKind
from app.domain.money import total
from app.domain.payment_matching import fault_of
from app.domain.remittances import ClaimPayment, Remittance
from app.use_cases.claim_acknowledgments import refused_syntax
from app.x12 import acknowledgment_999, claim_acknowledgment_277, inbound, remittance_835
from app.x12.findings import Report, X12Finding

_KINDS: Final = {
    inbound.InboundKind.REMITTANCE_835: InboundKind.REMITTANCE,
    inbound.InboundKind.CLAIM_ACKNOWLEDGMENT_277: InboundKind.CLAIM_ACKNOWLEDGMENT,
    inbound.InboundKind.ACKNOWLEDGMENT_999: InboundKind.IMPLEMENTATION_ACKNOWLEDGMENT,
    inbound.InboundKind.INTERCHANGE_ACKNOWLEDGMENT: InboundKind.INTERCHANGE_ACKNOWLEDGMENT,
}
_MOST_FINDINGS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Whose claims a document speaks of (CLM01). `is_readable` is False when it is no X12 at all.

    `left` is a word for what it says that is about no single claim and that an operator must see.
    """

    kind: InboundKind
    numbers: tuple[str, ...] = field(default=(), repr=False)
    left: str | None = None
    is_readable: bool = True


@dataclass(frozen=True, kw_only=True)
class RemittancePart:
    """One 835 transaction, the `number`-th, as far as a practice may see it. `remittance` is without its claims, which
    are `claims`. `fault` keeps all of it from being posted.
    """

    number: int
    remittance: Remittance = field(repr=False)
    claims: tuple[ClaimPayment, ...] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    fault: str | None = None


def contents_of(content: bytes) -> Contents:
    kind = inbound.kind_of(content)
    if kind is inbound.InboundKind.UNREADABLE:
        return Contents(kind=InboundKind.OTHER, is_readable=False)
    if kind is inbound.InboundKind.REMITTANCE_835:
        numbers = inbound.patient_control_numbers(content)
        return Contents(kind=_KINDS[kind], numbers=numbers, left=None if numbers else "claims_missing")
    if kind is inbound.InboundKind.CLAIM_ACKNOWLEDGMENT_277:
        return _of_277ca(content)
    if kind in _KINDS:
        return _of_999(content, _KINDS[kind])
    return Contents(kind=InboundKind.OTHER, left="kind_unsupported")


def own_remittances(content: bytes, mine: Collection[str], others: Collection[str]) -> list[RemittancePart]:
    """The transactions that pay claims of the practice. `mine` and `others` are the patient control numbers of its claims
    and of other practices'; the rest is nobody's.
    """
    report = Report()
    parts: list[RemittancePart] = []
    seen = 0
    for number, remittance in enumerate(remittance_835.read_each(content, report), start=1):
        found, seen = report.findings[seen:], len(report.findings)
        claims = tuple(claim for claim in remittance.claims if claim.patient_control_number in mine)
        if claims:
            parts.append(_part(number, remittance, claims, others, found))
    return parts


def own_acknowledgments(
    content: bytes, kind: InboundKind, mine: Collection[str]
) -> list[tuple[int, ClaimAcknowledgment]]:
    """What is said of claims of the practice, each with its place among all that the document says."""
    if kind is InboundKind.CLAIM_ACKNOWLEDGMENT:
        said: Iterable[object] = claim_acknowledgment_277.read(content)[0]
    else:
        said = _refused(content)
    return [
        (position, one)
        for position, one in enumerate(said, start=1)
        if isinstance(one, ClaimAcknowledgment) and one.patient_control_number in mine
    ]


def _of_277ca(content: bytes) -> Contents:
    said, _ = claim_acknowledgment_277.read(content)
    batches = [one for one in said if isinstance(one, BatchAcknowledgment)]
    numbers = inbound.patient_control_numbers(content)
    is_refused = any(one.effect is AcknowledgmentEffect.REJECTED for one in batches)
    told = {one.patient_control_number for one in said if isinstance(one, ClaimAcknowledgment)}
    left = "batch_rejected" if is_refused else None
    if not numbers and not batches:
        left = "claims_missing"
    elif not told.issuperset(numbers):
        left = "partly_unreadable"  # cut off: what counts may be in what is missing
    return Contents(kind=InboundKind.CLAIM_ACKNOWLEDGMENT, numbers=numbers, left=left)


def _of_999(content: bytes, kind: InboundKind) -> Contents:
    """What was taken needs nobody. A refusal that names no claim cannot be brought to one from here."""
    said, findings = acknowledgment_999.read(content)
    numbers = tuple(dict.fromkeys(one.patient_control_number for one in _refused(content)))
    named = {
        one.group_control_number for one in said if isinstance(one, TransactionAcknowledgment) and _names_claims(one)
    }
    is_refused = any(not one.accepted and not _is_named(one, named) for one in said)
    left = "syntax_rejected" if is_refused else None
    if not said and findings:
        left = "acknowledgment_unreadable"
    return Contents(kind=kind, numbers=numbers, left=left)


def _names_claims(one: TransactionAcknowledgment) -> bool:
    return not one.accepted and bool(one.patient_control_numbers)


def _is_named(one: acknowledgment_999.Acknowledgment, named: Collection[str]) -> bool:
    """Whether a refusal is brought to its claims: a group's by those of its transaction sets (ours have one each)."""
    if isinstance(one, TransactionAcknowledgment):
        return _names_claims(one)
    return isinstance(one, GroupAcknowledgment) and one.group_control_number in named


def _refused(content: bytes) -> list[ClaimAcknowledgment]:
    """The claims that a 999 names in transaction sets it refuses."""
    said, _ = acknowledgment_999.read(content)
    return [
        refused_syntax(number, group_control_number=one.group_control_number, segment=position)
        for position, one in enumerate(said, start=1)
        if isinstance(one, TransactionAcknowledgment) and not one.accepted
        for number in one.patient_control_numbers
    ]


def _part(
    number: int,
    remittance: Remittance,
    claims: tuple[ClaimPayment, ...],
    others: Collection[str],
    found: Sequence[X12Finding],
) -> RemittancePart:
    """The fault is the whole payment's, whoever's claims are in it."""
    whole = (*found, *remittance_835.check(remittance))
    findings: list[Finding] = _seen_by(whole, remittance, claims)
    own = replace(remittance, claims=())
    if any(claim.patient_control_number in others for claim in remittance.claims):
        own = replace(own, total_paid=total(claim.paid for claim in claims), provider_adjustments=())
        findings.append(
            Finding(
                code="payment_shared",
                message="The payment also pays claims of others. The total is that of your claims.",
                severity=Severity.INFORMATION,
                location="BPR02",
            )
        )
    elif len(claims) < len(remittance.claims):
        findings.append(
            Finding(
                code="payment_has_unknown_claims",
                message="The payment also pays claims whose numbers are not known here.",
                severity=Severity.WARNING,
                location="2100 CLP01",
            )
        )
    return RemittancePart(
        number=number, remittance=own, claims=claims, findings=tuple(findings), fault=fault_of(remittance)
    )


def _seen_by(findings: Iterable[X12Finding], remittance: Remittance, claims: tuple[ClaimPayment, ...]) -> list[Finding]:
    """Those of the payment itself and of the claims given. All claims begin at a segment; the next one ends them."""
    starts = [claim.segment for claim in remittance.claims]
    own = {claim.segment for claim in claims}
    seen: list[Finding] = []
    for one in findings:
        at = 0 if one.segment_number is None else bisect_right(starts, one.segment_number)
        if at == 0 or starts[at - 1] in own:
            seen.append(Finding(code=one.code, message=one.message, severity=one.severity, location=one.location))
    return seen[:_MOST_FINDINGS]
