"""Payers on the wire."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from app.api.schemas.base import Date, Identifier, Schema, Text
from app.api.schemas.parties import AddressFields
from app.domain.payers import (
    LONGEST_LIMIT,
    PROFILE_SETTINGS,
    REASON_PATTERN,
    Payer,
    PayerKind,
    ProfileEntry,
    ProfileSetting,
    SettingRule,
    SupportLevel,
    ValueShape,
)
from app.use_cases.payers import PayerView


class PayerSupportAnswer(Schema):
    """Which transactions can be exchanged with the payer."""

    eligibility: SupportLevel = Field(description="270 / 271")
    claims: SupportLevel = Field(description="837P")
    secondary_claims: SupportLevel = Field(description="837P after another payer")
    remittances: SupportLevel = Field(description="835")


class PayerSummary(Schema):
    id: Identifier
    electronic_id: str = Field(description="2010BB NM109.")
    name: str
    aliases: list[str]
    kind: PayerKind
    claim_filing_code: str = Field(description="SBR09 unless the coverage says otherwise.")
    states: list[str] = Field(description="Empty: nationwide.")
    is_original_medicare: bool
    supports: PayerSupportAnswer

    @classmethod
    def from_domain(cls, payer: Payer) -> "PayerSummary":
        return cls(**_summary(payer))


class PayerMatches(Schema):
    """Best match first."""

    data: list[PayerSummary]


class ProfileEntryAnswer(Schema):
    """One dated fact with its source."""

    id: Identifier
    setting: ProfileSetting
    value: JsonValue
    effective_from: Date | None
    effective_to: Date | None
    source: str
    source_url: str | None
    noted_on: Date
    practice_override: bool = Field(description="The practice's own entry beats the general one.")

    @classmethod
    def from_domain(cls, entry: ProfileEntry) -> "ProfileEntryAnswer":
        return cls(
            id=entry.id,
            setting=entry.setting,
            value=entry.value,
            effective_from=entry.effective_from,
            effective_to=entry.effective_to,
            source=entry.source,
            source_url=entry.source_url,
            noted_on=entry.noted_on,
            practice_override=entry.practice_override,
        )


class PayerAnswer(PayerSummary):
    """What the payer supports and wants, as it stands for this practice on a day."""

    address: AddressFields | None
    on: Date
    profile: list[ProfileEntryAnswer]

    @classmethod
    def from_view(cls, view: PayerView) -> "PayerAnswer":
        return cls(
            **_summary(view.payer),
            address=AddressFields.from_domain(view.payer.address),
            on=view.on,
            profile=[ProfileEntryAnswer.from_domain(entry) for _, entry in sorted(view.profile.items())],
        )


def _value_schema(rule: SettingRule) -> JsonDict:
    """The JSON Schema of a setting's value."""
    match rule.shape:
        case ValueShape.YES_NO:
            return {"type": "boolean"}
        case ValueShape.CHOICE:
            return {"enum": list(rule.choices)}
        case ValueShape.NUMBER:
            return {"type": "integer", "minimum": rule.lowest, "maximum": rule.highest}
        case ValueShape.TIME_LIMIT:
            return {"anyOf": [_limit_schema(rule, unit, longest) for unit, longest in LONGEST_LIMIT.items()]}
        case ValueShape.REASONS:
            reason: JsonDict = {"type": "string", "pattern": REASON_PATTERN}
            bounds: JsonDict = {"minItems": rule.lowest, "maxItems": rule.highest, "uniqueItems": True}
            return {"type": "array", "items": reason, **bounds}


def _limit_schema(rule: SettingRule, unit: str, longest: int) -> JsonDict:
    number: JsonDict = {"type": "integer", "minimum": 1, "maximum": longest}
    return {
        "type": "object",
        "properties": {"basis": {"enum": list(rule.choices)}, unit: number},
        "required": ["basis", unit],
        "additionalProperties": False,
    }


_VALUE_FITS_SETTING: JsonDict = {
    "anyOf": [
        {
            "description": rule.meaning,
            "properties": {"setting": {"const": setting.value}, "value": _value_schema(rule)},
        }
        for setting, rule in PROFILE_SETTINGS.items()
    ]
}


class NewPayerOverride(Schema):
    """A practice's own dated fact about a payer."""

    model_config = ConfigDict(json_schema_extra=_VALUE_FITS_SETTING)

    setting: ProfileSetting
    value: JsonValue = Field(description="As the setting asks: a word, true or false, a number, a time limit, reasons.")
    effective_from: Date | None = None
    effective_to: Date | None = None
    source: Annotated[str, Text(1, 200)] = Field(description="Where it is known from.")
    noted_on: Date

    def compose(self, payer_id: UUID) -> Callable[[UUID, datetime], ProfileEntry]:
        return lambda new_id, _now: ProfileEntry(
            id=new_id,
            payer_id=payer_id,
            setting=self.setting,
            value=self.value,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            source=self.source,
            noted_on=self.noted_on,
            practice_override=True,
        )


def _summary(payer: Payer) -> dict[str, Any]:
    supports = payer.supports
    return {
        "id": payer.id,
        "electronic_id": payer.electronic_id,
        "name": payer.name,
        "aliases": list(payer.aliases),
        "kind": payer.kind,
        "claim_filing_code": payer.claim_filing_code,
        "states": list(payer.states),
        "is_original_medicare": payer.is_original_medicare,
        "supports": PayerSupportAnswer(
            eligibility=supports.eligibility,
            claims=supports.claims,
            secondary_claims=supports.secondary_claims,
            remittances=supports.remittances,
        ),
    }
