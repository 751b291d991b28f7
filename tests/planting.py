"""One practice's records of every kind, each personal field marked with one made-up word, so that a leak shows itself.

The word stands in names, addresses, member ids and whatever else is personal; whoever finds it where it does not belong
has found data of that record. Written through the repositories, since an API could refuse to hold what a test needs.
"""

import secrets
from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

import uuid_utils.compat

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.codes import AcceptsAssignment, PayerResponsibility, Relationship
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, MemberIdOwner
from app.domain.eligibility import CheckOutcome, CheckStatus, EligibilityCheck, EligibilityResult, OtherPayer
from app.domain.parties import PersonName
from app.domain.payers import ProfileEntry, ProfileSetting
from app.domain.providers import PayerParticipation
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.database import Database
from app.repositories.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import NOW, TODAY, a_coverage, a_patient, a_person, a_provider, a_rank, an_address, an_npi
from tests.planting_claims import plant_claims
from tests.planting_records import Records

_NUMBERS = count(secrets.randbelow(10**7))


async def plant(database: Database, practice_id: UUID) -> Records:
    records = Records(practice_id=practice_id)
    tenant = Tenant(practice_id=practice_id, actor="planting", role="system", request_id="planting")
    async with UnitsOfWork(database, now=lambda: NOW, new_id=uuid_utils.compat.uuid7).begin(tenant) as uow:
        await _plant_people(uow, records)
        await _plant_coverages(uow, records)
        await _plant_check(uow, records, records.check_id, records.coverage_id)
        await _plant_check(uow, records, records.verified_check_id, records.verified_coverage_id)
        records = replace(records, repair_id=await plant_claims(uow, records))
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.CREATE, record_type="patient", patient_id=records.patient_id)
        )
        await _plant_kept_answer(uow, records)
        await uow.commit()
    return records


def new_npi() -> str:
    """An NPI that no other planted provider has."""
    return an_npi(next(_NUMBERS) + 10_000_000)


async def _plant_people(uow: UnitOfWork, records: Records) -> None:
    word = records.word
    name = PersonName(last=f"{word}Last", first=f"{word}First", middle=f"{word}Middle", suffix="JR")
    house = PersonName(last=f"{records.house_word}Last", first=f"{records.house_word}First")
    address = an_address(line1=f"1 {word} Way", line2=f"{word} Wing", city=f"{word}ville")
    person = a_person(name=name, address=address)
    terms = tuple(
        PayerParticipation(payer_id=payer, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)
        for payer in (records.payer_id, records.second_payer_id)
    )
    provider = a_provider(id=records.provider_id, npi=new_npi(), name=house, participations=terms)
    assert await uow.providers.add(provider)
    assert await uow.patients.add(a_patient(id=records.patient_id, external_id=records.external_id, person=person))
    await uow.payer_profiles.add(
        ProfileEntry(
            id=records.override_id,
            payer_id=records.payer_id,
            setting=ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS,
            value=30,
            effective_from=None,
            effective_to=None,
            source=f"{records.house_word} said so",
            source_url=None,
            noted_on=TODAY,
            practice_override=True,
        ),
        created_at=NOW,
    )


async def _plant_coverages(uow: UnitOfWork, records: Records) -> None:
    await uow.coverages.add(
        _coverage(
            records,
            records.coverage_id,
            source=CoverageSource.PATIENT,
            wished_rank=PayerResponsibility.TERTIARY,
        )
    )
    verified = (
        (records.verified_coverage_id, records.payer_id),
        (records.secondary_coverage_id, records.second_payer_id),
    )
    for number, (coverage_id, payer) in enumerate(verified, start=1):
        rank = PayerResponsibility.from_number(number)
        await uow.coverages.add(
            _coverage(records, coverage_id, payer_id=payer, wished_rank=rank, status=CoverageStatus.VERIFIED)
        )
        await uow.coverage_ranks.add(records.patient_id, a_rank(coverage_id, rank=rank))
    await uow.work_items.open(
        WorkItem(
            id=records.work_item_id,
            kind=WorkItemKind.COVERAGE_NOT_CONFIRMED,
            status=WorkItemStatus.OPEN,
            patient_id=records.patient_id,
            coverage_id=records.coverage_id,
            reason="member_not_found",
            created_at=NOW,
        )
    )


def _coverage(records: Records, coverage_id: UUID, **changes: object) -> Coverage:
    word = records.word
    return a_coverage(
        id=coverage_id,
        patient_id=records.patient_id,
        member_id=f"{word.upper()}{next(_NUMBERS)}",
        member_id_belongs_to=MemberIdOwner.SUBSCRIBER,
        group_number=f"{word}-1",
        group_name=f"{word} GROUP",
        plan_name=f"{word} PLAN",
        relationship=Relationship.CHILD,
        subscriber=a_person(
            name=PersonName(last=f"{word}Holder", first=f"{word}Parent"), address=an_address(line1=f"2 {word} Way")
        ),
        payer_address=an_address(line1=f"3 {word} Plaza"),
        **{"payer_id": records.payer_id, **changes},
    )


async def _plant_check(uow: UnitOfWork, records: Records, check_id: UUID, coverage_id: UUID) -> None:
    word = records.word
    result = EligibilityResult(
        outcome=CheckOutcome.CONFIRMED,
        what_to_do="Nothing.",
        active=True,
        plan_name=f"{word} PPO",
        other_payers=(
            OtherPayer(
                name=f"{word} MUTUAL",
                payer_id="XOVR2",
                stated_rank=None,
                insurance_type_code=None,
                member_id=f"{word.upper()}OTHER",
            ),
        ),
    )
    await uow.eligibility_checks.add(
        EligibilityCheck(
            id=check_id,
            patient_id=records.patient_id,
            coverage_id=coverage_id,
            service_date=date(2026, 9, 1),
            status=CheckStatus.ANSWERED,
            requested_by="planting",
            created_at=NOW,
            updated_at=NOW,
            answered_at=NOW,
            result=result,
        )
    )
    exchange_id = uow.new_id()
    await uow.eligibility_checks.add_exchange(
        exchange_id=exchange_id,
        check_id=check_id,
        attempt=1,
        part=1,
        control_number=1,
        trace_number="TRACE1",
        inquiry=f"NM1*IL*1*{word}~",
        sent_at=NOW,
    )
    await uow.eligibility_checks.answer_exchange(exchange_id, answer=f"NM1*IL*1*{word}~", failure=None, answered_at=NOW)


async def _plant_kept_answer(uow: UnitOfWork, records: Records) -> None:
    row = await uow.idempotency_keys.claim(
        caller="planting",
        operation="create_patient",
        key=records.external_id,
        fingerprint=uow.idempotency_keys.fingerprint(records.word.encode()),
        now=NOW,
    )
    assert isinstance(row, UUID)
    await uow.idempotency_keys.keep(
        row, status=201, headers=(), body=records.word.encode(), patient_id=records.patient_id
    )
