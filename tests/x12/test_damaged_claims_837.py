"""Damaged professional claims: reading raises nothing, drops nothing, and says why when there is no claim."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.professional_claims import ProfessionalClaim
from app.x12.professional_claim_reader_837 import read
from tests.x12.claim_strategies import claims
from tests.x12.claims import written
from tests.x12.rich_claim_strategies import rich_claims
from tests.x12.texts_837 import A_SECONDARY_TEXT
from tests.x12.unkept_837 import unkept


def _change(text: str, change: tuple[str, int, int, str]) -> str:
    kind, where, element, said = change
    segments = text.split("~")
    first = next(position for position, segment in enumerate(segments) if segment.startswith("HL*1"))
    last = next(position for position, segment in enumerate(segments) if segment.startswith("SE*"))
    at = first + 1 + where % (last - first - 1)
    elements = segments[at].split("*")
    if segments[at].startswith("HL*"):
        return text
    match kind:
        case "remove":
            del segments[at]
        case "repeat":
            segments.insert(at, segments[at])
        case "insert":
            segments.insert(at, f"{said}*X1*X2")
        case "replace":
            position = 1 + element % max(1, len(elements) - 1)
            elements[position : position + 1] = [said]
            segments[at] = "*".join(elements)
        case "append":
            segments[at] = "*".join([*elements, *[""] * (element % 3), said])
    return "~".join(segments)


_changes = st.tuples(
    st.sampled_from("remove repeat insert replace append".split()),
    st.integers(0, 500),
    st.integers(0, 20),
    st.sampled_from("K3 REF NM1 CAS AMT XX 18 20260101 7.5 A:B A^B Y -1 99999999999 é".split()),
)


@settings(deadline=None, max_examples=150)
@given(claim=claims(most_lines=2) | rich_claims(most_lines=2), changes=st.lists(_changes, max_size=4))
def test_nothing_of_a_damaged_claim_is_dropped(
    claim: ProfessionalClaim, changes: list[tuple[str, int, int, str]]
) -> None:
    text = written(claim)
    for change in changes:
        text = _change(text, change)
    found, findings = read(text)
    assert unkept(text, *found) == set() or not found
    assert all(one.claim is not None for one in found) or any(finding.severity == "error" for finding in findings)


@settings(deadline=None, max_examples=50)
@given(claim=claims(most_lines=2))
def test_a_claim_of_ours_leaves_nothing_behind(claim: ProfessionalClaim) -> None:
    text = written(claim)
    (one,), _ = read(text)
    assert one.claim is not None
    assert one.kept == ()
    assert unkept(text, one) == set()


def test_of_a_text_that_is_cut_anywhere_no_claim_is_made() -> None:
    trailer = A_SECONDARY_TEXT.index("~GE*")
    for end in range(trailer):
        found, findings = read(A_SECONDARY_TEXT[:end])
        assert [one.claim for one in found] == [None] * len(found)
        assert any(finding.severity == "error" for finding in findings)
    (whole,), findings = read(A_SECONDARY_TEXT[: trailer + 1])
    assert whole.claim is not None
    assert [finding.code for finding in findings] == ["group_truncated", "interchange_truncated"]


@settings(deadline=None, max_examples=300)
@given(at=st.integers(0, len(A_SECONDARY_TEXT) - 1), character=st.characters(codec="latin-1"))
def test_one_other_character_anywhere_raises_nothing(at: int, character: str) -> None:
    text = (A_SECONDARY_TEXT[:at] + character + A_SECONDARY_TEXT[at + 1 :]).encode("latin-1")
    found, findings = read(text)
    assert all(one.claim is not None for one in found) or any(finding.severity == "error" for finding in findings)
