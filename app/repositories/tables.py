"""The tables, as metadata for queries and for the drift check; `migrations/` creates them.

Every tenant table has the practice first in its keys and forced row-level security (`TENANT_TABLES`). The tables
without a tenant are listed with their reason in `docs/tenancy.md`; a test fails on any other. Personal data stands in
one sealed column per row (`sealed`), encrypted by `encryption.py`; what must be found again is beside it as a keyed hash.

Here stand practices, people, coverages, and what serves them all; claims are in `claim_tables.py`, what comes in from
the clearinghouse in `inbound_tables.py`.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB

from app.repositories import claim_tables, inbound_tables
from app.repositories.columns import belongs_to_practice, day, identifier, moment, sealed, tenant, version, word
from app.repositories.columns import metadata as metadata  # noqa: PLC0414  # whoever asks for all tables asks here

# --- without a tenant ------------------------------------------------------------------------------------------------

practice = sa.Table(
    "practice",
    metadata,
    identifier(primary_key=True),
    sealed(),  # name, tax id, address
    word("npi"),
    word("taxonomy_code", nullable=True),
    word("time_zone"),
    sa.Column("is_test", sa.Boolean, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
)

payer = sa.Table(
    "payer",
    metadata,
    identifier(primary_key=True),
    sa.Column("electronic_id", sa.Text, nullable=False, unique=True),
    word("name"),
    sa.Column("aliases", ARRAY(sa.Text), nullable=False),
    word("kind"),
    word("claim_filing_code"),
    sa.Column("states", ARRAY(sa.Text), nullable=False),
    sa.Column("is_original_medicare", sa.Boolean, nullable=False),
    sa.Column("address", JSONB, nullable=True),
    sa.Column("supports", JSONB, nullable=False),
    moment("updated_at"),
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
    moment("answered_at", nullable=True),
    moment("failed_at", nullable=True),
    word("failure", nullable=True),
)

job = sa.Table(
    "job",
    metadata,
    identifier(primary_key=True),
    identifier("practice_id"),
    word("kind"),
    identifier("subject_id"),
    word("state"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("max_attempts", sa.SmallInteger, nullable=False),
    sa.Column("lease_token", sa.BigInteger, nullable=False, server_default="0"),
    moment("lease_until", nullable=True),
    moment("run_at"),
    word("request_id"),
    word("last_error", nullable=True),
    moment("created_at"),
    moment("finished_at", nullable=True),
    sa.CheckConstraint("state in ('ready', 'running', 'done', 'dead')", name="state"),
    sa.CheckConstraint("(state = 'running') = (lease_until is not null)", name="lease"),
    sa.Index("job_open_idx", "state", postgresql_where=sa.text("state <> 'done'")),
    sa.Index("job_done_idx", "finished_at", postgresql_where=sa.text("state = 'done'")),
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

practice_key = sa.Table(
    "practice_key",
    metadata,
    sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
    sa.Column("number", sa.SmallInteger, primary_key=True, nullable=False, autoincrement=False),
    sealed("wrapped"),
    moment("created_at"),
)
"""Data keys, wrapped by a master key. Number 0 is the index key of the keyed hashes, 1 and up seal columns."""

payer_profile = sa.Table(
    "payer_profile",
    metadata,
    *tenant(),
    identifier("payer_id"),
    word("setting"),
    sa.Column("value", JSONB, nullable=False),
    day("effective_from"),
    day("effective_to"),
    word("source"),
    word("source_url", nullable=True),
    sa.Column("noted_on", sa.Date, nullable=False),
    moment("created_at"),
    sa.ForeignKeyConstraint(["payer_id"], ["payer.id"]),
    sa.Index("payer_profile_payer_idx", "practice_id", "payer_id", "setting"),
)
"""General rows belong to the nil practice, which every practice may read; a practice's own rows override them."""

