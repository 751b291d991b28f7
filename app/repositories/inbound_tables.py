"""The tables of what comes in: the clearinghouse's feed and its documents, and what each practice learned from them.

A document may speak of claims of several practices. It is kept whole without a tenant, sealed with a key of the service;
what it says of a practice's claims is in that practice's own tables, sealed with that practice's key.
"""

import sqlalchemy as sa

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource
from app.domain.inbound_documents import InboundKind, InboundState
from app.domain.received_remittances import PaymentStatus
from app.repositories.columns import (
    belongs_to,
    belongs_to_practice,
    day,
    identifier,
    metadata,
    moment,
    one_of,
    sealed,
    stated_amount,
    tenant,
    word,
)

feed_position = sa.Table(
    "feed_position",
    metadata,
    sa.Column("clearinghouse", sa.Text, primary_key=True),
    moment("start_at", nullable=True),
    word("page_token", nullable=True),
    sa.Column("lease_token", sa.BigInteger, nullable=False),
    moment("lease_until", nullable=True),
    moment("updated_at"),
)

inbound_document = sa.Table(
    "inbound_document",
    metadata,
    identifier(primary_key=True),
    word("clearinghouse"),
    word("external_id"),
    word("kind"),
    word("state"),
    sealed(nullable=True),  # the text, once fetched
    sa.Column("fingerprint", sa.LargeBinary, nullable=True),
    word("failure", nullable=True),
    moment("processed_at"),
    moment("received_at"),
    moment("updated_at"),
    one_of("kind", InboundKind),
    one_of("state", InboundState),
    sa.CheckConstraint("(sealed is null) = (fingerprint is null)", name="fingerprint"),
    sa.UniqueConstraint("clearinghouse", "external_id"),
    sa.Index("inbound_document_state_idx", "state", "id", postgresql_where=sa.text("state <> 'routed'")),
)
"""`processed_at` is the clearinghouse's time, `received_at` ours."""

claim_acknowledgment = sa.Table(
    "claim_acknowledgment",
    metadata,
    *tenant(),
    identifier("claim_id"),
    identifier("submission_id", nullable=True),
    identifier("document_id", nullable=True),
    sa.Column("position", sa.Integer, nullable=False),
    word("source"),
    word("effect"),
    sealed(),  # the acknowledgment
    moment("received_at"),
    belongs_to("claim"),
    belongs_to("submission"),
    sa.ForeignKeyConstraint(["document_id"], ["inbound_document.id"]),
    one_of("source", AcknowledgmentSource),
    one_of("effect", AcknowledgmentEffect),
    sa.CheckConstraint("document_id is not null or submission_id is not null", name="origin"),
    sa.Index(
        "claim_acknowledgment_document_key",
        "practice_id",
        "document_id",
        "position",
        unique=True,
        postgresql_where=sa.text("document_id is not null"),
    ),
    sa.Index(
        "claim_acknowledgment_submission_key",
        "practice_id",
        "submission_id",
        "position",
        unique=True,
        postgresql_where=sa.text("document_id is null"),
    ),
    sa.Index("claim_acknowledgment_claim_idx", "practice_id", "claim_id", "id"),
)
"""Without a document it came in the answer to the submission itself."""

remittance = sa.Table(
    "remittance",
    metadata,
    *tenant(),
    identifier("document_id"),
    sa.Column("transaction_number", sa.Integer, nullable=False),
    sealed(),  # payer, payee, trace number, provider adjustments, findings
    stated_amount("total_paid"),
    day("payment_date"),
    sa.Column("finding_count", sa.Integer, nullable=False),
    moment("received_at"),
    belongs_to_practice(),
    sa.ForeignKeyConstraint(["document_id"], ["inbound_document.id"]),
    sa.UniqueConstraint("practice_id", "document_id", "transaction_number"),
)

claim_payment = sa.Table(
    "claim_payment",
    metadata,
    *tenant(),
    identifier("remittance_id"),
    sa.Column("position", sa.Integer, nullable=False),
    identifier("claim_id", nullable=True),
    word("status"),
    sealed(),  # the claim payment with its services
    stated_amount("charge"),
    stated_amount("paid"),
    identifier("adjudication_id", nullable=True),
    moment("created_at"),
    belongs_to("remittance"),
    belongs_to("claim"),
    belongs_to("adjudication"),
    one_of("status", PaymentStatus),
    sa.UniqueConstraint("practice_id", "remittance_id", "position"),
    sa.Index("claim_payment_claim_idx", "practice_id", "claim_id", "id"),
)

WITHOUT_TENANT = frozenset({"feed_position", "inbound_document"})
