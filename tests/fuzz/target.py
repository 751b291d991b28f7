"""What libFuzzer runs: one text after the other, changed by bytes or by segments. Its arguments are libFuzzer's."""

import random
import sys
import time

import atheris

with atheris.instrument_imports(include=["app.x12", "app.domain"]):
    from tests.x12.any_text import examine

_SLOWEST = 5.0
"""Seconds of this process for one input, under the instrumentation, which takes ten times as long."""
_TERMINATOR_AT = 105
_VALUES = (
    b"",
    b"0",
    b"-1",
    b".5",
    b"1",
    b"22",
    b"99999999.99",
    b"20260301",
    b"ISA",
    b"IEA",
    b"~",
    b"\r\n",
    b"\xc3\x89",
)


def examine_in_time(text: bytes) -> None:
    begun = time.process_time()
    examine(text)
    taken = time.process_time() - begun
    if taken > _SLOWEST:
        raise TimeoutError(f"{len(text)} bytes took {taken:.1f} s")


def changed(text: bytes, most: int, seed: int) -> bytes:
    """By bytes, as libFuzzer does, or by segments and elements, which bytes hardly ever hit upon."""
    draw = random.Random(seed)
    if draw.random() < 0.4:
        return bytes(atheris.Mutate(text, most))
    terminator = text[_TERMINATOR_AT : _TERMINATOR_AT + 1] or b"~"
    segments = text.split(terminator)
    for _ in range(draw.choice((1, 1, 2, 4))):
        _change(segments, text[3:4] or b"*", draw)
    return terminator.join(segments)[:most]


def _change(segments: list[bytes], separator: bytes, draw: random.Random) -> None:
    at, other = draw.randrange(len(segments)), draw.randrange(len(segments))
    match draw.randrange(8):
        case 0:
            segments.insert(at, segments[other])
        case 1 if len(segments) > 1:
            del segments[at]
        case 2:
            segments[at], segments[other] = segments[other], segments[at]
        case 3:
            segments[at:at] = segments[min(at, other) : max(at, other)]
        case _:
            elements = segments[at].split(separator)
            _change_elements(elements, segments[other].split(separator), draw)
            segments[at] = separator.join(elements)


def _change_elements(elements: list[bytes], others: list[bytes], draw: random.Random) -> None:
    at = draw.randrange(len(elements))
    match draw.randrange(4):
        case 0:
            elements[at] = draw.choice(others)
        case 1:
            elements[at] = draw.choice(_VALUES)
        case 2:
            elements.insert(at, draw.choice(others))
        case _:
            del elements[at + 1 :]


if __name__ == "__main__":
    atheris.Setup(sys.argv, examine_in_time, custom_mutator=changed)
    atheris.Fuzz()
