"""The role table: which role, and which partner scope, may do which operation. Operation ids are function names."""

from dataclasses import dataclass

from app.domain.callers import Caller, Role


@dataclass(frozen=True)
class Access:
    roles: frozenset[Role]
    scope: str


_STAFF = frozenset({Role.CLINICIAN, Role.BILLER, Role.ADMIN})
_BILLING = frozenset({Role.BILLER, Role.ADMIN})
_ADMIN = frozenset({Role.ADMIN})
_WITH_PATIENT = _STAFF | {Role.PATIENT}

ACCESS: dict[str, Access] = {
    "read_practice": Access(_STAFF, "practice:read"),
    "change_practice": Access(_ADMIN, ""),
    "list_providers": Access(_STAFF, "providers:read"),
    "read_provider": Access(_STAFF, "providers:read"),
    "create_provider": Access(_ADMIN, ""),
    "change_provider": Access(_ADMIN, ""),
    "create_patient": Access(_STAFF, "patients:write"),
    "list_patients": Access(_STAFF, "patients:read"),
    "search_patients": Access(_STAFF, "patients:read"),
    "read_patient": Access(_STAFF, "patients:read"),
    "change_patient": Access(_STAFF, "patients:write"),
    "search_payers": Access(_WITH_PATIENT, "payers:read"),
    "read_payer": Access(_WITH_PATIENT, "payers:read"),
    "list_payer_overrides": Access(_STAFF, "payers:read"),
    "create_payer_override": Access(_ADMIN, ""),
    "create_coverage": Access(_WITH_PATIENT, "coverages:write"),
    "list_coverages": Access(_WITH_PATIENT, "coverages:read"),
    "read_coverage": Access(_WITH_PATIENT, "coverages:read"),
    "change_coverage": Access(_STAFF, "coverages:write"),
    "terminate_coverage": Access(_STAFF, "coverages:write"),
    "verify_coverage": Access(_STAFF, "coverages:write"),
    "read_coverage_order": Access(_STAFF, "coverages:read"),
    "order_coverages": Access(_STAFF, "coverages:write"),
    "create_eligibility_check": Access(_STAFF, "eligibility:write"),
    "list_eligibility_checks": Access(_WITH_PATIENT, "eligibility:read"),
    "read_eligibility_check": Access(_WITH_PATIENT, "eligibility:read"),
    "create_claim": Access(_BILLING, "claims:write"),
    "list_claims": Access(_STAFF, "claims:read"),
    "read_claim": Access(_STAFF, "claims:read"),
    "change_claim": Access(_BILLING, "claims:write"),
    "delete_claim": Access(_BILLING, "claims:write"),
    "hold_claim": Access(_BILLING, "claims:write"),
    "release_claim": Access(_BILLING, "claims:write"),
    "read_claim_timeline": Access(_STAFF, "claims:read"),
    "create_submission": Access(_BILLING, "submissions:write"),
    "list_submissions": Access(_STAFF, "claims:read"),
    "read_claim_837": Access(_STAFF, "claims:read"),
    "create_secondary_claim": Access(_BILLING, "claims:write"),
    "review_claim": Access(_STAFF, "claims:read"),
    "list_repairs": Access(_STAFF, "claims:read"),
    "apply_repair": Access(_BILLING, "adjudications:write"),
    "create_adjudication": Access(_BILLING, "adjudications:write"),
    "list_adjudications": Access(_STAFF, "claims:read"),
    "accept_adjudication": Access(_BILLING, "adjudications:write"),
    "list_remittances": Access(_BILLING, "remittances:read"),
    "read_remittance": Access(_BILLING, "remittances:read"),
    "list_claim_payments": Access(_BILLING, "remittances:read"),
    "list_work_items": Access(_BILLING, "work:read"),
    "list_audit_events": Access(_ADMIN, ""),
}
"""An empty scope: no partner token reaches the operation, since a partner is never wider than a biller."""


def may(caller: Caller, operation: str) -> bool:
    """Deny by default: an operation without a row, or a caller without a practice, is refused."""
    access = ACCESS.get(operation)
    if access is None or caller.practice_id is None:
        return False
    if caller.is_patient:
        return Role.PATIENT in access.roles and caller.patient_id is not None
    if caller.roles & access.roles:
        return True
    return Role.PARTNER in caller.roles and access.scope != "" and access.scope in caller.scopes


def roles_of(operation: str) -> list[str]:
    """The roles as the OpenAPI document shows them (`x-roles`)."""
    access = ACCESS[operation]
    names = sorted(role.value for role in access.roles)
    return [*names, f"partner:{access.scope}"] if access.scope else names
