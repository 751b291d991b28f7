"""A transaction set that a 999 speaks of, while it is being read: AK2, and the errors and their context to its IK5.

Errors become words of loop, segment, element and code. What stands in the place of one of these and looks otherwise may
be somebody's data: the word for it is a question mark, and the segment is kept as it was sent.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from app.domain.acknowledgments import SyntaxNote
from app.x12.elements import read_whole
from app.x12.segments import Segment

ERRORS_LIMIT: Final = 1_000
"""Errors kept of one transaction set."""
_TRIGGERS_LIMIT: Final = 10
"""CTX in one place (005010X231A1 allows nine or ten)."""
_LOOP: Final = re.compile(r"[0-9]{4}[A-Z]{0,2}", re.ASCII)
_SEGMENT: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}", re.ASCII)
_CODE: Final = re.compile(r"I?[0-9]{1,3}", re.ASCII)
_UNKNOWN: Final = "?"
_TRIGGER: Final = "SITUATIONAL TRIGGER"
_OF_SET: Final = "transaction set"
_NO_SEGMENT: Final = SyntaxNote(segment_id=_UNKNOWN, error_code=_UNKNOWN)


@dataclass
class TransactionLoop:
    """An AK2 and what follows it to its IK5."""

    ak2: Segment = field(repr=False)
    errors: list[str] = field(default_factory=list)
    notes: list[SyntaxNote] = field(default_factory=list, repr=False)
    patient_control_numbers: list[str] = field(default_factory=list, repr=False)
    kept: list[str] = field(default_factory=list, repr=False)
    _place: str = ""
    _of_segment: SyntaxNote = field(default=_NO_SEGMENT, repr=False)

    def add_segment_note(self, ik3: Segment) -> bool:
        """IK3; false when not all of it is in the note."""
        within = _word(ik3.get(3), _LOOP) if ik3.get(3) else ""
        segment_id, code = _word(ik3.get(1), _SEGMENT), code_word(ik3.get(4))
        self._place = " ".join(part for part in (within, segment_id) if part)
        self._of_segment = SyntaxNote(
            segment_id=segment_id, position=read_whole(ik3.get(2)), loop=within or None, error_code=code
        )
        is_added = self._add(self._place, self._of_segment)
        return is_added and _UNKNOWN not in {within, segment_id, code} and self._of_segment.position is not None

    def add_element_note(self, ik4: Segment) -> bool:
        """IK4; false when not all of it is in the note."""
        parts, code = ik4.components(1), code_word(ik4.get(3))
        words = [code_word(part) for part in parts[:2] if part]
        element, component, repetition = (*(read_whole(part) for part in parts[:3]), None, None, None)[:3]
        note = replace(
            self._of_segment,
            error_code=code,
            element=element,
            component=component,
            repetition=repetition,
            reference_number=ik4.get(2) or None,
            bad_data=ik4.get(4) or None,
        )
        is_added = self._add(f"{self._place} {'-'.join(words)}".strip(), note)
        is_placed = element is not None and all(read_whole(part) is not None for part in parts[:3])
        return is_added and is_placed and _UNKNOWN not in {*words, code}

    def add_transaction_note(self, code: str) -> None:
        """IK502 to IK506."""
        self._add(_OF_SET, SyntaxNote(segment_id="ST", error_code=code_word(code)))

    def add_context(self, ctx: Segment) -> bool:
        """To the note it follows; false when that has no place for it."""
        name, *rest = (*ctx.components(1), "")
        values = tuple(part for part in rest if part)
        if name == "CLM01" and values:
            self.patient_control_numbers.append(values[0])
        if not self.notes:
            return False
        note = self.notes[-1]
        if name == _TRIGGER and len(note.triggers) < _TRIGGERS_LIMIT:
            place = (ctx.get(4), ctx.get(2), ctx.get(3), "-".join(part for part in ctx.components(5)[:2] if part))
            note = replace(note, triggers=(*note.triggers, " ".join(part for part in place if part)))
        elif name not in {"", _TRIGGER} and not note.business_unit:
            note = replace(note, business_unit=(name, *values))
        else:
            return False
        self.notes[-1] = note
        return True

    def _add(self, place: str, note: SyntaxNote) -> bool:
        if len(self.errors) >= ERRORS_LIMIT:
            return False
        self.errors.append(f"{place}: {note.error_code}")
        self.notes.append(note)
        return True


def code_word(text: str) -> str:
    """A code or a position."""
    return _word(text, _CODE)


def _word(text: str, pattern: re.Pattern[str]) -> str:
    return text if pattern.fullmatch(text) else _UNKNOWN
