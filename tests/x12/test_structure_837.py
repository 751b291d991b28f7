"""Where the segments of a claim are placed, what is said of them, and that one fault does not swallow what follows it."""

import gc
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import Severity
from app.domain.professional_claims import ProfessionalClaim
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.guide_837 import GUIDE
from app.x12.loops import Loop
from app.x12.structure import read_units
from tests.x12.claim_strategies import claims
from tests.x12.claims import a_claim, a_tertiary, body, written
from tests.x12.mutants_837 import VALID
from tests.x12.rich_claim_strategies import rich_claims
from tests.x12.structure_texts import errors_of, is_refused_by_pyx12, structure_of, units_of
from tests.x12.texts_837 import a_text, changed

SELF = written(a_claim())


def _tree(loop: Loop) -> list[str]:
    return [one.id for one in loop.walk()]


def _number(unit: Loop) -> str:
    return unit.opener.get(1)


# Placement


def test_a_unit_has_its_loops_and_its_ancestors() -> None:
    (unit,) = units_of(VALID)
    assert _tree(unit) == ["2300", "2310B", "2310C", "2320", "2330A", "2330B", "2400", "2430", "2400", "2430"]
    assert [segment.id for segment in unit.segments] == ["CLM", "REF", "HI"]
    parent, subscriber, billing, root = (unit.above(one) for one in ("2000C", "2000B", "2000A", "ST"))
    assert unit.parent is parent
    assert parent is not None
    assert subscriber is not None
    assert billing is not None
    assert root is not None
    assert [loop.id for loop in parent.loops] == ["2010CA"]
    assert [loop.id for loop in subscriber.loops][:2] == ["2010BA", "2010BB"]
    assert [loop.id for loop in billing.loops][:1] == ["2010AA"]
    assert [loop.id for loop in root.loops][:2] == ["1000A", "1000B"]


def test_a_provider_is_placed_by_where_it_stands() -> None:
    """NM1*82 and NM1*77 stand in 2310, 2330 and 2420 with the same codes."""
    providers = "NM1*82*1*X*Y****XX*1000000020~"
    text = changed(VALID, "LX*1~", "NM1*82*1~REF*G2*1~NM1*77*2~REF*G2*2~LX*1~")
    text = changed(text, "REF*6R*LINE1~", f"REF*6R*LINE1~{providers}")
    (unit,) = units_of(text)
    assert structure_of(text) == ()
    assert _tree(unit)[3:9] == ["2320", "2330A", "2330B", "2330D", "2330E", "2400"]
    assert _tree(unit)[9:11] == ["2420A", "2430"]


def test_segments_of_one_place_are_not_ordered_among_themselves() -> None:
    """X12 has one position for them: the guide's order of its REFs and of its NM1 loops is that of a list."""
    text = changed(VALID, "REF*G1*AUTH1~", "REF*F8*1~REF*9F*2~REF*G1*AUTH1~REF*4N*1~")
    claim = text[text.index("NM1*82*1") : text.index("NM1*77*2")]
    text = changed(text.replace(claim, "", 1), "SBR*P*19", f"{claim}SBR*P*19")
    assert structure_of(text) == ()
    assert _tree(units_of(text)[0])[:3] == ["2300", "2310C", "2310B"]


def _levels(text: str) -> list[tuple[str, str, str]]:
    """The billing provider, the member and the claim of each unit."""
    found = []
    for unit in units_of(text):
        billing, subscriber = unit.above("2000A"), unit.above("2000B")
        assert billing is not None
        assert subscriber is not None
        name, member = billing.one("2010AA"), subscriber.one("2010BA")
        assert name is not None
        assert member is not None
        found.append((name.opener.get(3), member.opener.get(9), _number(unit)))
    return found


