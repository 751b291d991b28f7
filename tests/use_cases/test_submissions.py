"""Asking for a submission: what is frozen with it, and when nothing is."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4, uuid5

import pytest
import sqlalchemy as sa

from app.domain.adjudications import AdjudicationSource, Decision, LineDecision
from app.domain.claim_states import ClaimStatus, HoldReason, SubmissionState
from app.domain.claims import AcceptedBy, Claim
from app.domain.coverages import Coverage
from app.domain.errors import Conflict, NotFound, StaleVersion
from app.domain.payers import ProfileEntry, ProfileSetting
from app.domain.submissions import KEY_NAMESPACE, Submission
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.use_cases.claim_records import locked_claim
from app.use_cases.claim_reviews import review_claim
from app.use_cases.decision_posting import post_decision
from app.use_cases.eligibility_checks import Postponed
from app.use_cases.submissions import list_submissions, read_claim_837
from tests.clearinghouse.scripted_peer import http_answer
from tests.domain.assembling import COPAY, DISCOUNT
from tests.domain.claims import DECISION_DAY, an_adjudication
from tests.domain.decisions import by_lines, on_line
from tests.factories import NOW
from tests.running import Databases
from tests.sandbox.running import RunningSandbox, running_sandbox
from tests.use_cases.claim_desk import conflict
from tests.use_cases.desk import BLUE_HERON
from tests.use_cases.submitting import Sending, sending


@pytest.fixture(scope="module")
def own(databases: Databases) -> Databases:
    """Jobs are taken across practices: no other test's."""
    return databases.fresh()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
async def desk(own: Databases, sandbox: RunningSandbox) -> AsyncIterator[Sending]:
    async with sending(own, sandbox, await own.add_practice()) as ready:
        yield ready


async def stored(desk: Sending, claim: Claim) -> list[Submission]:
    return await list_submissions(desk.context, desk.tenant, claim.id, before=None, limit=100)


async def nothing_was_frozen(desk: Sending, claim: Claim) -> bool:
    count = sa.text("select count(*) from job where practice_id = :practice")
    async with desk.databases.as_superuser() as connection:
        jobs = await connection.scalar(count, {"practice": desk.tenant.practice_id})
    return await stored(desk, claim) == [] and jobs == 0


async def decided(desk: Sending, claim: Claim) -> None:
    """By hand: 150 = 80 + 45 + 25."""
    (line,) = claim.content.lines
    lines = (LineDecision(line_id=line.id, paid=Decimal("80.00"), adjustments=(DISCOUNT, COPAY)),)
    decision = Decision(adjudication_date=DECISION_DAY, paid=Decimal("80.00"), payer_claim_number="ICN1", lines=lines)
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.adjudications.add(an_adjudication(claim, decision, id=uow.new_id()))
        await uow.claims.save(replace(claim, status=ClaimStatus.PAID))
        await uow.commit()


async def secondary_coverage(desk: Sending, claim: Claim) -> Coverage:
    async with desk.context.units.begin(desk.tenant) as uow:
        coverages = await uow.coverages.of_patient(claim.patient_id)
    return next(one for one in coverages if one.payer_id == BLUE_HERON)


async def a_secondary(desk: Sending, *, is_decided: bool = True) -> tuple[Claim, Claim]:
    """A claim to the second payer, after the first one's."""
    primary = await desk.draft()
    if is_decided:
        await decided(desk, primary)
    return primary, await desk.desk.follows(primary, await secondary_coverage(desk, primary))


# What is frozen


async def test_a_submission_freezes_the_exact_bytes_under_one_key(desk: Sending) -> None:
    claim = await desk.draft()
    submission = await desk.submit(claim)
    assert (submission.state, submission.sequence, submission.attempts) == (SubmissionState.QUEUED, 1, 0)
    assert submission.sha256 == hashlib.sha256(submission.x12.encode()).hexdigest()
    assert submission.idempotency_key == uuid5(KEY_NAMESPACE, submission.id.hex)
    assert f"~CLM*{claim.patient_control_number}*150*" in submission.x12
    assert f"~BHT*0019*00*{submission.reference}*" in submission.x12
    assert f"*{submission.control_number:09d}*0*T*" in submission.x12
    assert len(submission.reference) <= 30
    assert (submission.adjudication_ids, submission.created_by) == ((), "biller-1")
    assert await desk.now(submission) == submission


