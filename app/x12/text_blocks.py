"""The text of an X12 file in blocks, one after the other: what has been read of it and not yet used.

Inside, one character is one byte (Latin-1), so that an offset is an offset in the bytes that came. A text that was wrapped
at 80 columns is unwrapped here; what the wrapping was is kept. Of segments this module knows only that they end.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from app.x12.findings import WRAPPING, Report
from app.x12.separators import Separators

BLOCK: Final = 65_536
SEGMENT_LENGTH: Final = 65_536
ELEMENT_LENGTH: Final = 32_768
PASSED_LENGTH: Final = 3 * SEGMENT_LENGTH
"""A segment that is longer than allowed and not longer than this is passed by; of a longer one no end is expected."""
COLUMNS: Final = 80
_BYTE_ORDER_MARK: Final = "\u00ef\u00bb\u00bf"  # U+FEFF in UTF-8, one character a byte
_GAP: Final = re.compile(rf"(?:[ \t\r\n\x00\x1a]|{_BYTE_ORDER_MARK})*")  # 0x1A: the end-of-file mark of DOS tools
_GAP_STARTS: Final = frozenset({"", " ", "\t", "\r", "\n", "\x00", "\x1a", _BYTE_ORDER_MARK[0]})
_ENDS: Final = ("ISA", "IEA")
"""Segments that begin like these may begin or end an interchange: they are looked at one by one."""


class Window:
    """What has been read of the text and not yet used. `line_end` is what a wrapped text was wrapped with."""

    def __init__(self, source: str | bytes | Iterable[bytes]) -> None:
        self._blocks = _blocks(source)
        self._text = ""
        self._start = 0
        self._dropped = 0
        self._first_line = 0
        self._unwrapped: _Unwrapped | None = None

    @property
    def line_end(self) -> str:
        return self._unwrapped.line_end if self._unwrapped is not None else ""

    @property
    def after(self) -> str:
        """Of a wrapped text, the blanks after its last line; known when all was read."""
        return self._unwrapped.after if self._unwrapped is not None else ""

    @property
    def offset(self) -> int:
        """Of the first byte not yet used, in the bytes that came."""
        position = self._dropped + self._start
        if self._unwrapped is None:
            return position
        return position + (position - self._first_line) // COLUMNS * len(self._unwrapped.line_end)

    @property
    def end(self) -> int:
        """Where what has been read so far ends."""
        return self._dropped + len(self._text)

    def holds(self, length: int) -> bool:
        while len(self._text) - self._start < length:
            if not self._more():
                return False
        return True

    def peek(self, length: int) -> str:
        return self._text[self._start : self._start + length]

    def take(self, terminator: str) -> tuple[str, str]:
        """Up to the terminator, and the terminator; the rest and nothing at the end of the text.

        Gives up soon after SEGMENT_LENGTH, so that a text without terminator is not searched again and again.
        """
        while (end := self._text.find(terminator, self._start)) < 0:
            if len(self._text) - self._start > SEGMENT_LENGTH or not self._more():
                rest = self._text[self._start :]
                self._start = len(self._text)
                return rest, ""
        raw = self._text[self._start : end]
        self._start = end + 1
        return raw, terminator

    def peek_regular(self, separators: Separators) -> tuple[list[str], str, bool] | None:
        """The whole segments ahead, when there is nothing to say about any: ASCII, no control characters but delimiters,
        none empty, none huge, none that begins or ends an interchange, and all with the same line end between them. Then
        also that line end, and whether an element ends in a blank. None when they have to be taken one by one.
        """
        text, start, terminator = self._text, self._start, separators.segment
        if self._unwrapped is not None or text.startswith(_ENDS, start):
            return None
        end, first_end = text.rfind(terminator, start) + 1, text.find(terminator, start) + 1
        if not first_end:
            return None
        line_end = next((one for one in ("\r\n", "\n") if text.startswith(one, first_end)), "")
        between = terminator + line_end
        for name in _ENDS:
            at = text.find(between + name, start, end)
            end = end if at < 0 else at + 1
        stretch = text[start : end - 1]
        segments = stretch.split(between)
        content = "".join(segments)
        for separator in separators.all:
            if not separator.isprintable():
                content = content.replace(separator, "")
        is_regular = (
            content.isprintable()
            and content.isascii()
            and stretch.count(terminator) == len(segments) - 1
            and "" not in segments
            and f"{between} " not in stretch
            and len(max(segments, key=len)) <= ELEMENT_LENGTH
        )
        if not is_regular:
            return None
        has_blanks = " " + separators.element in stretch or " " + terminator in stretch or stretch.endswith(" ")
        return segments, line_end, has_blanks

    def skip(self, length: int) -> None:
        """Only what a `peek` has just shown."""
        self._start += length

    def pass_by(self, terminator: str, within: int) -> bool:
        """What is left of a segment, its terminator too; false when it does not end within so many characters."""
        while (end := self._text.find(terminator, self._start, self._start + within + 1)) < 0:
            if len(self._text) - self._start > within or not self._more():
                return False
        self._start = end + 1
        return True

    def take_gap(self) -> str:
        if self._text[self._start : self._start + 1] not in _GAP_STARTS:
            return ""  # most segments follow one another: no need to search
        return self._take_match(_GAP)

    def take_empty(self, terminator: str) -> str:
        """A run of empty segments and blanks."""
        return self._take_match(re.compile(rf"[ \t\r\n\x00\x1a{re.escape(terminator)}]*"))

    def unwrap(self, line_end: str, report: Report) -> None:
        self._first_line = self._dropped + self._start
        blocks = chain((self._text[self._start :],), self._blocks)
        self._unwrapped = _Unwrapped(blocks, line_end, report)
        self._blocks = iter(self._unwrapped)
        self._dropped, self._text, self._start = self._first_line, "", 0

    def put_back(self, text: str) -> None:
        """Only what `take` just gave: it is still there."""
        self._start -= len(text)

    def _take_match(self, pattern: re.Pattern[str]) -> str:
        parts: list[str] = []
        while True:
            match = pattern.match(self._text, self._start)
            if match is not None:
                parts.append(match.group())
                self._start = match.end()
            if len(self._text) - self._start >= len(_BYTE_ORDER_MARK) or not self._more():
                return "".join(parts)

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._dropped += self._start
        self._text = self._text[self._start :] + block
        self._start = 0
        return True


def _blocks(source: str | bytes | Iterable[bytes]) -> Iterator[str]:
    """The text in blocks of at least BLOCK bytes but the last, however small the pieces come."""
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    if isinstance(source, bytes):
        for start in range(0, len(source), BLOCK):
            yield source[start : start + BLOCK].decode("latin-1")
        return
    waiting = bytearray()
    for piece in source:
        waiting += piece
        if len(waiting) >= BLOCK:
            yield waiting.decode("latin-1")
            waiting.clear()
    if waiting:
        yield waiting.decode("latin-1")


class _Unwrapped:
    """Lines of 80 characters as one text. After a shorter line nothing but blanks may follow: they are `after`."""

    def __init__(self, blocks: Iterator[str], line_end: str, report: Report) -> None:
        self.line_end = line_end
        self.after = ""
        self._blocks = blocks
        self._report = report

    def __iter__(self) -> Iterator[str]:
        waiting = ""
        for block in self._blocks:
            *lines, waiting = (waiting + block).split(self.line_end)
            whole = next((index for index, line in enumerate(lines) if len(line) != COLUMNS), len(lines))
            yield "".join(lines[:whole])
            if whole < len(lines):
                last, after = lines[whole], self.line_end.join(("", *lines[whole + 1 :], waiting))
                break
            if len(waiting) > COLUMNS + len(self.line_end):
                last, after = waiting, ""
                break
        else:
            last, after = waiting[:COLUMNS], waiting[COLUMNS:] if waiting else self.line_end
        if len(last) > COLUMNS or after.strip():
            self._report.add(WRAPPING)
            return
        yield last
        after_blocks = [after]
        for block in self._blocks:
            if block.strip():
                self._report.add(WRAPPING)
                return
            after_blocks.append(block)
        self.after = "".join(after_blocks)
