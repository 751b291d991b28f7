"""What is asked of a payer about a coverage: everything read in one transaction, then written as one or two 270s.

Two where the payer takes one service type an inquiry (domain rule A6). Nothing is sent here.
"""

from dataclasses import dataclass, field
from uuid import UUID

from app.domain.codes import Relationship
from app.domain.coverages import Coverage, MemberIdOwner
from app.domain.eligibility import EligibilityCheck, EligibilityInquiry, Interchange, ServiceType
from app.domain.findings import Finding, Severity
from app.domain.identifiers import compact
from app.domain.parties import Person
from app.domain.patients import Patient
from app.domain.payers import Payer, ProfileSetting, effective_profile
from app.domain.practices import Practice
from app.domain.providers import Provider
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, found
from app.x12 import eligibility_270

ASKED = (ServiceType.PLAN_COVERAGE.value, ServiceType.MENTAL_HEALTH.value)


@dataclass(frozen=True, kw_only=True)
class Question:
    """All that is needed to ask, read in one transaction."""

    check: EligibilityCheck
    coverage: Coverage
    patient: Patient = field(repr=False)
    payer: Payer
    practice: Practice
    provider: Provider | None
    service_types: tuple[tuple[str, ...], ...]
    """One group per inquiry."""

    def is_still_ours(self, coverage: Coverage, patient: Patient) -> bool:
        """Whether what the payer was asked is what would be asked now."""
        return _asked_about(self.coverage, self.patient) == _asked_about(coverage, patient)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One 270, and the number that tells its answer from any other (TRN02 and BHT03)."""

    id: UUID
    part: int
    control_number: int
    trace_number: str
    inquiry: str = field(repr=False)


async def read_question(uow: UnitOfWork, check_id: UUID) -> Question:
    check = found(await uow.eligibility_checks.get(check_id))
    coverage = found(await uow.coverages.get(check.coverage_id))
    payer = found(await uow.payers.get(coverage.payer_id))
    profile = effective_profile(await uow.payer_profiles.entries(payer.id), check.service_date)
    wish = profile.get(ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES)
    takes_one = wish is not None and wish.value == "one"
    return Question(
        check=check,
        coverage=coverage,
        patient=found(await uow.patients.get(check.patient_id)),
        payer=payer,
        practice=found(await uow.practices.get()),
        provider=None if check.provider_id is None else await uow.providers.get(check.provider_id),
        service_types=tuple((code,) for code in ASKED) if takes_one else (ASKED,),
    )


async def write_inquiries(context: Context, question: Question) -> tuple[list[Exchange], tuple[Finding, ...]]:
    """The 270s, one per group of service types, or the findings that keep them from being written."""
    exchanges: list[Exchange] = []
    for part, service_types in enumerate(question.service_types, start=1):
        number = await context.control_numbers.next(context.clearinghouse.name)
        exchange_id = context.new_id()
        trace = exchange_id.hex[:30].upper()
        text, findings = eligibility_270.write(
            _inquiry(question, service_types, trace),
            Interchange(
                sender_id=context.sender_id,
                receiver_id=context.receiver_id,
                control_number=number,
                created_at=context.now(),
                is_test=question.practice.is_test,
            ),
        )
        errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
        if text is None or errors:
            return [], errors
        exchanges.append(Exchange(id=exchange_id, part=part, control_number=number, trace_number=trace, inquiry=text))
    return exchanges, ()


def _inquiry(question: Question, service_types: tuple[str, ...], trace: str) -> EligibilityInquiry:
    """The patient is sent as subscriber when it has an own member id, always for Medicare (domain rule A7)."""
    coverage, patient = question.coverage, question.patient
    as_subscriber = coverage.member_id_belongs_to is MemberIdOwner.PATIENT or question.payer.is_original_medicare
    provider = question.provider
    name = question.practice.name
    if provider is not None:
        name = provider.organization_name or (provider.name.last if provider.name else name)
    return EligibilityInquiry(
        payer_id=question.payer.electronic_id,
        payer_name=question.payer.name,
        provider_npi=provider.npi if provider is not None else question.practice.npi,
        provider_name=name,
        member_id=coverage.member_id,
        subscriber=patient.person if as_subscriber else _subscriber(coverage, patient),
        dependent=None if as_subscriber else patient.person,
        relationship=None if as_subscriber else coverage.relationship.code,
        service_date=question.check.service_date,
        service_types=service_types,
        trace_number=trace,
        reference=trace,
    )


def _subscriber(coverage: Coverage, patient: Patient) -> Person:
    if coverage.relationship is Relationship.SELF or coverage.subscriber is None:
        return patient.person
    return coverage.subscriber


def _asked_about(coverage: Coverage, patient: Patient) -> tuple[object, ...]:
    return (
        coverage.payer_id,
        compact(coverage.member_id),
        coverage.member_id_belongs_to,
        coverage.relationship,
        coverage.subscriber,
        patient.person,
    )