async def test_the_claim_its_job_its_event_and_its_audit_are_written_with_it(desk: Sending) -> None:
    claim, submission = await desk.queued()
    now = await desk.claim_now(claim)
    assert (now.status, now.version) == (ClaimStatus.SUBMITTING, claim.version + 1)
    job = await desk.job_row(submission)
    assert (job.kind, job.state, job.attempts) == ("submission", "ready", 0)
    assert (await desk.told(claim))[-1] == "submitted"
    facts = (await desk.desk.timeline(claim))[-1].facts
    assert facts["submission_id"] == str(submission.id)
    submits = [event for event in await desk.desk.audit() if event.entry.action == "submit"]
    assert [event.entry.record_id for event in submits] == [submission.id]


async def test_two_submissions_share_no_number(desk: Sending) -> None:
    _, first = await desk.queued()
    _, second = await desk.queued()
    assert first.control_number != second.control_number
    assert first.reference != second.reference
    assert first.idempotency_key != second.idempotency_key


async def test_a_repeated_request_is_given_the_first_answer_and_freezes_nothing(desk: Sending) -> None:
    claim = await desk.draft()
    results: list[Submission] = []
    first = await desk.ask(claim, results, key="the-same")
    again = await desk.ask(claim, results, key="the-same")
    assert (again.status, again.body) == (first.status, first.body)
    assert ("Idempotency-Replayed", "true") in again.headers
    assert await stored(desk, claim) == results
    assert len(results) == 1


