"""A 999 (005010X231A1) that rejects one transaction: what Stedi puts in `x12` when the 270 breaks the guide."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from app.sandbox.interchange import Interchange, Line, Problem, write_reply


def write_999(question: Interchange, problems: Sequence[Problem], control_number: int, now: datetime) -> str:
    """Rejects the transaction for problems that name a segment. Bad values (IK404) are not repeated."""
    return write_reply(
        question,
        functional_id="FA",
        version="005010X231A1",
        transaction_id="999",
        body=list(_body(question, problems)),
        control_number=control_number,
        now=now,
    )


def _body(question: Interchange, problems: Sequence[Problem]) -> Iterator[Line]:
    yield ("AK1", question.functional_id, question.group_control_number, question.version)
    yield ("AK2", question.transaction_id, question.transaction_control_number, question.version)
    in_order = sorted(problems, key=lambda problem: problem.position)
    for position, of_segment in groupby(in_order, key=lambda problem: problem.position):
        first, *others = of_segment
        # IK304 8: the segment has errors in its elements.
        yield ("IK3", first.segment or "", str(position), first.loop if first.loop != "header" else "", "8")
        for problem in (first, *others):
            yield ("IK4", str(problem.element), "", problem.reason_code)
    # IK502 5 and AK901 R: one or more segments in error, the group is rejected.
    yield ("IK5", "R", "5")
    yield ("AK9", "R", "1", "1", "0")
