"""`POST …/eligibility/v3/raw-x12`: a 270 in JSON in, a 271 in JSON out."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.acknowledgment_999 import write_999
from app.sandbox.answer_271 import write_271
from app.sandbox.answer_json import answered, invalid_request, not_parsed
from app.sandbox.eligibility import Answer, answer
from app.sandbox.faults import Fault, FaultQueue, Pace, split_member_id, spoiled
from app.sandbox.inquiry_270 import Inquiry, read_inquiry
from app.sandbox.interchange import Interchange, Problem, read_interchange
from app.sandbox.ledger import Ledger
from app.sandbox.members import Book

_MAX_BODY = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What an endpoint needs to answer: the facts, the memory, the key, the clock."""

    book: Book
    ledger: Ledger
    faults: FaultQueue
    pace: Pace
    api_key: str
    clock: Callable[[], datetime]


async def ask_eligibility(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if request.headers.get("authorization", "").removeprefix("Key ") != desk.api_key:
        return _denied("This API key is not known.")
    read = _x12_of(await _body(request))
    if isinstance(read, JSONResponse):
        return read
    question = read_interchange(read)
    if not isinstance(question, Interchange):
        return _refused(desk, None, question)
    if question.usage != "T":
        return _denied("A test key takes test transactions only (ISA15 = T).")
    inquiry = read_inquiry(question)
    if not isinstance(inquiry, Inquiry):
        return _refused(desk, question, inquiry)
    return _answer(desk, question, inquiry)


def _answer(desk: Desk, question: Interchange, inquiry: Inquiry) -> Response:
    member_id, by_ending = split_member_id(inquiry.subscriber.member_id)
    fault, retry_after = (by_ending, None) if by_ending else desk.faults.take() or (None, None)
    if fault is not None and fault.before_taking:
        return spoiled(fault, retry_after, b"", desk.pace)
    inquiry = replace(inquiry, subscriber=replace(inquiry.subscriber, member_id=member_id))
    desk.ledger.record_inquiry(inquiry.trace[0])
    if fault is Fault.OTHER:
        inquiry = replace(inquiry, trace=("OTHER-INQUIRY", inquiry.trace[1]), reference="OTHER-INQUIRY")
    response = _written(desk, question, inquiry)
    return response if fault is None else spoiled(fault, retry_after, bytes(response.body), desk.pace)


def _written(desk: Desk, question: Interchange, inquiry: Inquiry) -> JSONResponse:
    now, control_number = desk.clock(), desk.ledger.next_control_number()
    said = answer(inquiry, desk.book, now.date())
    x12 = write_271(question, inquiry, said, control_number, now)
    content = answered(question, inquiry, said, x12, control_number)
    return JSONResponse(content, status_code=400 if _payer_refused(said) else 200)


def _payer_refused(said: Answer) -> bool:
    """A refusal above the member (AAA in 2100A) comes as 400, the others as 200: clients must read both."""
    return said.rejection is not None and said.rejection.loop == "2100A"


def _refused(desk: Desk, question: Interchange | None, problems: tuple[Problem, ...]) -> JSONResponse:
    """400. Problems inside segments come with a 999; form that cannot be read comes without X12."""
    control_number = desk.ledger.next_control_number()
    acknowledgment = None
    if question is not None and all(problem.segment for problem in problems):
        acknowledgment = write_999(question, problems, control_number, desk.clock())
    return JSONResponse(not_parsed(problems, control_number, acknowledgment), status_code=400)


def _denied(message: str) -> JSONResponse:
    return JSONResponse({"code": "ACCESS_DENIED", "message": message}, status_code=403)


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
        return JSONResponse(invalid_request("The body is longer than 1 MiB.", "/"), status_code=400)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return JSONResponse(invalid_request("The body is not JSON.", "/"), status_code=400)
    if not isinstance(content, dict):
        return JSONResponse(invalid_request("The body must be an object.", "/"), status_code=400)
    patient_id = content.get("externalPatientId", "")
    if not isinstance(patient_id, str) or len(patient_id) > 36:
        problem = invalid_request("Must be text of at most 36 characters.", "/externalPatientId")
        return JSONResponse(problem, status_code=400)
    x12 = content.get("x12")
    if not isinstance(x12, str):
        return JSONResponse(invalid_request("Must be present and text.", "/x12"), status_code=400)
    return x12
