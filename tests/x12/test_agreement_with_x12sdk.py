"""x12sdk 2.2.0, a grammar by other people, reads what we read: people, benefits, traces, statuses, amounts, dates.

Where it is known wrong, a test says so with the text that shows it, and fails when it is put right:

- a 276 or 277 keeps the first service line of a claim and loses the others, and then refuses the count of segments;
- a 271 with benefits of a subscriber and of a dependent under it makes it fall over;
- it takes EB01 R, another payer, for the Red Cross, and refuses that payer's group number (REF*6P);
- in a 271 what stands between LS and LE without a name is lost with what follows it;
- a segment that it does not know makes it refuse the whole transaction set.
"""

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from app.domain.claim_statuses import ClaimStatus, StatedStatus, StatusParty
from app.domain.eligibility import EligibilityAnswer
from app.x12 import claim_status_277, eligibility_270, eligibility_271
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from tests.worker.scale import times
from tests.x12.inquiries import an_interchange, inquiries
from tests.x12.oracle import models
from tests.x12.texts_271 import ACTIVE, DEPENDENT, SUBSCRIBER_OF_DEPENDENT, a_271, texts_271
from tests.x12.texts_277 import DAY, LINE, OWN, PAID, RECEIVER, REFERENCE, SUBSCRIBER, a_277, texts_277

_REFERENCE = os.environ.get("REFERENCE_DIR")
sampled = pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
SAMPLES = Path(_REFERENCE or ".") / "samples"


def _samples(*kinds: str) -> list[Any]:
    paths = [path for kind in kinds for path in sorted((SAMPLES / kind).glob("*"))]
    return [pytest.param(path, id=f"{path.parent.name}-{path.name}") for path in paths]


# 270 and 276: the segments, as another grammar writes them again


@sampled
@pytest.mark.parametrize("path", _samples("270", "276"))
def test_a_question_of_the_samples_has_the_same_segments(path: Path) -> None:
    sets = (one for one in read_transactions(path.read_bytes(), Report()) if isinstance(one, TransactionSet))
    ours = [list(segment.elements) for one in sets for segment in one.segments]
    theirs = [
        segment.split("*") for model in models(path.read_text()) for segment in model.x12().replace("\n", "").split("~")
    ]
    assert ours == [segment for segment in theirs if segment[0] not in {"ST", "SE", ""}]


@settings(max_examples=times(20, 500))
@given(inquiry=inquiries)
def test_a_question_about_eligibility_is_about_the_same_person(inquiry: Any) -> None:
    text, findings = eligibility_270.write(inquiry, an_interchange())
    assert findings == ()
    (model,) = models(text or "")
    (member,) = model.members()
    assert member.is_dependent == (inquiry.dependent is not None)
    assert member.service_type_codes == inquiry.service_types


# 271


def _our_people(answers: tuple[EligibilityAnswer, ...]) -> list[Any]:
    return [
        {
            "payer": (one.payer_name, one.payer_id),
            "member": (one.member.last_name, one.member.first_name, one.member.birth_date) if one.member else None,
            "id": one.subscriber.member_id if one.subscriber else None,
            "benefits": [
                (
                    benefit.code,
                    benefit.coverage_level_code,
                    benefit.service_type_codes,
                    benefit.insurance_type_code,
                    benefit.plan_name,
                    benefit.period_code,
                    benefit.amount,
                    benefit.percent,
                    benefit.in_network_code,
                    benefit.references,
                    [(first, last) for _, first, last in benefit.dates],
                    benefit.messages,
                    [(entity.role_code, entity.identifier) for entity in benefit.entities],
                )
                for benefit in one.benefits
            ],
        }
        for one in answers
    ]


def _their_people(model: Any) -> Iterator[Any]:
    for one in model.members():
        payer, name = one.payer.nm1_segment, one.member.nm1_segment
        demographics = one.member.dmg_segment
        yield {
            "payer": (payer.name_last_or_organization_name, payer.identification_code),
            "member": (
                name.name_last_or_organization_name,
                name.name_first,
                demographics.date_time_period if demographics else None,
            ),
            "id": one.member_id,
            "benefits": [_their_benefit(benefit) for benefit in one.benefits],
        }


