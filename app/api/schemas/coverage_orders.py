"""The order of a patient's coverages on the wire."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Date, FindingSchema, Identifier, Schema
from app.api.schemas.coverages import InsuranceTypeCode, RankPeriod
from app.domain.codes import PayerResponsibility
from app.domain.coverage_ranks import EARLIEST_ORDER, WantedRank
from app.use_cases.coverage_orders import CoverageOrder


def _since_earliest(day: date) -> date:
    if day < EARLIEST_ORDER:
        raise PydanticCustomError("date_range", "An order is in force from 1990 on.")
    return day


OrderDate = Annotated[Date, AfterValidator(_since_earliest), Field(json_schema_extra={"not": {"pattern": "^19[0-8]"}})]


class WantedRankFields(Schema):
    coverage_id: Identifier
    rank: PayerResponsibility
    insurance_type_code: InsuranceTypeCode | None = None

    def to_domain(self) -> WantedRank:
        return WantedRank(coverage_id=self.coverage_id, rank=self.rank, insurance_type_code=self.insurance_type_code)


class NewCoverageOrder(Schema):
    """Who pays first from a day on: every verified coverage in force on or after it must be listed."""

    effective_from: OrderDate
    ranks: list[WantedRankFields] = Field(min_length=1, max_length=22)


class CoverageOrderAnswer(Schema):
    patient_id: Identifier
    ranks: list[RankPeriod] = Field(description="All periods, past ones too, by their first day.")
    findings: list[FindingSchema]
    version: int = Field(ge=1, description="The ETag's number.")

    @classmethod
    def from_domain(cls, order: CoverageOrder) -> "CoverageOrderAnswer":
        return cls(
            patient_id=order.patient_id,
            ranks=[
                RankPeriod.from_domain(row)
                for row in sorted(order.ranks, key=lambda row: (row.first_day, row.rank.number))
            ],
            findings=[FindingSchema.from_domain(finding) for finding in order.findings],
            version=order.version,
        )
