"""What must be true of a review: it lets the claim go out, and then others take it, or it says where it is wrong."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final, cast

from app.api.answers import to_json
from app.api.schemas.claim_reviews import PriorPayerAnswer
from app.api.schemas.claims import ClaimAnswer
from app.domain.claim_parts import ClaimParts
from app.domain.findings import Severity
from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim
from app.sandbox.edits import edit_all
from app.sandbox.interchange import Interchange, read_interchange
from app.use_cases.claim_reviews import Review, review_of
from app.use_cases.context import Context
from tests.factories import NOW, TODAY
from tests.x12.balance_837 import imbalances
from tests.x12.pyx12_oracle import complaints

CONTEXT: Final = cast("Context", SimpleNamespace(sender_id="INVENTEDMINDS", receiver_id="CLEARING", now=lambda: NOW))
"""What a review asks of its context."""
_RANKS: Final = "PSTABCDEFGH"


def reviewed(parts: ClaimParts, *, today: date = TODAY) -> Review:
    return review_of(CONTEXT, parts, today=today, reference="REFERENCE1")


def goes_out(review: Review) -> bool:
    return review.x12 is not None and not any(one.severity is Severity.ERROR for one in review.findings)


def unmet(parts: ClaimParts, review: Review) -> list[str]:
    """What is not as it must be; empty when the claim goes out as it should, or is refused as it should."""
    if goes_out(review):
        return [*_faults_of_text(parts, review.x12 or ""), *_faults_of_findings(review)]
    return [*_faults_of_refusal(review), *_faults_of_findings(review)]


def said_of(review: Review) -> str:
    """All words of a review's findings and repairs, in upper case."""
    repairs = (f"{offered.repair.title} {offered.repair.pointer}" for offered in review.repairs)
    return " ".join((*map(str, review.findings), *repairs)).upper()


def _faults_of_refusal(review: Review) -> Iterator[str]:
    if not any(one.severity is Severity.ERROR for one in review.findings):
        yield "refused without an error"
    if not review.has_error or review.is_submittable:
        yield "refused and submittable"


def _faults_of_findings(review: Review) -> Iterator[str]:
    """Each has its code and its place, and what it points to is in the document that is answered."""
    document = _document(review)
    for one in review.findings:
        where = f"{one.code} at {one.pointer}, {one.location}"
        if not one.code or not (one.pointer or one.location):
            yield f"no code or no place: {where}"
        if one.pointer is not None and not _is_in_review(one.pointer, document):
            yield f"points to nothing: {where}"


def _document(review: Review) -> Any:
    """What is answered, and of the claim the names of its members: slips are in it that no request could bring."""
    content = review.claim.content
    members: dict[str, Any] = dict.fromkeys(ClaimAnswer.model_fields)
    members |= {name: [{} for _ in getattr(content, name)] for name in ("lines", "diagnoses", "payer_assigned_ids")}
    members |= {name: {"address": {}} for name in ("service_facility", "pay_to_address", "billing_contact")}
    priors = [PriorPayerAnswer.from_review(prior, position) for position, prior in enumerate(review.prior_payers)]
    return {"claim": members, "prior_payers": [json.loads(to_json(prior)) for prior in priors]}


def _is_in_review(pointer: str, document: Any) -> bool:
    """The place is there, or the one around it where a member is not. The claim is not looked into further than to its
    lines.
    """
    _, top, *steps = pointer.split("/")
    if top == "claim":
        pointer = "/".join(("", top, *steps[:2]))
    if _resolves(pointer, document):
        return top == "prior_payers" or bool(steps)
    around, _, last = pointer.rpartition("/")
    # A service that was adjudicated as billed has the modifiers of the line, and none of its own.
    may_be_absent = not last.isdecimal() or around.endswith("/modifiers")
    return len(steps) > 1 and may_be_absent and _resolves(around, document)


def _resolves(pointer: str, document: Any) -> bool:
    """RFC 6901, without its escapes: no member has a name that needs them."""
    node = document
    for step in pointer.split("/")[1:]:
        if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            return False
    return True


def _faults_of_text(parts: ClaimParts, text: str) -> Iterator[str]:
    yield from (f"pyx12: {one}" for one in complaints(text))
    yield from (f"equation: {one}" for one in imbalances(text))
    yield from _faults_in_sandbox(parts, text)
    yield from _faults_of_amounts(parts, text)


def _faults_in_sandbox(parts: ClaimParts, text: str) -> Iterator[str]:
    interchange = read_interchange(text)
    if not isinstance(interchange, Interchange):
        yield f"sandbox: {interchange}"
        return
    read = read_claims(interchange)
    claims = [one for one in read if isinstance(one, Claim)]
    yield from (f"sandbox: {one}" for one in read if one not in claims)
    reached = {payer.electronic_id for payer in parts.payers.values()}
    yield from (f"sandbox: {edit.id} {edit.location}" for edits in edit_all(claims, reached) for edit in edits)


def _faults_of_amounts(parts: ClaimParts, text: str) -> Iterator[str]:
    """Against what was charged and decided, segment by segment, in the default delimiters."""
    segments = [segment.split("*") for segment in text.split("~")]
    content = parts.claim.content
    charged = [Decimal(one[2]) for one in segments if one[0] == "CLM"]
    if charged != [content.total_charge]:
        yield "CLM02 is not the charge"
    if [Decimal(one[2]) for one in segments if one[0] == "SV1"] != [line.charge for line in content.lines]:
        yield "SV102 is not the line's charge"
    ranks = [one[1] for one in segments if one[0] == "SBR"]
    if sorted(ranks, key=_RANKS.index) != list(_RANKS[: len(ranks)]):
        yield "SBR01 skips or repeats a rank"
    yield from _faults_of_other_payers(parts, segments, ranks)


def _faults_of_other_payers(parts: ClaimParts, segments: list[list[str]], ranks: list[str]) -> Iterator[str]:
    asked, *others = ranks
    starts = [number for number, one in enumerate(segments) if one[0] == "SBR"][1:]
    ends = [*starts, next(number for number, one in enumerate(segments) if one[0] == "LX")][1:]
    decided = {one.claim.coverage_id: one.adjudication for one in parts.chain if one.claim.status.is_live}
    order = {ranked.rank.code: decided.get(ranked.coverage.id) for ranked in parts.order}
    for rank, start, end in zip(others, starts, ends, strict=True):
        loop = segments[start:end]
        said = [one for one in loop if one[0] in {"CAS", "AMT", "MOA"} or one[:2] == ["DTP", "573"]]
        paid = [Decimal(one[2]) for one in loop if one[:2] == ["AMT", "D"]]
        adjudication = order.get(rank)
        if _RANKS.index(rank) > _RANKS.index(asked):
            if said:
                yield f"the {rank} payer has not been asked, and stands with money"
        elif adjudication is None or paid != [adjudication.decision.paid]:
            yield f"AMT*D is not what the {rank} payer paid"
