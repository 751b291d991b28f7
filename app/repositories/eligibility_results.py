"""The JSON form in which an eligibility result is sealed."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.eligibility import CheckOutcome, CostShare, EligibilityResult, OtherPayer
from app.domain.findings import Finding, Severity


def result_to_json(result: EligibilityResult) -> dict[str, Any]:
    return {
        "outcome": result.outcome.value,
        "what_to_do": result.what_to_do,
        "active": result.active,
        "plan_name": result.plan_name,
        "copayments": [_share_to_json(share) for share in result.copayments],
        "coinsurances": [_share_to_json(share) for share in result.coinsurances],
        "deductibles": [_share_to_json(share) for share in result.deductibles],
        "out_of_pocket": [_share_to_json(share) for share in result.out_of_pocket],
        "other_payers": [_payer_to_json(payer) for payer in result.other_payers],
        "carve_outs": [_payer_to_json(payer) for payer in result.carve_outs],
        "rejection_codes": list(result.rejection_codes),
        "findings": [_finding_to_json(finding) for finding in result.findings],
    }


def result_from_json(value: dict[str, Any]) -> EligibilityResult:
    return EligibilityResult(
        outcome=CheckOutcome(value["outcome"]),
        what_to_do=value["what_to_do"],
        active=value["active"],
        plan_name=value["plan_name"],
        copayments=tuple(_share(entry) for entry in value["copayments"]),
        coinsurances=tuple(_share(entry) for entry in value["coinsurances"]),
        deductibles=tuple(_share(entry) for entry in value["deductibles"]),
        out_of_pocket=tuple(_share(entry) for entry in value["out_of_pocket"]),
        other_payers=tuple(_payer(entry) for entry in value["other_payers"]),
        carve_outs=tuple(_payer(entry) for entry in value["carve_outs"]),
        rejection_codes=tuple(value["rejection_codes"]),
        findings=tuple(_finding(entry) for entry in value["findings"]),
    )


def _share_to_json(share: CostShare) -> dict[str, Any]:
    return {
        "service_type_code": share.service_type_code,
        "in_network": share.in_network,
        "coverage_level_code": share.coverage_level_code,
        "period": share.period,
        "amount": _text(share.amount),
        "percent": _text(share.percent),
        "remaining": _text(share.remaining),
    }


def _share(value: dict[str, Any]) -> CostShare:
    return CostShare(
        **{
            **value,
            "amount": _decimal(value["amount"]),
            "percent": _decimal(value["percent"]),
            "remaining": _decimal(value["remaining"]),
        }
    )


def _payer_to_json(payer: OtherPayer) -> dict[str, Any]:
    return {
        "name": payer.name,
        "payer_id": payer.payer_id,
        "stated_rank": payer.stated_rank,
        "insurance_type_code": payer.insurance_type_code,
        "member_id": payer.member_id,
        "from_date": _text(payer.from_date),
        "to_date": _text(payer.to_date),
    }


def _payer(value: dict[str, Any]) -> OtherPayer:
    return OtherPayer(**{**value, "from_date": _day(value["from_date"]), "to_date": _day(value["to_date"])})


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "severity": finding.severity.value,
        "pointer": finding.pointer,
        "location": finding.location,
    }


def _finding(value: dict[str, Any]) -> Finding:
    return Finding(**{**value, "severity": Severity(value["severity"])})


def _text(value: Decimal | date | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
