"""A 277CA (005010X214): what the clearinghouse, and later a payer's front end, says of the claims of one 837.

Pure: the interchange and its claims, as they were read, and the verdicts go in. Levels 20 source, 21 receiver (who
submitted), 19 provider, PT patient with the claim. What was accepted and what was not is counted and added up at each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Final

from app.sandbox.claims import Claim, Party
from app.sandbox.interchange import Composite, Interchange, Line, write_reply

_VERSION: Final = "005010X214"
_ACCEPTING: Final = frozenset({"A0", "A1", "A2", "A5"})
_RECEIVED: Final = ("A1", "19")
"""At the levels above the claim: the file is received, whatever becomes of a claim in it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """2100A NM1: who speaks. AY is a clearinghouse, PR a payer."""

    entity: str
    name: str
    id_qualifier: str
    id: str


CLEARINGHOUSE: Final = Source(entity="AY", name="CROSSOVER SANDBOX", id_qualifier="46", id="SANDBOX")


def payer_source(payer_id: str, name: str) -> Source:
    return Source(entity="PR", name=name, id_qualifier="PI", id=payer_id)


@dataclass(frozen=True, kw_only=True)
class Status:
    """One STC: category (507), status (508) and entity of STC01, and the free text of STC12."""

    category: str
    status: str
    entity: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said of one claim. `payer_claim_number` is REF*1K, for a payer that took the claim in."""

    claim: Claim
    statuses: tuple[Status, ...]
    payer_claim_number: str = field(default="", repr=False)

    @property
    def is_accepted(self) -> bool:
        return all(status.category in _ACCEPTING or status.category.startswith("P") for status in self.statuses)


def write_277ca(
    question: Interchange,
    verdicts: Sequence[Verdict],
    *,
    source: Source,
    received_on: date,
    control_number: int,
    now: datetime,
) -> str:
    """The 277CA to the sender of `question`. `received_on` is when the claims came (DTP*050)."""
    return write_reply(
        question,
        functional_id="HN",
        version=_VERSION,
        transaction_id="277",
        body=list(_body(question, verdicts, source, received_on, control_number, now)),
        control_number=control_number,
        now=now,
    )


def _body(
    question: Interchange,
    verdicts: Sequence[Verdict],
    source: Source,
    received_on: date,
    control_number: int,
    now: datetime,
) -> Iterator[Line]:
    reference = f"SBX{control_number:09d}"
    yield ("BHT", "0085", "08", reference, f"{now:%Y%m%d}", f"{now:%H%M%S}", "TH")
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", source.entity, "2", source.name, "", "", "", "", source.id_qualifier, source.id)
    yield ("TRN", "1", reference)
    yield ("DTP", "050", "D8", f"{received_on:%Y%m%d}")
    yield ("DTP", "009", "D8", f"{now:%Y%m%d}")
    yield ("HL", "2", "1", "21", "1")
    yield from _receiver(question, verdicts, source, now)
    number = 2
    for _, group in groupby(verdicts, key=lambda verdict: verdict.claim.billing):
        of_provider = list(group)
        number += 1
        provider = number
        yield ("HL", str(provider), "2", "19", "1")
        yield from _provider(of_provider)
        for verdict in of_provider:
            number += 1
            yield ("HL", str(number), str(provider), "PT")
            yield from _claim(verdict, now)


def _receiver(question: Interchange, verdicts: Sequence[Verdict], source: Source, now: datetime) -> Iterator[Line]:
    """The submitter's name (1000A) and batch number (BHT03) as they came."""
    yield next(one.elements for one in question.segments if one.id == "NM1" and one.element(1) == "41")
    yield ("TRN", "2", next(one.element(3) for one in question.segments if one.id == "BHT"))
    status = Composite((*_RECEIVED, source.entity))
    yield ("STC", status, f"{now:%Y%m%d}", "WQ", amount_text(_charges(verdicts)))
    yield from _counts(verdicts, accepted="90", rejected="AA")


def _provider(verdicts: Sequence[Verdict]) -> Iterator[Line]:
    claim = verdicts[0].claim
    identifier = ("XX", claim.billing.id) if claim.billing.id else ("FI", claim.billing_tax_id)
    yield _name("85", claim.billing, *identifier)
    yield ("TRN", "1", "0")
    yield ("STC", Composite(_RECEIVED), "", "WQ", amount_text(_charges(verdicts)))
    yield ("REF", "TJ", claim.billing_tax_id)
    yield from _counts(verdicts, accepted="QA", rejected="QC")


def _counts(verdicts: Sequence[Verdict], *, accepted: str, rejected: str) -> Iterator[Line]:
    sides = ((accepted, "YU", True), (rejected, "YY", False))
    sorted_out = [
        (quantity, money, [one for one in verdicts if one.is_accepted is side]) for quantity, money, side in sides
    ]
    yield from (("QTY", quantity, str(len(those))) for quantity, _, those in sorted_out if those)
    yield from (("AMT", money, amount_text(_charges(those))) for _, money, those in sorted_out if those)


def _claim(verdict: Verdict, now: datetime) -> Iterator[Line]:
    claim = verdict.claim
    yield _name("QC", claim.patient, "MI", claim.member_id)
    yield ("TRN", "2", claim.control_number)
    action = "WQ" if verdict.is_accepted else "U"
    for status in verdict.statuses:
        parts = Composite((status.category, status.status, status.entity))
        head = ("STC", parts, f"{now:%Y%m%d}", action, amount_text(claim.charge))
        yield (*head, *[""] * 7, status.text) if status.text else head
    if verdict.payer_claim_number:
        yield ("REF", "1K", verdict.payer_claim_number)
    days = f"{claim.first_day:%Y%m%d}", f"{claim.last_day:%Y%m%d}"
    yield ("DTP", "472", "D8", days[0]) if days[0] == days[1] else ("DTP", "472", "RD8", "-".join(days))


def _name(entity: str, party: Party, id_qualifier: str, identifier: str) -> Line:
    return (
        "NM1",
        entity,
        party.kind,
        party.last,
        party.first,
        party.middle,
        "",
        party.suffix,
        id_qualifier,
        identifier,
    )


def _charges(verdicts: Sequence[Verdict]) -> Decimal:
    return sum((verdict.claim.charge for verdict in verdicts), Decimal(0))


def amount_text(amount: Decimal) -> str:
    """As X12 writes a number: no zeros after the last decimal that counts, none before the point but one."""
    return f"{amount.normalize() + 0:f}"
