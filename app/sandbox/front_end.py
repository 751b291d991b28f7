"""What a payer's front end says of a claim before anybody decides on money, and who the other payers of a claim are.

Pure. `adjudication.py` decides on what is taken here.
"""

from typing import Final

from app.sandbox.acknowledgment_277 import Status
from app.sandbox.claims import Claim, OtherPayer
from app.sandbox.endings import Outcome, split_outcome
from app.sandbox.members import Book, Member, Person

_RANKS: Final = "PSTABCDEFGH"
"""SBR01 in their order: primary, secondary, tertiary, fourth to eleventh."""

# Status codes (508). 20: accepted for processing; 45: awaiting benefit determination; 33: subscriber not found; 164:
# contract or member number; 286: the other payer's payment information.
_ACCEPTED: Final = Status(category="A2", status="20")
_PENDED: Final = Status(category="P1", status="45")
_MEMBER_NOT_FOUND: Final = Status(category="A7", status="33", entity="IL")
_REJECTED: Final = Status(category="A7", status="164", entity="IL")
_LINES_MISSING: Final = Status(category="A6", status="286")


def member_of(claim: Claim, book: Book) -> Member | None:
    """The policy the claim is for. It is known by its id alone: a payer compares no names in a claim."""
    payer = book.payers.get(claim.payer_id)
    who = Person(last_name=claim.subscriber.last, first_name=claim.subscriber.first, birth_date=None, sex="U")
    return None if payer is None else book.member(payer, claim.member_id, who)


def front_end_status(claim: Claim, book: Book) -> Status:
    """STC01 of the payer's 277CA: taken (A2), pended (P1) or rejected (A6, A7)."""
    _, outcome = split_outcome(claim.member_id)
    if member_of(claim, book) is None:
        return _MEMBER_NOT_FOUND
    if outcome is Outcome.REJECT:
        return _REJECTED
    if outcome is Outcome.LINES and any(_at_claim_level_only(one, claim) for one in earlier_payers(claim)):
        return _LINES_MISSING
    return _PENDED if outcome is Outcome.PEND else _ACCEPTED


def earlier_payers(claim: Claim) -> tuple[OtherPayer, ...]:
    """The payers before this one, in their order. One that was never billed (AMT*A8, no AMT*D) has no part in it."""
    own = _place(claim.rank)
    others = [one for one in claim.others if _place(one.rank) < own and not (one.paid is None and one.not_covered)]
    return tuple(sorted(others, key=lambda one: _place(one.rank)))


def later_payer(claim: Claim) -> OtherPayer | None:
    """The next payer after this one, as the claim names it."""
    later = [one for one in claim.others if _place(one.rank) > _place(claim.rank)]
    return min(later, key=lambda one: _place(one.rank), default=None)


def _place(rank: str) -> int:
    """U, unknown, counts as first."""
    return max(_RANKS.find(rank), 0)


def _at_claim_level_only(other: OtherPayer, claim: Claim) -> bool:
    return other.paid is not None and all(one.payer_id != other.payer_id for line in claim.lines for one in line.prior)
