"""The tables, as metadata for queries and for the drift check; `migrations/` creates them.

Every tenant table has the practice first in its keys and forced row-level security (`TENANT_TABLES`). The tables
without a tenant are listed with their reason in `docs/tenancy.md`; a test fails on any other. Personal data stands in
one sealed column per row (`sealed`), encrypted by `encryption.py`; what must be found again is beside it as a keyed hash.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _id(name: str = "id", **options: Any) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, nullable=False, **options)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str) -> sa.Column[date]:
    return sa.Column(name, sa.Date, nullable=True)


def _word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False)


def _sealed(name: str = "sealed", *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


# --- without a tenant ------------------------------------------------------------------------------------------------

practice = sa.Table(
    "practice",
    metadata,
    _id(primary_key=True),
    _sealed(),  # name, tax id, address
    _word("npi"),
    _word("taxonomy_code", nullable=True),
    _word("time_zone"),
    sa.Column("is_test", sa.Boolean, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    _version(),
)

payer = sa.Table(
    "payer",
    metadata,
    _id(primary_key=True),
    sa.Column("electronic_id", sa.Text, nullable=False, unique=True),
    _word("name"),
    sa.Column("aliases", ARRAY(sa.Text), nullable=False),
    _word("kind"),
    _word("claim_filing_code"),
    sa.Column("states", ARRAY(sa.Text), nullable=False),
    sa.Column("is_original_medicare", sa.Boolean, nullable=False),
    sa.Column("address", JSONB, nullable=True),
    sa.Column("supports", JSONB, nullable=False),
    _time("updated_at"),
)

control_number = sa.Table(
    "control_number",
    metadata,
    sa.Column("clearinghouse", sa.Text, primary_key=True),
    sa.Column("last_number", sa.BigInteger, nullable=False),
)

clearinghouse_connection = sa.Table(
    "clearinghouse_connection",
    metadata,
    sa.Column("clearinghouse", sa.Text, primary_key=True),
    _time("answered_at", nullable=True),
    _time("failed_at", nullable=True),
    _word("failure", nullable=True),
)

job = sa.Table(
    "job",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    _word("kind"),
    _id("subject_id"),
    _word("state"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("max_attempts", sa.SmallInteger, nullable=False),
    sa.Column("lease_token", sa.BigInteger, nullable=False, server_default="0"),
    _time("lease_until", nullable=True),
    _time("run_at"),
    _word("request_id"),
    _word("last_error", nullable=True),
    _time("created_at"),
    _time("finished_at", nullable=True),
    sa.CheckConstraint("state in ('ready', 'running', 'done', 'dead')", name="state"),
    sa.CheckConstraint("(state = 'running') = (lease_until is not null)", name="lease"),
    sa.Index("job_ready_idx", "run_at", postgresql_where=sa.text("state = 'ready'")),
    sa.Index("job_running_idx", "lease_until", postgresql_where=sa.text("state = 'running'")),
    sa.Index(
        "job_open_subject_key",
        "practice_id",
        "kind",
        "subject_id",
        unique=True,
        postgresql_where=sa.text("state in ('ready', 'running')"),
    ),
)

# --- tenant tables ---------------------------------------------------------------------------------------------------


def _tenant() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    return (
        sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
        sa.Column("id", sa.Uuid, primary_key=True, nullable=False),
    )


def _belongs_to_practice() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["practice_id"], ["practice.id"])


practice_key = sa.Table(
    "practice_key",
    metadata,
    sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
    sa.Column("number", sa.SmallInteger, primary_key=True, nullable=False, autoincrement=False),
    _sealed("wrapped"),
    _time("created_at"),
)
"""Data keys, wrapped by a master key. Number 0 is the index key of the keyed hashes, 1 and up seal columns."""

payer_profile = sa.Table(
    "payer_profile",
    metadata,
    *_tenant(),
    _id("payer_id"),
    _word("setting"),
    sa.Column("value", JSONB, nullable=False),
    _day("effective_from"),
    _day("effective_to"),
    _word("source"),
    _word("source_url", nullable=True),
    sa.Column("noted_on", sa.Date, nullable=False),
    _time("created_at"),
    sa.ForeignKeyConstraint(["payer_id"], ["payer.id"]),
    sa.Index("payer_profile_payer_idx", "practice_id", "payer_id", "setting"),
)
"""General rows belong to the nil practice, which every practice may read; a practice's own rows override them."""

