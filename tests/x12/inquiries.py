"""Eligibility inquiries for tests: valid by default, everyone in them invented."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from app.domain.codes import Relationship
from app.domain.eligibility import EligibilityInquiry, Interchange
from app.domain.identifiers import npi_check_digit
from app.domain.parties import Person, PersonName, Sex

ADA = Person(name=PersonName(last="Fernwood", first="Ada"), birth_date=date(1984, 2, 29), sex=Sex.FEMALE)
BEN = Person(name=PersonName(last="Fernwood", first="Ben"), birth_date=date(2012, 6, 15), sex=Sex.MALE)
INQUIRY = EligibilityInquiry(
    payer_id="INV01",
    payer_name="Invented Health Plan",
    provider_npi="1234567893",
    provider_name="Quiet Rooms Therapy",
    member_id="QRX100200300",
    subscriber=ADA,
    service_date=date(2026, 3, 1),
    trace_number="TRACE-1",
    reference="REF-1",
)
INTERCHANGE = Interchange(
    sender_id="QUIETROOMS",
    receiver_id="CLEARING",
    control_number=42,
    created_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    is_test=True,
)


def an_inquiry(**changes: Any) -> EligibilityInquiry:
    return replace(INQUIRY, **changes)


def an_interchange(**changes: Any) -> Interchange:
    return replace(INTERCHANGE, **changes)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzáçéñöüÅŽ'-. "
_SENDABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -./'&"


def _texts(alphabet: str, longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    """Texts that are still long enough when blanks at the ends are gone."""
    return st.text(alphabet, min_size=shortest, max_size=longest).filter(lambda text: len(text.strip()) >= shortest)


names = st.builds(
    PersonName,
    last=_texts(_LETTERS, 30),
    first=_texts(_LETTERS, 30),
    middle=st.none() | _texts(_LETTERS, 20),
    suffix=st.none() | st.sampled_from(["JR", "iii"]),
)
people = st.builds(
    Person, name=names, birth_date=st.dates(date(1890, 1, 1), date(2026, 3, 1)), sex=st.sampled_from(Sex)
)
npis = st.integers(100_000_000, 299_999_999).map(lambda nine: f"{nine}{npi_check_digit(str(nine))}")
relationships = st.sampled_from([one for one in Relationship if one is not Relationship.SELF])
own_numbers = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=30)
service_types = st.lists(
    st.sampled_from("1 30 33 47 86 88 98 A4 A6 A8 AL CF MH UC".split()), min_size=1, max_size=10, unique=True
).map(tuple)
inquiries_about_subscribers = st.builds(
    EligibilityInquiry,
    payer_id=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=20),
    payer_name=_texts(_SENDABLE, 60),
    provider_npi=npis,
    provider_name=_texts(_SENDABLE, 60),
    member_id=_texts(_SENDABLE, 80, shortest=2),
    subscriber=people,
    service_date=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    service_types=service_types,
    trace_number=own_numbers,
    reference=own_numbers,
)
inquiries = inquiries_about_subscribers | st.builds(
    lambda inquiry, dependent, relationship: replace(inquiry, dependent=dependent, relationship=relationship),
    inquiries_about_subscribers,
    people,
    relationships.map(lambda one: one.value) | relationships.map(lambda one: one.code),
)
interchanges = st.builds(
    Interchange,
    sender_id=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=15),
    receiver_id=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=15),
    control_number=st.integers(1, 999_999_999),
    created_at=st.datetimes(datetime(2020, 1, 1), datetime(2039, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  Hypothesis adds the zone
    is_test=st.booleans(),
)
