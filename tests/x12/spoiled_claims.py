"""Professional claims in which some values are anything of their type: what is wrong is left to the writer to find."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.professional_claims import Contract, Note, ProfessionalClaim
from tests.x12.claim_strategies import DAYS, DIAGNOSES, REMARKS, claims, decisions, dollars, maybe, texts

_wild_texts = st.text(max_size=90) | st.text("AZ09 *:~^'-.", max_size=12) | st.none()
_wild_numbers = (
    st.decimals(allow_nan=True, allow_infinity=True)
    | st.integers(-(10**12), 10**12).map(dollars)
    | st.sampled_from([Decimal("sNaN"), Decimal("1E+999999"), Decimal("1E-999999"), Decimal("-0"), Decimal("0.005")])
)
_wild_adjustments = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from(AdjustmentGroup),
        reason_code=_wild_texts | st.integers(1, 300).map(str),
        amount=_wild_numbers | st.integers(-99, 99).map(dollars),
        quantity=maybe(_wild_numbers),
    ),
    max_size=40,
).map(tuple)
_wild_notes = st.builds(
    Note, code=st.sampled_from("ADD CER DCP DGN TPO XXX".split()) | st.text(max_size=4), text=st.text(max_size=90)
)
_wild_contracts = st.builds(
    Contract,
    type_code=st.sampled_from("01 02 09 07".split()) | st.text(max_size=3),
    amount=maybe(_wild_numbers),
    percent=maybe(_wild_numbers | st.integers(0, 999_999).map(dollars)),
    code=_wild_texts,
    discount_percent=maybe(_wild_numbers),
    version=_wild_texts,
)
_WILD: dict[str, st.SearchStrategy[Any]] = {
    "patient_control_number": st.text(max_size=40),
    "place_of_service": st.text(max_size=3),
    "diagnoses": st.lists(st.text(max_size=9) | st.sampled_from(DIAGNOSES), max_size=14).map(tuple),
    "patient_paid": _wild_numbers,
    "payer_claim_number": _wild_texts,
    "referral_number": _wild_texts,
    "patient_is_subscriber": st.booleans(),
    "note": maybe(_wild_notes),
    "contract": maybe(_wild_contracts),
    "diagnoses_are_icd_9": st.booleans(),
}
_WILD_LINE: dict[str, st.SearchStrategy[Any]] = {
    "control_number": st.text(max_size=40),
    "procedure_code": st.text(max_size=9),
    "modifiers": st.lists(st.text(max_size=3), max_size=6).map(tuple),
    "charge": _wild_numbers,
    "units": _wild_numbers,
    "diagnosis_pointers": st.lists(st.integers(-3, 30), max_size=6).map(tuple),
    "last_date": DAYS,
    "place_of_service": _wild_texts,
    "procedure_qualifier": st.text(max_size=3) | st.sampled_from("ER HC IV WK".split()),
    "description": _wild_texts,
    "notes": st.lists(_wild_notes, max_size=4).map(tuple),
    "contract": maybe(_wild_contracts),
}
_WILD_ADDRESS: dict[str, st.SearchStrategy[Any]] = {
    "line1": st.text(max_size=60),
    "line2": _wild_texts,
    "city": st.text(max_size=40),
    "state": st.text(max_size=3),
    "postal_code": st.text(max_size=11),
}
_WILD_DECISION: dict[str, st.SearchStrategy[Any]] = {
    "paid": _wild_numbers,
    "adjustments": _wild_adjustments,
    "remaining_liability": maybe(_wild_numbers),
    "adjudication_date": st.none() | DAYS,
    "remark_codes": st.lists(st.sampled_from([*REMARKS, "", "?", "MA", "123456"]), max_size=8).map(tuple),
}
_WILD_PRIOR_LINE: dict[str, st.SearchStrategy[Any]] = {
    "line_number": st.integers(-3, 60),
    "paid": _wild_numbers,
    "procedure_code": st.text(max_size=9),
    "procedure_qualifier": st.text(max_size=3),
    "units": _wild_numbers,
    "bundled_into": maybe(st.integers(-3, 60)),
    "adjustments": _wild_adjustments,
    "remaining_liability": maybe(_wild_numbers),
}


def _changed(draw: st.DrawFn, value: Any, wild: dict[str, st.SearchStrategy[Any]]) -> Any:
    names_of_fields = draw(st.lists(st.sampled_from(sorted(wild)), min_size=1, max_size=2, unique=True))
    return replace(value, **{name: draw(wild[name]) for name in names_of_fields})


def _one_changed(draw: st.DrawFn, values: tuple[Any, ...], wild: dict[str, st.SearchStrategy[Any]]) -> tuple[Any, ...]:
    position = draw(st.integers(0, len(values) - 1))
    return (*values[:position], _changed(draw, values[position], wild), *values[position + 1 :])


@st.composite
def spoiled_claims(draw: st.DrawFn) -> ProfessionalClaim:
    """A claim in which some values are anything of their type: what is wrong with it is left to the writer."""
    sound = draw(claims(most_lines=3))
    claim = _changed(draw, sound, _WILD) if draw(st.booleans()) else sound
    if draw(st.booleans()):
        claim = replace(claim, lines=_one_changed(draw, claim.lines, _WILD_LINE))
    if draw(st.booleans()):
        billed_by = replace(claim.billed_by, address=_changed(draw, claim.billed_by.address, _WILD_ADDRESS))
        claim = replace(claim, billed_by=replace(billed_by, tax_id=draw(texts(11)), npi=draw(texts(11))))
    if claim.other_payers and draw(st.booleans()):
        payer, *others = claim.other_payers
        decision = payer.decision or draw(decisions(sound.lines))
        if decision.lines and draw(st.booleans()):
            decision = replace(decision, lines=_one_changed(draw, decision.lines, _WILD_PRIOR_LINE))
        else:
            decision = _changed(draw, decision, _WILD_DECISION)
        payer = replace(payer, decision=decision, payer_id=draw(st.text(max_size=5) | st.just(payer.payer_id)))
        claim = replace(claim, other_payers=(payer, *others))
    return claim
