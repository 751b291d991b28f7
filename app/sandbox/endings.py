"""Endings of member ids that choose what the payer does with a claim: `MLK100001DENY` is the plan of MLK100001, denied.

A payer takes such an id for one of its own in inquiries too, so that a coverage with it can be checked and billed.
"""

from enum import StrEnum


class Outcome(StrEnum):
    DENY = "DENY"
    DENYFIX = "DENYFIX"
    NOTKNOWN = "NOTKNOWN"
    PEND = "PEND"
    LINES = "LINES"
    REJECT = "REJECT"
    FORWARD = "FORWARD"
    DEDUCT = "DEDUCT"
    UNBAL = "UNBAL"
    EXTRA = "EXTRA"


def split_outcome(member_id: str) -> tuple[str, Outcome | None]:
    """The member id of the policy, and what its ending asks for."""
    for outcome in Outcome:
        if member_id.endswith(outcome.value) and member_id != outcome.value:
            return member_id.removesuffix(outcome.value), outcome
    return member_id, None


def with_endings(pattern: str) -> str:
    """The pattern of a payer's member ids, for ids with an ending too."""
    return f"(?:{pattern})(?:{'|'.join(Outcome)})?"
