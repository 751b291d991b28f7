"""The first tables: practices, payers, people, coverages with their ranks, eligibility, jobs, audit.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
create table practice (
    id uuid not null,
    sealed bytea not null,
    npi text not null,
    taxonomy_code text,
    time_zone text not null,
    is_test boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null,
    constraint practice_pkey primary key (id)
);

create table payer (
    id uuid not null,
    electronic_id text not null,
    name text not null,
    aliases text[] not null,
    kind text not null,
    claim_filing_code text not null,
    states text[] not null,
    is_original_medicare boolean not null,
    address jsonb,
    supports jsonb not null,
    updated_at timestamptz not null,
    constraint payer_pkey primary key (id),
    constraint payer_electronic_id_key unique (electronic_id)
);

create table control_number (
    clearinghouse text not null,
    last_number bigint not null,
    constraint control_number_pkey primary key (clearinghouse)
);

create table clearinghouse_connection (
    clearinghouse text not null,
    answered_at timestamptz,
    failed_at timestamptz,
    failure text,
    constraint clearinghouse_connection_pkey primary key (clearinghouse)
);

create table job (
    id uuid not null,
    practice_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    state text not null,
    attempts smallint not null default 0,
    max_attempts smallint not null,
    lease_token bigint not null default 0,
    lease_until timestamptz,
    run_at timestamptz not null,
    request_id text not null,
    last_error text,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint job_pkey primary key (id),
    constraint job_state_check check (state in ('ready', 'running', 'done', 'dead')),
    constraint job_lease_check check ((state = 'running') = (lease_until is not null))
);

create unique index job_open_subject_key on job (practice_id, kind, subject_id) where state in ('ready', 'running');

create index job_ready_idx on job (run_at) where state = 'ready';

create index job_running_idx on job (lease_until) where state = 'running';

create table practice_key (
    practice_id uuid not null,
    number smallint not null,
    wrapped bytea not null,
    created_at timestamptz not null,
    constraint practice_key_pkey primary key (practice_id, number)
);

create table payer_profile (
    practice_id uuid not null,
    id uuid not null,
    payer_id uuid not null,
    setting text not null,
    value jsonb not null,
    effective_from date,
    effective_to date,
    source text not null,
    source_url text,
    noted_on date not null,
    created_at timestamptz not null,
    constraint payer_profile_pkey primary key (practice_id, id),
    constraint payer_profile_payer_id_fkey foreign key(payer_id) references payer (id)
);

create index payer_profile_payer_idx on payer_profile (practice_id, payer_id, setting);

create table provider (
    practice_id uuid not null,
    id uuid not null,
    kind text not null,
    npi text not null,
    sealed bytea not null,
    taxonomy_code text,
    participations jsonb not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null,
    constraint provider_pkey primary key (practice_id, id),
    constraint provider_practice_id_fkey foreign key(practice_id) references practice (id),
    constraint provider_practice_id_npi_key unique (practice_id, npi)
);

create table patient (
    practice_id uuid not null,
    id uuid not null,
    external_id text not null,
    sealed bytea not null,
    last_name_hash uuid not null,
    birth_date_hash uuid not null,
    signature_on_file date,
    release_of_information text,
    release_on_file date,
    coverage_order_version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null,
    constraint patient_pkey primary key (practice_id, id),
    constraint patient_practice_id_fkey foreign key(practice_id) references practice (id),
    constraint patient_practice_id_external_id_key unique (practice_id, external_id)
);

create index patient_name_idx on patient (practice_id, last_name_hash, birth_date_hash);

create table coverage (
    practice_id uuid not null,
    id uuid not null,
    patient_id uuid not null,
    payer_id uuid not null,
    status text not null,
    source text not null,
    benefit_class text not null,
    wished_rank smallint not null,
    insurance_type_code text,
    sealed bytea not null,
    member_id_hash uuid not null,
    member_id_belongs_to text not null,
    relationship text not null,
    effective_from date,
    effective_to date,
    claim_filing_code text,
    benefits_assigned text,
    verification text,
    verified_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null,
    constraint coverage_pkey primary key (practice_id, id),
    constraint coverage_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint coverage_payer_id_fkey foreign key(payer_id) references payer (id),
    constraint coverage_status_check check (status in ('unverified', 'verified', 'rejected', 'withdrawn')),
    constraint coverage_wished_rank_check check (wished_rank between 1 and 11),
    constraint coverage_period_check check (effective_from <= effective_to)
);

create index coverage_patient_idx on coverage (practice_id, patient_id, id);

create table coverage_rank (
    practice_id uuid not null,
    id uuid not null,
    patient_id uuid not null,
    coverage_id uuid not null,
    benefit_class text not null,
    rank smallint not null,
    insurance_type_code text,
    during daterange not null,
    constraint coverage_rank_pkey primary key (practice_id, id),
    constraint coverage_rank_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint coverage_rank_practice_id_coverage_id_fkey foreign key(practice_id, coverage_id) references coverage (practice_id, id),
    constraint coverage_rank_rank_check check (rank between 1 and 11),
    constraint coverage_rank_during_check check (not isempty(during))
);

create index coverage_rank_coverage_idx on coverage_rank (practice_id, coverage_id);

create index coverage_rank_patient_idx on coverage_rank (practice_id, patient_id);

create table eligibility_check (
    practice_id uuid not null,
    id uuid not null,
    patient_id uuid not null,
    coverage_id uuid not null,
    service_date date not null,
    provider_id uuid,
    status text not null,
    outcome text,
    sealed bytea,
    requested_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    answered_at timestamptz,
    version integer not null,
    constraint eligibility_check_pkey primary key (practice_id, id),
    constraint eligibility_check_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint eligibility_check_practice_id_coverage_id_fkey foreign key(practice_id, coverage_id) references coverage (practice_id, id),
    constraint eligibility_check_practice_id_provider_id_fkey foreign key(practice_id, provider_id) references provider (practice_id, id),
    constraint eligibility_check_status_check check (status in ('queued', 'running', 'answered', 'failed'))
);

create index eligibility_check_coverage_idx on eligibility_check (practice_id, coverage_id, id);

create table eligibility_exchange (
    practice_id uuid not null,
    id uuid not null,
    check_id uuid not null,
    attempt smallint not null,
    part smallint not null,
    control_number bigint not null,
    trace_number text not null,
    sealed_inquiry bytea not null,
    inquiry_fingerprint bytea not null,
    sent_at timestamptz not null,
    sealed_answer bytea,
    answered_at timestamptz,
    failure text,
    constraint eligibility_exchange_pkey primary key (practice_id, id),
    constraint eligibility_exchange_practice_id_check_id_fkey foreign key(practice_id, check_id) references eligibility_check (practice_id, id),
    constraint eligibility_exchange_practice_id_check_id_attempt_part_key unique (practice_id, check_id, attempt, part)
);

create table work_item (
    practice_id uuid not null,
    id uuid not null,
    kind text not null,
    status text not null,
    patient_id uuid not null,
    coverage_id uuid not null,
    reason text not null,
    created_at timestamptz not null,
    resolved_at timestamptz,
    constraint work_item_pkey primary key (practice_id, id),
    constraint work_item_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint work_item_practice_id_coverage_id_fkey foreign key(practice_id, coverage_id) references coverage (practice_id, id),
    constraint work_item_status_check check (status in ('open', 'done'))
);

create unique index work_item_open_key on work_item (practice_id, kind, coverage_id) where status = 'open';

create table idempotency_key (
    practice_id uuid not null,
    id uuid not null,
    caller text not null,
    operation text not null,
    key text not null,
    fingerprint bytea not null,
    patient_id uuid,
    status smallint,
    headers jsonb,
    sealed bytea,
    created_at timestamptz not null,
    constraint idempotency_key_pkey primary key (practice_id, id),
    constraint idempotency_key_practice_id_caller_operation_key_key unique (practice_id, caller, operation, key)
);

create index idempotency_key_age_idx on idempotency_key (practice_id, created_at);

create table audit_event (
    practice_id uuid not null,
    sequence bigint generated always as identity,
    id uuid not null,
    occurred_at timestamptz not null,
    actor text not null,
    role text not null,
    request_id text not null,
    purpose text not null,
    action text not null,
    record_type text not null,
    record_id uuid,
    patient_id uuid,
    seen_patient_ids uuid[],
    reason text,
    changed_fields text[],
    constraint audit_event_pkey primary key (practice_id, sequence)
);

create index audit_event_patient_idx on audit_event (practice_id, patient_id, sequence);

create index audit_event_seen_idx on audit_event using gin (seen_patient_ids) where seen_patient_ids is not null;
"""

