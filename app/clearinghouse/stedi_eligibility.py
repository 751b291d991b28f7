"""The answer to a 270.

Two shapes of 400 exist: `{message, fieldList}` when the request is wrong, and the eligibility answer itself with
`errors[]`, which may carry X12 in `x12`: the payer's 271 with AAA segments, or a 999 about our 270. So the status alone
decides little.
"""

from typing import Final

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.clearinghouse.stedi_answers import json_object, kind_of, raise_for_status, retry_after, unreadable
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer

# AAA03 values that say "the payer could not be reached": 42 unable to respond, 80 no response.
_PAYER_OUT_OF_REACH: Final = frozenset({"42", "80"})


def eligibility_answer(answer: HttpAnswer) -> str:
    if answer.status not in {200, 400}:
        raise_for_status(answer)
    content = json_object(answer)
    x12 = content.get("x12")
    if isinstance(x12, str) and x12:
        return _271(x12)
    errors = content.get("errors")
    if isinstance(errors, list) and errors:
        codes = [error.get("code") for error in errors if isinstance(error, dict)]
        if any(isinstance(code, str) and code in _PAYER_OUT_OF_REACH for code in codes):
            raise ClearinghouseUnavailable(UnavailableReason.PAYER_UNAVAILABLE, retry_after=retry_after(answer))
        raise ClearinghouseRefused(RefusedReason.EDITS)
    if answer.status == 400 and isinstance(content.get("message"), str):
        raise ClearinghouseRefused(RefusedReason.REQUEST)
    raise unreadable()


def _271(x12: str) -> str:
    """The text, when its first functional group is a 271's."""
    match kind_of(x12):
        case "HB":
            return x12
        case "FA" | "TA1":
            raise ClearinghouseRefused(RefusedReason.SYNTAX)
    raise unreadable()