provider = sa.Table(
    "provider",
    metadata,
    *tenant(),
    word("kind"),
    word("npi"),
    sealed(),  # name
    word("taxonomy_code", nullable=True),
    sa.Column("participations", JSONB, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    belongs_to_practice(),
    sa.UniqueConstraint("practice_id", "npi"),
)

patient = sa.Table(
    "patient",
    metadata,
    *tenant(),
    word("external_id"),
    sealed(),  # name, birth date, sex, address
    identifier("last_name_hash"),
    identifier("birth_date_hash"),
    day("signature_on_file"),
    word("release_of_information", nullable=True),
    day("release_on_file"),
    sa.Column("coverage_order_version", sa.Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    version(),
    belongs_to_practice(),
    sa.UniqueConstraint("practice_id", "external_id"),
    sa.Index("patient_name_idx", "practice_id", "last_name_hash", "birth_date_hash"),
)

coverage = sa.Table(
    "coverage",
    metadata,
    *tenant(),
    identifier("patient_id"),
    identifier("payer_id"),
    word("status"),
    word("source"),
    word("benefit_class"),
    sa.Column("wished_rank", sa.SmallInteger, nullable=False),
    word("insurance_type_code", nullable=True),
    sealed(),  # member id, group, plan, subscriber, payer address
    identifier("member_id_hash"),
    word("member_id_belongs_to"),
    word("relationship"),
    day("effective_from"),
    day("effective_to"),
    word("claim_filing_code", nullable=True),
    word("benefits_assigned", nullable=True),
    word("verification", nullable=True),
    moment("verified_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    version(),
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
    *tenant(),
    identifier("patient_id"),
    identifier("coverage_id"),
    word("benefit_class"),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    word("insurance_type_code", nullable=True),
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
    *tenant(),
    identifier("patient_id"),
    identifier("coverage_id"),
    sa.Column("service_date", sa.Date, nullable=False),
    sa.Column("provider_id", sa.Uuid, nullable=True),
    word("status"),
    word("outcome", nullable=True),
    sealed(nullable=True),  # the result
    word("requested_by"),
    moment("created_at"),
    moment("updated_at"),
    moment("answered_at", nullable=True),
    version(),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["practice_id", "coverage_id"], ["coverage.practice_id", "coverage.id"]),
    sa.ForeignKeyConstraint(["practice_id", "provider_id"], ["provider.practice_id", "provider.id"]),
    sa.CheckConstraint("status in ('queued', 'running', 'answered', 'failed')", name="status"),
    sa.Index("eligibility_check_coverage_idx", "practice_id", "coverage_id", "id"),
)

eligibility_exchange = sa.Table(
    "eligibility_exchange",
    metadata,
    *tenant(),
    identifier("check_id"),
    sa.Column("attempt", sa.SmallInteger, nullable=False),
    sa.Column("part", sa.SmallInteger, nullable=False),
    sa.Column("control_number", sa.BigInteger, nullable=False),
    word("trace_number"),
    sealed("sealed_inquiry"),
    sa.Column("inquiry_fingerprint", sa.LargeBinary, nullable=False),
    moment("sent_at"),
    sealed("sealed_answer", nullable=True),
    moment("answered_at", nullable=True),
    word("failure", nullable=True),
    sa.ForeignKeyConstraint(["practice_id", "check_id"], ["eligibility_check.practice_id", "eligibility_check.id"]),
    sa.UniqueConstraint("practice_id", "check_id", "attempt", "part"),
)

work_item = sa.Table(
    "work_item",
    metadata,
    *tenant(),
    word("kind"),
    word("status"),
    identifier("patient_id"),
    identifier("coverage_id"),
    # No foreign key: a draft may be deleted, and what was once to be decided about it stays.
    sa.Column("claim_id", sa.Uuid, nullable=True),
    word("reason"),
    day("due_on"),
    moment("created_at"),
    moment("resolved_at", nullable=True),
    sa.ForeignKeyConstraint(["practice_id", "patient_id"], ["patient.practice_id", "patient.id"]),
    sa.ForeignKeyConstraint(["practice_id", "coverage_id"], ["coverage.practice_id", "coverage.id"]),
    sa.CheckConstraint("status in ('open', 'done')", name="status"),
    sa.Index(
        "work_item_open_key",
        "practice_id",
        "kind",
        "coverage_id",
        unique=True,
        postgresql_where=sa.text("status = 'open' and claim_id is null"),
    ),
    sa.Index(
        "work_item_open_claim_key",
        "practice_id",
        "kind",
        "claim_id",
        unique=True,
        postgresql_where=sa.text("status = 'open' and claim_id is not null"),
    ),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    *tenant(),
    word("caller"),
    word("operation"),
    word("key"),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("patient_id", sa.Uuid, nullable=True),
    sa.Column("status", sa.SmallInteger, nullable=True),
    sa.Column("headers", JSONB, nullable=True),
    sealed(nullable=True),  # the answer's body
    moment("created_at"),
    sa.UniqueConstraint("practice_id", "caller", "operation", "key"),
    sa.Index("idempotency_key_age_idx", "practice_id", "created_at"),
)

audit_event = sa.Table(
    "audit_event",
    metadata,
    sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True, nullable=False),
    identifier(),
    moment("occurred_at"),
    word("actor"),
    word("role"),
    word("request_id"),
    word("purpose"),
    word("action"),
    word("record_type"),
    sa.Column("record_id", sa.Uuid, nullable=True),
    sa.Column("patient_id", sa.Uuid, nullable=True),
    sa.Column("seen_patient_ids", ARRAY(sa.Uuid), nullable=True),
    word("reason", nullable=True),
    sa.Column("changed_fields", ARRAY(sa.Text), nullable=True),
    sa.Index("audit_event_patient_idx", "practice_id", "patient_id", "sequence"),
    sa.Index(
        "audit_event_seen_idx",
        "seen_patient_ids",
        postgresql_using="gin",
        postgresql_where=sa.text("seen_patient_ids is not null"),
    ),
)

WITHOUT_TENANT = (
    frozenset({"practice", "payer", "clearinghouse_connection", "control_number", "job", "alembic_version"})
    | claim_tables.WITHOUT_TENANT
    | inbound_tables.WITHOUT_TENANT
)
TENANT_TABLES = tuple(sorted(set(metadata.tables) - WITHOUT_TENANT))
