"""Claims: chains, claims, submissions, adjudications, the timeline; what comes in from the clearinghouse.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
create table claim_chain (
    practice_id uuid not null,
    id uuid not null,
    encounter_id text not null,
    patient_id uuid not null,
    billing_key text not null,
    is_live boolean not null,
    settled boolean not null,
    created_at timestamptz not null,
    constraint claim_chain_pkey primary key (practice_id, id),
    constraint claim_chain_practice_id_fkey foreign key(practice_id) references practice (id),
    constraint claim_chain_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id)
);

create unique index claim_chain_live_key on claim_chain (practice_id, encounter_id, billing_key) where is_live;

create index claim_chain_patient_idx on claim_chain (practice_id, patient_id);

create table claim (
    practice_id uuid not null,
    id uuid not null,
    chain_id uuid not null,
    patient_id uuid not null,
    coverage_id uuid not null,
    payer_id uuid not null,
    rank smallint not null,
    frequency text not null,
    previous_claim_id uuid,
    replaces_claim_id uuid,
    status text not null,
    hold_reason text,
    accepted_by text,
    outcome text,
    patient_control_number text not null,
    sealed bytea not null,
    total_charge numeric(12, 2) not null,
    first_service_date date not null,
    last_service_date date not null,
    billing_provider_id uuid,
    rendering_provider_id uuid,
    encounter_id text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null,
    constraint claim_pkey primary key (practice_id, id),
    constraint claim_practice_id_chain_id_fkey foreign key(practice_id, chain_id) references claim_chain (practice_id, id),
    constraint claim_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint claim_practice_id_coverage_id_fkey foreign key(practice_id, coverage_id) references coverage (practice_id, id),
    constraint claim_payer_id_fkey foreign key(payer_id) references payer (id),
    constraint claim_practice_id_previous_claim_id_fkey foreign key(practice_id, previous_claim_id) references claim (practice_id, id),
    constraint claim_practice_id_replaces_claim_id_fkey foreign key(practice_id, replaces_claim_id) references claim (practice_id, id),
    constraint claim_practice_id_billing_provider_id_fkey foreign key(practice_id, billing_provider_id) references provider (practice_id, id),
    constraint claim_practice_id_rendering_provider_id_fkey foreign key(practice_id, rendering_provider_id) references provider (practice_id, id),
    constraint claim_rank_check check (rank between 1 and 11),
    constraint claim_frequency_check check (frequency in ('original', 'replacement', 'void')),
    constraint claim_status_check check (status in ('draft', 'held', 'submitting', 'submitted', 'accepted', 'rejected', 'pended', 'paid', 'denied', 'replacement_pending', 'replaced', 'void_pending', 'voided')),
    constraint claim_hold_reason_check check (hold_reason in ('by_hand', 'prior_payer_denied', 'prior_payer_correctable', 'paper_required', 'crossover_expected', 'earlier_decision_changed')),
    constraint claim_accepted_by_check check (accepted_by in ('clearinghouse', 'payer')),
    constraint claim_outcome_check check (outcome in ('paid', 'zero_paid_patient', 'denied', 'partly_denied', 'partially_adjudicated')),
    constraint claim_held_check check (status <> 'held' or hold_reason is not null),
    constraint claim_total_charge_check check (total_charge >= 0),
    constraint claim_service_dates_check check (first_service_date <= last_service_date),
    constraint claim_practice_id_patient_control_number_key unique (practice_id, patient_control_number)
);

create index claim_billing_idx on claim (practice_id, billing_provider_id);

create index claim_chain_idx on claim (practice_id, chain_id);

create index claim_coverage_idx on claim (practice_id, coverage_id);

create index claim_created_idx on claim (practice_id, created_at, id);

create index claim_encounter_idx on claim (practice_id, encounter_id);

create unique index claim_live_key on claim (practice_id, chain_id, coverage_id) where status not in ('replaced', 'voided', 'replacement_pending', 'void_pending');

create index claim_patient_idx on claim (practice_id, patient_id, updated_at, id);

create index claim_payer_idx on claim (practice_id, payer_id, updated_at, id);

create index claim_previous_idx on claim (practice_id, previous_claim_id);

create index claim_rendering_idx on claim (practice_id, rendering_provider_id);

create index claim_replaces_idx on claim (practice_id, replaces_claim_id);

create index claim_service_date_idx on claim (practice_id, first_service_date, id);

create index claim_status_idx on claim (practice_id, status, updated_at, id);

create index claim_updated_idx on claim (practice_id, updated_at, id);

create table submission (
    practice_id uuid not null,
    id uuid not null,
    claim_id uuid not null,
    sequence smallint not null,
    state text not null,
    sealed_x12 bytea not null,
    sealed_sha256 bytea not null,
    sealed bytea,
    idempotency_key uuid not null,
    control_number bigint not null,
    reference text not null,
    adjudication_ids uuid[] not null,
    attempts smallint not null,
    fence bigint not null,
    first_sent_at timestamptz,
    last_sent_at timestamptz,
    answered_at timestamptz,
    failure text,
    created_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint submission_pkey primary key (practice_id, id),
    constraint submission_practice_id_claim_id_fkey foreign key(practice_id, claim_id) references claim (practice_id, id),
    constraint submission_state_check check (state in ('queued', 'sending', 'outcome_unknown', 'sent', 'not_sent', 'refused')),
    constraint submission_sequence_check check (sequence > 0),
    constraint submission_practice_id_claim_id_sequence_key unique (practice_id, claim_id, sequence),
    constraint submission_practice_id_idempotency_key_key unique (practice_id, idempotency_key)
);

create unique index submission_open_key on submission (practice_id, claim_id) where state in ('queued', 'sending', 'outcome_unknown');

create table adjudication (
    practice_id uuid not null,
    id uuid not null,
    claim_id uuid not null,
    chain_id uuid not null,
    payer_id uuid not null,
    number smallint not null,
    status text not null,
    source text not null,
    outcome text not null,
    sealed bytea not null,
    based_on uuid,
    repair_id text,
    response_id uuid,
    created_by text not null,
    created_at timestamptz not null,
    constraint adjudication_pkey primary key (practice_id, id),
    constraint adjudication_practice_id_claim_id_fkey foreign key(practice_id, claim_id) references claim (practice_id, id),
    constraint adjudication_practice_id_chain_id_fkey foreign key(practice_id, chain_id) references claim_chain (practice_id, id),
    constraint adjudication_payer_id_fkey foreign key(payer_id) references payer (id),
    constraint adjudication_practice_id_based_on_fkey foreign key(practice_id, based_on) references adjudication (practice_id, id),
    constraint adjudication_status_check check (status in ('current', 'proposed', 'superseded')),
    constraint adjudication_source_check check (source in ('manual', 'era', 'repair')),
    constraint adjudication_outcome_check check (outcome in ('paid', 'zero_paid_patient', 'denied', 'partly_denied', 'partially_adjudicated')),
    constraint adjudication_number_check check (number > 0),
    constraint adjudication_practice_id_claim_id_number_key unique (practice_id, claim_id, number)
);

create index adjudication_chain_idx on adjudication (practice_id, chain_id);

create unique index adjudication_current_key on adjudication (practice_id, claim_id) where status = 'current';

create table claim_event (
    practice_id uuid not null,
    sequence bigint generated always as identity,
    id uuid not null,
    chain_id uuid not null,
    claim_id uuid not null,
    patient_id uuid not null,
    kind text not null,
    occurred_at timestamptz not null,
    actor text not null,
    role text not null,
    request_id text not null,
    reason text,
    facts jsonb not null,
    constraint claim_event_pkey primary key (practice_id, sequence),
    constraint claim_event_practice_id_chain_id_fkey foreign key(practice_id, chain_id) references claim_chain (practice_id, id),
    constraint claim_event_practice_id_patient_id_fkey foreign key(practice_id, patient_id) references patient (practice_id, id),
    constraint claim_event_kind_check check (kind in ('created', 'changed', 'deleted', 'held', 'released', 'submitted', 'attempt_started', 'outcome_unknown', 'sent', 'not_sent', 'refused', 'accepted', 'rejected', 'pended', 'adjudicated', 'adjudication_proposed', 'repaired', 'secondary_created', 'reversed'))
);

create index claim_event_chain_idx on claim_event (practice_id, chain_id, sequence);

create table claim_route (
    patient_control_number text not null,
    practice_id uuid not null,
    claim_id uuid not null,
    created_at timestamptz not null,
    constraint claim_route_pkey primary key (patient_control_number)
);

create table feed_position (
    clearinghouse text not null,
    start_at timestamptz,
    page_token text,
    lease_token bigint not null,
    lease_until timestamptz,
    updated_at timestamptz not null,
    constraint feed_position_pkey primary key (clearinghouse)
);

create table inbound_document (
    id uuid not null,
    clearinghouse text not null,
    external_id text not null,
    kind text not null,
    state text not null,
    sealed bytea,
    fingerprint bytea,
    failure text,
    processed_at timestamptz not null,
    received_at timestamptz not null,
    updated_at timestamptz not null,
    constraint inbound_document_pkey primary key (id),
    constraint inbound_document_kind_check check (kind in ('claim_acknowledgment', 'remittance', 'implementation_acknowledgment', 'interchange_acknowledgment', 'other')),
    constraint inbound_document_state_check check (state in ('listed', 'fetched', 'routed', 'unrouted', 'failed')),
    constraint inbound_document_fingerprint_check check ((sealed is null) = (fingerprint is null)),
    constraint inbound_document_clearinghouse_external_id_key unique (clearinghouse, external_id)
);

create index inbound_document_state_idx on inbound_document (state, id) where state <> 'routed';

create table claim_acknowledgment (
    practice_id uuid not null,
    id uuid not null,
    claim_id uuid not null,
    submission_id uuid,
    document_id uuid,
    position integer not null,
    source text not null,
    effect text not null,
    sealed bytea not null,
    received_at timestamptz not null,
    constraint claim_acknowledgment_pkey primary key (practice_id, id),
    constraint claim_acknowledgment_practice_id_claim_id_fkey foreign key(practice_id, claim_id) references claim (practice_id, id),
    constraint claim_acknowledgment_practice_id_submission_id_fkey foreign key(practice_id, submission_id) references submission (practice_id, id),
    constraint claim_acknowledgment_document_id_fkey foreign key(document_id) references inbound_document (id),
    constraint claim_acknowledgment_source_check check (source in ('clearinghouse', 'payer')),
    constraint claim_acknowledgment_effect_check check (effect in ('received', 'accepted', 'rejected', 'pended', 'noted')),
    constraint claim_acknowledgment_origin_check check (document_id is not null or submission_id is not null)
);

create index claim_acknowledgment_claim_idx on claim_acknowledgment (practice_id, claim_id, id);

create unique index claim_acknowledgment_document_key on claim_acknowledgment (practice_id, document_id, position) where document_id is not null;

create unique index claim_acknowledgment_submission_key on claim_acknowledgment (practice_id, submission_id, position) where document_id is null;

create table remittance (
    practice_id uuid not null,
    id uuid not null,
    document_id uuid not null,
    transaction_number integer not null,
    sealed bytea not null,
    total_paid numeric not null,
    payment_date date,
    finding_count integer not null,
    received_at timestamptz not null,
    constraint remittance_pkey primary key (practice_id, id),
    constraint remittance_practice_id_fkey foreign key(practice_id) references practice (id),
    constraint remittance_document_id_fkey foreign key(document_id) references inbound_document (id),
    constraint remittance_practice_id_document_id_transaction_number_key unique (practice_id, document_id, transaction_number)
);

create table claim_payment (
    practice_id uuid not null,
    id uuid not null,
    remittance_id uuid not null,
    position integer not null,
    claim_id uuid,
    status text not null,
    sealed bytea not null,
    charge numeric not null,
    paid numeric not null,
    adjudication_id uuid,
    created_at timestamptz not null,
    constraint claim_payment_pkey primary key (practice_id, id),
    constraint claim_payment_practice_id_remittance_id_fkey foreign key(practice_id, remittance_id) references remittance (practice_id, id),
    constraint claim_payment_practice_id_claim_id_fkey foreign key(practice_id, claim_id) references claim (practice_id, id),
    constraint claim_payment_practice_id_adjudication_id_fkey foreign key(practice_id, adjudication_id) references adjudication (practice_id, id),
    constraint claim_payment_status_check check (status in ('posted', 'proposed', 'incomplete', 'unmatched', 'unbalanced', 'unreadable', 'reversal', 'not_on_file', 'order_disputed', 'forwarded', 'ignored')),
    constraint claim_payment_practice_id_remittance_id_position_key unique (practice_id, remittance_id, position)
);

create index claim_payment_claim_idx on claim_payment (practice_id, claim_id, id);
"""

