"""The types every request and answer is made of: exact on the wire, and the same values in Python.

Each type takes its text from a request and its Python value from our own code, and its JSON Schema says exactly what text
it takes, so that a client, or a generator of requests, needs no other source. What the fields mean is said where they stand.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Self, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from app.domain.findings import Finding

T = TypeVar("T")

MONEY_PATTERN = r"^(0|[1-9][0-9]{0,7})\.[0-9]{2}$"
SIGNED_MONEY_PATTERN = r"^(-(0\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,7}\.[0-9]{2})|(0|[1-9][0-9]{0,7})\.[0-9]{2})$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# Each month has its days, and 29 February its leap years (1900, 2100 and 2200 are none).
_DAY = (
    r"((19[0-9]{2}|2[01][0-9]{2}|2200)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|((19|21)(0[48]|[2468][048]|[13579][26])|20([02468][048]|[13579][26]))-02-29)"
)
DATE_PATTERN = f"^{_DAY}$"
TIMESTAMP_PATTERN = rf"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,6}})?Z$"
# ASCII, Latin-1, Latin Extended A and B and Additional, typographic quotes and dashes: what a claim can be written from.
_VISIBLE = r"!-~\u00a1-\u00ac\u00ae-\u024f\u1e00-\u1eff\u2010-\u2014\u2018-\u201d\u2026\u20ac\u2122"
TEXT_PATTERN = rf"^[{_VISIBLE}]([ {_VISIBLE}]*[{_VISIBLE}])?$"
TYPED_PATTERN = rf"^[ {_VISIBLE}]*$"
"""What stands in a search box while a person types: space at the ends too."""

_MONEY_SHAPE = re.compile(r"(-?)(0|[1-9][0-9]*)\.([0-9]{2})", re.ASCII)
_MONEY_LIMIT = Decimal("99999999.99")
_CENT = Decimal("0.01")
_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DATE_YEARS = range(1900, 2201)
_UUID = re.compile(UUID_PATTERN.strip("^$"), re.ASCII)
_TIMESTAMP = re.compile(TIMESTAMP_PATTERN, re.ASCII)


def _take_words(schema: Any, handler: GetCoreSchemaHandler) -> None:
    """Marks the enums of a model; a model it refers to has marked its own."""
    if isinstance(schema, list):
        for part in schema:
            _take_words(part, handler)
    elif isinstance(schema, dict):
        target: Any = schema
        if schema.get("type") == "definition-ref":
            try:
                target = handler.resolve_ref_schema(cast("core_schema.CoreSchema", schema))
            except LookupError:
                return  # a model whose definition is on its way: it marks its own
        if target.get("type") == "enum":
            target["strict"] = False
        elif target is schema:
            for part in schema.values():
                _take_words(part, handler)


class Schema(BaseModel):
    """Unknown members are refused, nothing is coerced, nothing changes afterwards. Arrays are `list[...]`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def of(cls, **values: Any) -> Self:
        """An answer from our own values, all members given: nothing is checked, which a list of 50 would pay 50 times."""
        return cls.made(values)

    @classmethod
    def made(cls, values: dict[str, Any]) -> Self:
        """The same from a dictionary that is the answer's from now on: keywords would copy it."""
        answer = cls.__new__(cls)
        object.__setattr__(answer, "__dict__", values)
        object.__setattr__(answer, "__pydantic_fields_set__", values.keys())
        object.__setattr__(answer, "__pydantic_extra__", None)
        object.__setattr__(answer, "__pydantic_private__", None)
        return answer

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        # Strict validation of Python values takes members of an enum only; a request brings their words.
        schema = handler(source)
        _take_words(handler.resolve_ref_schema(schema), handler)
        return schema


class Patch(Schema):
    """A JSON merge patch (RFC 7386): an absent member changes nothing, `null` removes, an array replaces the array.

    Declare what may be removed as ``name: X | None = absent()`` and what may not as ``name: X = absent()``.
    """

    def to_changes(self) -> dict[str, Any]:
        """The members that were sent, nested patches as nested dictionaries."""
        sent = ((name, getattr(self, name)) for name in self.model_fields_set)
        return {name: value.to_changes() if isinstance(value, Patch) else value for name, value in sent}


def absent() -> Any:
    """The default of a patch's member. A factory, since a plain `None` would stand in the JSON Schema as a default."""
    return Field(default_factory=lambda: None)


