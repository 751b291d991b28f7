"""Findings: what is wrong with data from outside, as values; all of them are reported, with their place."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fact about one place. `message` and `pointer` never hold a submitted value.

    `pointer` is a JSON pointer (RFC 6901) into the request or the resource, `location` an X12 place
    such as ``2010BA NM109``.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    pointer: str | None = None
    location: str | None = None
    repair_ids: tuple[str, ...] = ()


def has_error(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
