"""Claim status inquiries for tests: valid by default, everyone in them invented."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.claim_statuses import InquiredLine, StatusInquiry
from tests.factories import an_npi
from tests.x12.inquiries import ADA, names, npis, own_numbers, people

LINE = InquiredLine(
    control_number="LINE1", procedure_code="90837", charge=Decimal("150.00"), first_date=date(2026, 8, 20)
)
INQUIRY = StatusInquiry(
    payer_id="INV01",
    payer_name="Invented Health Plan",
    receiver_id="QUIETROOMS",
    receiver_name="Quiet Rooms Therapy",
    provider_npi=an_npi(),
    provider_name="Quiet Rooms Therapy",
    member_id="QRX100200300",
    subscriber=ADA,
    trace_number="TRACE-1",
    reference="REF-1",
    patient_control_number="QUIETROOMS0000001",
    charge=Decimal("150.00"),
    first_date=date(2026, 8, 20),
)


def a_status_inquiry(**changes: Any) -> StatusInquiry:
    return replace(INQUIRY, **changes)


def a_line(**changes: Any) -> InquiredLine:
    return replace(LINE, **changes)


_NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=20)
_dates = st.dates(date(2020, 1, 1), date(2030, 12, 31))
_amounts = st.integers(0, 9_999_999_999).map(lambda cents: Decimal(cents) / 100)
_lines = st.builds(
    InquiredLine,
    control_number=st.none() | _NUMBERS,
    procedure_code=st.sampled_from(["90837", "90791", "H0031", "99213"]),
    modifiers=st.lists(st.sampled_from(["95", "GT", "HO", "59"]), max_size=4).map(tuple),
    charge=_amounts,
    units=st.integers(1, 99_999).map(lambda tenths: Decimal(tenths) / 10),
    first_date=_dates,
)


def status_inquiries(*, most_lines: int = 3) -> st.SearchStrategy[StatusInquiry]:
    return st.builds(
        StatusInquiry,
        payer_id=_NUMBERS,
        payer_name=_NUMBERS,
        receiver_id=_NUMBERS,
        receiver_name=_NUMBERS,
        provider_npi=npis,
        provider_name=_NUMBERS | names,
        member_id=_NUMBERS,
        subscriber=people,
        dependent=st.none() | people,
        trace_number=own_numbers,
        reference=own_numbers,
        patient_control_number=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20),
        payer_claim_number=st.none() | _NUMBERS,
        clearinghouse_number=st.none() | _NUMBERS,
        bill_type=st.none() | st.sampled_from(["111", "131", "837"]),
        group_number=st.none() | _NUMBERS,
        charge=st.none() | _amounts,
        first_date=_dates,
        lines=st.lists(_lines, max_size=most_lines).map(tuple),
    )
