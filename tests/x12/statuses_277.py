"""What is read of a 277 in tests: its statuses, and the codes and places of what was found."""

from collections.abc import Iterable

from app.x12.claim_status_277 import Status, read
from app.x12.findings import X12Finding


def sound_statuses_of(text: str) -> tuple[Status, ...]:
    """The statuses of a text without findings."""
    statuses, findings = read(text)
    assert findings == ()
    return statuses


def codes_and_places(findings: Iterable[X12Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.location) for finding in findings]
