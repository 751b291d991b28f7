"""What hangs on a claim, as the repositories keep it: valid by default, one thing to override, everyone invented."""

import hashlib
import secrets
import string
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import uuid_utils.compat

from app.domain.acknowledgments import AcknowledgmentEffect, AcknowledgmentSource, ClaimAcknowledgment, StatusCode
from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claim_states import SubmissionState
from app.domain.inbound_documents import InboundDocument, InboundKind
from app.domain.received_remittances import (
    PaymentStatus,
    ReceivedAcknowledgment,
    ReceivedPayment,
    ReceivedRemittance,
)
from app.domain.remittances import ClaimPayment, Remittance, ServicePayment
from app.domain.submissions import Submission, idempotency_key
from tests.factories import NOW, TODAY


def a_control_number() -> str:
    """A CLM01 that no other claim has."""
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(17))


def a_submission(**changes: Any) -> Submission:
    submission_id = changes.get("id", uuid_utils.compat.uuid7())
    x12 = changes.get("x12", "ISA*00*INVENTED~")
    submission = Submission(
        id=submission_id,
        claim_id=uuid4(),
        sequence=1,
        state=SubmissionState.QUEUED,
        x12=x12,
        sha256=hashlib.sha256(x12.encode()).hexdigest(),
        idempotency_key=idempotency_key(submission_id),
        control_number=1,
        reference="REF1",
        created_by="biller",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(submission, **changes)


def an_inbound_document(**changes: Any) -> InboundDocument:
    document = InboundDocument(
        id=uuid_utils.compat.uuid7(),
        clearinghouse="stedi",
        external_id=uuid4().hex,
        kind=InboundKind.REMITTANCE,
        processed_at=NOW,
        received_at=NOW,
        updated_at=NOW,
    )
    return replace(document, **changes)


def an_acknowledgment(**changes: Any) -> ClaimAcknowledgment:
    acknowledgment = ClaimAcknowledgment(
        source=AcknowledgmentSource.CLEARINGHOUSE,
        patient_control_number="A1B2C3D4E5F6G7H8J",
        effect=AcknowledgmentEffect.ACCEPTED,
        statuses=(StatusCode(category="A2", status="20", entity="PR"),),
        charge=Decimal("150.00"),
        segment=20,
    )
    return replace(acknowledgment, **changes)


def a_received_acknowledgment(**changes: Any) -> ReceivedAcknowledgment:
    received = ReceivedAcknowledgment(
        id=uuid_utils.compat.uuid7(),
        claim_id=uuid4(),
        position=1,
        acknowledgment=an_acknowledgment(),
        received_at=NOW,
    )
    return replace(received, **changes)


def a_received_remittance(**changes: Any) -> ReceivedRemittance:
    received = ReceivedRemittance(
        id=uuid_utils.compat.uuid7(),
        document_id=uuid4(),
        transaction_number=1,
        remittance=Remittance(
            control_number="0001",
            total_paid=Decimal("80.00"),
            payment_method="ACH",
            payment_date=TODAY,
            trace_number="INVENTED1",
            payer_name="INVENTED HEALTH PLAN",
        ),
        received_at=NOW,
    )
    return replace(received, **changes)


def a_claim_payment(**changes: Any) -> ClaimPayment:
    """150 = 80 + 45 + 25."""
    adjustments = (
        Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=Decimal("45.00")),
        Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code="3", amount=Decimal("25.00")),
    )
    payment = ClaimPayment(
        position=1,
        segment=20,
        patient_control_number="A1B2C3D4E5F6G7H8J",
        status_code="1",
        charge=Decimal("150.00"),
        paid=Decimal("80.00"),
        payer_claim_number="PAYERS1",
        services=(
            ServicePayment(
                procedure_code="90837", charge=Decimal("150.00"), paid=Decimal("80.00"), adjustments=adjustments
            ),
        ),
    )
    return replace(payment, **changes)


def a_received_payment(**changes: Any) -> ReceivedPayment:
    received = ReceivedPayment(
        id=uuid_utils.compat.uuid7(),
        remittance_id=uuid4(),
        status=PaymentStatus.POSTED,
        payment=a_claim_payment(),
        created_at=NOW,
    )
    return replace(received, **changes)