async def test_of_many_requests_at_once_one_is_submitted(desk: Sending) -> None:
    claim = await desk.draft()
    outcomes = await asyncio.gather(*(desk.submit(claim) for _ in range(16)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Submission) == 1
    assert {type(outcome) for outcome in outcomes} == {Submission, StaleVersion}
    assert len(await stored(desk, claim)) == 1


async def test_a_later_payers_claim_names_the_decisions_it_was_built_from(desk: Sending) -> None:
    primary, secondary = await a_secondary(desk)
    submission = await desk.submit(secondary)
    async with desk.context.units.begin(desk.tenant) as uow:
        current = (await uow.adjudications.currents_of_chain(primary.chain_id))[primary.id]
    assert submission.adjudication_ids == (current.id,)
    assert "~SVD*XOVR1*80*HC:90837**1~CAS*CO*45*45~CAS*PR*3*25~" in submission.x12


async def test_a_rejected_claim_goes_out_again_as_the_same_claim(desk: Sending) -> None:
    """Frequency 1, a sequence number and a key of its own (domain rule E1)."""
    claim, first = await desk.queued()
    await desk.run(first)
    async with desk.context.units.begin(desk.tenant) as uow:
        rejected = replace(
            await desk.claim_now(claim), status=ClaimStatus.REJECTED, accepted_by=AcceptedBy.CLEARINGHOUSE
        )
        await uow.claims.save(rejected)
        await uow.work_items.open(
            WorkItem(
                id=uow.new_id(),
                kind=WorkItemKind.CLAIM_REJECTED,
                status=WorkItemStatus.OPEN,
                patient_id=claim.patient_id,
                coverage_id=claim.coverage_id,
                claim_id=claim.id,
                reason="rejected",
                created_at=NOW,
            )
        )
        await uow.commit()
    second = await desk.submit(rejected)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.idempotency_key != second.idempotency_key
    assert f"~CLM*{claim.patient_control_number}*150***11:B:1*" in second.x12
    assert await desk.open_items(claim) == []
    now = await desk.claim_now(claim)
    assert (now.status, now.accepted_by) == (ClaimStatus.SUBMITTING, None)


# What is refused


async def test_a_stale_version_freezes_nothing(desk: Sending) -> None:
    claim = await desk.draft()
    with pytest.raises(StaleVersion):
        await desk.submit(replace(claim, version=claim.version + 1))
    assert await nothing_was_frozen(desk, claim)


async def test_a_claim_that_the_practice_does_not_have_is_absent(desk: Sending) -> None:
    claim = await desk.draft()
    with pytest.raises(NotFound):
        await desk.submit(replace(claim, id=uuid4()))


async def test_a_held_claim_is_refused_with_the_reason_of_its_hold(desk: Sending) -> None:
    held = await desk.desk.becomes(
        await desk.draft(), status=ClaimStatus.HELD, hold_reason=HoldReason.CROSSOVER_EXPECTED
    )
    refused = await conflict("claim_held", desk.submit(held))
    (finding,) = refused.findings
    assert finding.pointer == "/claim/hold_reason"
    assert "crossover_expected" in finding.message
    assert await nothing_was_frozen(desk, held)


async def test_a_claim_that_is_under_way_is_not_submitted_twice(desk: Sending) -> None:
    claim, _ = await desk.queued()
    await conflict("submission_open", desk.submit(await desk.claim_now(claim)))
    assert len(await stored(desk, claim)) == 1


@pytest.mark.parametrize(
    "status", [ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED, ClaimStatus.PENDED, ClaimStatus.PAID, ClaimStatus.VOIDED]
)
async def test_a_claim_that_the_payer_has_is_not_submitted(desk: Sending, status: ClaimStatus) -> None:
    claim = await desk.desk.becomes(await desk.draft(), status=status)
    await conflict("claim_state", desk.submit(claim))


async def test_a_claim_with_an_error_is_refused_with_all_findings(desk: Sending) -> None:
    draft = await desk.draft()
    content = replace(draft.content, diagnoses=("F4110", "F4110"), patient_paid=Decimal("900.00"))
    claim = await desk.desk.becomes(draft, content=content)
    refused = await conflict("claim_not_submittable", desk.submit(claim))
    places = {(finding.code, finding.pointer) for finding in refused.findings}
    assert ("diagnosis_repeated", "/claim/diagnoses/1") in places
    assert ("patient_paid_above_charge", "/claim/patient_paid") in places
    assert await nothing_was_frozen(desk, claim)
    assert (await desk.claim_now(claim)).status is ClaimStatus.DRAFT


async def test_no_payer_is_asked_before_the_payer_ahead_has_decided(desk: Sending) -> None:
    _, secondary = await a_secondary(desk, is_decided=False)
    refused = await conflict("prior_payer_undecided", desk.submit(secondary))
    assert [finding.pointer for finding in refused.findings] == ["/prior_payers/0/adjudication"]
    assert await nothing_was_frozen(desk, secondary)


async def test_a_decision_that_does_not_add_up_keeps_the_next_claim_from_going_out(desk: Sending) -> None:
    primary, secondary = await a_secondary(desk, is_decided=False)
    (line,) = primary.content.lines
    lines = (LineDecision(line_id=line.id, paid=Decimal("80.00"), adjustments=(DISCOUNT,)),)
    decision = Decision(adjudication_date=date(2026, 9, 1), paid=Decimal("80.00"), lines=lines)
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.adjudications.add(an_adjudication(primary, decision, id=uow.new_id()))
        await uow.commit()
    refused = await conflict("claim_not_submittable", desk.submit(secondary))
    assert any((one.pointer or "").startswith("/prior_payers/0/adjudication") for one in refused.findings)
    assert await nothing_was_frozen(desk, secondary)


async def test_a_payer_that_wants_paper_after_another_payer_is_never_sent_to(desk: Sending) -> None:
    _, secondary = await a_secondary(desk)
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.payer_profiles.add(
            ProfileEntry(
                id=uow.new_id(),
                payer_id=BLUE_HERON,
                setting=ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY,
                value=False,
                effective_from=None,
                effective_to=None,
                source="told on the telephone",
                source_url=None,
                noted_on=date(2026, 9, 1),
                practice_override=True,
            ),
            created_at=NOW,
        )
        await uow.commit()
    refused = await conflict("claim_not_submittable", desk.submit(secondary))
    assert "paper_required" in {finding.code for finding in refused.findings}
    assert await nothing_was_frozen(desk, secondary)
    shown = await review_claim(desk.context, desk.tenant, secondary.id)
    assert not shown.is_submittable
    assert "paper_required" in {finding.code for finding in shown.findings}


# Overtaken before it left


async def enter(desk: Sending, claim: Claim, decision: Decision) -> None:
    async with desk.context.units.begin(desk.tenant) as uow:
        locked = await locked_claim(uow, claim.id)
        await post_decision(uow, locked, decision, source=AdjudicationSource.MANUAL)
        await uow.commit()


async def test_a_queued_claim_is_held_and_not_sent_when_an_earlier_payers_decision_changes(desk: Sending) -> None:
    """Its bytes say what the earlier payer says no more."""
    primary, secondary = await a_secondary(desk)
    submission = await desk.submit(secondary)
    await enter(desk, primary, by_lines(on_line(primary.content.lines[0], "150.00")))
    held = await desk.claim_now(secondary)
    assert (held.status, held.hold_reason) == (ClaimStatus.HELD, HoldReason.EARLIER_DECISION_CHANGED)
    overtaken = await desk.now(submission)
    assert (overtaken.state, overtaken.failure, overtaken.attempts) == (SubmissionState.NOT_SENT, "overtaken", 0)
    assert await desk.run(submission) is SubmissionState.NOT_SENT
    assert (desk.taken(secondary), (await desk.told(secondary))[-2:]) == (0, ["not_sent", "held"])
    assert await desk.open_items(secondary) == []


async def test_a_queued_claim_that_its_payer_has_decided_meanwhile_is_not_sent(desk: Sending) -> None:
    claim, submission = await desk.queued()
    await enter(desk, claim, by_lines(on_line(claim.content.lines[0], "150.00")))
    assert await desk.run(submission) is SubmissionState.NOT_SENT
    assert (desk.taken(claim), (await desk.claim_now(claim)).status) == (0, ClaimStatus.PAID)


async def test_what_perhaps_left_is_not_called_back(desk: Sending) -> None:
    primary, secondary = await a_secondary(desk)
    submission = await desk.submit(secondary)
    desk.front.then(b"")
    await desk.run(submission)
    await enter(desk, primary, by_lines(on_line(primary.content.lines[0], "150.00")))
    assert (await desk.claim_now(secondary)).status is ClaimStatus.SUBMITTING
    assert (await desk.now(submission)).state is SubmissionState.OUTCOME_UNKNOWN
    assert ("earlier_decision_changed", "decision_changed") in await desk.open_items(secondary)


async def overtaken_while_it_is_tried(desk: Sending, submission: Submission, decided: Claim) -> None:
    """The decision comes during the attempt, which then proves to have reached nobody."""

    async def meanwhile() -> None:
        desk.front.meanwhile = None
        await enter(desk, decided, by_lines(on_line(decided.content.lines[0], "150.00")))

    desk.front.meanwhile = meanwhile
    desk.front.then(http_answer(401), taken=False)
    assert await desk.run(submission) == Postponed(reason="credentials")
    assert (await desk.now(submission)).state is SubmissionState.QUEUED


async def test_a_claim_decided_during_an_attempt_that_reached_nobody_is_not_sent(desk: Sending) -> None:
    claim, submission = await desk.queued()
    await overtaken_while_it_is_tried(desk, submission, claim)
    assert await desk.run(submission) is SubmissionState.NOT_SENT
    assert (desk.taken(claim), (await desk.claim_now(claim)).status) == (0, ClaimStatus.PAID)
    assert ((await desk.now(submission)).failure, (await desk.job_row(submission)).state) == ("overtaken", "done")


async def test_a_claim_whose_bytes_grew_old_during_an_attempt_that_reached_nobody_is_held(desk: Sending) -> None:
    primary, secondary = await a_secondary(desk)
    submission = await desk.submit(secondary)
    await overtaken_while_it_is_tried(desk, submission, primary)
    assert await desk.run(submission) is SubmissionState.NOT_SENT
    held = await desk.claim_now(secondary)
    assert (held.status, held.hold_reason) == (ClaimStatus.HELD, HoldReason.EARLIER_DECISION_CHANGED)
    assert (desk.taken(secondary), await desk.open_items(secondary)) == (0, [])


async def test_a_decision_that_says_the_same_again_keeps_nothing_back(desk: Sending) -> None:
    primary, secondary = await a_secondary(desk)
    async with desk.context.units.begin(desk.tenant) as uow:
        current = await uow.adjudications.current(primary.id)
    assert current is not None
    submission = await desk.submit(secondary)
    await enter(desk, primary, current.decision)
    assert await desk.run(submission) is SubmissionState.SENT


async def test_a_refusal_of_a_claim_that_was_decided_meanwhile_is_nobodys_work(desk: Sending) -> None:
    claim, submission = await desk.queued()

    async def meanwhile() -> None:
        await enter(desk, claim, by_lines(on_line(claim.content.lines[0], "150.00")))

    desk.front.meanwhile = meanwhile
    desk.front.then(http_answer(400, b'{"message": "no"}', content_type="application/json"), taken=False)
    assert await desk.run(submission) is SubmissionState.REFUSED
    assert (await desk.claim_now(claim)).status is ClaimStatus.PAID
    assert await desk.open_items(claim) == []


# Waiting


async def test_who_waits_is_answered_when_it_is_sent_and_the_kept_answer_with_it(desk: Sending) -> None:
    claim = await desk.draft()
    results: list[Submission] = []
    asking = asyncio.create_task(desk.ask(claim, results, wait=15, key="waiting"))
    async with asyncio.timeout(10):
        while not results:
            await asyncio.sleep(0.01)
    await desk.run(results[0])
    answer = await asking
    assert [one.state for one in results] == [SubmissionState.QUEUED, SubmissionState.SENT]
    assert answer.status == 201
    assert (await desk.ask(claim, results, key="waiting")).status == 201


async def test_who_does_not_wait_long_enough_is_told_that_it_is_queued(desk: Sending) -> None:
    results: list[Submission] = []
    answer = await desk.ask(await desk.draft(), results, wait=0.2)
    assert (answer.status, [one.state for one in results]) == (202, [SubmissionState.QUEUED])


# Lists and texts


async def test_submissions_are_listed_newest_first_and_page_by_page(desk: Sending) -> None:
    claim, first = await desk.queued()
    await desk.run(first)
    again = await desk.desk.becomes(await desk.claim_now(claim), status=ClaimStatus.REJECTED)
    second = await desk.submit(again)
    assert [one.id for one in await stored(desk, claim)] == [second.id, first.id]
    page = await list_submissions(desk.context, desk.tenant, claim.id, before=2, limit=1)
    assert [one.id for one in page] == [first.id]
    assert (await desk.desk.audit())[0].entry.action == "list"


async def test_a_claim_that_was_never_submitted_has_a_preview(desk: Sending) -> None:
    claim = await desk.draft()
    text = await read_claim_837(desk.context, desk.tenant, claim.id, sequence=None)
    assert text.submission is None
    assert f"~CLM*{claim.patient_control_number}*150*" in text.x12
    entry = (await desk.desk.audit())[0].entry
    assert (entry.action, entry.record_type, entry.record_id) == ("read", "claim", claim.id)


async def test_the_text_of_a_submission_is_what_was_frozen_whatever_the_claim_says_now(desk: Sending) -> None:
    claim, first = await desk.queued()
    await desk.run(first)
    rejected = await desk.desk.becomes(await desk.claim_now(claim), status=ClaimStatus.REJECTED)
    changed = await desk.desk.change(rejected, prior_authorization="AUTH1")
    latest = await read_claim_837(desk.context, desk.tenant, claim.id, sequence=None)
    assert (latest.x12, latest.submission and latest.submission.sequence) == (first.x12, 1)
    second = await desk.submit(changed)
    assert "~REF*G1*AUTH1~" in second.x12
    texts = [(await read_claim_837(desk.context, desk.tenant, claim.id, sequence=number)).x12 for number in (1, 2)]
    assert texts == [first.x12, second.x12]
    assert (await desk.desk.audit())[0].entry.record_id == second.id


async def test_a_sequence_number_that_no_submission_has_is_absent(desk: Sending) -> None:
    claim, _ = await desk.queued()
    for sequence in (2, 32_767):
        with pytest.raises(NotFound):
            await read_claim_837(desk.context, desk.tenant, claim.id, sequence=sequence)


async def test_a_preview_that_cannot_be_written_is_refused_with_its_findings(desk: Sending) -> None:
    claim = await desk.draft()
    async with desk.context.units.begin(desk.tenant) as uow:
        patient = await uow.patients.get(claim.patient_id)
        assert patient is not None
        await uow.patients.save(replace(patient, release_of_information=None, release_on_file=None))
        await uow.commit()
    with pytest.raises(Conflict) as refused:
        await read_claim_837(desk.context, desk.tenant, claim.id, sequence=None)
    assert refused.value.problem_code == "claim_not_submittable"
    assert "/claim/patient_id" in {finding.pointer for finding in refused.value.findings}
