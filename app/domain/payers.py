"""Payers: who they are, what can be exchanged with them, and the dated facts a claim's rules ask of them.

A payer's limits, windows and wishes are never constants in code: they are profile entries with a source and a period,
and a practice's own entry beats the general one. Neither the directory's file nor its search is here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from app.domain.codes import CLAIM_FILING_CODES, ORIGINAL_MEDICARE_FILING_CODES, US_STATES
from app.domain.findings import Finding
from app.domain.identifiers import is_payer_id
from app.domain.parties import Address

_PAYER_NAMESPACE = UUID("7d0c8f3e-5a41-4b6e-9a57-2f1f6c3f8d10")
_PROFILE_NAMESPACE = UUID("c2a9e1b4-0d7f-4f0e-8f38-64b1a4d1c7a2")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 !\"&'()+,\-./;?=]{0,58}[A-Za-z0-9.)])?", re.ASCII)
REASON_PATTERN = "^(CO|CR|OA|PI|PR)-[A-Z0-9]{1,5}$"
"""CAS01 and CAS02 with a dash, such as PR-96."""
_REASON = re.compile(REASON_PATTERN.strip("^$"), re.ASCII)


class PayerKind(StrEnum):
    COMMERCIAL = "commercial"
    BLUE_PLAN = "blue_plan"
    HMO = "hmo"
    MEDICARE = "medicare"
    """Original Medicare: the contractors of Part A and Part B."""
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICARE_SUPPLEMENT = "medicare_supplement"
    MEDICAID = "medicaid"
    MEDICAID_MANAGED_CARE = "medicaid_managed_care"
    TRICARE = "tricare"
    VETERANS = "veterans"
    FEDERAL_EMPLOYEES = "federal_employees"
    BEHAVIORAL_CARVE_OUT = "behavioral_carve_out"
    """Pays for behavioural health only, beside a plan that pays for the rest."""
    ADMINISTRATOR = "administrator"
    """Pays for self-insured employers."""
    WORKERS_COMPENSATION = "workers_compensation"
    AUTOMOBILE = "automobile"
    OTHER = "other"


class SupportLevel(StrEnum):
    """Whether a transaction can be exchanged with the payer, as the clearinghouse knows it."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not_supported"
    ENROLLMENT_REQUIRED = "enrollment_required"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class PayerSupport:
    """270/271, 837P, 837P after another payer, 835."""

    eligibility: SupportLevel
    claims: SupportLevel
    secondary_claims: SupportLevel
    remittances: SupportLevel


@dataclass(frozen=True, kw_only=True)
class Payer:
    """One payer of the directory, the same for every practice.

    `electronic_id` is 2010BB NM109; `aliases` are other names and ids people know it by; `claim_filing_code` is what
    SBR09 says unless the coverage says otherwise; no `states` means nationwide.
    """

    id: UUID
    electronic_id: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: PayerKind
    claim_filing_code: str
    states: tuple[str, ...] = ()
    is_original_medicare: bool = False
    address: Address | None = field(default=None, repr=False)
    supports: PayerSupport
    updated_at: datetime


def payer_id(electronic_id: str) -> UUID:
    """The payer's id: the same in every installation, since it follows from the electronic id (RFC 9562, version 5)."""
    return uuid5(_PAYER_NAMESPACE, electronic_id)


def check_payer(payer: Payer) -> tuple[Finding, ...]:
    """What is wrong with a directory record by itself."""
    findings: list[Finding] = []
    if not is_payer_id(payer.electronic_id):
        findings.append(_wrong("electronic_id", "A payer id has 2 to 80 characters of A-Z and 0-9.", "2010BB NM109"))
    if not _NAME.fullmatch(payer.name):
        findings.append(_wrong("name", "A payer's name has 1 to 60 characters of the basic set.", "2010BB NM103"))
    if any(not alias.strip() or len(alias) > 100 for alias in payer.aliases):
        findings.append(_wrong("aliases", "An alias has 1 to 100 characters."))
    if len(set(payer.aliases)) != len(payer.aliases):
        findings.append(_wrong("aliases", "An alias is listed once."))
    if payer.claim_filing_code not in CLAIM_FILING_CODES:
        findings.append(_wrong("claim_filing_code", "The claim filing code is not of the 837P's list.", "2000B SBR09"))
    if not US_STATES.issuperset(payer.states) or len(set(payer.states)) != len(payer.states):
        findings.append(_wrong("states", "States are two-letter codes, each listed once."))
    if payer.is_original_medicare != (payer.kind is PayerKind.MEDICARE):
        findings.append(
            _wrong("is_original_medicare", "The kind `medicare` is Original Medicare, and nothing else is.")
        )
    if payer.is_original_medicare != (payer.claim_filing_code in ORIGINAL_MEDICARE_FILING_CODES):
        findings.append(_wrong("claim_filing_code", "MA and MB are Original Medicare's filing codes.", "2000B SBR09"))
    if payer.address is not None and payer.address.state not in US_STATES:
        findings.append(_wrong("address", "The address has no valid state.", "2010BB N402"))
    return tuple(findings)


