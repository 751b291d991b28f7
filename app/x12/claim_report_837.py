"""What is said of a claim beyond its structure, each thing once.

An element that the structural check has found at fault is not judged by a rule of what it means as well; and what is
wrong with a segment of the levels above the claims (2000A, 2000B) is said with the first of their claims.
"""

from decimal import Decimal

from app.x12.findings import Placed, Report
from app.x12.loops import Loop
from app.x12.rules import Rule


class ClaimReport:
    """Adds to a report that the structural check of the same claims has added to before."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._level: Loop | None = None
        self._said: dict[tuple[int, int | None], set[str]] = {}

    def begin(self, claim: Loop) -> None:
        """What follows is of this 2300."""
        level = claim.above("2000B")
        if level is not self._level:
            self._level = level
            self._said.clear()

    def add(
        self,
        rule: Rule,
        at: Placed | None,
        *,
        loop: str,
        element: int | None = None,
        message: str | None = None,
        difference: Decimal | None = None,
    ) -> None:
        if at is not None:
            place = (at.number, element)
            said = self._said.get(place)
            if said is None:
                if element is not None and self._report.has_error_at(at, element):
                    return  # of its structure
                said = self._said[place] = set()
            elif rule.code in said:
                return
            said.add(rule.code)
        self._report.add(rule, at, loop=loop, element=element, message=message, difference=difference)
