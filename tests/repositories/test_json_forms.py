"""The JSON form of sealed values: every field of each comes back, also those that are added after a document was kept."""

import dataclasses
import types
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.acknowledgments import ClaimAcknowledgment
from app.domain.adjudications import Decision
from app.domain.claims import ClaimContent
from app.domain.findings import Finding
from app.domain.remittances import ClaimPayment, Remittance
from app.repositories.json_forms import JsonForm, to_json

SEALED = (ClaimAcknowledgment, ClaimContent, ClaimPayment, Decision, Finding, Remittance)


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type, None where it may be."""
    if get_origin(hint) in {Union, types.UnionType}:
        return st.one_of(*(anything(part) for part in get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(anything(get_args(hint)[0]), max_size=2).map(tuple)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        every_field = {entry.name: anything(hints[entry.name]) for entry in dataclasses.fields(hint)}
        return st.builds(hint, **every_field)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return {
        str: st.text(max_size=8),
        int: st.integers(-(2**53), 2**53),
        bool: st.booleans(),
        Decimal: st.decimals(allow_nan=False, allow_infinity=False),
        date: st.dates(),
        UUID: st.uuids(),
        types.NoneType: st.none(),
    }[hint]


@pytest.mark.parametrize("kind", SEALED)
@given(data=st.data())
def test_a_value_comes_back_with_every_field(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(anything(kind))
    document = orjson.loads(to_json(value))
    assert document.keys() == {entry.name for entry in dataclasses.fields(kind)}
    assert JsonForm(kind).read(document) == value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Older:
    amount: Decimal
    dropped: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Newer:
    amount: Decimal
    added: tuple[str, ...] = ("default",)


def test_a_document_of_another_version_is_read_with_defaults() -> None:
    document = orjson.loads(to_json(Older(amount=Decimal("80.00"), dropped="gone")))
    assert JsonForm(Newer).read(document) == Newer(amount=Decimal("80.00"))


def test_an_amount_keeps_its_digits_and_a_time_its_zone() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Timed:
        at: datetime
        units: Decimal

    value = Timed(at=datetime(2026, 9, 10, 15, 0, 0, 250, tzinfo=UTC), units=Decimal("1.500"))
    read = JsonForm(Timed).read(orjson.loads(to_json(value)))
    assert (read, str(read.units)) == (value, "1.500")


@pytest.mark.parametrize("hint", [bytes, float, dict[str, str], tuple[str, int], str | int, Any, set[str]])
def test_a_field_that_could_not_be_read_back_is_refused_before_anything_is_kept(hint: Any) -> None:
    kind = dataclasses.make_dataclass("Kind", [("field", hint)])
    with pytest.raises((TypeError, ValueError)):
        JsonForm(kind)


@pytest.mark.parametrize("value", [{"amount": object()}, {"amount": b"bytes"}, {"amount": {1}}])
def test_what_has_no_json_form_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        to_json(value)
