"""Words that must be nowhere, in every form in which they could be somewhere, and the search for them in files."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path


def forms(word: str) -> dict[bytes, str]:
    """The word's spellings as bytes, with their names: letter cases, encodings, and what loggers and dumps make of text."""
    found: dict[bytes, str] = {}
    for text in (word, word.lower(), word.upper(), word.title()):
        plain = text.encode()
        found |= {
            plain: "plain",
            text.encode("utf-16-le"): "UTF-16 LE",
            text.encode("utf-16-be"): "UTF-16 BE",
            plain.hex().encode(): "hex",
            plain.hex().upper().encode(): "HEX",
            "".join(f"\\u{ord(letter):04x}" for letter in text).encode(): "JSON escapes",
            "".join(f"\\x{byte:02x}" for byte in plain).encode(): "hex escapes",
            "".join(f"\\{byte:03o}" for byte in plain).encode(): "octal escapes",
            "".join(f"%{byte:02X}" for byte in plain).encode(): "percent escapes",
            **{_base64_core(plain, offset): "base64" for offset in range(3)},
        }
    return found


def _base64_core(plain: bytes, offset: int) -> bytes:
    """The letters of the word's base64 that do not depend on what stands before and after it."""
    first = (offset * 8 + 5) // 6
    last = (offset + len(plain)) * 8 // 6
    return base64.b64encode(bytes(offset) + plain)[first:last]


def search(places: Iterable[Path], words: Iterable[str]) -> list[str]:
    """Where any form of any word stands: file, number of the word and form, never the word."""
    patterns = [(number, form, name) for number, word in enumerate(words) for form, name in forms(word).items()]
    found: list[str] = []
    for path in _files(places):
        content = path.read_bytes()
        found += [f"{path.name}: word {number}, {name}" for number, form, name in patterns if form in content]
    return found


def _files(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            yield from (path for path in sorted(place.rglob("*")) if path.is_file())
        else:
            yield place