def _wrong(name: str, message: str, location: str | None = None) -> Finding:
    return Finding(code=f"payer_{name}", message=message, pointer=f"/{name}", location=location)


class ProfileSetting(StrEnum):
    """The facts about a payer that the domain rules ask for."""

    ELIGIBILITY_INQUIRY_SERVICE_TYPES = "eligibility_inquiry_service_types"
    ACCEPTS_ELECTRONIC_SECONDARY = "accepts_electronic_secondary"
    CLAIM_LEVEL_ADJUDICATION_ALLOWED = "claim_level_adjudication_allowed"
    NEEDS_PRIOR_PAYER_CLAIM_NUMBER = "needs_prior_payer_claim_number"
    NEGATIVE_ADJUSTMENT_SEVERITY = "negative_adjustment_severity"
    AUTO_SEND_AFTER_DENIAL_REASONS = "auto_send_after_denial_reasons"
    CROSSOVER_WINDOW_BUSINESS_DAYS = "crossover_window_business_days"
    DENIED_CLAIM_RESUBMISSION = "denied_claim_resubmission"
    REOPENING_LIMIT = "reopening_limit"
    APPEAL_LIMIT = "appeal_limit"
    FILING_LIMIT_ORIGINAL = "filing_limit_original"
    FILING_LIMIT_SECONDARY = "filing_limit_secondary"
    FILING_LIMIT_CORRECTED = "filing_limit_corrected"


class ValueShape(StrEnum):
    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    TIME_LIMIT = "time_limit"
    """`{"days": n, "basis": b}` or `{"months": n, "basis": b}`: calendar days or calendar months after the basis."""
    REASONS = "reasons"
    """Group and reason code of denials, such as PR-96."""


@dataclass(frozen=True, kw_only=True)
class SettingRule:
    """What a setting's value looks like and means. `choices` are a choice's words or a time limit's bases."""

    shape: ValueShape
    meaning: str
    choices: tuple[str, ...] = ()
    lowest: int = 1
    highest: int = 1


_FILING_BASES = ("service_date", "prior_decision", "later_of")
_DECISION = ("decision",)
LONGEST_LIMIT = {"days": 3660, "months": 120}


def _yes_no(meaning: str) -> SettingRule:
    return SettingRule(shape=ValueShape.YES_NO, meaning=meaning)


def _choice(meaning: str, *choices: str) -> SettingRule:
    return SettingRule(shape=ValueShape.CHOICE, meaning=meaning, choices=choices)


def _limit(meaning: str, bases: tuple[str, ...]) -> SettingRule:
    return SettingRule(shape=ValueShape.TIME_LIMIT, meaning=meaning, choices=bases)


PROFILE_SETTINGS: dict[ProfileSetting, SettingRule] = {
    ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES: _choice(
        "How many service types (EQ) the payer takes in one 270.", "one", "many"
    ),
    ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY: _yes_no(
        "Whether the payer takes claims after another payer electronically; if not they are held for paper."
    ),
    ProfileSetting.CLAIM_LEVEL_ADJUDICATION_ALLOWED: _yes_no(
        "Whether a claim of several lines may carry the earlier payer's decision at claim level only (2320, no 2430)."
    ),
    ProfileSetting.NEEDS_PRIOR_PAYER_CLAIM_NUMBER: _yes_no(
        "Whether a claim without the earlier payer's claim number (2330B REF*F8) is turned away."
    ),
    ProfileSetting.NEGATIVE_ADJUSTMENT_SEVERITY: _choice(
        "What a negative CAS amount of an earlier payer is for this payer.", "warning", "error"
    ),
    ProfileSetting.AUTO_SEND_AFTER_DENIAL_REASONS: SettingRule(
        shape=ValueShape.REASONS,
        meaning="Denials by the earlier payer after which a claim to this payer may go out without a person.",
        highest=100,
    ),
    ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS: SettingRule(
        shape=ValueShape.NUMBER,
        meaning="Business days after its payment date (BPR16) in which a claim this payer forwarded should arrive.",
        highest=90,
    ),
    ProfileSetting.DENIED_CLAIM_RESUBMISSION: _choice(
        "How a denied claim is sent again: frequency 7 with the payer's claim number, or 1 as new.",
        "replace_7",
        "original_1",
    ),
    ProfileSetting.REOPENING_LIMIT: _limit("How long after its decision the payer reopens a claim.", _DECISION),
    ProfileSetting.APPEAL_LIMIT: _limit("How long after its decision the payer takes a first appeal.", _DECISION),
    ProfileSetting.FILING_LIMIT_ORIGINAL: _limit("How long an original claim may be filed.", _FILING_BASES),
    ProfileSetting.FILING_LIMIT_SECONDARY: _limit("How long a claim after another payer may be filed.", _FILING_BASES),
    ProfileSetting.FILING_LIMIT_CORRECTED: _limit("How long a corrected claim may be filed.", _FILING_BASES),
}