def _hierarchy() -> str:
    """Two billing providers; of the first two subscribers, one with two claims, one with two dependents."""
    segments = body(SELF)
    header, rest = segments[:4], segments[4:]
    at = next(index for index, segment in enumerate(rest) if segment.startswith("HL*2"))
    claim = next(index for index, segment in enumerate(rest) if segment.startswith("CLM"))
    provider, subscriber, unit = rest[:at], rest[at:claim], rest[claim:]

    def numbered(part: list[str], level: str, member: str = "", name: str = "") -> list[str]:
        head = part[1:]
        if member:
            head = [segment.replace("QRX100200300", member) for segment in head]
        if name:
            head = [segment.replace("QUIET ROOMS", name) for segment in head]
        return [level, *head]

    def a_claim_of(number: str) -> list[str]:
        return [segment.replace("A1B2C3D4E5F6G7H8J", number) for segment in unit]

    def a_dependent(level: str) -> list[str]:
        return [level, "PAT*19", "NM1*QC*1*FERNWOOD*BEN", "N3*1 LANE", "N4*SAMPLETON*CO*80211", "DMG*D8*20120615*M"]

    with_dependents = [segment for segment in subscriber if not segment.startswith(("N3", "DMG"))]
    with_dependents = [segment.replace("*18*", "**") for segment in with_dependents if not segment.startswith("N4")]
    return a_text(
        [
            *header,
            *numbered(provider, "HL*1**20*1"),
            *numbered(subscriber, "HL*2*1*22*0", "M1"),
            *a_claim_of("C1"),
            *a_claim_of("C2"),
            *numbered(with_dependents, "HL*3*1*22*1", "M2"),
            *a_dependent("HL*4*3*23*0"),
            *a_claim_of("C3"),
            *a_dependent("HL*5*3*23*0"),
            *a_claim_of("C4"),
            *numbered(provider, "HL*6**20*1", name="LOUD ROOMS"),
            *numbered(subscriber, "HL*7*6*22*0", "M3"),
            *a_claim_of("C5"),
        ]
    )


def test_every_shape_of_the_hierarchy_is_read() -> None:
    first, second = "QUIET ROOMS THERAPY", "LOUD ROOMS THERAPY"
    text = _hierarchy()
    assert structure_of(text) == ()
    assert not is_refused_by_pyx12(text)
    assert _levels(text) == [
        (first, "M1", "C1"),
        (first, "M1", "C2"),
        (first, "M2", "C3"),
        (first, "M2", "C4"),
        (second, "M3", "C5"),
    ]


def test_a_slip_in_a_number_of_the_hierarchy_is_said_once() -> None:
    found = [(one.code, one.location) for one in structure_of(changed(_hierarchy(), "HL*3*1*22", "HL*30*1*22"))]
    assert found == [("hierarchy_number", "2000B HL01")]


def test_claims_come_one_after_the_other_and_are_not_kept() -> None:
    root = units_of(_hierarchy())[-1].above("ST")
    assert root is not None
    assert "2300" not in _tree(root)


# One fault does not swallow what follows


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("CLM*C2*", "ZZZ*C2*", ["C1", "C3", "C4", "C5"]),
        ("HL*3*1*22*1", "HL*3*1*24*1", ["C1", "C2", "C3", "C4", "C5"]),
        ("HL*6**20*1~", "", ["C1", "C2", "C3", "C4", "C5"]),
        ("HL*7*6*22*0~", "", ["C1", "C2", "C3", "C4"]),
        ("HL*2*1*22*0~", "", ["C3", "C4", "C5"]),
        ("LX*1~", "", ["C1", "C2", "C3", "C4", "C5"]),
        ("LX*1~", "SBR*P*18*******BL~LX*1~", ["C1", "C2", "C3", "C4", "C5"]),
        ("LX*1~", "HI*ABK:F411~LX*1~", ["C1", "C2", "C3", "C4", "C5"]),
        ("NM1*85*2*QUIET", "NM1*99*2*QUIET", ["C1", "C2", "C3", "C4", "C5"]),
        ("BHT*", "BHX*", ["C1", "C2", "C3", "C4", "C5"]),
    ],
)
def test_what_follows_a_fault_is_read_on(old: str, new: str, left: list[str]) -> None:
    text = changed(_hierarchy(), old, new)
    assert [_number(unit) for unit in units_of(text)] == left
    assert errors_of(text)


def test_every_segment_is_in_a_loop_or_left_over() -> None:
    """Nothing is dropped: also what belongs to a loop whose beginning is missing."""
    text = changed(VALID, "LX*2~", "ZZZ*1~")
    (unit,) = units_of(text)
    root = unit.above("ST")
    assert root is not None
    levels = [unit, *(one for one in root.walk() if one.id != "2300")]
    kept = {segment.number for level in levels for loop in level.walk() for segment in (*loop.segments, *loop.unplaced)}
    assert len(kept) == len(body(text))


def test_a_transaction_that_is_cut_off_is_not_said_to_lack_what_was_cut_off() -> None:
    text = VALID[: VALID.index("SV1*HC")]
    assert {finding.code for finding in structure_of(text)} == {
        "transaction_truncated",
        "group_truncated",
        "interchange_truncated",
    }
    assert len(units_of(text)) == 1


def test_a_transaction_without_a_claim_is_reported() -> None:
    assert [(one.code, one.location) for one in structure_of(a_text(["BHT*0019*00*1*20260301*1200*CH"]))] == [
        ("loop_missing", "ST"),
        ("loop_missing", "ST"),
        ("loop_missing", "ST"),
    ]


