"""A clearinghouse's edits: what it refuses in a claim that can be read. Pure.

The rules are tables, `claim_edits.py` for the claim by itself and `coordination_edits.py` for the payers before and beside
the one that is billed; they mirror the edits that Stedi publishes and the balance that a claim must have. A claim is
told everything at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from app.sandbox.claim_edits import CLAIM_RULES
from app.sandbox.claims import Claim
from app.sandbox.coordination_edits import COORDINATION_RULES

CODE: Final = "33"
"""The code Stedi gives to what its edits find."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One place where a claim breaks a rule. `category` and `status` are STC01 of the 277CA."""

    id: str
    location: str
    text: str
    category: str
    status: str

    @property
    def code(self) -> str:
        return CODE


def edit(claim: Claim) -> tuple[Edit, ...]:
    """Everything for which this claim is refused; nothing when it is taken."""
    return tuple(
        Edit(id=rule.id, location=place, text=rule.text, category=rule.category, status=rule.status)
        for rule in (*CLAIM_RULES, *COORDINATION_RULES)
        for place in dict.fromkeys(rule.places(claim))
    )


def edit_all(claims: Sequence[Claim], reached: Collection[str]) -> list[tuple[Edit, ...]]:
    """The same for each claim of a transaction, with what its neighbours and the payers in reach add to it."""
    numbers = [claim.control_number for claim in claims]
    results = []
    for claim in claims:
        found = list(edit(claim))
        if numbers.count(claim.control_number) > 1:
            found.append(_REPEATED_NUMBER)
        if claim.payer_id not in reached:
            found.append(_PAYER_NOT_REACHED)
        results.append(tuple(found))
    return results


_REPEATED_NUMBER: Final = Edit(
    id="duplicate-patient-control-number",
    location="2300 CLM01",
    text="Two claims of one transaction have the same patient control number.",
    category="A7",
    status="21",
)
# 116: submitted to the wrong payer.
_PAYER_NOT_REACHED: Final = Edit(
    id="payer-not-reached",
    location="2010BB NM109",
    text="The clearinghouse does not reach this payer.",
    category="A3",
    status="116",
)