# A value type's range lets core GiST compare uuids for equality inside an exclusion constraint, without btree_gist.
EXCLUSIONS = """
create type uuidrange as range (subtype = uuid);

alter table coverage add constraint coverage_same_policy_excl exclude using gist (
    uuidrange(practice_id, practice_id, '[]') with &&,
    uuidrange(patient_id, patient_id, '[]') with &&,
    uuidrange(payer_id, payer_id, '[]') with &&,
    uuidrange(member_id_hash, member_id_hash, '[]') with &&,
    daterange(effective_from, effective_to, '[]') with &&
) where (status in ('unverified', 'verified'));

alter table coverage_rank add constraint coverage_rank_taken_excl exclude using gist (
    uuidrange(practice_id, practice_id, '[]') with &&,
    uuidrange(patient_id, patient_id, '[]') with &&,
    int4range(rank, rank, '[]') with &&,
    (case benefit_class when 'all' then int4range(1, 2, '[]')
                        when 'medical' then int4range(1, 1, '[]')
                        when 'behavioral' then int4range(2, 2, '[]') end) with &&,
    during with &&
) deferrable initially deferred;

alter table coverage_rank add constraint coverage_rank_once_excl exclude using gist (
    uuidrange(practice_id, practice_id, '[]') with &&,
    uuidrange(coverage_id, coverage_id, '[]') with &&,
    during with &&
) deferrable initially deferred;

alter table coverage_rank add constraint coverage_rank_benefit_class_check
    check (benefit_class in ('all', 'medical', 'behavioral'));
"""

