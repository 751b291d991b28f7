"""The tables of claims: chains, claims, submissions, adjudications, the timeline, and the way back from a CLM01.

What must never happen is refused here: two live chains for one encounter and billing provider, two live claims for one
chain and coverage, two open submissions of a claim, two current adjudications. Frozen columns are kept by triggers.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.domain.adjudications import AdjudicationSource, AdjudicationStatus
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus, HoldReason, SubmissionState
from app.domain.claims import AcceptedBy, ClaimFrequency
from app.repositories.columns import (
    belongs_to,
    belongs_to_practice,
    day,
    identifier,
    metadata,
    moment,
    one_of,
    sealed,
    tenant,
    version,
    word,
)

claim_chain = sa.Table(
    "claim_chain",
    metadata,
    *tenant(),
    word("encounter_id"),
    identifier("patient_id"),
    word("billing_key"),  # 'practice', or the billing provider's id
    sa.Column("is_live", sa.Boolean, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    moment("created_at"),
    belongs_to_practice(),
    belongs_to("patient"),
    sa.Index(
        "claim_chain_live_key",
        "practice_id",
        "encounter_id",
        "billing_key",
        unique=True,
        postgresql_where=sa.text("is_live"),
    ),
    sa.Index("claim_chain_patient_idx", "practice_id", "patient_id"),
)

claim = sa.Table(
    "claim",
    metadata,
    *tenant(),
    identifier("chain_id"),
    identifier("patient_id"),
    identifier("coverage_id"),
    identifier("payer_id"),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    word("frequency"),
    identifier("previous_claim_id", nullable=True),
    identifier("replaces_claim_id", nullable=True),
    word("status"),
    word("hold_reason", nullable=True),
    word("accepted_by", nullable=True),
    word("outcome", nullable=True),
    word("patient_control_number"),
    sealed(),  # what the claim says, and the payer's own number of it
    # Twelve digits: fifty lines of the largest amount fit.
    sa.Column("total_charge", sa.Numeric(12, 2), nullable=False),
    day("first_service_date", nullable=False),
    day("last_service_date", nullable=False),
    identifier("billing_provider_id", nullable=True),
    identifier("rendering_provider_id", nullable=True),
    word("encounter_id"),
    moment("created_at"),
    moment("updated_at"),
    version(),
    belongs_to("claim_chain", "chain_id"),
    belongs_to("patient"),
    belongs_to("coverage"),
    sa.ForeignKeyConstraint(["payer_id"], ["payer.id"]),
    belongs_to("claim", "previous_claim_id"),
    belongs_to("claim", "replaces_claim_id"),
    belongs_to("provider", "billing_provider_id"),
    belongs_to("provider", "rendering_provider_id"),
    sa.CheckConstraint("rank between 1 and 11", name="rank"),
    one_of("frequency", ClaimFrequency),
    one_of("status", ClaimStatus),
    one_of("hold_reason", HoldReason),
    one_of("accepted_by", AcceptedBy),
    one_of("outcome", ClaimOutcome),
    sa.CheckConstraint("status <> 'held' or hold_reason is not null", name="held"),
    sa.CheckConstraint("total_charge >= 0", name="total_charge"),
    sa.CheckConstraint("first_service_date <= last_service_date", name="service_dates"),
    sa.UniqueConstraint("practice_id", "patient_control_number"),
    sa.Index(
        "claim_live_key",
        "practice_id",
        "chain_id",
        "coverage_id",
        unique=True,
        postgresql_where=sa.text("status not in ('replaced', 'voided', 'replacement_pending', 'void_pending')"),
    ),
    sa.Index("claim_chain_idx", "practice_id", "chain_id"),
    sa.Index("claim_updated_idx", "practice_id", "updated_at", "id"),
    sa.Index("claim_created_idx", "practice_id", "created_at", "id"),
    sa.Index("claim_service_date_idx", "practice_id", "first_service_date", "id"),
    sa.Index("claim_status_idx", "practice_id", "status", "updated_at", "id"),
    sa.Index("claim_patient_idx", "practice_id", "patient_id", "updated_at", "id"),
    sa.Index("claim_payer_idx", "practice_id", "payer_id", "updated_at", "id"),
    sa.Index("claim_encounter_idx", "practice_id", "encounter_id"),
    sa.Index("claim_coverage_idx", "practice_id", "coverage_id"),
    sa.Index("claim_billing_idx", "practice_id", "billing_provider_id"),
    sa.Index("claim_rendering_idx", "practice_id", "rendering_provider_id"),
    sa.Index("claim_previous_idx", "practice_id", "previous_claim_id"),
    sa.Index("claim_replaces_idx", "practice_id", "replaces_claim_id"),
)
"""The live key leaves out a claim whose replacement or void is under way: that successor is the live one."""

submission = sa.Table(
    "submission",
    metadata,
    *tenant(),
    identifier("claim_id"),
    sa.Column("sequence", sa.SmallInteger, nullable=False),
    word("state"),
    sealed("sealed_x12"),
    sealed("sealed_sha256"),
    sealed(nullable=True),  # what the clearinghouse calls it, and what it found wrong
    identifier("idempotency_key"),
    sa.Column("control_number", sa.BigInteger, nullable=False),
    word("reference"),
    sa.Column("adjudication_ids", ARRAY(sa.Uuid), nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    moment("first_sent_at", nullable=True),
    moment("last_sent_at", nullable=True),
    moment("answered_at", nullable=True),
    word("failure", nullable=True),
    word("created_by"),
    moment("created_at"),
    moment("updated_at"),
    belongs_to("claim"),
    one_of("state", SubmissionState),
    sa.CheckConstraint("sequence > 0", name="sequence"),
    sa.UniqueConstraint("practice_id", "claim_id", "sequence"),
    sa.UniqueConstraint("practice_id", "idempotency_key"),
    sa.Index(
        "submission_open_key",
        "practice_id",
        "claim_id",
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'sending', 'outcome_unknown')"),
    ),
)
"""A trigger lets only the fate of a submission change, never what was frozen, and the first sending only once."""

adjudication = sa.Table(
    "adjudication",
    metadata,
    *tenant(),
    identifier("claim_id"),
    identifier("chain_id"),
    identifier("payer_id"),
    sa.Column("number", sa.SmallInteger, nullable=False),
    word("status"),
    word("source"),
    word("outcome"),
    sealed(),  # the decision
    identifier("based_on", nullable=True),
    word("repair_id", nullable=True),
    identifier("response_id", nullable=True),
    word("created_by"),
    moment("created_at"),
    belongs_to("claim"),
    belongs_to("claim_chain", "chain_id"),
    sa.ForeignKeyConstraint(["payer_id"], ["payer.id"]),
    belongs_to("adjudication", "based_on"),
    one_of("status", AdjudicationStatus),
    one_of("source", AdjudicationSource),
    one_of("outcome", ClaimOutcome),
    sa.CheckConstraint("number > 0", name="number"),
    sa.UniqueConstraint("practice_id", "claim_id", "number"),
    sa.Index(
        "adjudication_current_key",
        "practice_id",
        "claim_id",
        unique=True,
        postgresql_where=sa.text("status = 'current'"),
    ),
    sa.Index("adjudication_chain_idx", "practice_id", "chain_id"),
)
"""A trigger lets only `status` change. `response_id` is a claim payment, which points back at what it became."""

claim_event = sa.Table(
    "claim_event",
    metadata,
    sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True, nullable=False),
    identifier(),
    identifier("chain_id"),
    # No foreign key: a draft may be deleted, and its events stay.
    identifier("claim_id"),
    identifier("patient_id"),
    word("kind"),
    moment("occurred_at"),
    word("actor"),
    word("role"),
    word("request_id"),
    word("reason", nullable=True),
    sa.Column("facts", JSONB, nullable=False),
    belongs_to("claim_chain", "chain_id"),
    belongs_to("patient"),
    one_of("kind", ClaimEventKind),
    sa.Index("claim_event_chain_idx", "practice_id", "chain_id", "sequence"),
)
"""Append-only, by grant and by trigger."""

claim_route = sa.Table(
    "claim_route",
    metadata,
    sa.Column("patient_control_number", sa.Text, primary_key=True),
    identifier("practice_id"),
    identifier("claim_id"),
    moment("created_at"),
)

WITHOUT_TENANT = frozenset({"claim_route"})
