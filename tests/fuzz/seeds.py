"""What the fuzzer begins with: a text of each kind, in each way to write it, a bit of each hostile one, and the samples."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.x12 import coordination_texts_837, editable_835, mixed_texts
from tests.x12.hostile_shapes import SHAPES


def seeds() -> Iterator[bytes]:
    for text in (*mixed_texts.TEXTS.values(), mixed_texts.TA1, editable_835.VALID, "".join(mixed_texts.TEXTS.values())):
        yield text.encode()
        yield text.replace("~", "~\n").encode()
        yield text.replace("~", "\n").replace("*", "|").encode()
    lines = (editable_835.VALID[start : start + 80] for start in range(0, len(editable_835.VALID), 80))
    yield "\r\n".join(lines).encode()
    for name in coordination_texts_837.VALID:
        yield coordination_texts_837.valid(name).encode()
    yield from mixed_texts.NOT_X12.values()
    for shape in SHAPES.values():
        yield shape(500)
    if "REFERENCE_DIR" in os.environ:
        for path in sorted((Path(os.environ["REFERENCE_DIR"]) / "samples").glob("[0-9]*/*")):
            yield path.read_bytes()
