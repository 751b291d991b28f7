"""Where in a claim's review a place of the assembled claim is shown: `/claim/...` or `/prior_payers/{i}/...`.

The writer of an 837P points into the assembled claim, which no client has seen. There an earlier decision stands as it is
sent: adjustments of one reason are one, those of zero are gone, and so is a service on a line that the claim does not
have. The review shows the decision as it was entered, and the positions in it are others.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from app.domain.adjudications import Adjustment, Decision
from app.domain.adjustments import condensed

_SAME: Final = frozenset(
    {
        "diagnoses",
        "frequency",
        "lines",
        "patient_control_number",
        "patient_paid",
        "payer_claim_number",
        "place_of_service",
        "prior_authorization",
        "referral_number",
        "service_facility",
    }
)
_SHOWN_AS: Final = {
    "billed_by": "/claim/billing_provider_id",
    "policy": "/claim/coverage_id",
    "payer": "/claim/payer_id",
    "patient": "/claim/patient_id",
    "rendering": "/claim/rendering_provider_id",
    "referring": "/claim/referring_provider_id",
    "supervising": "/claim/supervising_provider_id",
    "submitter": "/claim/billing_contact",
    "other_payers": "/prior_payers",
}
_OF_OTHER_PAYER: Final = {
    "name": "payer/name",
    "payer_id": "payer/electronic_id",
    "payer_claim_number": "adjudication/payer_claim_number",
    "prior_authorization": "claim_id",
    "referral_number": "claim_id",
}
_OF_SERVICE: Final = {
    "bundled_into": "bundled_into_line_id",
    "line_number": "line_id",
    "procedure_qualifier": "procedure_qualifier_code",
}
_OTHER_PAYER: Final = re.compile(r"/other_payers/([0-9]+)(/.*)?", re.ASCII)
_SERVICE: Final = re.compile(r"/lines/([0-9]+)(/.*)?", re.ASCII)
_ADJUSTMENT: Final = re.compile(r"/adjustments/([0-9]+)(/.*)?", re.ASCII)
_PRIOR_SERVICE: Final = re.compile(r"(/prior_payers/[0-9]+/adjudication/lines/[0-9]+/)([a-z_]+)", re.ASCII)


def in_review(pointer: str | None, *, decisions: Sequence[Decision | None], line_ids: Collection[UUID]) -> str | None:
    """The place of an assembled claim's pointer. `decisions` are those of the payers ahead, as they were entered: the
    others after them have no place of their own in the review. `line_ids` are those of the claim's lines.
    """
    if pointer is None:
        return None
    other = _OTHER_PAYER.fullmatch(pointer)
    if other is not None:
        return _of_other_payer(int(other[1]), other[2] or "", decisions, line_ids)
    first = pointer.removeprefix("/").partition("/")[0]
    return f"/claim{pointer}" if first in _SAME else _SHOWN_AS.get(first)


def as_shown(pointer: str | None) -> str | None:
    """A pointer into a review by the domain's names, by those that the review has."""
    found = None if pointer is None else _PRIOR_SERVICE.fullmatch(pointer)
    return pointer if found is None else f"{found[1]}{_OF_SERVICE.get(found[2], found[2])}"


def _of_other_payer(position: int, rest: str, decisions: Sequence[Decision | None], line_ids: Collection[UUID]) -> str:
    if position >= len(decisions):
        return "/claim/patient_id"
    place = f"/prior_payers/{position}"
    first, _, deeper = rest.removeprefix("/").partition("/")
    decision = decisions[position]
    if first == "decision" and decision is not None:
        return f"{place}/adjudication{_in_decision(f'/{deeper}' if deeper else '', decision, line_ids)}"
    return f"{place}/{_OF_OTHER_PAYER.get(first, 'payer')}"


def _in_decision(pointer: str, decision: Decision, line_ids: Collection[UUID]) -> str:
    service = _SERVICE.fullmatch(pointer)
    if service is None:
        return _in_adjustments(pointer, decision.adjustments)
    written = [index for index, one in enumerate(decision.lines) if one.line_id in line_ids]
    index, rest = int(service[1]), service[2] or ""
    if index >= len(written):
        return "/lines"
    rest = _in_adjustments(rest, decision.lines[written[index]].adjustments)
    name = rest.removeprefix("/")
    return f"/lines/{written[index]}" + (f"/{_OF_SERVICE.get(name, name)}" if name else "")


def _in_adjustments(pointer: str, entered: Sequence[Adjustment]) -> str:
    """The first of those that are sent as one."""
    found = _ADJUSTMENT.fullmatch(pointer)
    sent = condensed(entered)
    if found is None or int(found[1]) >= len(sent):
        return pointer
    one = sent[int(found[1])]
    index = next(
        at for at, other in enumerate(entered) if (other.group, other.reason_code) == (one.group, one.reason_code)
    )
    return f"/adjustments/{index}{found[2] or ''}"
