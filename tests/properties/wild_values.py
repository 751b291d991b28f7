"""What may stand in one member of a record beside what belongs there: any value of its type, of those that go wrong."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency, PayerAssignedId, ProviderRole
from app.domain.codes import BenefitClass, PayerResponsibility, Relationship
from app.domain.coverages import CoverageStatus, MemberIdOwner
from app.domain.parties import Contact, PersonName
from app.domain.providers import ProviderKind
from tests.factories import an_npi
from tests.properties.claim_parts import MARK, marked

Wild = Mapping[str, st.SearchStrategy[Any]]

_ENDS = ("", "*", "~", ":", "^", "|", ">", "Ł", "ß", "\u2019", "漢", "\n", "\x00", "#", "X" * 20, "X" * 80, "Å" * 52)
texts = st.sampled_from(_ENDS).map(marked) | st.sampled_from(("", " ", "*", "é"))
optional_texts = st.none() | texts
_amounts = st.sampled_from(
    [*map(Decimal, "-0.01 -80 0 -0 0.005 0.001 80.5 8E+1 99999999.99 100000000 1E+9 12345.6789".split())]
)
_cents = st.integers(-9_000, 90_000).map(lambda cents: Decimal(cents) / 100)
_wild_amounts = _amounts | _cents
_days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
_ids = st.integers(300, 310).map(lambda number: UUID(int=number))
_pointers = st.lists(st.integers(-1, 14), max_size=6).map(tuple)
_codes = st.text("AZ09-.*", max_size=6)

ADDRESS: Final[Wild] = {
    "line1": texts | st.sampled_from(("PO BOX 7", "P.O. Box 7")),
    "line2": optional_texts | st.just("Lock Box 7"),
    "city": texts,
    "state": st.sampled_from(("XX", "", "co", "GU")),
    "postal_code": st.sampled_from(("80211", "802110001", "8021", "80211-0001", "ABCDE", "")),
}
NAME: Final[Wild] = {"last": texts, "first": texts, "middle": optional_texts, "suffix": optional_texts}
PRACTICE: Final[Wild] = {
    "name": texts,
    "npi": st.sampled_from(("1234567890", "", "12345", an_npi(7))),
    "tax_id": st.sampled_from((None, "", "12-3456789", "1234")),
    "billing_contact": st.none() | st.builds(Contact, name=texts, phone=_codes),
    "taxonomy_code": st.sampled_from((None, "", "101YM0800", "101ym0800x")),
    "address": st.none(),
}
PATIENT: Final[Wild] = {"signature_on_file": st.none(), "release_of_information": st.none()}
COVERAGE: Final[Wild] = {
    "status": st.sampled_from(CoverageStatus),
    "benefit_class": st.sampled_from(BenefitClass),
    "insurance_type_code": st.sampled_from((None, "12", "99")),
    "member_id": texts,
    "member_id_belongs_to": st.sampled_from(MemberIdOwner),
    "group_number": optional_texts,
    "group_name": optional_texts,
    "relationship": st.sampled_from(Relationship),
    "subscriber": st.none(),
    "claim_filing_code": st.sampled_from(("MB", "MA", "CI", "16", "", "XX")),
    "benefits_assigned": st.none(),
    "ranks": st.just(()),
}
RANK: Final[Wild] = {
    "benefit_class": st.sampled_from(BenefitClass),
    "rank": st.sampled_from(tuple(PayerResponsibility)[:6]),
    "insurance_type_code": st.sampled_from((None, "12", "47", "99")),
    "from_date": _days,
    "to_date": _days,
}
PAYER: Final[Wild] = {
    "name": texts,
    "claim_filing_code": st.sampled_from(("MA", "CI", "", "99")),
    "electronic_id": st.sampled_from(("INV0", "INV1", "INV2", "X", "")),
}
PROVIDER: Final[Wild] = {
    "kind": st.sampled_from(ProviderKind),
    "npi": st.sampled_from(("1234567890", "", an_npi(), an_npi(7))),
    "name": st.none() | st.builds(PersonName, last=texts, first=texts),
    "organization_name": optional_texts,
    "taxonomy_code": st.sampled_from((None, "", "101YM0800")),
    "participations": st.just(()),
}
CONTENT: Final[Wild] = {
    "billing_provider_id": st.none() | _ids,
    "rendering_provider_id": st.none() | _ids,
    "referring_provider_id": st.none() | _ids,
    "supervising_provider_id": st.none() | _ids,
    "billing_contact": st.builds(Contact, name=texts, phone=_codes),
    "payer_assigned_ids": st.lists(
        st.builds(PayerAssignedId, role=st.sampled_from(ProviderRole), number=texts), max_size=6
    ).map(tuple),
    "place_of_service": st.sampled_from(("", "00", "1", "11", "ZZ")),
    "diagnoses": st.lists(st.sampled_from(("F411", "F329", "f411", "F41.1", "", "Z")), max_size=14).map(tuple),
    "prior_authorization": optional_texts,
    "referral_number": optional_texts,
    "patient_paid": st.none() | _wild_amounts,
    "signature_generated_by_provider": st.booleans(),
    "lines": st.just(()),
}
LINE: Final[Wild] = {
    "control_number": st.sampled_from((f"{MARK}1", "", "A" * 31, "a*b", "1")),
    "procedure_code": _codes | st.just("90837"),
    "modifiers": st.lists(_codes | st.sampled_from(("95", "HO")), max_size=6).map(tuple),
    "charge": _wild_amounts,
    "units": _wild_amounts,
    "diagnosis_pointers": _pointers,
    "first_date": _days,
    "last_date": st.none() | _days,
    "place_of_service": st.sampled_from((None, "", "00", "11")),
}
CLAIM: Final[Wild] = {
    "rank": st.sampled_from(tuple(PayerResponsibility)[:5]),
    "frequency": st.sampled_from(ClaimFrequency),
    "payer_claim_number": optional_texts,
    "patient_control_number": st.sampled_from(("", "A" * 18, "pcn-1", "A1")),
    "previous_claim_id": st.none(),
}
_adjustments = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from(AdjustmentGroup),
        reason_code=st.sampled_from((None, "1", "2", "3", "45", "16", "97", "", "co-45", "123456")),
        amount=_wild_amounts,
        quantity=st.none() | _wild_amounts,
    ),
    max_size=9,
).map(tuple)
_remarks = st.lists(st.sampled_from(("MA07", "N89", "MA130", "M15", "", "?", "ma07", "N12345")), max_size=7).map(tuple)
DECISION: Final[Wild] = {
    "adjudication_date": _days,
    "paid": _wild_amounts,
    "adjustments": _adjustments,
    "remark_codes": _remarks,
    "remaining_liability": st.none() | _wild_amounts,
    "payer_claim_number": optional_texts,
    "lines": st.just(()),
}
SERVICE: Final[Wild] = {
    "line_id": st.integers(1, 3).map(lambda number: UUID(int=number)),
    "paid": _wild_amounts,
    "procedure_qualifier": st.sampled_from(("HC", "ER", "IV", "NU", "")),
    "procedure_code": st.none() | _codes,
    "modifiers": st.lists(_codes | st.just("95"), max_size=6).map(tuple),
    "units": st.none() | _wild_amounts,
    "bundled_into_line_id": st.integers(1, 3).map(lambda number: UUID(int=number)),
    "adjustments": _adjustments,
    "remark_codes": _remarks,
    "remaining_liability": st.none() | _wild_amounts,
}


def changed(draw: st.DrawFn, value: Any, wild: Wild) -> Any:
    name = draw(st.sampled_from(sorted(wild)))
    return replace(value, **{name: draw(wild[name])})


def one_changed(draw: st.DrawFn, values: tuple[Any, ...], wild: Wild) -> tuple[Any, ...]:
    if not values:
        return values
    at = draw(st.integers(0, len(values) - 1))
    return (*values[:at], changed(draw, values[at], wild), *values[at + 1 :])
