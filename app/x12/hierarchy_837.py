"""The levels (HL) of a professional claim transaction: their numbers, who is above whom, and who is the patient."""

from app.x12.elements import read_whole
from app.x12.findings import Report
from app.x12.loops import Loop
from app.x12.structure_rules import (
    CHILD_MISSING,
    CHILD_UNANNOUNCED,
    CLAIM_MISSING,
    HIERARCHY_NUMBER,
    HIERARCHY_PARENT,
    PATIENT_DETAILS_MISSING,
)

_SELF = "18"


class Hierarchy:
    """Follows the levels of one transaction set."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._count = 0
        self._last = 0
        self._numbers: dict[str, int] = {}

    def skipped(self) -> None:
        """An HL is missing, which is reported: its number may have been used."""
        self._count += 1

    def begun(self, loop: Loop) -> None:
        """A level was begun with its HL. Numbers count on from the one before or from how many there were, so that a slip
        is said once.
        """
        self._count += 1
        number = read_whole(loop.opener.get(1))
        if number not in {self._count, self._last + 1}:
            self._report.add(HIERARCHY_NUMBER, loop.opener, element=1, loop=loop.id)
        self._last = self._count if number is None else number
        self._numbers[loop.id] = self._count
        above = loop.parent
        if above is None or above.id not in self._numbers:
            return
        named = loop.opener.get(2)
        if named and named != above.opener.get(1) and read_whole(named) != self._numbers[above.id]:
            self._report.add(HIERARCHY_PARENT, loop.opener, element=2, loop=loop.id)

    def ended(self, loop: Loop, *, has_claim: bool, has_dependent: bool) -> None:
        """All of a subscriber's or dependent's level is there."""
        level = loop.opener
        if loop.id == "2000B":
            says_dependent = level.get(4) == "1"
            if says_dependent and not has_dependent:
                self._report.add(CHILD_MISSING, level, element=4, loop=loop.id)
            elif has_dependent and level.get(4) == "0":
                self._report.add(CHILD_UNANNOUNCED, level, element=4, loop=loop.id)
            elif not has_claim and not has_dependent:
                self._report.add(CLAIM_MISSING, level, loop=loop.id)
            if has_claim:
                self._check_patient(loop)
        elif loop.id == "2000C" and not has_claim:
            self._report.add(CLAIM_MISSING, level, loop=loop.id)

    def _check_patient(self, level: Loop) -> None:
        subscriber, sbr = level.one("2010BA"), level.first("SBR")
        if subscriber is None or sbr is None or sbr.get(2) != _SELF:
            return
        if not all(subscriber.first(name) for name in ("N3", "N4", "DMG")):
            self._report.add(PATIENT_DETAILS_MISSING, subscriber.opener, loop="2010BA")