@dataclass(frozen=True, kw_only=True)
class ProfileEntry:
    """One fact about one payer over inclusive dates (None is open), with where it is known from.

    `value` is JSON and has the shape that `PROFILE_SETTINGS` names. `practice_override` marks a practice's own entry.
    """

    id: UUID
    payer_id: UUID
    setting: ProfileSetting
    value: Any
    effective_from: date | None = None
    effective_to: date | None = None
    source: str
    source_url: str | None = None
    noted_on: date
    practice_override: bool = False

    def is_in_force(self, on: date) -> bool:
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)


def profile_entry_id(payer: UUID, setting: ProfileSetting, effective_from: date | None) -> UUID:
    """The id of a general entry: loading the directory again changes the entry instead of adding one."""
    return uuid5(_PROFILE_NAMESPACE, f"{payer}/{setting}/{effective_from or 'open'}")


def effective_profile(entries: Iterable[ProfileEntry], on: date) -> dict[ProfileSetting, ProfileEntry]:
    """One payer's entries in force on a day: a practice's own beats the general one, then the latest to begin wins."""
    profile: dict[ProfileSetting, ProfileEntry] = {}
    for entry in sorted(entries, key=_precedence):
        if entry.is_in_force(on):
            profile[entry.setting] = entry
    return profile


def _precedence(entry: ProfileEntry) -> tuple[bool, date, date, UUID]:
    """Ascending: the last one wins. The id only makes equal entries come out the same every time."""
    return entry.practice_override, entry.effective_from or date.min, entry.noted_on, entry.id


def check_profile_entry(entry: ProfileEntry) -> tuple[Finding, ...]:
    """Value, period and source of one entry."""
    findings = [*validate_value(entry.setting, entry.value)]
    if entry.effective_from and entry.effective_to and entry.effective_to < entry.effective_from:
        findings.append(
            Finding(code="period_order", message="The entry ends before it begins.", pointer="/effective_to")
        )
    if not 1 <= len(entry.source.strip()) <= 200:
        findings.append(Finding(code="source_required", message="A source has 1 to 200 characters.", pointer="/source"))
    if entry.source_url is not None and not entry.source_url.startswith("https://"):
        findings.append(Finding(code="source_url", message="A source's address is https.", pointer="/source_url"))
    return tuple(findings)


def validate_value(setting: ProfileSetting, value: Any) -> tuple[Finding, ...]:
    """Findings about a value of JSON, with pointers below `/value`; none when it has the setting's shape."""
    rule = PROFILE_SETTINGS[setting]
    match rule.shape:
        case ValueShape.YES_NO:
            return () if isinstance(value, bool) else (_bad("type", "The value is true or false."),)
        case ValueShape.CHOICE:
            return () if value in rule.choices else (_bad("choice", f"The value is one of {_list(rule.choices)}."),)
        case ValueShape.NUMBER:
            return _check_number(value, rule.lowest, rule.highest)
        case ValueShape.TIME_LIMIT:
            return _check_limit(rule, value)
        case ValueShape.REASONS:
            return _check_reasons(rule, value)


def _check_number(value: Any, lowest: int, highest: int, below: str = "") -> tuple[Finding, ...]:
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return ()
    return (_bad("range", f"The value is a whole number from {lowest} to {highest}.", below),)


def _check_limit(rule: SettingRule, value: Any) -> tuple[Finding, ...]:
    unit = "months" if isinstance(value, dict) and "months" in value else "days"
    if not isinstance(value, dict) or set(value) != {"basis", unit}:
        return (_bad("keys", "The value has `basis` and either `days` or `months`, nothing else."),)
    findings = [*_check_number(value[unit], 1, LONGEST_LIMIT[unit], f"/{unit}")]
    if value["basis"] not in rule.choices:
        findings.append(_bad("choice", f"The basis is one of {_list(rule.choices)}.", "/basis"))
    return tuple(findings)


def _check_reasons(rule: SettingRule, value: Any) -> tuple[Finding, ...]:
    if not isinstance(value, list) or not rule.lowest <= len(value) <= rule.highest:
        return (_bad("type", f"The value is a list of {rule.lowest} to {rule.highest} reasons."),)
    findings = [
        _bad("format", "A reason is a group and a code, such as PR-96.", f"/{position}")
        for position, reason in enumerate(value)
        if not isinstance(reason, str) or not _REASON.fullmatch(reason)
    ]
    if not findings and len(set(value)) != len(value):
        findings.append(_bad("repeated", "A reason is listed once."))
    return tuple(findings)


def _bad(what: str, message: str, below: str = "") -> Finding:
    return Finding(code=f"setting_value_{what}", message=message, pointer=f"/value{below}")


def _list(choices: tuple[str, ...]) -> str:
    return ", ".join(choices)