EARLIER_TABLES = """
alter table work_item add column claim_id uuid, add column due_on date;

drop index work_item_open_key;

create unique index work_item_open_key on work_item (practice_id, kind, coverage_id)
    where status = 'open' and claim_id is null;

create unique index work_item_open_claim_key on work_item (practice_id, kind, claim_id)
    where status = 'open' and claim_id is not null;

create index job_open_idx on job (state) where state <> 'done';

create index job_done_idx on job (finished_at) where state = 'done';
"""

# What a trigger names may change, and nothing else, so that a column that is added later is frozen until it is named. The
# practice is kept by row-level security.
FROZEN = """
create function only_these_columns_change() returns trigger language plpgsql as $$
begin
    if to_jsonb(new) - tg_argv::text[] is distinct from to_jsonb(old) - tg_argv::text[] then
        raise exception '% is frozen', tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create function first_sending_stays() returns trigger language plpgsql as $$
begin
    if old.first_sent_at is not null and new.first_sent_at is distinct from old.first_sent_at then
        raise exception 'the first sending is on record' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create function claim_keeps_its_number() returns trigger language plpgsql as $$
begin
    if (new.chain_id, new.patient_control_number) is distinct from (old.chain_id, old.patient_control_number) then
        raise exception 'a claim keeps its number and its chain' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create function table_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger claim_number before update on claim for each row execute function claim_keeps_its_number();

create trigger submission_frozen before update on submission for each row
    execute function only_these_columns_change('practice_id', 'state', 'sealed', 'attempts', 'fence', 'first_sent_at',
        'last_sent_at', 'answered_at', 'failure', 'updated_at');

create trigger submission_first_sending before update on submission for each row
    execute function first_sending_stays();

create trigger adjudication_frozen before update on adjudication for each row
    execute function only_these_columns_change('practice_id', 'status');

create trigger claim_payment_frozen before update on claim_payment for each row
    execute function only_these_columns_change('practice_id', 'status', 'claim_id', 'adjudication_id');

create trigger claim_event_append_only before update or delete on claim_event for each row
    execute function table_is_append_only();

create trigger claim_event_no_truncate before truncate on claim_event for each statement
    execute function table_is_append_only();
"""

