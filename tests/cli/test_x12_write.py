"""`crossover x12 write`: text from a document, or every reason why not, with its place in the document."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli.json_values import NotJson
from app.cli.x12_documents import write_document
from tests.cli.commands import Crossover, as_program
from tests.x12.pyx12_oracle import complaints

EXAMPLES = {"claim": "837", "eligibility": "270", "status": "276"}


def example(crossover: Crossover, name: str = "claim") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(crossover("x12", "write", "--example", name).out)
    return document


def document_file(crossover: Crossover, document: object) -> str:
    return crossover.file(json.dumps(document), "document.json")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_written(crossover: Crossover, name: str) -> None:
    ended = crossover("x12", "write", document_file(crossover, example(crossover, name)))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("ISA*")
    assert f"~ST*{EXAMPLES[name]}*0001*" in ended.out
    assert ended.out.endswith("~IEA*1*000000042~")


def test_the_example_is_a_claim_that_checks_clean_and_another_grammar_takes(crossover: Crossover) -> None:
    assert crossover("x12", "write", "--example").out == crossover("x12", "write", "--example", "claim").out
    text = crossover("x12", "write", document_file(crossover, example(crossover))).out
    assert complaints(text) == []
    ended = crossover("x12", "check", crossover.file(text))
    assert ended.code == 0
    assert "text.x12: clean" in ended.out


def test_a_claim_that_was_read_can_be_written_as_it_is(crossover: Crossover) -> None:
    document = example(crossover)
    text = crossover("x12", "write", document_file(crossover, document)).out
    records = crossover("x12", "read", crossover.file(text)).records
    document["claim"] = next(one["claim"] for one in records if one["record"] == "claim")
    assert crossover("x12", "write", document_file(crossover, document)).out == text


def test_a_claim_that_was_read_can_be_changed_and_written(crossover: Crossover) -> None:
    document = example(crossover)
    text = crossover("x12", "write", document_file(crossover, document)).out
    records = crossover("x12", "read", crossover.file(text)).records
    document["claim"] = next(one["claim"] for one in records if one["record"] == "claim")
    document["claim"]["place_of_service"] = "11"
    changed = crossover("x12", "write", document_file(crossover, document)).out
    assert changed == text.replace("*10:B:1*", "*11:B:1*")


def test_several_claims_go_into_one_interchange(crossover: Crossover) -> None:
    document = example(crossover)
    other = copy.deepcopy(document["claim"])
    other["patient_control_number"] = "ANOTHER"
    document["claims"] = [
        {"reference": document.pop("reference"), "claim": document.pop("claim")},
        {"reference": "R2", "claim": other},
    ]
    ended = crossover("x12", "write", document_file(crossover, document))
    assert (ended.code, ended.out.count("~ST*837*"), ended.out.count("ISA*")) == (0, 2, 1)


def test_delimiters_can_be_chosen(crossover: Crossover) -> None:
    document = example(crossover)
    document["separators"] = {"element": "|", "component": ">", "repetition": "!", "segment": "\n"}
    ended = crossover("x12", "write", document_file(crossover, document))
    assert ended.out.splitlines()[2] == "ST|837|0001|005010X222A1"
    assert crossover("x12", "check", crossover.file(ended.out)).code == 0


def _set(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (
            _set("claim", "lines", 0, "charge", value="150.01"),
            ["2430 CAS", "/claim/other_payers/0/decision/lines/0", "0.01"],
        ),
        (_set("claim", "billed_by", "npi", value="1000000013"), ["2010AA NM109", "/claim/billed_by/npi"]),
        (_set("claim", "diagnoses", value=[]), ["2300 HI01", "/claim/diagnoses"]),
        (_set("claim", "payer", "name", value="A*B"), ["2010BB NM103", "/claim/payer/name", "delimiter_in_data"]),
        (_set("reference", value="X" * 31), ["BHT03", "/reference"]),
        (_set("receiver_name", value=""), ["1000B NM103", "/receiver_name"]),
        (_set("submitter", "contact", "phone", value="1"), ["1000A PER04", "/submitter/contact/phone"]),
        (_set("interchange", "control_number", value=0), ["ISA13", "/interchange/control_number"]),
        (_set("interchange", "sender_id", value="Z" * 16), ["GS02", "/interchange/sender_id"]),
        (_set("separators", value={"element": "A"}), ["/separators"]),
        (_set("separators", value={"segment": "~~"}), ["/separators/segment"]),
        (_set("claim", "lines", 0, "charge", value="a lot"), ["/claim/lines/0/charge", "format"]),
        (_set("claim", "lines", 0, "untis", value="1"), ["/claim/lines/0/untis", "unknown_field"]),
        (_set("claims", value=[]), ["The document is an object with one of these"]),
    ],
)
def test_what_cannot_be_written_is_said_with_its_places(
    crossover: Crossover, change: Callable[[dict[str, Any]], None], places: list[str]
) -> None:
    document = example(crossover)
    change(document)
    ended = crossover("x12", "write", document_file(crossover, document))
    assert (ended.code, ended.out) == (1, "")
    assert any(all(place in line for place in places) for line in ended.said), ended.err
    assert all(": error " in line for line in ended.said)


def test_findings_about_one_of_several_claims_say_which(crossover: Crossover) -> None:
    document = example(crossover)
    bad = copy.deepcopy(document["claim"])
    bad["payer"]["payer_id"] = ""
    document["claims"] = [
        {"reference": document.pop("reference"), "claim": document.pop("claim")},
        {"reference": "", "claim": bad},
    ]
    ended = crossover("x12", "write", "--json-findings", document_file(crossover, document))
    pointers = {json.loads(line)["pointer"] for line in ended.said}
    assert {"/claims/1/claim/payer/payer_id", "/claims/1/reference"} <= pointers


@pytest.mark.parametrize(
    ("name", "path", "pointer"),
    [
        ("eligibility", ("eligibility_inquiry", "payer_id"), "/eligibility_inquiry/payer_id"),
        ("status", ("status_inquiry", "receiver_id"), "/status_inquiry/receiver_id"),
        ("status", ("interchange", "receiver_id"), "/interchange/receiver_id"),
    ],
)
def test_findings_about_an_inquiry_point_into_it(
    crossover: Crossover, name: str, path: tuple[str, ...], pointer: str
) -> None:
    document = example(crossover, name)
    _set(*path, value="")(document)
    ended = crossover("x12", "write", "--json-findings", document_file(crossover, document))
    assert ended.code == 1
    assert pointer in {json.loads(line)["pointer"] for line in ended.said}


def test_several_status_inquiries_go_into_one_interchange(crossover: Crossover) -> None:
    document = example(crossover, "status")
    one = document.pop("status_inquiry")
    document["status_inquiries"] = [one, {**one, "reference": "R2", "trace_number": "T2"}]
    ended = crossover("x12", "write", document_file(crossover, document))
    assert (ended.code, ended.out.count("~ST*276*")) == (0, 2)
    document["status_inquiries"][1]["provider_npi"] = "1"
    ended = crossover("x12", "write", document_file(crossover, document))
    assert "/status_inquiries/1/provider_npi" in ended.err


@pytest.mark.parametrize("text", ["", "{", '{"claim": ', "\x00", "ISA*00*"])
def test_what_is_no_json_is_one_finding(crossover: Crossover, text: str) -> None:
    ended = crossover("x12", "write", crossover.file(text))
    assert (ended.code, ended.out, len(ended.said)) == (1, "", 1)
    assert "text.x12: error json_syntax: This is not JSON" in ended.err


def test_what_is_no_json_is_a_json_line_when_asked_for(crossover: Crossover) -> None:
    ended = crossover("x12", "write", "--json-findings", crossover.file("ISA*00*"))
    (finding,) = map(json.loads, ended.said)
    assert (ended.code, finding["code"], finding["severity"]) == (1, "json_syntax", "error")


@pytest.mark.parametrize("text", ["{}", "[]", "null", '"claim"', '{"claims": 1, "claim": 2}', '{"claim": {}}'])
def test_another_document_is_a_finding(crossover: Crossover, text: str) -> None:
    ended = crossover("x12", "write", crossover.file(text))
    assert (ended.code, ended.out) == (1, "")
    assert ended.said


def test_a_file_that_is_not_there_is_one_line(crossover: Crossover) -> None:
    assert crossover("x12", "write", "absent.json") == (2, "", "crossover: absent.json: No such file or directory\n")


def test_without_a_document_it_says_how_to_get_one(crossover: Crossover) -> None:
    ended = crossover("x12", "write")
    assert (ended.code, ended.out) == (2, "")
    assert "--example" in ended.err


def test_a_dash_is_standard_input(crossover: Crossover) -> None:
    ended = as_program("x12", "write", "-", text=json.dumps(example(crossover)))
    assert (ended.code, ended.err, ended.out[:4]) == (0, "", "ISA*")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["", "-1", "1e5", "999999999999999999", "2026-01-01", "0001-01-01", "9999-12-31", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for step, inner in members for place in _places(inner, (*path, step)))]


@pytest.mark.parametrize("name", EXAMPLES)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_whatever_stands_in_a_document_is_written_or_a_finding(
    crossover: Crossover, name: str, data: st.DataObject
) -> None:
    document = example(crossover, name)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(document)))
        _set(*place, value=data.draw(_VALUES))(document)
    try:
        text, findings = write_document(json.dumps(document).encode())
    except NotJson:  # no document any more
        return
    assert (text is None) == bool(findings)
