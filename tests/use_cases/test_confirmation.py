"""Whatever a payer's answer looks like, only one that says what domain rule A6 asks for confirms a coverage."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.coverages import CoverageStatus
from app.domain.eligibility import CheckOutcome
from app.use_cases.eligibility_checks import Postponed
from tests.factories import a_patient
from tests.running import Databases
from tests.sandbox.running import running_sandbox
from tests.use_cases.checking import Checking, checking, recounted
from tests.worker.scale import times

NEWCOMERS = (
    "AAA*N**75*C",
    "AAA*Y**42*P",
    "EB*1**30",
    "EB*6**30",
    "EB*6**30***27",
    "TRN*2*SOMEBODYELSES*9CROSSOVER",
    "NM1*IL*1*OTHERWISE*SOMEBODY****MI*MLK700002",
    "DMG*D8*19900101*F",
    "DTP*291*D8*20200101",
    "HL*9*2*22*0",
)
VALUES = (
    "",
    "1",
    "6",
    "V",
    "30",
    "OTHERWISE",
    "MLK700002",
    "19900101",
    "20300101-20301231",
    "SOMEBODYELSES",
    "\u00e9~",
)


@dataclass(frozen=True)
class Edit:
    """One thing done to an answer, at a place given as a fraction of its length."""

    kind: str
    place: float
    element: int
    value: str

    def of(self, segments: list[str]) -> list[str]:
        position = int(self.place * len(segments))
        before, here, after = segments[:position], segments[position], segments[position + 1 :]
        if self.kind == "drop":
            return [*before, *after]
        if self.kind == "double":
            return [*before, here, here, *after]
        if self.kind == "insert":
            return [*before, NEWCOMERS[self.element % len(NEWCOMERS)], here, *after]
        elements = here.split("*")
        elements[self.element % len(elements)] = self.value
        return [*before, "*".join(elements), *after]


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["drop", "double", "insert", "replace", "replace"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=4,
)


def edited(x12: str, edits: list[Edit]) -> str:
    segments = x12.rstrip("~").split("~")
    for edit in edits:
        segments = edit.of(segments) or ["ISA"]
    text = "~".join(segments) + "~"
    is_whole = "~ST*" in text and re.search(r"~SE\*[^~*]*\*", text) is not None
    return recounted(text) if is_whole else text


@dataclass(repr=False)
class Bench:
    runner: asyncio.Runner
    desk: Checking


@pytest.fixture(scope="module")
def bench(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A loop of its own: the property is tried many times inside one test."""
    own = databases.fresh()
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox, asyncio.Runner() as runner:
        opening = checking(own, sandbox, runner.run(own.add_practice()))
        desk = runner.run(opening.__aenter__())
        yield Bench(runner, desk)
        runner.run(opening.__aexit__(None, None, None))


@settings(
    max_examples=times(80, 1500),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(edits=EDITS)
def test_only_an_answer_that_says_all_of_it_confirms(bench: Bench, edits: list[Edit]) -> None:
    bench.runner.run(_confirms_rightly(bench.desk, edits))


async def _confirms_rightly(desk: Checking, edits: list[Edit]) -> None:
    desk.patient = a_patient()
    async with desk.context.units.begin(desk.tenant) as uow:
        await uow.patients.add(desk.patient)
        await uow.commit()
    coverage = await desk.coverage()
    desk.payer.rewrite = lambda x12: edited(x12, edits)
    outcome = await desk.run(coverage)
    now = await desk.now(coverage)
    is_verified = now.status is CoverageStatus.VERIFIED
    assert is_verified == (outcome is CheckOutcome.CONFIRMED)
    assert len(now.ranks) == is_verified
    if is_verified:
        text, asked = desk.payer.answered[-1], desk.payer.asked[-1]
        trace = asked.partition("TRN*1*")[2].partition("*")[0]
        assert f"TRN*2*{trace}" in text or f"BHT*0022*11*{trace}" in text
        assert re.search(r"~NM1\*IL\*[^*]*\*FICTIONAL\*[^~]*\*MLK700001~", text)
        assert "~DMG*D8*19880402" in text
        assert re.search(r"~EB\*[1-5]\*", text)
        assert "~AAA*" not in text
    elif not isinstance(outcome, Postponed):
        assert (await desk.check_of(coverage)).result is not None
