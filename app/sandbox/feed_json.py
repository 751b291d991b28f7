"""A transaction in JSON, as the published document of Stedi's core API describes it (TransactionSummary).

The envelope's values are read from the text as far as it has them: a text put in by hand may be broken.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from app.sandbox.feed import Transaction

Json = dict[str, Any]

_ISA_LENGTH: Final = 106
_GUIDES: Final = {"837": ("HC", "005010X222A1"), "277": ("HN", "005010X214"), "835": ("HP", "005010X221A1")}
_OURS, _THEIRS = "sandbox-clearinghouse", "submitter"


def page(found: list[Transaction], next_token: str | None, base_url: str) -> Json:
    """ListPollingTransactionsResponseContent. Without `nextPageToken` there is no more."""
    following = {} if next_token is None else {"nextPageToken": next_token}
    return {"items": [summary(one, base_url) for one in found], **following}


def summary(transaction: Transaction, base_url: str) -> Json:
    """`base_url` is the address under which the sandbox was asked."""
    segments = _segments(transaction.x12)
    sender, receiver = (_THEIRS, _OURS) if transaction.direction == "OUTBOUND" else (_OURS, _THEIRS)
    return {
        "transactionId": transaction.id,
        "fileExecutionId": transaction.execution_id,
        "status": "succeeded",
        "direction": transaction.direction,
        "mode": "test",
        "processedAt": f"{transaction.processed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "artifacts": [
            {
                "artifactType": "application/edi-x12",
                "usage": "input",
                "sizeBytes": len(transaction.x12.encode()),
                "url": f"{base_url}/transactions/{transaction.id}/input",
                "model": "transaction",
            }
        ],
        "partnership": {
            "partnershipId": f"{sender}_{receiver}",
            "partnershipType": "x12",
            "sender": {"profileId": sender},
            "receiver": {"profileId": receiver},
        },
        "x12": {"metadata": _metadata(transaction, segments)},
        "businessIdentifiers": _business_identifiers(segments),
    }


def _metadata(transaction: Transaction, segments: list[list[str]]) -> Json:
    isa, gs, st = (_first(segments, name) for name in ("ISA", "GS", "ST"))
    functional_id, release = _GUIDES[transaction.type]
    return {
        "interchange": {
            "acknowledgmentRequestedCode": _element(isa, 14) or "0",
            "controlNumber": _number(_element(isa, 13)),
        },
        "functionalGroup": {
            "controlNumber": _number(_element(gs, 6)),
            "release": _element(gs, 8) or release,
            **_group_time(transaction, gs),
            "functionalIdentifierCode": _element(gs, 1) or functional_id,
        },
        "transaction": {
            "controlNumber": _element(st, 2) or "0001",
            "transactionSetIdentifier": _element(st, 1) or transaction.type,
        },
        "sender": _profile(_element(gs, 2), _element(isa, 5), _element(isa, 6)),
        "receiver": _profile(_element(gs, 3), _element(isa, 7), _element(isa, 8)),
    }


def _group_time(transaction: Transaction, gs: list[str]) -> Json:
    try:
        moment = datetime.strptime(f"{_element(gs, 4)}{_element(gs, 5)[:6]:0<6}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        moment = transaction.processed_at
    return {"date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M:%S}"}


def _profile(application: str, qualifier: str, identifier: str) -> Json:
    return {"applicationCode": application, "isa": {"qualifier": qualifier, "id": identifier.strip()}}


def _business_identifiers(segments: list[list[str]]) -> list[Json]:
    """BHT03 and TRN02: the numbers by which the parties know it."""
    places = {"BHT": (3, "BHT-03"), "TRN": (2, "TRN-02")}
    found = [(places[one[0]], one) for one in segments if one[0] in places]
    return [
        {"elementId": "127", "element": name, "name": "Reference Identification", "value": _element(one, place)}
        for (place, name), one in found
        if _element(one, place)
    ]


def _segments(x12: str) -> list[list[str]]:
    if len(x12) < _ISA_LENGTH or not x12.startswith("ISA"):
        return []
    separator, terminator = x12[3], x12[_ISA_LENGTH - 1]
    return [piece.strip("\r\n").split(separator) for piece in x12.split(terminator) if piece.strip("\r\n")]


def _first(segments: list[list[str]], name: str) -> list[str]:
    return next((one for one in segments if one[0] == name), [])


def _element(segment: list[str], number: int) -> str:
    return segment[number] if number < len(segment) else ""


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
