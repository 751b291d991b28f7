"""271s of the sandbox read by two others: a plain split for assertions, and the x12sdk package as an oracle."""

import re
from typing import Any

from x12sdk.io import X12ModelReader

# Where x12sdk 2.2.0 is narrower than 005010X279A1, the text is changed for it, so that all the rest is still checked:
# it takes the AAA03 values of loop 2100B for loops 2100C and 2100D (those stand in as 15), it has no PER in 2100A
# (taken out, with the count), and it reads EB09, a code, as a number (VS stands in as 1).
_MEMBER_CODES = ("58", "62", "63", "65", "67", "71", "72", "73", "75")


def segments(x12: str) -> list[list[str]]:
    assert x12.endswith("~")
    return [piece.split("*") for piece in x12[:-1].split("~")]


def lines(x12: str, *ids: str) -> list[str]:
    """The segments with one of these ids, as text."""
    return ["*".join(one) for one in segments(x12) if one[0] in ids]


def check_with_oracle(x12: str) -> Any:
    """One valid 271 by x12sdk's model (loops, counts, code lists); the model."""
    with X12ModelReader(_for_oracle(x12)) as reader:
        (model,) = list(reader.models())
    return model


def _for_oracle(x12: str) -> str:
    for code in _MEMBER_CODES:
        x12 = x12.replace(f"~AAA*N**{code}*", "~AAA*N**15*")
    x12 = re.sub(r"(~EB(?:\*[^*~]*){8})\*VS\*", r"\1*1*", x12)
    payer, found, rest = x12.partition("~HL*2*")
    without, contacts = re.subn(r"~PER\*[^~]*", "", payer)
    fewer = re.sub(r"~SE\*(\d+)\*", lambda count: f"~SE*{int(count.group(1)) - contacts}*", rest)
    return without + found + fewer