provider = sa.Table(
    "provider",
    metadata,
    *_tenant(),
    _word("kind"),
    _word("npi"),
    _sealed(),  # name
    _word("taxonomy_code", nullable=True),
    sa.Column("participations", JSONB, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    _version(),
    _belongs_to_practice(),
    sa.UniqueConstraint("practice_id", "npi"),
)

patient = sa.Table(
    "patient",
    metadata,
    *_tenant(),
    _word("external_id"),
    _sealed(),  # name, birth date, sex, address
    _id("last_name_hash"),
    _id("birth_date_hash"),
    _day("signature_on_file"),
    _word("release_of_information", nullable=True),
    _day("release_on_file"),
    sa.Column("coverage_order_version", sa.Integer, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    _version(),
    _belongs_to_practice(),
    sa.UniqueConstraint("practice_id", "external_id"),
    sa.Index("patient_name_idx", "practice_id", "last_name_hash", "birth_date_hash"),
)

coverage = sa.Table(
    "coverage",
    metadata,
    *_tenant(),
    _id("patient_id"),
    _id("payer_id"),
    _word("status"),
    _word("source"),
    _word("benefit_class"),
    sa.Column("wished_rank", sa.SmallInteger, nullable=False),
    _word("insurance_type_code", nullable=True),
    _sealed(),  # member id, group, plan, subscriber, payer address
    _id("member_id_hash"),
    _word("member_id_belongs_to"),
    _word("relationship"),
    _day("effective_from"),
    _day("effective_to"),
    _word("claim_filing_code", nullable=True),
    _word("benefits_assigned", nullable=True),
    _word("verification", nullable=True),
    _time("verified_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    _version(),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["payer_id"], ["payer.id"]),
    sa.CheckConstraint("status in ('unverified', 'verified', 'rejected', 'withdrawn')", name="status"),
    sa.CheckConstraint("wished_rank between 1 and 11", name="wished_rank"),
    sa.CheckConstraint("effective_from <= effective_to", name="period"),
    sa.Index("coverage_patient_idx", "practice_id", "patient_id", "id"),
)

coverage_rank = sa.Table(
    "coverage_rank",
    metadata,
    *_tenant(),
    _id("patient_id"),
    _id("coverage_id"),
    _word("benefit_class"),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    _word("insurance_type_code", nullable=True),
    sa.Column("during", DATERANGE, nullable=False),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["practice_id", "coverage_id"], ["coverage.practice_id", "coverage.id"]),
    sa.CheckConstraint("rank between 1 and 11", name="rank"),
    sa.CheckConstraint("not isempty(during)", name="during"),
    sa.Index("coverage_rank_patient_idx", "practice_id", "patient_id"),
    sa.Index("coverage_rank_coverage_idx", "practice_id", "coverage_id"),
)

eligibility_check = sa.Table(
    "eligibility_check",
    metadata,
    *_tenant(),
    _id("patient_id"),
    _id("coverage_id"),
    sa.Column("service_date", sa.Date, nullable=False),
    sa.Column("provider_id", sa.Uuid, nullable=True),
    _word("status"),
    _word("outcome", nullable=True),
    _sealed(nullable=True),  # the result
    _word("requested_by"),
    _time("created_at"),
    _time("updated_at"),
    _time("answered_at", nullable=True),
    _version(),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["practice_id", "coverage_id"], ["coverage.practice_id", "coverage.id"]),
    sa.ForeignKeyConstraint(["practice_id", "provider_id"], ["provider.practice_id", "provider.id"]),
    sa.CheckConstraint("status in ('queued', 'running', 'answered', 'failed')", name="status"),
    sa.Index("eligibility_check_coverage_idx", "practice_id", "coverage_id", "id"),
)

eligibility_exchange = sa.Table(
    "eligibility_exchange",
    metadata,
    *_tenant(),
    _id("check_id"),
    sa.Column("attempt", sa.SmallInteger, nullable=False),
    sa.Column("part", sa.SmallInteger, nullable=False),
    sa.Column("control_number", sa.BigInteger, nullable=False),
    _word("trace_number"),
    _sealed("sealed_inquiry"),
    sa.Column("inquiry_fingerprint", sa.LargeBinary, nullable=False),
    _time("sent_at"),
    _sealed("sealed_answer", nullable=True),
    _time("answered_at", nullable=True),
    _word("failure", nullable=True),
    sa.ForeignKeyConstraint(["practice_id", "check_id"], ["eligibility_check.practice_id", "eligibility_check.id"]),
    sa.UniqueConstraint("practice_id", "check_id", "attempt", "part"),
)

work_item = sa.Table(
    "work_item",
    metadata,
    *_tenant(),
    _word("kind"),
    _word("status"),
    _id("patient_id"),
    _id("coverage_id"),
    _word("reason"),
    _time("created_at"),
    _time("resolved_at", nullable=True),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["practice_id", "coverage_id"], ["coverage.practice_id", "coverage.id"]),
    sa.CheckConstraint("status in ('open', 'done')", name="status"),
    sa.Index(
        "work_item_open_key",
        "practice_id",
        "kind",
        "coverage_id",
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    ),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    *_tenant(),
    _word("caller"),
    _word("operation"),
    _word("key"),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("patient_id", sa.Uuid, nullable=True),
    sa.Column("status", sa.SmallInteger, nullable=True),
    sa.Column("headers", JSONB, nullable=True),
    _sealed(nullable=True),  # the answer's body
    _time("created_at"),
    sa.UniqueConstraint("practice_id", "caller", "operation", "key"),
    sa.Index("idempotency_key_age_idx", "practice_id", "created_at"),
)

audit_event = sa.Table(
    "audit_event",
    metadata,
    sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True, nullable=False),
    _id(),
    _time("occurred_at"),
    _word("actor"),
    _word("role"),
    _word("request_id"),
    _word("purpose"),
    _word("action"),
    _word("record_type"),
    sa.Column("record_id", sa.Uuid, nullable=True),
    sa.Column("patient_id", sa.Uuid, nullable=True),
    sa.Column("seen_patient_ids", ARRAY(sa.Uuid), nullable=True),
    _word("reason", nullable=True),
    sa.Column("changed_fields", ARRAY(sa.Text), nullable=True),
    sa.Index("audit_event_patient_idx", "practice_id", "patient_id", "sequence"),
    sa.Index(
        "audit_event_seen_idx",
        "seen_patient_ids",
        postgresql_using="gin",
        postgresql_where=sa.text("seen_patient_ids is not null"),
    ),
)

WITHOUT_TENANT = frozenset(
    {"practice", "payer", "clearinghouse_connection", "control_number", "job", "alembic_version"}
)
TENANT_TABLES = tuple(sorted(set(metadata.tables) - WITHOUT_TENANT))
