"""The answer to an 837P: taken, refused, or nothing that can be relied on.

A refusal has two shapes. `{code?, message}` at 400 is about the request; a body with `status: ERROR`, at 200 or 400, is
about the claim: its `errors[]` name the places, and `x12` is the 277CA that rejects it, or a 999. Only `status: SUCCESS`
with a claim reference is a receipt. Whatever else comes leaves the outcome open, and the same text goes out again under
the same key.
"""

import re
from typing import Any, Final

from app.clearinghouse.port import (
    RefusedPlace,
    RefusedReason,
    SubmissionAnswer,
    SubmissionReceipt,
    SubmissionRefusal,
    UnavailableReason,
)
from app.clearinghouse.stedi_answers import json_object, kind_of, raise_for_status, unreadable
from app.domain.errors import ClearinghouseUnavailable
from app.http_client import HttpAnswer

_MOST_PLACES: Final = 100
_LONGEST_TEXT: Final = 500
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)


def submission_answer(answer: HttpAnswer) -> SubmissionAnswer:
    if answer.status == 413:
        return SubmissionRefusal(reason=RefusedReason.TOO_LARGE)
    if answer.status == 422:
        # Same key, other content: the one thing this status says here.
        raise ClearinghouseUnavailable(UnavailableReason.KEY_REUSED)
    if answer.status not in {200, 400}:
        raise_for_status(answer)
    content = json_object(answer)
    match answer.status, content.get("status"):
        case 200, "SUCCESS":
            return _receipt(content)
        case _, "ERROR":
            return _refusal(content)
        case 400, None if content.get("errors"):
            return _refusal(content)
        case 400, None if isinstance(content.get("message"), str):
            return SubmissionRefusal(reason=RefusedReason.REQUEST)
    raise unreadable()


def _receipt(content: dict[str, Any]) -> SubmissionReceipt:
    reference = content.get("claimReference")
    if not isinstance(reference, dict):
        raise unreadable()
    x12 = content.get("x12")
    return SubmissionReceipt(
        patient_control_number=_id(reference.get("patientControlNumber")),
        clearinghouse_id=_id(reference.get("correlationId")) or _id(reference.get("rhclaimNumber")),
        acknowledgment=x12 if kind_of(x12) == "HN" else None,
    )


def _refusal(content: dict[str, Any]) -> SubmissionRefusal:
    if content.get("httpStatusCode") == "403 FORBIDDEN":
        raise ClearinghouseUnavailable(UnavailableReason.CREDENTIALS)
    problems, x12, reference = _problems(content.get("errors")), content.get("x12"), content.get("claimReference")
    kind = kind_of(x12)
    is_acknowledged = kind in {"HN", "FA", "TA1"}
    if not problems and not is_acknowledged:
        raise unreadable()
    return SubmissionRefusal(
        reason=RefusedReason.SYNTAX if kind in {"FA", "TA1"} else RefusedReason.EDITS,
        patient_control_number=_id(reference.get("patientControlNumber")) if isinstance(reference, dict) else None,
        acknowledgment=x12 if is_acknowledged else None,
        problems=problems,
    )


def _problems(errors: object) -> tuple[RefusedPlace, ...]:
    found = errors[:_MOST_PLACES] if isinstance(errors, list) else []
    return tuple(
        RefusedPlace(
            code=_code(error.get("code")),
            location=_text(error.get("location")),
            description=_text(error.get("description")),
        )
        for error in found
        if isinstance(error, dict)
    )


def _id(value: object) -> str | None:
    return (
        value if isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable() else None
    )


def _code(value: object) -> str | None:
    """A short word or none: a log may show it."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    shown = "".join(one if one.isprintable() else " " for one in value[:_LONGEST_TEXT])
    return shown.strip() or None
