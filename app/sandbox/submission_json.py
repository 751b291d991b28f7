"""The JSON around a claim's X12, as the published document of Stedi's API describes it (professional claims, raw X12).

Two shapes: the submission's answer, with `status` SUCCESS or ERROR and a 277CA in `x12`, always under HTTP 200; and the
plain `{code, message}` of everything that keeps a claim from being read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from app.sandbox.claims import Claim
from app.sandbox.edits import Edit
from app.sandbox.interchange import Interchange, Problem

Json = dict[str, Any]

_MOST_PROBLEMS: Final = 20


def accepted(
    question: Interchange, claim: Claim, correlation_id: str, x12: str, control_number: int, now: datetime
) -> Json:
    """The claim is taken. Of a transaction with several claims the first is named."""
    return {
        "status": "SUCCESS",
        "httpStatusCode": "200 OK",
        "errors": [],
        **_frame(question, claim, correlation_id, x12, control_number, now),
    }


def refused_by_edits(
    question: Interchange,
    claim: Claim,
    edits: Iterable[Edit],
    correlation_id: str,
    x12: str,
    control_number: int,
    now: datetime,
) -> Json:
    """The claim can be read and is not taken. `x12` is the 277CA that says the same."""
    return {
        "status": "ERROR",
        "httpStatusCode": "400 BAD_REQUEST",
        "errors": [
            {
                "code": edit.code,
                "description": f"{edit.text} ({edit.id})",
                "followupAction": "Please Correct and Resubmit",
                "location": edit.location,
            }
            for edit in edits
        ],
        **_frame(question, claim, correlation_id, x12, control_number, now),
    }


def not_readable(problems: Sequence[Problem]) -> Json:
    """All of what is wrong with the form, one sentence after the other."""
    said = [problem.text for problem in problems[:_MOST_PROBLEMS]]
    more = len(problems) - len(said)
    return invalid("INVALID_X12", " ".join([*said, *([f"And {more} more."] if more else [])]))


def invalid(code: str, message: str) -> Json:
    return {"code": code, "message": message}


def _frame(
    question: Interchange, claim: Claim, correlation_id: str, x12: str, control_number: int, now: datetime
) -> Json:
    return {
        "controlNumber": f"{control_number:09d}",
        "tradingPartnerServiceId": claim.payer_id,
        "claimReference": {
            "correlationId": correlation_id,
            "rhclaimNumber": correlation_id,
            "customerClaimNumber": correlation_id,
            "patientControlNumber": claim.control_number,
            "submitterId": claim.submitter_id,
            "payerId": claim.payer_id,
            "formatVersion": "5010",
            "timeOfResponse": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "serviceLines": [
                {"lineItemControlNumber": line.control_number or uuid4().hex.upper()} for line in claim.lines
            ],
        },
        "payer": {"payerId": claim.payer_id, "payerName": claim.payer_name},
        "meta": {
            "applicationMode": "test",
            "senderId": question.sender_id,
            "submitterId": claim.submitter_id,
            "traceId": str(uuid4()),
        },
        "x12": x12,
    }
