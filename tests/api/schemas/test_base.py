import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.api import json_reader
from app.api.schemas.base import (
    DATE_PATTERN,
    TEXT_PATTERN,
    Date,
    FindingSchema,
    Format,
    Identifier,
    Money,
    Page,
    Schema,
    SignedMoney,
    Text,
    Timestamp,
)
from app.domain.findings import Finding, Severity
from tests.api.kit import Colour, Part, Sheet, SheetPatch

_ID = UUID("01980000-0000-7000-8000-00000000000a")
_TYPES: dict[str, TypeAdapter[Any]] = {
    "money": TypeAdapter(Money),
    "signed": TypeAdapter(SignedMoney),
    "date": TypeAdapter(Date),
    "identifier": TypeAdapter(Identifier),
    "timestamp": TypeAdapter(Timestamp),
    "text": TypeAdapter(Annotated[str, Text(1, 20)]),
}
_VALIDATORS = {
    name: jsonschema.Draft202012Validator(
        adapter.json_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    for name, adapter in _TYPES.items()
}


def _takes(name: str, value: Any) -> bool:
    try:
        _TYPES[name].validate_python(value)
    except ValidationError:
        return False
    return True


def _error(schema: type[Schema], **members: Any) -> list[tuple[str, tuple[int | str, ...]]]:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(members)
    return [(error["type"], error["loc"]) for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("money", "0.00", Decimal("0.00")),
        ("money", "99999999.99", Decimal("99999999.99")),
        ("signed", "-0.01", Decimal("-0.01")),
        ("signed", "-99999999.99", Decimal("-99999999.99")),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "1900-01-01", date(1900, 1, 1)),
        ("date", "2200-12-31", date(2200, 12, 31)),
        ("identifier", str(_ID), _ID),
        ("timestamp", "2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("timestamp", "2026-03-01T09:30:00.000001Z", datetime(2026, 3, 1, 9, 30, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_type_reads_and_writes_the_same_text(name: str, text: str, value: Any) -> None:
    adapter = _TYPES[name]
    assert adapter.validate_python(text) == value
    assert adapter.validate_python(value) == value
    assert adapter.dump_json(value).decode() == f'"{text}"'
    assert _VALIDATORS[name].is_valid(text)


_ARABIC_TWELVE = "\u0661\u0662"
_REFUSED: dict[tuple[str, str], list[Any]] = {
    ("money", "money_format"): [
        *[
            "1_000",
            "1_000.00",
            " 1.00 ",
            "1.00 ",
            "1.00\n",
            "1e3",
            "+1",
            "+1.00",
            "1,000.00",
            "-0.00",
            "1.005",
            "01.00",
        ],
        *[_ARABIC_TWELVE, f"{_ARABIC_TWELVE}.{_ARABIC_TWELVE}", "\uff11.00", "NaN", "Infinity", "", ".50", "1.", "1"],
        *["1.0", "0x1.00", 0.1, 1, True, None, ["1.00"], {"amount": "1.00"}],
        *[Decimal("1.005"), Decimal("NaN"), Decimal("Infinity")],
    ],
    ("money", "amount_negative"): ["-0.01", "-1.00", "-99999999.99", Decimal("-1.00")],
    ("money", "money_range"): ["100000000.00", "-100000000.00", "9" * 400 + ".00"],
    ("date", "date_format"): [
        *["2026-02-30", "2026-2-3", "20260203", "2026-02-03T00:00:00", "2026-W05-2", "2026-13-01", "2026-00-10", ""],
        *["2026-01-00", "2023-02-29", "1900-02-29", "2100-02-29", "02/03/2026", "2026-02-03 ", "2026-02-03\n"],
        *[f"20{_ARABIC_TWELVE}-02-03", 20260203, 0, None, True, datetime(2026, 1, 1, tzinfo=UTC)],
    ],
    ("date", "date_range"): ["0000-01-01", "1899-12-31", "2201-01-01", "9999-12-31"],
    ("identifier", "identifier_format"): [
        *[str(_ID).upper(), f"{{{_ID}}}", f"urn:uuid:{_ID}", _ID.hex, f" {_ID}", f"{_ID}\n", "7", "", 7, None],
        str(_ID).replace("1", "\u0661"),
    ],
    ("timestamp", "timestamp_format"): [
        *["2026-03-01T09:30:00", "2026-03-01T09:30:00+00:00", "2026-03-01 09:30:00Z", "2026-02-30T09:30:00Z"],
        *["2026-03-01T24:00:00Z", "2026-03-01T09:30:60Z", "2026-03-01T09:30Z", "2026-03-01T09:30:00.1234567Z"],
        *["2026-03-01t09:30:00z", "", 1_772_000_000, None, datetime(2026, 1, 1)],  # noqa: DTZ001  # naive on purpose
    ],
}


@pytest.mark.parametrize(
    ("name", "code", "value"), [(*place, value) for place, values in _REFUSED.items() for value in values]
)
def test_what_is_not_of_the_form_is_refused_with_its_code(name: str, code: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        _TYPES[name].validate_python(value)
    assert [error["type"] for error in caught.value.errors()] == [code]
    if isinstance(value, str) and not value.endswith("\n"):  # `$` of Python's patterns passes a last line feed
        assert not _VALIDATORS[name].is_valid(value)


@given(st.sampled_from(sorted(_TYPES)), st.text(max_size=30) | st.text("0123456789-.T:Z ", max_size=24))
def test_the_json_schema_and_the_type_agree_on_any_text(name: str, text: str) -> None:
    if not text.endswith("\n"):
        assert _takes(name, text) == _VALIDATORS[name].is_valid(text)


@given(st.data(), st.sampled_from(sorted(_TYPES)))
def test_what_the_pattern_makes_is_taken(data: st.DataObject, name: str) -> None:
    schema = _TYPES[name].json_schema()
    text = data.draw(st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True))
    if _VALIDATORS[name].is_valid(text) and not text.endswith("\n"):
        assert _takes(name, text)


def test_the_date_pattern_knows_every_day_of_four_centuries_and_no_other() -> None:
    pattern = re.compile(DATE_PATTERN, re.ASCII)
    for year in range(1896, 2205):
        for month in range(14):
            for day in range(33):
                text = f"{year}-{month:02}-{day:02}"
                try:
                    is_day = date(year, month, day).year in range(1900, 2201)
                except ValueError:
                    is_day = False
                assert (pattern.fullmatch(text) is not None) == is_day, text


@given(st.decimals("-99999999.99", "99999999.99", places=2))
def test_signed_money_goes_round(amount: Decimal) -> None:
    text = _TYPES["signed"].dump_json(amount).decode().strip('"')
    if text != "-0.00":
        assert _TYPES["signed"].validate_python(text) == amount


@given(st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001  # zone is added
def test_a_time_of_any_zone_leaves_as_utc(naive: datetime, hours: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    text = _TYPES["timestamp"].dump_json(moment).decode().strip('"')
    assert text.endswith("Z")
    assert _TYPES["timestamp"].validate_python(text) == moment


@pytest.mark.parametrize("text", ["José O\u2019Brien", "Strauß", "Đặng", "A", "a b", "1\u20132", "Łódź #4, 2nd"])
def test_latin_text_is_taken(text: str) -> None:
    assert _TYPES["text"].validate_python(text) == text


@pytest.mark.parametrize(
    "text", ["", " ", " a", "a ", "a\tb", "a\n", "a\x00", "a\u202eb", "a\u200bb", "a\u00adb", "名前", "a\u0301"]
)
def test_text_with_anything_invisible_or_at_its_ends_is_refused(text: str) -> None:
    assert not _takes("text", text)


def test_all_text_a_schema_takes_passes_the_reader_unchanged() -> None:
    inside = re.compile(TEXT_PATTERN)
    for character in map(chr, range(0x10000)):
        if inside.fullmatch(character):
            assert json_reader.text_fault(character) is None
            assert json_reader.read(f'{{"a":"\\u{ord(character):04x}"}}'.encode()) == {"a": character}


def test_a_long_text_is_too_long_before_it_is_anything_else() -> None:
    assert _error(Part, name="\u202e" * 1_000_000, charge="1.00") == [("string_too_long", ("name",))]


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"tenant_id": "x"}, ("extra_forbidden", ("tenant_id",))),
        ({"id": str(_ID)}, ("extra_forbidden", ("id",))),
        ({"count": True}, ("int_type", ("count",))),
        ({"count": "5"}, ("int_type", ("count",))),
        ({"count": 5.0}, ("int_type", ("count",))),
        ({"count": 10**30}, ("less_than_equal", ("count",))),
        ({"count": -1}, ("greater_than_equal", ("count",))),
        ({"count": 2**31}, ("less_than_equal", ("count",))),
        ({"is_final": "true"}, ("bool_type", ("is_final",))),
        ({"is_final": 1}, ("bool_type", ("is_final",))),
        ({"name": 5}, ("string_type", ("name",))),
        ({"name": None}, ("string_type", ("name",))),
        ({"colour": "RED"}, ("enum", ("colour",))),
        ({"colour": " red"}, ("enum", ("colour",))),
        ({"colour": 1}, ("enum", ("colour",))),
        ({"colours": "red"}, ("list_type", ("colours",))),
        ({"colours": ["red"] * 4}, ("too_long", ("colours",))),
        ({"colours": ["red", "blue"]}, ("enum", ("colours", 1))),
        ({"parts": [{"name": "a", "charge": "1"}]}, ("money_format", ("parts", 0, "charge"))),
        ({"parts": ["a"]}, ("model_type", ("parts", 0))),
        ({"npi": "1234567890"}, ("npi_format", ("npi",))),
        ({"npi": "123456789"}, ("npi_format", ("npi",))),
        ({"npi": "12345678930"}, ("npi_format", ("npi",))),
        ({"npi": "1234567893\n"}, ("npi_format", ("npi",))),
        ({"npi": "\u0661234567893"}, ("npi_format", ("npi",))),
    ],
)
def test_nothing_is_coerced_or_ignored(members: dict[str, Any], error: tuple[str, tuple[int | str, ...]]) -> None:
    assert error in _error(Sheet, **{"name": "Sheet", **members})