TENANT_TABLES = (
    "claim_chain",
    "claim",
    "submission",
    "adjudication",
    "claim_event",
    "claim_acknowledgment",
    "remittance",
    "claim_payment",
)
WITHOUT_TENANT = ("claim_route", "feed_position", "inbound_document")
FUNCTIONS = ("only_these_columns_change", "first_sending_stays", "claim_keeps_its_number", "table_is_append_only")
TENANT = "nullif(current_setting('crossover.practice_id', true), '')::uuid"


def run(script: str) -> None:
    """Asyncpg prepares one statement at a time; statements here are apart by an empty line."""
    for statement in script.strip().split(";\n\n"):
        op.execute(statement)


def upgrade() -> None:
    run(TABLES)
    run(EARLIER_TABLES)
    for table in TENANT_TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant on {table} using (practice_id = {TENANT}) with check (practice_id = {TENANT})"
        )
    run(FROZEN)


def downgrade() -> None:
    """Items about claims go with the claims: the earlier tables know none."""
    for table in (*reversed(TENANT_TABLES), *WITHOUT_TENANT):
        op.execute(f"drop table {table} cascade")
    for function in FUNCTIONS:
        op.execute(f"drop function {function}()")
    for index in ("job_open_idx", "job_done_idx", "work_item_open_claim_key", "work_item_open_key"):
        op.execute(f"drop index {index}")
    op.execute("alter table work_item no force row level security")
    op.execute("delete from work_item where claim_id is not null")
    op.execute("alter table work_item force row level security")
    op.execute("alter table work_item drop column claim_id, drop column due_on")
    op.execute(
        "create unique index work_item_open_key on work_item (practice_id, kind, coverage_id) where status = 'open'"
    )
