"""Valid 837P texts of every kind of coordination, for edits of the text: primary to tertiary, both levels, bundled or not."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from app.domain.claims import ClaimFrequency
from app.domain.codes import PayerResponsibility, Relationship
from app.domain.professional_claims import ProfessionalClaim
from tests.x12.claims import (
    ADA,
    BEN,
    CAL,
    DECISION_DATE,
    a_claim,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    a_tertiary,
    an_other_payer,
    co,
    decided,
    named,
    pr,
    written,
)
from tests.x12.inquiries import INTERCHANGE
from tests.x12.texts_837 import counted

CREATED: Final = datetime(2026, 10, 1, 12, tzinfo=UTC)
_TWO_LINES: Final = (a_line(1), a_line(2))


def _two_lines() -> ProfessionalClaim:
    lines = (a_prior_line(), a_prior_line(line_number=2, adjustments=(co("40.00"), pr("30.00", "1"))))
    return a_secondary(lines=_TWO_LINES, other_payers=decided(a_decision(paid=Decimal("160.00"), lines=lines)))


def _claim_level() -> ProfessionalClaim:
    """300.00 = 160.00 + 90.00 + 50.00, without lines."""
    decision = a_decision(
        paid=Decimal("160.00"),
        adjustments=(co("90.00"), pr("50.00", "2")),
        remaining_liability=Decimal("50.00"),
        adjudication_date=DECISION_DATE,
        lines=(),
    )
    return a_secondary(lines=_TWO_LINES, other_payers=decided(decision))


def _both_levels() -> ProfessionalClaim:
    """X12's example 3B in other figures: the lines pay 250.00, of which the claim takes a deductible of 40.00."""
    lines = (
        a_prior_line(paid=Decimal("100.00"), adjustments=(co("50.00"),), remaining_liability=None),
        a_prior_line(line_number=2, paid=Decimal("150.00"), adjustments=(), remaining_liability=None),
    )
    decision = a_decision(
        paid=Decimal("210.00"), adjustments=(pr("40.00", "1"),), remaining_liability=Decimal("90.00"), lines=lines
    )
    return a_secondary(lines=_TWO_LINES, other_payers=decided(decision))


def _bundled() -> ProfessionalClaim:
    """The second line is paid with the first."""
    bundled = a_prior_line(
        line_number=2,
        paid=Decimal(0),
        bundled_into=1,
        adjustments=(co("150.00", "97"),),
        remaining_liability=Decimal(0),
    )
    decision = a_decision(lines=(a_prior_line(), bundled))
    return a_secondary(lines=_TWO_LINES, other_payers=decided(decision))


def _unbundled() -> ProfessionalClaim:
    """One line was decided as two services: together they explain the charge (RFI 1555)."""
    lines = (
        a_prior_line(paid=Decimal("50.00"), procedure_code="90832", adjustments=(co("20.00"),)),
        a_prior_line(paid=Decimal("30.00"), procedure_code="90785", adjustments=(co("25.00"), pr("25.00"))),
    )
    return a_secondary(other_payers=decided(a_decision(lines=lines)))


def _five_reasons() -> ProfessionalClaim:
    """Five reasons of one group on the one line."""
    reasons = tuple(co("10.00", reason) for reason in ("45", "59", "97", "B20", "253"))
    line = a_prior_line(paid=Decimal("75.00"), adjustments=(*reasons, pr("25.00")))
    return a_secondary(other_payers=decided(a_decision(paid=Decimal("75.00"), lines=(line,))))


def _primary() -> ProfessionalClaim:
    """The claim to the first payer, which names the second."""
    policy = a_policy(responsibility=PayerResponsibility.SECONDARY, insured=named(ADA, at_home=True))
    return a_claim(other_payers=(an_other_payer(policy=policy, decision=None),))


def _medicare(claim: ProfessionalClaim) -> ProfessionalClaim:
    return replace(claim, policy=replace(claim.policy, claim_filing_code="MB", insurance_type_code="12"))


def _dependent() -> ProfessionalClaim:
    policy = a_policy(insured=named(CAL), relationship=Relationship.CHILD)
    return a_claim(policy=policy, patient=BEN, patient_is_subscriber=False)


_VALID: Final[Mapping[str, Callable[[], ProfessionalClaim]]] = MappingProxyType(
    {
        "primary": _primary,
        "secondary": a_secondary,
        "secondary with two lines": _two_lines,
        "secondary at claim level": _claim_level,
        "secondary at both levels": _both_levels,
        "secondary with a bundled line": _bundled,
        "secondary with an unbundled line": _unbundled,
        "secondary with five reasons": _five_reasons,
        "tertiary": a_tertiary,
        "Medicare second": lambda: _medicare(a_secondary()),
        "dependent": _dependent,
        "replacement": lambda: a_secondary(frequency=ClaimFrequency.REPLACEMENT, payer_claim_number="PCN77"),
    }
)
VALID: Final = (*_VALID, "never billed")


@functools.cache
def valid(name: str) -> str:
    """The text of a claim without a finding."""
    if name == "never billed":
        undecided = an_other_payer(decision=None)
        text = write_later(a_secondary(other_payers=(undecided,)))
        return edited(text, (("SBR*P*18*******BL~", "SBR*P*18*******BL~AMT*A8*150~"),))
    return write_later(_VALID[name]())


def write_later(claim: ProfessionalClaim) -> str:
    """Created after the payers decided."""
    return written(claim, interchange=replace(INTERCHANGE, created_at=CREATED))


def edited(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    for before, after in edits:
        assert before in text, f"the valid text has no {before}"
        text = text.replace(before, after, 1)
    return counted(text)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`edits` are made in `base`, one after the other, each at the first place it fits. `codes` are all that is found,
    `place` and `difference` are those of the first.
    """

    base: str = "secondary"
    edits: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]
    place: str
    difference: str | None = None

    @property
    def text(self) -> str:
        return edited(valid(self.base), self.edits)

    def __str__(self) -> str:
        return f"{self.codes[0]} at {self.place}"
