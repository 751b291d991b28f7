"""Values from a JSON document: every field that is wrong is a finding with its place, and nothing is guessed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.cli.json_values import NotJson, Problems, parse, read_value, reader_of
from app.domain.parties import PersonName, Sex


@dataclass(frozen=True, kw_only=True)
class Part:
    amount: Decimal
    day: date | None = None


@dataclass(frozen=True, kw_only=True)
class Whole:
    name: PersonName | str
    sex: Sex
    is_test: bool = False
    count: int = 1
    created_at: datetime | None = None
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    alias: PersonName | str | None = None


def read(text: str) -> tuple[Any, list[tuple[str, str | None]]]:
    problems = Problems()
    value = read_value(Whole, parse(text.encode()), "", problems)
    return value, [(one.code, one.pointer) for one in problems.findings]


def of(**members: str) -> str:
    values = {"name": '"Quiet Rooms"', "sex": '"female"', **members}
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def test_a_document_with_all_fields_is_the_value() -> None:
    value, problems = read(
        of(
            name='{"last": "Fernwood", "first": "Ada"}',
            is_test="true",
            count="7",
            created_at='"2026-09-12T11:30:00+02:00"',
            notes='["a", "b"]',
            parts='[{"amount": "80.00", "day": "2026-08-20"}, {"amount": "-1"}]',
            alias='"Quiet Rooms"',
        )
    )
    assert problems == []
    assert value == Whole(
        name=PersonName(last="Fernwood", first="Ada"),
        sex=Sex.FEMALE,
        is_test=True,
        count=7,
        created_at=datetime(2026, 9, 12, 9, 30, tzinfo=UTC),
        notes=("a", "b"),
        parts=(Part(amount=Decimal("80.00"), day=date(2026, 8, 20)), Part(amount=Decimal(-1))),
        alias="Quiet Rooms",
    )


def test_fields_that_are_absent_have_their_default() -> None:
    assert read(of())[0] == Whole(name="Quiet Rooms", sex=Sex.FEMALE)


@pytest.mark.parametrize("number", ["0.1", "150.00", "80", "99999999.99"])
def test_a_number_is_taken_as_it_stands(number: str) -> None:
    value, problems = read(of(parts=f'[{{"amount": {number}}}]'))
    assert problems == []
    assert str(value.parts[0].amount) == number


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"name": "null"}, ("type", "/name")),
        ({"name": "7"}, ("type", "/name")),
        ({"name": '{"last": "Fernwood"}'}, ("missing", "/name/first")),
        ({"sex": '"F"'}, ("enum", "/sex")),
        ({"sex": "{}"}, ("enum", "/sex")),
        ({"is_test": "1"}, ("type", "/is_test")),
        ({"is_test": "null"}, ("type", "/is_test")),
        ({"count": "true"}, ("type", "/count")),
        ({"count": "1.0"}, ("type", "/count")),
        ({"count": '"1"'}, ("type", "/count")),
        ({"created_at": '"2026-09-12T11:30:00"'}, ("format", "/created_at")),
        ({"created_at": '"0001-01-01T00:00:00+10:00"'}, ("format", "/created_at")),
        ({"created_at": "12"}, ("format", "/created_at")),
        ({"notes": '"a"'}, ("type", "/notes")),
        ({"notes": '["a", 7]'}, ("type", "/notes/1")),
        ({"notes": "[0.5]"}, ("type", "/notes/0")),
        ({"parts": "[[]]"}, ("type", "/parts/0")),
        ({"parts": '[{"amount": "1"}, {}]'}, ("missing", "/parts/1/amount")),
        ({"parts": '[{"amount": "1,5"}]'}, ("format", "/parts/0/amount")),
        ({"parts": '[{"amount": 1e2}]'}, ("format", "/parts/0/amount")),
        ({"parts": '[{"amount": 1E+999999999}]'}, ("format", "/parts/0/amount")),
        ({"parts": '[{"amount": "NaN"}]'}, ("format", "/parts/0/amount")),
        ({"parts": '[{"amount": false}]'}, ("type", "/parts/0/amount")),
        ({"parts": '[{"amount": null}]'}, ("type", "/parts/0/amount")),
        ({"parts": '[{"amount": "1", "day": "20260820"}]'}, ("format", "/parts/0/day")),
        ({"parts": '[{"amount": "1", "day": "2026-02-30"}]'}, ("format", "/parts/0/day")),
        ({"nmae": '"x"'}, ("unknown_field", "/nmae")),
        ({"a name\\n of somebody": "1"}, ("unknown_field", "")),
    ],
)
def test_what_is_wrong_is_said_at_its_place(members: dict[str, str], problem: tuple[str, str]) -> None:
    _, problems = read(of(**members))
    assert problems == [problem]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    _, problems = read('{"sex": "F", "count": "x", "parts": [{"amount": "y"}, 3], "more": 1}')
    assert problems == [
        ("enum", "/sex"),
        ("type", "/count"),
        ("format", "/parts/0/amount"),
        ("type", "/parts/1"),
        ("unknown_field", "/more"),
        ("missing", "/name"),
    ]


def test_a_name_that_stands_twice_is_refused() -> None:
    assert read('{"name": "A", "sex": "female", "name": "B"}')[1] == [("value", "/name")]


@pytest.mark.parametrize("text", ["[]", "null", "7", '"text"', "true"])
def test_what_is_no_object_is_refused(text: str) -> None:
    assert read(text)[1][0] == ("type", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "line 1, column 1"),
        (b'{"name":\n  oops}', "line 2, column 3"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"NaN", "a number"),
        (b"9" * 5000, "too many digits"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(text: bytes, words: str) -> None:
    with pytest.raises(NotJson, match=words):
        parse(text)


def test_a_byte_order_mark_is_passed_by() -> None:
    assert parse(b"\xef\xbb\xbf{}") == {}


def test_a_type_without_a_json_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        reader_of(set)
