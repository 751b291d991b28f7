"""Public sample files, where they are at hand, and another grammar's reading of them."""

import os
from pathlib import Path
from typing import Any

import pytest

from app.domain.eligibility import BenefitKind, EligibilityAnswer
from app.x12.eligibility_271 import read
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.segments import SegmentStream
from tests.x12.oracle import models
from tests.x12.texts_271 import a_271

_REFERENCE = os.environ.get("REFERENCE_DIR")
pytestmark = pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
SAMPLES = Path(_REFERENCE or ".") / "samples"
FILES = sorted(path for path in SAMPLES.glob("[0-9]*/*"))


def _names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("path", FILES, ids=_names(FILES))
def test_every_sample_is_split_and_written_back_to_the_same_bytes(path: Path) -> None:
    source = path.read_bytes()
    report = Report()
    stream = SegmentStream(source, report)
    again = "".join(one.gap + one.raw + one.terminator for one in stream) + stream.tail
    assert again.encode("latin-1") == source
    assert not report.has_error


@pytest.mark.parametrize("path", FILES, ids=_names(FILES))
def test_every_sample_is_a_transaction_set_or_several(path: Path) -> None:
    sets = [one for one in read_transactions(path.read_bytes(), Report()) if isinstance(one, TransactionSet)]
    assert sets
    assert all(one.code == path.parent.name.upper()[:3] for one in sets)


ANSWERS = sorted((SAMPLES / "271").glob("*"))


@pytest.mark.parametrize("path", ANSWERS, ids=_names(ANSWERS))
def test_a_sample_answer_is_read_as_another_grammar_reads_it(path: Path) -> None:
    answers, _ = read(path.read_bytes())
    (answer,) = answers
    (model,) = models(path.read_text())
    assert _ours(answer) == _theirs(model)


def test_the_active_sample_is_read() -> None:
    answers, findings = read((SAMPLES / "271" / "subscriber-active.edi").read_bytes())
    assert findings == ()
    assert [benefit.kind for benefit in answers[0].benefits].count(BenefitKind.ACTIVE) == 2


def test_the_other_grammar_sees_what_we_see_in_a_text_of_ours() -> None:
    text = a_271(("EB*1**30**GOLD PLAN", "EB*B*IND*98^MH***27*25*****Y", "MSG*ASK FIRST"))
    (answer,), _ = read(text)
    (model,) = models(text)
    assert _ours(answer) == _theirs(model)


def _ours(answer: EligibilityAnswer) -> dict[str, Any]:
    member = answer.member
    return {
        "payer": answer.payer_name,
        "member": (member.last_name, member.first_name, member.member_id, member.birth_date) if member else None,
        "benefits": [
            (one.code, one.service_type_codes, one.plan_name, one.amount, one.in_network_code)
            for one in answer.benefits
        ],
        "rejections": [(one.reason_code, one.follow_up_code) for one in answer.rejections],
    }


def _theirs(model: Any) -> dict[str, Any]:
    (source,) = model.loop_2000a
    (receiver,) = source.loop_2000b
    people = receiver.loop_2000c or []
    names = [person.loop_2100c for person in people]
    rejections = [one for name in (receiver.loop_2100b, *names) for one in name.aaa_segment or []]
    return {
        "payer": source.loop_2100a.nm1_segment.name_last_or_organization_name,
        "member": next((_their_member(name) for name in names), None),
        "benefits": [
            (
                eb.eligibility_benefit_information,
                tuple(eb.service_type_code or ()),
                eb.plan_coverage_description,
                eb.benefit_amount,
                eb.inplan_network_indicator,
            )
            for name in names
            for eb in (loop.eb_segment for loop in name.loop_2110c or [])
        ],
        "rejections": [(one.reject_reason_code, one.follow_up_action_code) for one in rejections],
    }


def _their_member(name: Any) -> tuple[Any, ...]:
    nm1 = name.nm1_segment
    birth_date = name.dmg_segment.date_time_period if name.dmg_segment else None
    return (nm1.name_last_or_organization_name, nm1.name_first, nm1.identification_code, birth_date)
