"""Claims and what belongs to them for tests: valid by default, one thing to override, everyone invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus, Decision
from app.domain.claim_parts import ClaimParts
from app.domain.claim_states import ClaimOutcome, ClaimStatus
from app.domain.claims import Claim, ClaimContent
from app.domain.codes import AcceptsAssignment, PayerResponsibility
from app.domain.coordination import ChainClaim
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageStatus
from app.domain.parties import Contact
from app.domain.payers import Payer, PayerKind, PayerSupport, SupportLevel, payer_id
from app.domain.providers import PayerParticipation
from app.domain.service_lines import MOST_LINES, ServiceLine, UnitOfMeasure
from tests.factories import NOW, TODAY, a_coverage, a_patient, a_practice, a_provider

SERVICE_DAY = date(2026, 8, 20)
DECISION_DAY = date(2026, 9, 1)
_SUPPORTED = PayerSupport(
    eligibility=SupportLevel.SUPPORTED,
    claims=SupportLevel.SUPPORTED,
    secondary_claims=SupportLevel.SUPPORTED,
    remittances=SupportLevel.SUPPORTED,
)


def a_line(**changes: Any) -> ServiceLine:
    line_id = uuid4()
    line = ServiceLine(
        id=line_id,
        control_number=line_id.hex[:20].upper(),
        procedure_code="90837",
        charge=Decimal("150.00"),
        units=Decimal(1),
        first_date=SERVICE_DAY,
    )
    return replace(line, **changes)


def some_content(**changes: Any) -> ClaimContent:
    content = ClaimContent(place_of_service="11", diagnoses=("F4110",), lines=(a_line(),))
    return replace(content, **changes)


def a_claim(**changes: Any) -> Claim:
    claim = Claim(
        id=uuid4(),
        chain_id=uuid4(),
        encounter_id="ENC-1",
        patient_id=uuid4(),
        coverage_id=uuid4(),
        payer_id=uuid4(),
        rank=PayerResponsibility.PRIMARY,
        status=ClaimStatus.DRAFT,
        patient_control_number="A1B2C3D4E5F6G7H8J",
        content=some_content(),
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(claim, **changes)


def a_decision(**changes: Any) -> Decision:
    decision = Decision(adjudication_date=DECISION_DAY, paid=Decimal("80.00"))
    return replace(decision, **changes)


def an_adjudication(claim: Claim, decision: Decision | None = None, **changes: Any) -> Adjudication:
    """A current version, entered by hand, that decides the claim."""
    adjudication = Adjudication(
        id=uuid4(),
        claim_id=claim.id,
        chain_id=claim.chain_id,
        payer_id=claim.payer_id,
        number=1,
        status=AdjudicationStatus.CURRENT,
        source=AdjudicationSource.MANUAL,
        outcome=ClaimOutcome.PAID,
        decision=decision or a_decision(),
        created_by="biller",
        created_at=NOW,
    )
    return replace(adjudication, **changes)


def a_payer(electronic_id: str = "INV01", **changes: Any) -> Payer:
    payer = Payer(
        id=payer_id(electronic_id),
        electronic_id=electronic_id,
        name="INVENTED HEALTH PLAN",
        kind=PayerKind.COMMERCIAL,
        claim_filing_code="CI",
        supports=_SUPPORTED,
        updated_at=NOW,
    )
    return replace(payer, **changes)


def medicare(electronic_id: str = "04112", **changes: Any) -> Payer:
    """Original Medicare, Part B."""
    return a_payer(
        electronic_id,
        **{
            "name": "MEDICARE PART B",
            "kind": PayerKind.MEDICARE,
            "claim_filing_code": "MB",
            "is_original_medicare": True,
            **changes,
        },
    )


def a_ranked_coverage(
    rank: PayerResponsibility = PayerResponsibility.PRIMARY,
    *,
    insurance_type_code: str | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    **changes: Any,
) -> Coverage:
    """A verified coverage that holds a rank."""
    coverage = a_coverage(status=CoverageStatus.VERIFIED, wished_rank=rank, **changes)
    row = CoverageRank(
        coverage_id=coverage.id,
        benefit_class=coverage.benefit_class,
        rank=rank,
        insurance_type_code=insurance_type_code,
        from_date=from_date,
        to_date=to_date,
    )
    return replace(coverage, ranks=(row,))


def coverages_in_order(*payers: Payer) -> tuple[Coverage, ...]:
    """One verified coverage with each payer, the first primary."""
    return tuple(
        a_ranked_coverage(
            PayerResponsibility.from_number(number),
            payer_id=payer.id,
            member_id=f"MLK00000{number}",
            insurance_type_code="12" if payer.is_original_medicare and number > 1 else None,
        )
        for number, payer in enumerate(payers, start=1)
    )


def parts_of_chain(
    payers: tuple[Payer, ...],
    decisions: tuple[Decision | None, ...] = (),
    content: ClaimContent | None = None,
    coverages: tuple[Coverage, ...] | None = None,
) -> ClaimParts:
    """The parts of a chain's newest claim, after one earlier claim for each of the decisions; all that it needs is
    recorded. The newest asks the payer after the last one that decided.
    """
    coverages = coverages or coverages_in_order(*payers)
    provider = a_provider(
        participations=tuple(
            PayerParticipation(payer_id=payer.id, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)
            for payer in payers
        )
    )
    content = replace(content or some_content(), rendering_provider_id=provider.id)
    claims = [
        a_claim(coverage_id=coverage.id, payer_id=coverage.payer_id, rank=coverage.wished_rank, content=content)
        for coverage in coverages[: len(decisions) + 1]
    ]
    return ClaimParts(
        claim=claims[-1],
        practice=a_practice(billing_contact=Contact(name="BILLING DESK", phone="3035550100")),
        patient=a_patient(),
        coverages=coverages,
        payers={payer.id: payer for payer in payers},
        providers={provider.id: provider},
        chain=tuple(
            ChainClaim(claim=claim, adjudication=None if decision is None else an_adjudication(claim, decision))
            for claim, decision in zip(claims[:-1], decisions, strict=True)
        ),
    )


_PROCEDURES = ("90791", "90832", "90834", "90837", "90847", "90853", "96130", "96131", "H0004", "G0444", "0362T")
_MODIFIERS = ("95", "93", "HO", "HN", "25", "U1", "59", "76")
_DIAGNOSES = (
    "F4110",
    "F329",
    "F411",
    "F4310",
    "F902",
    "F840",
    "F1020",
    "F3181",
    "F0390",
    "Z638",
    "Z630",
    "F509",
    "F422",
)
_PLACES = ("02", "03", "10", "11", "12", "53")

charges = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
service_dates = st.integers(0, 700).map(lambda days: TODAY - timedelta(days=days))


@st.composite
def lines(draw: st.DrawFn, diagnosis_count: int = 1, line_id: UUID | None = None) -> ServiceLine:
    """One valid line of a claim with so many diagnoses."""
    new_id = line_id or draw(st.uuids(version=4))
    first = draw(service_dates)
    last = draw(st.none() | st.dates(first, min(TODAY, first + timedelta(days=30))))
    return ServiceLine(
        id=new_id,
        control_number=new_id.hex[:20].upper(),
        procedure_code=draw(st.sampled_from(_PROCEDURES)),
        modifiers=tuple(draw(st.lists(st.sampled_from(_MODIFIERS), max_size=4, unique=True))),
        charge=draw(charges),
        units=draw(st.integers(1, 24).map(Decimal) | st.decimals("0.5", "9.9", places=1)),
        unit_of_measure=draw(st.sampled_from(UnitOfMeasure)),
        diagnosis_pointers=tuple(
            draw(st.lists(st.integers(1, diagnosis_count), min_size=1, max_size=min(4, diagnosis_count), unique=True))
        ),
        first_date=first,
        last_date=last,
        place_of_service=draw(st.none() | st.sampled_from(_PLACES)),
    )


def _appearance(line: ServiceLine) -> tuple[object, ...]:
    return line.procedure_code, line.first_date, line.end_date


@st.composite
def contents(draw: st.DrawFn, most_lines: int = 6) -> ClaimContent:
    """Valid content, without the ids of providers; no two lines look like one entered twice."""
    diagnoses = tuple(draw(st.lists(st.sampled_from(_DIAGNOSES), min_size=1, max_size=12, unique=True)))
    drawn = draw(
        st.lists(
            lines(len(diagnoses)),
            min_size=1,
            max_size=min(most_lines, MOST_LINES),
            unique_by=(lambda line: line.id, _appearance),
        )
    )
    content = ClaimContent(place_of_service=draw(st.sampled_from(_PLACES)), diagnoses=diagnoses, lines=tuple(drawn))
    paid = draw(st.none() | st.integers(0, int(content.total_charge)).map(Decimal))
    return replace(content, patient_paid=paid)


def renewed(lines_: tuple[ServiceLine, ...], change: Callable[[ServiceLine], ServiceLine]) -> tuple[ServiceLine, ...]:
    """The lines with the first one changed."""
    return (change(lines_[0]), *lines_[1:])
