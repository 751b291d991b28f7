"""Rules that a text is checked against, as data: what is broken, where the rule comes from, since when.

A rule's code is the code of its findings. The tables are `rules_837` and `claim_rules_837` (professional claims), `rules_835` (remittances) and
`structure_rules` (loops, segments and elements of a guide); `docs/x12-rules.md` is written from them.
"""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from app.domain.findings import Severity

GUIDE_IN_FORCE: Final = date(2012, 1, 1)
"""005010 became the adopted version (45 CFR 162.1102): rules of the guides and of their interpretations hold since then."""
NPI_IN_FORCE: Final = date(2007, 5, 23)
"""45 CFR 162.404."""


class Rule(NamedTuple):
    """A `findings.Fault` with its origin.

    `source` names who says so, in few words that can be looked up: `RFI 1555`, `005010X222A1 loop 2320`, `45 CFR
    162.406`, `CMS ...`, `clearinghouse edit: ...`. `since` is None where the origin gives no day.
    """

    code: str
    standard_code: str | None
    severity: Severity
    message: str
    source: str
    since: date | None = GUIDE_IN_FORCE


def _of(severity: Severity) -> Callable[..., Rule]:
    def rule(
        code: str, message: str, *, source: str, standard_code: str | None = None, since: date | None = GUIDE_IN_FORCE
    ) -> Rule:
        return Rule(code, standard_code, severity, message, source, since)

    return rule


error = _of(Severity.ERROR)
warning = _of(Severity.WARNING)
