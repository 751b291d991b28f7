"""Service lines on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Date, Format, Identifier, Money, Schema
from app.domain.identifiers import PLACES_OF_SERVICE
from app.domain.service_lines import MOST_DIAGNOSES, MOST_MODIFIERS, MOST_POINTERS, ServiceLine, UnitOfMeasure

ProcedureCode = Annotated[
    str,
    Format(
        code="procedure_format",
        message="A procedure is a HCPCS code: five digits, four digits and a letter, or a letter and four digits.",
        pattern="^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$",
        examples=("90837",),
    ),
    Field(description="SV101-2, under HC."),
]
Modifier = Annotated[
    str,
    Format(
        code="modifier_format",
        message="A modifier has two letters or digits.",
        pattern="^[A-Z0-9]{2}$",
        examples=("95",),
    ),
    Field(description="SV101-3 to 6."),
]
Modifiers = Annotated[
    list[Modifier],
    Field(
        max_length=MOST_MODIFIERS,
        description="In the order in which they are billed; each once.",
    ),
]
Units = Annotated[
    str,
    Format(
        code="units_format",
        message="Units are a decimal text above zero: up to five digits and three decimals, no zeros at the ends.",
        pattern=r"^([1-9][0-9]{0,4}(\.[0-9]{0,2}[1-9])?|0\.[0-9]{0,2}[1-9])$",
        examples=("1", "1.5"),
    ),
    Field(description="SV104: how many units or minutes."),
]
PlaceOfService = Annotated[
    str,
    Format(
        code="place_of_service_unknown",
        message="The code is not of CMS's place of service code set.",
        pattern=f"^({'|'.join(sorted(PLACES_OF_SERVICE))})$",
        examples=("11",),
    ),
    Field(description="CLM05-1, SV105: a code of CMS's place of service code set."),
]


def _above_zero(amount: Decimal) -> Decimal:
    if amount.is_zero():
        raise PydanticCustomError("charge_zero", "A line has a charge above zero.")
    return amount


def _whole(number: Any) -> Any:
    """To JSON Schema 1.0 is a whole number too."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Charge = Annotated[
    Money,
    AfterValidator(_above_zero),
    Field(
        description="SV102: US dollars and cents, above zero.",
        json_schema_extra={"pattern": r"^(0\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,7}\.[0-9]{2})$"},
    ),
]
Pointer = Annotated[int, Field(ge=1, le=MOST_DIAGNOSES), BeforeValidator(_whole)]
Pointers = Annotated[
    list[Pointer],
    Field(
        min_length=1,
        max_length=MOST_POINTERS,
        description="SV107: positions in the claim's diagnoses, from 1, the most important first; each once.",
    ),
]


class LineFields(Schema):
    """What was done, when, for how much."""

    procedure_code: ProcedureCode
    modifiers: Modifiers = Field(default=[])
    charge: Charge
    units: Units
    unit_of_measure: UnitOfMeasure = Field(default=UnitOfMeasure.UNIT, description="SV103.")
    diagnosis_pointers: Pointers
    first_date: Date = Field(description="DTP*472: the day, or the first of a range.")
    last_date: Date | None = Field(default=None, description="The last day of a range (RD8); null for a single day.")
    place_of_service: PlaceOfService | None = Field(default=None, description="SV105, when it is not the claim's.")

    def to_line(self, line_id: UUID, control_number: str) -> ServiceLine:
        return ServiceLine(
            id=line_id,
            control_number=control_number,
            procedure_code=self.procedure_code,
            modifiers=tuple(self.modifiers),
            charge=self.charge,
            units=Decimal(self.units),
            unit_of_measure=self.unit_of_measure,
            diagnosis_pointers=tuple(self.diagnosis_pointers),
            first_date=self.first_date,
            last_date=self.last_date,
            place_of_service=self.place_of_service,
        )


class ChangedLine(LineFields):
    """A line of a change: with `id` it is that line of the claim, which keeps its identity; without it a new one."""

    id: Identifier | None = None

    @classmethod
    def from_domain(cls, line: ServiceLine) -> Self:
        return cls.of(**_members(line))


class LineAnswer(LineFields):
    """`id` and `control_number` are the same on every claim of the encounter."""

    id: Identifier
    control_number: str = Field(description="REF*6R: payers repeat it in their decisions.")

    @classmethod
    def from_domain(cls, line: ServiceLine) -> Self:
        return cls.of(**_members(line), control_number=line.control_number)


def units_text(units: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    text = f"{units:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _members(line: ServiceLine) -> dict[str, object]:
    return {
        "procedure_code": line.procedure_code,
        "modifiers": list(line.modifiers),
        "charge": line.charge,
        "units": units_text(line.units),
        "unit_of_measure": line.unit_of_measure,
        "diagnosis_pointers": list(line.diagnosis_pointers),
        "first_date": line.first_date,
        "last_date": line.last_date,
        "place_of_service": line.place_of_service,
        "id": line.id,
    }
