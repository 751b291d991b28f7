"""Claims to assemble for tests: complete chains of one and two payers, of which a test changes one thing."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.adjudications import Adjustment, AdjustmentGroup, LineDecision
from app.domain.claim_assembly import assemble
from app.domain.claim_parts import ClaimParts
from app.domain.codes import PayerResponsibility
from app.domain.coverages import Coverage
from app.domain.findings import Severity
from app.domain.professional_claims import ProfessionalClaim
from tests.domain.claims import a_decision, a_line, a_payer, parts_of_chain, some_content

FIRST, SECOND, THIRD = (
    a_payer("INV01", name="FIRST PLAN"),
    a_payer("INV02", name="SECOND PLAN", claim_filing_code="BL"),
    a_payer("INV03", name="THIRD PLAN"),
)
PRIMARY, SECONDARY, TERTIARY = tuple(PayerResponsibility)[:3]
COPAY = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal("25.00"))
DISCOUNT = Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal("45.00"))
LINE = a_line()
CONTENT = some_content(lines=(LINE,))
DECIDED = a_decision(
    payer_claim_number="ICN1",
    lines=(LineDecision(line_id=LINE.id, paid=Decimal("80.00"), adjustments=(DISCOUNT, COPAY)),),
)
SECONDARY_PARTS = parts_of_chain((FIRST, SECOND), (DECIDED,), CONTENT)
PRIMARY_PARTS = parts_of_chain((FIRST, SECOND), (), CONTENT)
Place = tuple[str, str | None]


def assembled(parts: ClaimParts) -> ProfessionalClaim:
    claim, findings = assemble(parts)
    assert findings == ()
    assert claim is not None
    return claim


def places(parts: ClaimParts) -> list[Place]:
    return [(finding.code, finding.pointer) for finding in assemble(parts)[1]]


def errors(parts: ClaimParts) -> list[Place]:
    return [(one.code, one.pointer) for one in assemble(parts)[1] if one.severity is Severity.ERROR]


def with_content(parts: ClaimParts, **changes: Any) -> ClaimParts:
    return replace(parts, claim=replace(parts.claim, content=replace(parts.claim.content, **changes)))


def with_coverage(parts: ClaimParts, position: int, change: Callable[[Coverage], Coverage]) -> ClaimParts:
    coverages = list(parts.coverages)
    coverages[position] = change(coverages[position])
    return replace(parts, coverages=tuple(coverages))


def with_provider(parts: ClaimParts, **changes: Any) -> ClaimParts:
    return replace(parts, providers={key: replace(one, **changes) for key, one in parts.providers.items()})


def with_practice(parts: ClaimParts, **changes: Any) -> ClaimParts:
    return replace(parts, practice=replace(parts.practice, **changes))


def with_patient(parts: ClaimParts, **changes: Any) -> ClaimParts:
    return replace(parts, patient=replace(parts.patient, **changes))