def test_the_words_of_an_enum_are_taken_alone_in_lists_and_in_nested_models() -> None:
    class Inner(Schema):
        colour: Colour

    class Outer(Schema):
        inner: Inner
        inners: list[Inner]
        either: Colour | None
        by_name: dict[str, Colour]

    outer = Outer.model_validate(
        {
            "inner": {"colour": "red"},
            "inners": [{"colour": "green"}],
            "either": "red",
            "by_name": {"a": "green"},
        }
    )
    assert outer.inner.colour is Colour.RED
    assert outer.inners[0].colour is Colour.GREEN
    assert outer.either is Colour.RED
    assert outer.by_name == {"a": Colour.GREEN}


def test_an_npi_with_its_check_digit_is_taken() -> None:
    assert Sheet.model_validate({"name": "Sheet", "npi": "1234567893"}).npi == "1234567893"


def test_a_schema_does_not_change() -> None:
    sheet = Sheet(name="Sheet")
    with pytest.raises(ValidationError):
        sheet.name = "Other"  # type: ignore[misc]  # frozen, as the test says


def test_a_patch_tells_absent_from_null() -> None:
    assert SheetPatch.model_validate({}).to_changes() == {}
    assert SheetPatch.model_validate({"charge": None}).to_changes() == {"charge": None}
    changes = SheetPatch.model_validate({"parts": [{"name": "a", "charge": "1.00"}], "name": "b"}).to_changes()
    assert changes == {"parts": [Part(name="a", charge=Decimal("1.00"))], "name": "b"}