@dataclass(frozen=True, kw_only=True)
class WireType:
    """Text on the wire, a Python value inside: `parse` takes either, the JSON Schema says which text."""

    parse: Callable[[Any], Any]
    to_text: Callable[[Any], str]
    json_schema: dict[str, Any] = field(hash=False)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse,
            serialization=core_schema.to_string_ser_schema(when_used="json")
            if self.to_text is str
            else core_schema.plain_serializer_function_ser_schema(
                self.to_text, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", **self.json_schema}


@dataclass(frozen=True)
class Text:
    """``Annotated[str, Text(1, 60)]``: Latin text without space at its ends and without control characters."""

    minimum: int
    maximum: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.str_schema(
            strict=True, min_length=self.minimum, max_length=self.maximum, pattern=TEXT_PATTERN
        )


@dataclass(frozen=True, kw_only=True)
class Format:
    """``Annotated[str, Format(code="npi", pattern="^[12][0-9]{9}$", holds=is_npi)]``: an identifier with one code.

    `holds` is a rule no pattern can say, such as a check digit. The pattern must bound the length.
    """

    code: str
    message: str
    pattern: str
    holds: Callable[[str], bool] | None = None
    examples: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        shape = re.compile(self.pattern, re.ASCII)

        def check(value: str) -> str:
            if not shape.fullmatch(value) or not (self.holds is None or self.holds(value)):
                raise PydanticCustomError(self.code, self.message)
            return value

        return core_schema.no_info_after_validator_function(check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        examples = {"examples": list(self.examples)} if self.examples else {}
        return {"type": "string", "pattern": self.pattern, **examples}


def _money(value: Any) -> Decimal:
    amount = _signed_money(value)
    if amount < 0:
        raise PydanticCustomError("amount_negative", "The amount is below zero.")
    return amount


def _signed_money(value: Any) -> Decimal:
    if type(value) is Decimal and value.is_finite() and value == value.quantize(_CENT):
        amount = value.quantize(_CENT)
    elif isinstance(value, str) and _MONEY_SHAPE.fullmatch(value) and value != "-0.00":
        amount = Decimal(value)
    else:
        raise PydanticCustomError("money_format", "Money is a decimal string with two places.")
    if abs(amount) > _MONEY_LIMIT:
        raise PydanticCustomError("money_range", "The amount has more than ten digits with the cents.")
    return amount


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not _DATE_SHAPE.fullmatch(value):
        raise PydanticCustomError("date_format", "A date is written YYYY-MM-DD.")
    if int(value[:4]) not in _DATE_YEARS:
        raise PydanticCustomError("date_range", "The date is outside 1900 to 2200.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date_format", "There is no such day in the calendar.") from None


def _identifier(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and _UUID.fullmatch(value):
        return UUID(value)
    raise PydanticCustomError("identifier_format", "An id is a UUID in lower case with dashes.")


def _timestamp(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, str) and _TIMESTAMP.fullmatch(value):
        return datetime.fromisoformat(value)
    raise PydanticCustomError("timestamp_format", "A time is written in UTC, such as 2026-03-01T09:30:00Z.")


def _money_text(value: Decimal) -> str:
    return f"{value:.2f}"


def _timestamp_text(value: datetime) -> str:
    text = value.isoformat() if value.tzinfo is UTC else value.astimezone(UTC).isoformat()
    return f"{text[:-6]}Z"  # in UTC the offset is always +00:00


Money = Annotated[
    Decimal,
    WireType(
        parse=_money,
        to_text=_money_text,
        json_schema={
            "pattern": MONEY_PATTERN,
            "maxLength": 11,
            "description": "US dollars and cents.",
            "examples": ["80.00"],
        },
    ),
]
SignedMoney = Annotated[
    Decimal,
    WireType(
        parse=_signed_money,
        to_text=_money_text,
        json_schema={
            "pattern": SIGNED_MONEY_PATTERN,
            "maxLength": 12,
            "description": "US dollars and cents; may be negative.",
            "examples": ["-12.50"],
        },
    ),
]
Date = Annotated[
    date,
    WireType(
        parse=_date,
        to_text=str,
        json_schema={"pattern": DATE_PATTERN, "format": "date", "examples": ["2026-03-01"]},
    ),
]
Identifier = Annotated[
    UUID,
    WireType(
        parse=_identifier,
        to_text=str,
        json_schema={"pattern": UUID_PATTERN, "format": "uuid"},
    ),
]
Timestamp = Annotated[
    datetime,
    WireType(
        parse=_timestamp,
        to_text=_timestamp_text,
        json_schema={"pattern": TIMESTAMP_PATTERN, "format": "date-time", "examples": ["2026-03-01T09:30:00Z"]},
    ),
]


class Page(Schema, Generic[T]):
    """One page of a list. There are no totals; `next_cursor` is null on the last page."""

    data: list[T]
    next_cursor: Annotated[str | None, Field(description="Pass it as `cursor` with the same filters.")] = None


class FindingSchema(Schema):
    """One fact about one place of the request or the resource."""

    code: Annotated[str, Field(description="Stable; expect new ones.")]
    severity: Annotated[str, Field(description="error, warning or information.")]
    message: str
    pointer: Annotated[str | None, Field(description="JSON pointer into the body; /query/… and /header/… outside it.")]
    location: Annotated[str | None, Field(description="The X12 place the value ends up in, such as 2010BA NM109.")]
    repair_ids: list[str]

    @classmethod
    def from_domain(cls, finding: Finding) -> Self:
        return cls.of(
            code=finding.code,
            severity=finding.severity.value,
            message=finding.message,
            pointer=finding.pointer,
            location=finding.location,
            repair_ids=list(finding.repair_ids),
        )


class LineTemplate(Schema):
    """A billed line, for which the payer's decision is to be entered."""

    line_id: Identifier
    control_number: Annotated[str, Field(description="REF*6R.")]
    procedure_code: Annotated[str, Field(description="SV101-2, as billed.")]
    modifiers: list[str]
    charge: Money
    units: Annotated[str, Field(description="SV104, as billed.")]
    first_date: Date


class Problem(Schema):
    """A refusal (RFC 9457). No member repeats a submitted value."""

    type: Annotated[str, Field(description="A page of this service that explains the code.")]
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; expect new ones.")]
    detail: str
    request_id: Annotated[str, Field(description="Name it when you ask about this answer.")]
    findings: Annotated[list[FindingSchema], Field(description="All that is wrong, at most 50 of them.")]
    findings_total: Annotated[int, Field(description="How many there are, shown or not.")]
    line_template: Annotated[
        list[LineTemplate] | None,
        Field(description="With `lines_required` only: the lines of the claim, in their order."),
    ] = None