TENANT_TABLES = (
    "practice_key",
    "payer_profile",
    "provider",
    "patient",
    "coverage",
    "coverage_rank",
    "eligibility_check",
    "eligibility_exchange",
    "work_item",
    "idempotency_key",
    "audit_event",
)
TENANT = "nullif(current_setting('crossover.practice_id', true), '')::uuid"
NIL = "'00000000-0000-0000-0000-000000000000'::uuid"

# The general payer profile belongs to the nil practice: every practice reads it, only the schema's owner writes it. Without
# a practice nobody reads anything.
GENERAL_PROFILE = f"""
drop policy tenant on payer_profile;

create policy tenant on payer_profile
    using (practice_id = {TENANT}) with check (practice_id = {TENANT} and practice_id <> {NIL});

create policy general_read on payer_profile for select using (practice_id = {NIL} and {TENANT} is not null);

create policy general_write on payer_profile for all using (practice_id = {NIL} and current_user = (
        select tableowner from pg_catalog.pg_tables where schemaname = 'public' and tablename = 'payer_profile'
    )) with check (practice_id = {NIL} and current_user = (
        select tableowner from pg_catalog.pg_tables where schemaname = 'public' and tablename = 'payer_profile'
    ));
"""

APPEND_ONLY = """
create function audit_event_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege';
end $$;

create trigger audit_event_append_only before update or delete on audit_event
    for each row execute function audit_event_is_append_only();

create trigger audit_event_no_truncate before truncate on audit_event
    for each statement execute function audit_event_is_append_only();
"""


def run(script: str) -> None:
    """Asyncpg prepares one statement at a time; statements here are apart by an empty line."""
    for statement in script.strip().split(";\n\n"):
        op.execute(statement)


def upgrade() -> None:
    run(TABLES)
    run(EXCLUSIONS)
    for table in TENANT_TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant on {table} using (practice_id = {TENANT}) with check (practice_id = {TENANT})"
        )
    run(GENERAL_PROFILE)
    run(APPEND_ONLY)


def downgrade() -> None:
    for table in reversed(ORDER):
        op.execute(f"drop table {table} cascade")
    op.execute("drop function audit_event_is_append_only()")
    op.execute("drop type uuidrange")


ORDER = (
    "practice",
    "payer",
    "control_number",
    "clearinghouse_connection",
    "job",
    "practice_key",
    "payer_profile",
    "provider",
    "patient",
    "coverage",
    "coverage_rank",
    "eligibility_check",
    "eligibility_exchange",
    "work_item",
    "idempotency_key",
    "audit_event",
)