def test_a_patch_refuses_null_where_nothing_may_be_removed() -> None:
    assert _error(SheetPatch, name=None) == [("string_type", ("name",))]
    assert _error(SheetPatch, parts=None) == [("list_type", ("parts",))]


def test_a_patch_inside_a_patch_is_a_patch() -> None:
    class Outer(SheetPatch):
        inner: SheetPatch | None = None

    assert Outer.model_validate({"inner": {"charge": None}}).to_changes() == {"inner": {"charge": None}}
    assert Outer.model_validate({"inner": None}).to_changes() == {"inner": None}


def test_a_patch_has_no_defaults_and_requires_nothing_in_its_schema() -> None:
    schema = SheetPatch.model_json_schema()
    assert "required" not in schema
    assert not any("default" in member for member in schema["properties"].values())
    assert schema["additionalProperties"] is False


def test_the_json_schemas_are_exact() -> None:
    properties = Sheet.model_json_schema()["properties"]
    assert properties["name"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 60,
        "pattern": TEXT_PATTERN,
        "title": "Name",
    }
    payer_id = properties["payer_id"]["anyOf"][0]
    assert payer_id["format"] == "uuid"
    assert properties["day"]["anyOf"][0]["format"] == "date"
    assert properties["at"]["anyOf"][0]["format"] == "date-time"
    assert properties["charge"]["anyOf"][0]["maxLength"] == len("99999999.99")
    assert properties["count"]["anyOf"][0] == {"type": "integer", "minimum": 0, "maximum": 2_147_483_647}


def test_a_page_of_records() -> None:
    page = Page[Part](data=[Part(name="a", charge=Decimal("1.00"))], next_cursor=None)
    assert page.model_dump_json() == '{"data":[{"name":"a","charge":"1.00"}],"next_cursor":null}'


def test_a_finding_on_the_wire() -> None:
    finding = Finding(code="missing", message="Required.", severity=Severity.WARNING, pointer="/a", repair_ids=("r1",))
    assert FindingSchema.from_domain(finding).model_dump() == {
        "code": "missing",
        "severity": "warning",
        "message": "Required.",
        "pointer": "/a",
        "location": None,
        "repair_ids": ["r1"],
    }


def test_a_format_without_a_rule_is_its_pattern() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(
        Annotated[str, Format(code="state", message="Two letters.", pattern="^[A-Z]{2}$", examples=("NY",))]
    )
    assert adapter.validate_python("NY") == "NY"
    assert adapter.json_schema() == {"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["NY"]}
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python("ny")
    assert caught.value.errors()[0]["type"] == "state"