def _their_benefit(benefit: Any) -> tuple[Any, ...]:
    eb = benefit.eb_segment
    entities = getattr(benefit, "loop_2120c", None) or getattr(benefit, "loop_2120d", None) or []
    return (
        eb.eligibility_benefit_information,
        eb.coverage_level_code,
        tuple(eb.service_type_code or ()),
        eb.insurance_type_code,
        eb.plan_coverage_description,
        eb.time_period_qualifier,
        eb.benefit_amount,
        eb.benefit_percent,
        eb.inplan_network_indicator,
        tuple(
            (ref.reference_identification_qualifier, ref.reference_identification) for ref in benefit.ref_segment or ()
        ),
        [_their_period(dtp.date_time_period) for dtp in benefit.dtp_segment or ()],
        tuple(message.free_form_text for message in benefit.msg_segment or ()),
        [(loop.nm1_segment.entity_identifier_code, loop.nm1_segment.identification_code) for loop in entities],
    )


def _their_period(period: Any) -> tuple[date, date | None]:
    """One day is a date, a range is left as text."""
    if isinstance(period, date):
        return period, None
    first, last = (date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") for day in str(period).split("-"))
    return first, last


@settings(max_examples=times(40, 1000))
@given(text=texts_271)
def test_people_and_benefits_of_an_answer_agree(text: str) -> None:
    answers, findings = eligibility_271.read(text)
    assert {finding.code for finding in findings} <= {"segment_not_used"}  # INS has no field
    (model,) = models(text)
    assert _our_people(answers) == list(_their_people(model))


@sampled
@pytest.mark.parametrize("path", _samples("271"))
def test_people_and_benefits_of_the_samples_agree(path: Path) -> None:
    answers, _ = eligibility_271.read(path.read_bytes())
    (model,) = models(path.read_text())
    about_people = tuple(answer for answer in answers if answer.member is not None)
    theirs = list(_their_people(model))
    for ours, other in zip(_our_people(about_people), theirs, strict=True):
        # In the wrapped sample a REF stands inside LS and LE: x12sdk takes it, and the DTP after it, for no benefit's.
        if path.name == "ls-le-wrapper.x12":
            ours["benefits"] = [benefit[:9] for benefit in ours["benefits"]]
            other["benefits"] = [benefit[:9] for benefit in other["benefits"]]
        assert ours == other


# 277


def _our_claims(text: str) -> list[Any]:
    statuses, findings = claim_status_277.read(text)
    assert findings == ()
    return [
        {
            "dependent": one.dependent is not None,
            "patient": _name(one.dependent or one.subscriber),
            "member": one.subscriber.identifier if one.subscriber else None,
            "payer": one.payer_name,
            "trace": one.trace_number,
            "statuses": [_our_status(status) for status in one.statuses],
            "references": {
                qualifier: number
                for qualifier, number in (
                    ("1K", one.payer_claim_number),
                    ("BLT", one.bill_type),
                    ("EJ", one.patient_control_number),
                    ("XZ", one.prescription_number),
                    ("VV", one.voucher_number),
                    ("D9", one.clearinghouse_number),
                )
                if number
            },
            "dates": (one.first_date, one.last_date),
            "lines": [
                (
                    ":".join((line.procedure_qualifier or "", line.procedure_code or "", *line.modifiers)),
                    line.charge,
                    line.paid,
                    line.units,
                    line.control_number,
                    (line.first_date, line.last_date),
                    [_our_status(status) for status in line.statuses],
                )
                for line in one.lines
            ],
        }
        for one in statuses
        if isinstance(one, ClaimStatus)
    ]


def _name(party: StatusParty | None) -> tuple[str | None, str | None]:
    return (party.last_name, party.first_name) if party else (None, None)


def _our_status(status: StatedStatus) -> tuple[Any, ...]:
    codes = [":".join(part for part in (code.category, code.status, code.entity) if part) for code in status.codes]
    money: tuple[Decimal | None, ...] = (status.charge, status.paid)
    return (codes, status.effective_on, *money, status.finalised_on, status.check_date, status.check_number)


def _their_claims(model: Any) -> Iterator[Any]:
    for one in model.claims():
        loop = one.status
        lines = getattr(loop, "loop_2220d", None) or getattr(loop, "loop_2220e", None) or []
        yield {
            "dependent": one.is_dependent,
            "patient": one.patient_name,
            "member": one.member_id,
            "payer": one.payer_name,
            "trace": one.trace_number,
            "statuses": [_their_status(stc) for stc in one.statuses],
            "references": {
                ref.reference_identification_qualifier: ref.reference_identification for ref in loop.ref_segment or ()
            },
            "dates": _their_period(loop.dtp_segment.date_time_period) if loop.dtp_segment else (None, None),
            "lines": [
                (
                    line.svc_segment.composite_medical_procedure_identifier_1,
                    line.svc_segment.line_item_charge_amount,
                    line.svc_segment.line_item_provider_payment_amount,
                    line.svc_segment.original_units_of_service_count,
                    line.ref_segment.reference_identification if line.ref_segment else None,
                    _their_period(line.dtp_segment.date_time_period),
                    [_their_status(stc) for stc in line.stc_segment],
                )
                for line in lines
            ],
        }


def _their_status(stc: Any) -> tuple[Any, ...]:
    codes = (stc.health_care_claim_status_1, stc.health_care_claim_status_2, stc.health_care_claim_status_3)
    return (
        [code for code in codes if code],
        stc.status_effective_date,
        stc.total_claim_charge_amount,
        stc.claim_payment_amount,
        stc.adjudication_finalized_date,
        stc.remittance_date,
        stc.remittance_trace_number,
    )


@settings(max_examples=times(40, 1000))
@given(text=texts_277(most_lines=1))
def test_claims_statuses_and_lines_of_an_answer_agree(text: str) -> None:
    (model,) = models(text)
    assert _our_claims(text) == list(_their_claims(model))


@sampled
@pytest.mark.parametrize("path", _samples("277"))
def test_claims_statuses_and_lines_of_the_sample_agree(path: Path) -> None:
    text = path.read_text()
    (model,) = models(text)
    assert _our_claims(text) == list(_their_claims(model))


def test_why_a_request_was_not_answered_agrees() -> None:
    receiver = ("HL*2*1*21*0", RECEIVER[1], f"TRN*2*{REFERENCE}", "STC*E0:24:41*20260303", "STC*E1:484:PR*20260303")
    text = a_277(receiver=receiver, provider=())
    (ours,), _ = claim_status_277.read(text)
    (model,) = models(text)
    theirs = model.loop_2000a[0].loop_2000b[0].loop_2200b
    assert ours.trace_number == theirs.trn_segment.reference_identification_1
    assert [_our_status(status) for status in ours.statuses] == [_their_status(stc) for stc in theirs.stc_segment]


# Where it is known wrong


def test_of_two_lines_of_a_claim_it_loses_the_second() -> None:
    """It puts a line that follows another inside that one, where its model has no place for it."""
    text = a_277([*SUBSCRIBER, OWN, PAID, DAY, *LINE, *LINE])
    (status,), findings = claim_status_277.read(text)
    assert findings == ()
    assert isinstance(status, ClaimStatus)
    assert len(status.lines) == 2
    with pytest.raises(ValidationError, match="SE segment count 22 != actual count 18"):
        models(text)


def test_benefits_of_a_subscriber_and_of_its_dependent_make_it_fall_over() -> None:
    text = a_271(person=(SUBSCRIBER_OF_DEPENDENT, ACTIVE, DEPENDENT))
    assert len(eligibility_271.read(text)[0]) == 2
    with pytest.raises(TypeError):
        models(text)


def test_the_group_number_of_another_payer_makes_it_refuse_an_answer() -> None:
    text = a_271(("EB*R**30", "REF*6P*GROUP1"))
    (answer,), findings = eligibility_271.read(text)
    assert findings == ()
    assert answer.benefits[0].references == (("6P", "GROUP1"),)
    with pytest.raises(ValidationError, match="American Red Cross"):
        models(text)


def test_an_unknown_segment_makes_it_refuse_what_can_be_read() -> None:
    text = a_277([*SUBSCRIBER, OWN, PAID, "ZZZ*1"])
    assert claim_status_277.read(text)[0][0].trace_number == "TRACE-1"
    with pytest.raises(Exception, match="ZZZ"):
        models(text)
