"""A payer's decisions written as an 835 (005010X221A1): one payment, the claims it pays, their lines.

What is paid goes by ACH to an account nobody has; BPR01 is I, remittance information only, and H when nothing is paid.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from app.sandbox.acknowledgment_277 import amount_text
from app.sandbox.adjudication import Decided, DecidedLine
from app.sandbox.claims import Claim, Party, Reduction
from app.sandbox.interchange import Composite, Interchange, Line, write_reply
from app.sandbox.members import Payer

_VERSION = "005010X221A1"
_LATEST_ZONE: Final = timedelta(hours=-11)
"""Samoa: a day that has begun there has begun everywhere in the United States."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ClaimPayment:
    """One CLP. `forwarded_to` is the payer of NM1*TT, name and id."""

    claim: Claim
    decided: Decided
    payer_claim_number: str
    received_on: date
    forwarded_to: tuple[str, str] | None = None


def write_835(
    question: Interchange,
    payer: Payer,
    payments: Sequence[ClaimPayment],
    *,
    trace_number: str,
    control_number: int,
    now: datetime,
) -> str:
    """The interchange that goes to the sender of the claim. All payments are to the billing provider of the first.

    `trace_number` is TRN02, the number of the payment at the bank. X221A1 has no ST03.
    """
    return write_reply(
        question,
        functional_id="HP",
        version=_VERSION,
        transaction_id="835",
        body=list(_body(payer, payments, trace_number, now)),
        control_number=control_number,
        now=now,
        names_guide=False,
    )


def _body(payer: Payer, payments: Sequence[ClaimPayment], trace_number: str, now: datetime) -> Iterator[Line]:
    day = f"{_decided_on(payments, now):%Y%m%d}"
    yield _payment(sum((one.decided.paid for one in payments), Decimal(0)), payer, day)
    yield ("TRN", "1", trace_number, f"1{payer.tax_id}")
    yield ("DTM", "405", day)
    yield ("N1", "PR", payer.name)
    yield ("N3", payer.line1)
    yield ("N4", payer.city, payer.state, payer.postal_code)
    yield ("REF", "2U", payer.id)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", payer.phone)
    yield from _payee(payments[0].claim)
    yield ("LX", "1")
    for payment in payments:
        yield from _claim(payment)


def _decided_on(payments: Sequence[ClaimPayment], now: datetime) -> date:
    """No later than any practice's today, wherever it is, and no earlier than what was done."""
    services = [one.claim.last_day for one in payments if one.claim.lines]
    return max([(now + _LATEST_ZONE).date(), *services])


def _payment(total: Decimal, payer: Payer, day: str) -> Line:
    if total == 0:
        return ("BPR", "H", "0", "C", "NON", *([""] * 11), day)
    from_account = ("01", "999999992", "DA", "100000001", f"1{payer.tax_id}", "")
    to_account = ("01", "999999992", "DA", "100000002")
    return ("BPR", "I", amount_text(total), "C", "ACH", "CCP", *from_account, *to_account, day)


def _payee(claim: Claim) -> Iterator[Line]:
    billing = claim.billing
    name = f"{billing.last} {billing.first}".strip()
    if billing.id_qualifier == "XX":
        yield ("N1", "PE", name, "XX", billing.id)
        yield ("REF", "TJ", claim.billing_tax_id)
    else:
        yield ("N1", "PE", name, "FI", claim.billing_tax_id)


def _claim(payment: ClaimPayment) -> Iterator[Line]:
    claim, decided = payment.claim, payment.decided
    amounts = (decided.charge, decided.paid, decided.patient_responsibility)
    yield (
        *("CLP", claim.control_number, decided.status_code, *map(amount_text, amounts), decided.filing_code),
        *(payment.payer_claim_number, claim.place_of_service, claim.frequency),
    )
    if claim.subscriber_is_patient:
        yield _person("QC", claim.subscriber, claim.member_id)
    else:
        yield _person("QC", claim.patient, "")
        yield _person("IL", claim.subscriber, claim.member_id)
    if payment.forwarded_to is not None:
        name, identifier = payment.forwarded_to
        yield ("NM1", "TT", "2", name, "", "", "", "", "PI", identifier)
        # MA18: the claim is also forwarded to another payer.
        yield ("MOA", "", "", "MA18")
    yield ("DTM", "050", f"{payment.received_on:%Y%m%d}")
    if decided.allowed:
        yield ("AMT", "AU", amount_text(decided.allowed))
    for line in decided.lines:
        yield from _service(line)


def _person(role: str, party: Party, member_id: str) -> Line:
    identified = ("MI", member_id) if member_id else ()
    return ("NM1", role, "1", party.last, party.first, party.middle, "", party.suffix, *identified)


def _service(decided: DecidedLine) -> Iterator[Line]:
    line = decided.line
    # Without the description that SV101 may end with.
    procedure = Composite(tuple(line.procedure.split(":")[:6]))
    yield ("SVC", procedure, amount_text(line.charge), amount_text(decided.paid), "", amount_text(line.units))
    if line.last_day is None or line.last_day == line.first_day:
        yield ("DTM", "472", f"{line.first_day:%Y%m%d}")
    else:
        yield ("DTM", "150", f"{line.first_day:%Y%m%d}")
        yield ("DTM", "151", f"{line.last_day:%Y%m%d}")
    yield from _reductions(decided.reductions)
    if line.control_number:
        yield ("REF", "6R", line.control_number)
    if decided.allowed:
        yield ("AMT", "B6", amount_text(decided.allowed))
    for code in decided.remark_codes:
        yield ("LQ", "HE", code)


def _reductions(reductions: Iterable[Reduction]) -> Iterator[Line]:
    """One CAS a group and six reductions."""
    for group, of_group in groupby(sorted(reductions, key=lambda one: one.group), key=lambda one: one.group):
        triplets = [(one.reason, amount_text(one.amount), "") for one in of_group]
        for first in range(0, len(triplets), 6):
            yield ("CAS", group, *(element for triplet in triplets[first : first + 6] for element in triplet))
