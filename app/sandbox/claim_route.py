"""`POST …/professionalclaims/v3/raw-x12-submission`: an 837P in JSON in, a 277CA in JSON out.

A transaction is taken whole or not at all: every claim of it passes the edits, or none is booked. What is booked, and the
answer an idempotency key gets again, are on disk in one transaction before a byte of the answer goes out.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.acknowledgment_277 import CLEARINGHOUSE, Status, Verdict, write_277ca
from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim
from app.sandbox.edits import Edit, edit_all
from app.sandbox.eligibility_route import Desk
from app.sandbox.faults import Fault, On, spoiled
from app.sandbox.interchange import Interchange, Problem, read_interchange
from app.sandbox.keys import HEADER, KeysInFlight, is_key, request_hash
from app.sandbox.ledger import SubmissionAnswer
from app.sandbox.submission_json import accepted, invalid, not_readable, refused_by_edits

_MAX_BODY: Final = 1024 * 1024
# 507 and 508: A1 20, received and accepted for processing; A3 21, returned for what is wrong elsewhere.
_TAKEN: Final = Status(category="A1", status="20")
_NEIGHBOUR_REFUSED: Final = Status(
    category="A3", status="21", text="Not taken, because another claim of the transaction was refused."
)


@dataclass(frozen=True, repr=False)
class _Asked:
    """One request as far as it could be read."""

    key: str | None
    x12: str
    question: Interchange
    claims: tuple[Claim, ...]


async def submit_claims(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    keys: KeysInFlight = request.app.state.claim_keys
    if request.headers.get("authorization", "").removeprefix("Key ") != desk.api_key:
        return _denied("This API key is not known.")
    key = request.headers.get(HEADER)
    if key is not None and not is_key(key):
        return _refused("INVALID_IDEMPOTENCY_KEY", "The idempotency key must have 1 to 255 printable characters.")
    x12 = _x12_of(await _body(request))
    if isinstance(x12, Response):
        return x12
    # From here to the answer nothing waits: two requests with one key cannot both find it unknown.
    if key in keys:
        message = "A request with this idempotency key is still being answered."
        return JSONResponse({"message": message}, status_code=409, headers={"retry-after": "1"})
    return keys.during(key, _answered(desk, key, x12))


def _answered(desk: Desk, key: str | None, x12: str) -> Response:
    remembered = None if key is None else desk.ledger.answer_to(key, desk.clock())
    if remembered is not None and remembered.request_hash != request_hash(x12):
        content = invalid("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used with another request.")
        return JSONResponse(content, status_code=422)
    known = remembered or _read(key, x12)
    if isinstance(known, Response):
        return known
    fault, retry_after = desk.faults.take(On.CLAIMS) or (None, None)
    if fault is not None and fault.before_taking:
        return spoiled(fault, retry_after, b"", desk.pace)
    answer = known if isinstance(known, SubmissionAnswer) else _taken_or_refused(desk, known)
    if fault is None:
        return Response(answer.body, status_code=answer.status, media_type="application/json")
    return _gone_wrong(desk, fault, retry_after, answer)


def _read(key: str | None, x12: str) -> _Asked | Response:
    question = read_interchange(x12)
    if not isinstance(question, Interchange):
        return JSONResponse(not_readable(question), status_code=400)
    if question.usage != "T":
        return _denied("A test key takes test transactions only (ISA15 = T).")
    read = read_claims(question)
    claims = tuple(one for one in read if isinstance(one, Claim))
    if not claims:
        return JSONResponse(not_readable([one for one in read if isinstance(one, Problem)]), status_code=400)
    return _Asked(key, x12, question, claims)


def _taken_or_refused(desk: Desk, asked: _Asked) -> SubmissionAnswer:
    now, correlation_id = desk.clock(), f"01{uuid4().hex[:24].upper()}"
    edits = edit_all(asked.claims, desk.book.payers)
    refused = any(edits)
    with desk.ledger.transaction():
        control_number = desk.ledger.next_control_number()
        frame = (correlation_id, _acknowledged(asked, edits, control_number, now), control_number, now)
        if refused:
            content = refused_by_edits(asked.question, asked.claims[0], chain.from_iterable(edits), *frame)
        else:
            content = accepted(asked.question, asked.claims[0], *frame)
            numbers = [claim.control_number for claim in asked.claims]
            desk.ledger.record_claims(
                numbers, key=asked.key, x12=asked.x12, correlation_id=correlation_id, taken_at=now
            )
        body = json.dumps(content).encode()
        answer = SubmissionAnswer(request_hash=request_hash(asked.x12), status=200, body=body)
        if asked.key is not None:
            desk.ledger.remember_answer(asked.key, answer, now)
    return answer


def _acknowledged(asked: _Asked, edits: list[tuple[Edit, ...]], control_number: int, now: datetime) -> str:
    """The 277CA: one STC for every edit, or one that says the claim is taken."""
    otherwise = _NEIGHBOUR_REFUSED if any(edits) else _TAKEN
    verdicts = [
        Verdict(claim=claim, statuses=tuple(map(_status, found)) or (otherwise,))
        for claim, found in zip(asked.claims, edits, strict=True)
    ]
    return write_277ca(
        asked.question,
        verdicts,
        source=CLEARINGHOUSE,
        received_on=now.date(),
        control_number=control_number,
        now=now,
    )


def _status(edit: Edit) -> Status:
    return Status(category=edit.category, status=edit.status, text=f"{edit.text} ({edit.location})")


def _gone_wrong(desk: Desk, fault: Fault, retry_after: str | None, answer: SubmissionAnswer) -> Response:
    """What a fault makes of the answer to something that is booked or refused already."""
    content = json.loads(answer.body)
    if fault is Fault.NOX12:
        return JSONResponse(content | {"x12": ""})
    if fault is Fault.OTHER:
        content["claimReference"]["patientControlNumber"] = "OTHERCLAIM"
        content["x12"] = re.sub(r"~TRN\*2\*[^~]*", "~TRN*2*OTHERCLAIM", content["x12"])
    return spoiled(fault, retry_after, json.dumps(content).encode(), desk.pace)


def _denied(message: str) -> JSONResponse:
    return JSONResponse(invalid("ACCESS_DENIED", message), status_code=403)


def _refused(code: str, message: str) -> JSONResponse:
    return JSONResponse(invalid(code, message), status_code=400)


async def _body(request: Request) -> bytes | None:
    """The body, or None when it is longer than the sandbox takes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            return None
    return bytes(body)


def _x12_of(body: bytes | None) -> str | JSONResponse:
    if body is None:
        return _refused("INVALID_REQUEST", "The body is longer than 1 MiB.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return _refused("INVALID_REQUEST", "The body is not JSON.")
    x12 = content.get("x12") if isinstance(content, dict) else None
    if not isinstance(x12, str):
        return _refused("INVALID_REQUEST", "The body must be an object with `x12`, which is text.")
    return x12
