"""An independent reader of 270 and 271: x12sdk, another grammar by other people."""

from typing import Any

from x12sdk.io import X12ModelReader


def models(text: str) -> list[Any]:
    """The transaction sets as x12sdk sees them; it raises on what it does not accept."""
    with X12ModelReader(text) as reader:
        return list(reader.models())
