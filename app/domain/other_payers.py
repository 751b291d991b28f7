"""Other payers a 271 names: other insurance the payer knows of, and who handles benefits it has carved out.

Other insurance is EB01 R with a payer in loop 2120; it is evidence, never proof of the order, and a rank is only
what NM101 says (PRP, SEP, TTP). A carve-out is a benefit of mental health that names an entity other than the payer
that answers: the plan is active, but somebody else decides and pays for therapy.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from app.domain.eligibility import Benefit, BenefitEntity, BenefitKind, EligibilityAnswer, OtherPayer
from app.domain.identifiers import compact

STATED_RANKS: Final = {"PRP": "primary", "SEP": "secondary", "TTP": "tertiary"}
MENTAL_HEALTH: Final = frozenset("MH A4 A5 A6 A7 A8 BB BC CE CF CG CH".split())
"""Service types of mental health: MH, psychiatric and psychotherapy, and their places (EB03)."""

_PAYERS: Final = frozenset({"PR", *STATED_RANKS})
_LIKE_PAYERS: Final = frozenset("P5 2B Y2 OC VN".split())
"""Sponsor, administrator, managed care, origin carrier, vendor: taken where no entity is called a payer."""
_CARVED_OUT_TO: Final = frozenset("13 2B PR PRP SEP TTP VN X3 Y2".split())
"""Who can handle a carved-out benefit; providers, employers and the insured cannot."""
_CONTACT_CODES: Final = frozenset({"U", "MC"})
_COORDINATION: Final = "290"
_MEANT_AS_DATES: Final = range(1900, 2201)
"""Years; payers write 00010101 or 99991231 where a period has no beginning or no end."""
_MEMBER_ID_REFERENCES: Final = ("1W", "IG", "F6", "NQ")


def other_payers(answers: Iterable[EligibilityAnswer]) -> tuple[OtherPayer, ...]:
    found = (
        payer
        for answer in answers
        for benefit in answer.benefits
        if benefit.kind is BenefitKind.OTHER_PAYER and not _is_carved_out(benefit)
        for payer in _named_payers(answer, benefit)
    )
    return tuple(dict.fromkeys(found))


def carve_outs(answers: Iterable[EligibilityAnswer]) -> tuple[OtherPayer, ...]:
    found = (
        _payer(benefit, entity)
        for answer in answers
        for benefit in answer.benefits
        if _is_carved_out(benefit)
        for entity in benefit.entities
        if _may_handle(benefit, entity) and not _is_answering(answer, entity)
    )
    return tuple(dict.fromkeys(found))


def _is_carved_out(benefit: Benefit) -> bool:
    """About mental health and not about the plan as a whole."""
    types = frozenset(benefit.service_type_codes)
    return bool(types & MENTAL_HEALTH) and "30" not in types


def _may_handle(benefit: Benefit, entity: BenefitEntity) -> bool:
    return entity.role_code in _CARVED_OUT_TO or (benefit.code in _CONTACT_CODES and entity.role_code in _LIKE_PAYERS)


def _named_payers(answer: EligibilityAnswer, benefit: Benefit) -> list[OtherPayer]:
    """Its payers; without any, whatever stands in for one; without that, the plan name alone."""
    entities = [entity for entity in benefit.entities if entity.role_code in _PAYERS] or [
        entity for entity in benefit.entities if entity.role_code in _LIKE_PAYERS
    ]
    if not entities:
        return [_payer(benefit, None)]
    return [_payer(benefit, entity) for entity in entities if not _is_answering(answer, entity)]


def _payer(benefit: Benefit, entity: BenefitEntity | None) -> OtherPayer:
    period = next(((first, last) for code, first, last in benefit.dates if code == _COORDINATION), (None, None))
    return OtherPayer(
        name=entity.name if entity is not None and entity.name else benefit.plan_name,
        payer_id=entity.identifier if entity is not None else None,
        stated_rank=STATED_RANKS.get(entity.role_code) if entity is not None else None,
        insurance_type_code=benefit.insurance_type_code,
        member_id=_member_id(benefit),
        from_date=_stated(period[0]),
        to_date=_stated(period[1]),
    )


def _stated(day: date | None) -> date | None:
    return day if day is not None and day.year in _MEANT_AS_DATES else None


def _member_id(benefit: Benefit) -> str | None:
    insured = next((entity.identifier for entity in benefit.entities if entity.role_code == "IL"), None)
    references = dict(reversed(benefit.references))
    return insured or next((references[code] for code in _MEMBER_ID_REFERENCES if references.get(code)), None)


def _is_answering(answer: EligibilityAnswer, entity: BenefitEntity) -> bool:
    """The payer that sent the answer, by id or, where the entity has none, by name."""
    if entity.identifier:
        return compact(entity.identifier) == compact(answer.payer_id or "")
    return entity.name is not None and entity.name == answer.payer_name