def test_a_partner_s_severity_is_that_of_the_finding() -> None:
    report = Report({"postal_code": Severity.ERROR, "line_number": Severity.INFORMATION})
    text = changed(changed(VALID, "*802110001~", "*8021~"), "LX*2~", "LX*9~")
    units_of(text, report)
    assert [(one.code, one.severity) for one in report.findings] == [
        ("postal_code", Severity.ERROR),
        ("line_number", Severity.INFORMATION),
    ]


@pytest.mark.parametrize(
    ("element", "component", "segment"), [("|", ">", "\n"), ("^", "\\", "!"), ("\x1d", "\x1f", "\x1c")]
)
def test_other_delimiters_are_read_alike(element: str, component: str, segment: str) -> None:
    text = changed(VALID, "HC:90837*150*UN", "HC:90837:1*150*UN")
    swapped = text.replace("^", "`").translate({ord("*"): element, ord(":"): component, ord("~"): segment})
    assert [(one.code, one.location) for one in structure_of(swapped)] == [("element_shape", "2400 SV101")]


# What others and we write


@settings(deadline=None, max_examples=150)
@given(claims() | rich_claims())
def test_what_the_writer_writes_has_no_error(claim: ProfessionalClaim) -> None:
    assert errors_of(written(claim)) == []


# No text makes it raise, and none makes it slow


_SEGMENTS = [segment.split("*") for segment in body(VALID)]
_CONTENTS = st.sampled_from("|X|1|18|19|20|22|23|D8|RD8|12.345|-5|1E5|HC:1| |G1|IL|PR|82|85|:::|^|ä|\x07".split("|"))


@st.composite
def _disorder(draw: st.DrawFn) -> list[str]:
    """Segments of the claim in any order and number, with anything in any element."""
    segments = []
    for at in draw(st.lists(st.integers(0, len(_SEGMENTS) - 1), max_size=40)):
        elements = list(_SEGMENTS[at])
        for position in draw(st.lists(st.integers(0, 12), max_size=2)):
            elements.extend([""] * (position + 1 - len(elements)))
            elements[position] = draw(_CONTENTS)
        segments.append("*".join(elements))
    return segments


@settings(deadline=None, max_examples=300)
@given(_disorder())
def test_no_text_makes_it_raise(segments: list[str]) -> None:
    text = a_text(segments)
    for unit in units_of(text):
        assert unit.opener.id == "CLM"
        assert unit.above("ST") is not None
    structure_of(text)


@pytest.fixture
def _own_heap() -> Iterator[None]:
    """Collecting garbage costs as much as what is alive, and comes the later the more that is: of other tests, here."""
    gc.collect()
    gc.freeze()
    gc.collect()
    yield
    gc.unfreeze()


def _many(count: int) -> Iterator[bytes]:
    segments = body(written(a_tertiary()))
    at = next(index for index, segment in enumerate(segments) if segment.startswith("HL*2"))
    head, unit = segments[:at], segments[at:]
    total = len(head) + count * len(unit) + 2
    beginning, _, _ = VALID.partition("BHT*")
    yield (beginning + "~".join(head) + "~").encode()
    for number in range(2, count + 2):
        yield ("~".join([f"HL*{number}*1*22*0", *unit[1:]]) + "~").encode()
    yield f"SE*{total}*0001~GE*1*42~IEA*1*000000042~".encode()


def _count(source: Iterator[bytes]) -> int:
    report, count = Report(), 0
    for transaction in read_transactions(source, report):
        if isinstance(transaction, TransactionSet):
            for _ in read_units(transaction, GUIDE, report):
                count += 1
    assert report.findings == ()
    return count


@pytest.mark.usefixtures("_own_heap")
def test_the_memory_does_not_grow_with_the_number_of_claims() -> None:
    peaks = []
    for count in (1_000, 4_000):
        gc.collect()
        tracemalloc.start()
        assert _count(_many(count)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 256 * 1024


@pytest.mark.usefixtures("_own_heap")
@pytest.mark.parametrize(
    "segment",
    ["HL*2*1*22*0", "HL*2*1*24*0", "LX*1", "CLM*1", "NM1*ZZ*1", "N3*1", "REF*G1*1", "SBR*P", "CAS*CO*45*1", "ZZZ*1"],
)
def test_a_segment_without_end_takes_time_as_it_is_long(segment: str) -> None:
    def seconds(count: int) -> float:
        text = a_text([*body(VALID), *[segment] * count])
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            structure_of(text)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(16_000) < 2.6 * seconds(8_000) + 0.05
