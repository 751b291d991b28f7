"""`crossover x12 read`: what a text says as JSON Lines, what is wrong with it on standard error."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.remittances import ProviderAdjustment
from tests.cli.commands import Crossover, as_program
from tests.x12.claims import a_claim, written
from tests.x12.mixed_texts import NOT_X12, TA1, TEXTS, of_guide
from tests.x12.remittances import a_remittance
from tests.x12.texts_835 import a_835

ITEMS = {
    "837P": "claim",
    "835": "claim_payment",
    "271": "eligibility_answer",
    "277": "claim_status",
    "277CA": "claim_acknowledgment",
    "999": "transaction_acknowledgment",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_there_is_one_object_each_for_interchange_header_item_and_end(crossover: Crossover, kind: str) -> None:
    ended = crossover("x12", "read", crossover.file(TEXTS[kind]))
    assert ended.code == 0
    assert [one["record"] for one in ended.records] == ["interchange", "transaction", ITEMS[kind], "transaction_end"]
    _, header, _, end = ended.records
    assert (header["kind"], end["kind"], end["items"], end["complete"]) == (kind, kind, 1, True)


def test_the_interchange_says_who_to_whom_and_of_which_file(crossover: Crossover) -> None:
    interchange = crossover("x12", "read", crossover.file(TEXTS["835"])).records[0]
    assert interchange["file"].endswith("text.x12")
    assert (interchange["sender_id"], interchange["receiver_id"]) == ("INVENTEDPAYER", "QUIETROOMS")
    assert interchange["control_number"] == "000000042"
    assert interchange["separators"] == {"element": "*", "component": ":", "repetition": "^", "segment": "~"}


def test_amounts_are_text_with_cents(crossover: Crossover) -> None:
    adjustment = ProviderAdjustment(reason_code="WO", reference="R1", amount=Decimal("10.00"))
    text = a_835(a_remittance(total_paid=Decimal(70), provider_adjustments=(adjustment,)))
    _, header, payment, end = crossover("x12", "read", crossover.file(text)).records
    assert header["header"]["total_paid"] == "70.00"
    assert payment["paid"] == "80.00"
    assert payment["services"][0]["adjustments"][0]["amount"] == "45.00"
    assert (end["provider_adjustments"][0]["amount"], end["claims_paid"], end["difference"]) == (
        "10.00",
        "80.00",
        "0.00",
    )


def test_a_ta1_is_an_object(crossover: Crossover) -> None:
    record = crossover("x12", "read", crossover.file(TA1)).records[1]
    assert record["record"] == "interchange_acknowledgment"
    assert (record["interchange_control_number"], record["accepted"], record["segment"]) == ("000000042", True, 2)


def test_a_mixed_file_is_read_in_its_order(crossover: Crossover) -> None:
    ended = crossover("x12", "read", crossover.file("\n".join(TEXTS.values())))
    assert ended.code == 0
    assert [one["kind"] for one in ended.records if one["record"] == "transaction"] == list(TEXTS)


def test_segments_that_no_field_holds_are_kept_as_text(crossover: Crossover) -> None:
    text = written(a_claim()).replace("~HI*", "~K3*NOTE Ünd MORE~HI*").replace("~SE*31*", "~SE*32*")
    claim = next(one for one in crossover("x12", "read", crossover.file(text)).records if one["record"] == "claim")
    assert claim["kept"] == ["K3*NOTE Ünd MORE"]


@pytest.mark.parametrize(
    ("kind", "before"),
    [("271", "EB*"), ("277", "STC*"), ("277CA", "STC*"), ("999", "IK5*"), ("837P", "HI*")],
)
def test_kept_segments_are_readable_whatever_their_characters(crossover: Crossover, kind: str, before: str) -> None:
    """Of one segment an element may be UTF-8 and another one Latin-1; blanks stay."""
    ahead, found, rest = TEXTS[kind].partition(before)
    text = ahead.encode() + "K3*Ünal  *".encode() + "Böhm".encode("latin-1") + f"~{found}{rest}".encode()
    records = crossover("x12", "read", crossover.file(text)).records
    assert [one for record in records for one in record.get("kept", ()) if one.startswith("K3*")] == ["K3*Ünal  *Böhm"]


def test_a_ta1_without_a_verdict_has_the_names_of_one_that_has(crossover: Crossover) -> None:
    good = crossover("x12", "read", crossover.file(TA1)).records[1]
    record = crossover("x12", "read", crossover.file(TA1.replace("*A*000", "*Q*000"))).records[1]
    assert list(record) == list(good)
    assert (record["accepted"], record["kept"]) == (None, ["TA1*000000042*260301*1200*Q*000"])


def test_findings_go_to_standard_error_with_all_their_places(crossover: Crossover) -> None:
    text = TEXTS["835"].replace("CAS*CO*45*45", "CAS*CO*45*4S")
    ended = crossover("x12", "read", crossover.file(text))
    assert ended.code == 1
    offset = text.index("CAS*CO")
    assert f"text.x12: error amount_invalid: segment 16, byte {offset}, 2110 CAS03: " in ended.err
    assert "[IK403 6]" in ended.err
    assert len(ended.records) == 4


def test_findings_are_json_lines_when_asked_for(crossover: Crossover) -> None:
    text = TEXTS["835"].replace("CAS*CO*45*45", "CAS*CO*45*4S")
    ended = crossover("x12", "read", "--json-findings", crossover.file(text))
    finding = next(one for one in map(json.loads, ended.said) if one["code"] == "amount_invalid")
    assert (finding["severity"], finding["location"], finding["element"]) == ("error", "2110 CAS03", 3)
    assert (finding["segment_number"], finding["segment_id"], finding["standard_code"]) == (16, "CAS", "IK403 6")


def test_a_warning_alone_is_no_failure(crossover: Crossover) -> None:
    ended = crossover("x12", "read", crossover.file(TEXTS["837P"].replace("005010X222A1", "005010X222A2")))
    assert ended.code == 0
    assert ": warning guide_variant: segment 3, " in ended.err


def test_a_partner_may_weigh_a_finding_otherwise(crossover: Crossover) -> None:
    file = crossover.file(TEXTS["837P"].replace("005010X222A1", "005010X222A2"))
    as_error = crossover("x12", "read", "--error", "guide_variant", file)
    assert (as_error.code, "error guide_variant" in as_error.err) == (1, True)
    ignored = crossover("x12", "read", "--error", "guide_variant", "--ignore", "guide_variant", file)
    assert (ignored.code, ignored.err) == (0, "")


def test_a_rule_that_nobody_knows_is_refused(crossover: Crossover) -> None:
    ended = crossover("x12", "read", "--error", "no_such_rule", crossover.file(TEXTS["835"]))
    assert ended == (2, "", "crossover: no rule is called no_such_rule; `crossover x12 rules` lists them\n")


def test_another_guide_is_named_and_the_rest_is_read(crossover: Crossover) -> None:
    ended = crossover("x12", "read", crossover.file(of_guide("837", "005010X224A2") + TEXTS["835"]))
    assert ended.code == 1
    assert [one["kind"] for one in ended.records if one["record"] == "transaction"] == ["837D", "835"]
    (line,) = ended.said
    assert "837D (dental claim) of 005010X224A2" in line


@pytest.mark.parametrize("verb", ["read", "check"])
@pytest.mark.parametrize("name", NOT_X12)
def test_what_is_no_x12_is_one_finding_and_exit_code_1(crossover: Crossover, name: str, verb: str) -> None:
    ended = crossover("x12", verb, crossover.file(NOT_X12[name]))
    assert ended.code == 1
    assert (ended.out + ended.err).count(" not_x12: ") == 1
    assert (ended.out + ended.err).count("error ") == 1


@pytest.mark.parametrize("verb", ["read", "check"])
def test_a_file_that_cannot_be_opened_is_one_line_and_exit_code_2(crossover: Crossover, verb: str) -> None:
    ended = crossover("x12", verb, "absent.x12", str(crossover.folder), crossover.file(TEXTS["835"]))
    assert ended.code == 2
    assert ended.said == [
        "crossover: absent.x12: No such file or directory",
        f"crossover: {crossover.folder}: Is a directory",
    ]
    assert ended.out


def test_a_name_with_a_line_end_stays_one_line(crossover: Crossover) -> None:
    ended = crossover("x12", "read", "absent\nfile")
    assert ended == (2, "", "crossover: absent?file: No such file or directory\n")


def test_a_name_that_is_no_text_can_be_said(crossover: Crossover) -> None:
    name = crossover.file(TEXTS["835"], b"caf\xe9.835".decode("utf-8", "surrogateescape"))
    assert crossover("x12", "read", name).records[0]["file"].endswith("caf\N{REPLACEMENT CHARACTER}.835")
    assert crossover("x12", "check", name).code == 0


def test_a_segment_with_any_name_stays_in_its_line(crossover: Crossover) -> None:
    text = TEXTS["835"].replace("~SE*", "~\x1b[31m\n" + "Z" * 500 + "*1~SE*")
    ended = crossover("x12", "read", crossover.file(text))
    assert "\x1b" not in ended.err
    assert all(line.startswith(str(crossover.folder)) and len(line) < 600 for line in ended.said)


def test_a_dash_is_standard_input() -> None:
    ended = as_program("x12", "read", "-", text=TEXTS["271"])
    assert ended.code == 0
    assert ended.records[0]["file"] == "-"
    assert [one["record"] for one in ended.records][2:] == ["eligibility_answer", "transaction_end"]


def test_without_a_file_it_says_how_it_is_used(crossover: Crossover) -> None:
    ended = crossover("x12", "read")
    assert ended.code == 2
    assert "usage: crossover x12 read" in ended.err


@pytest.mark.parametrize("arguments", [("x12",), ("x12", "read"), ("x12", "check"), ("x12", "rules"), ("x12", "write")])
def test_help_has_examples(crossover: Crossover, arguments: tuple[str, ...]) -> None:
    ended = crossover(*arguments, "--help")
    assert ended.code == 0
    assert "crossover x12" in ended.out
    assert "examples:" in ended.out or arguments == ("x12",)


def test_a_second_file_begins_with_its_interchange(crossover: Crossover) -> None:
    files = [crossover.file(TEXTS[kind], f"{kind}.x12") for kind in ("835", "271")]
    records = crossover("x12", "read", *files).records
    assert [Path(one["file"]).name for one in records if one["record"] == "interchange"] == ["835.x12", "271.x12"]
