"""999 and TA1 texts for tests, built from parts."""

from collections.abc import Sequence

from app.x12.separators import DEFAULT, Separators
from tests.x12.texts_271 import interchange, transaction

GUIDE = "005010X231A1"
GROUP = "AK1*HC*42*005010X222A1"


def a_999(*segments: str, verdict: str | None = None, separators: Separators = DEFAULT, line_end: str = "") -> str:
    """AK1, the segments given, AK9: one that counts the transaction sets among them, unless another is given."""
    verdict = _counted(segments) if verdict is None else verdict
    parts = ((GROUP,), segments, (verdict,) if verdict else ())
    return around(transaction(*parts, code="999", guide=GUIDE), separators=separators, line_end=line_end)


def _counted(segments: Sequence[str]) -> str:
    """Some are refused, whatever they are: AK901 P."""
    listed = sum(segment.startswith("AK2*") for segment in segments)
    taken = sum(segment.startswith(("IK5*A", "IK5*E")) for segment in segments)
    return f"AK9*P*{listed}*{listed}*{taken}"


def around(*transactions: Sequence[str], separators: Separators = DEFAULT, line_end: str = "") -> str:
    return interchange(*transactions, separators=separators, line_end=line_end, group="FA", guide=GUIDE)


def a_ta1(ta1: str, *transactions: Sequence[str]) -> str:
    """A TA1 stands between ISA and GS. Without transaction sets there is no group either."""
    text = around(*transactions)
    head, rest = text[: text.index("GS*")], text[text.index("GS*") :]
    if not transactions:
        rest = rest[rest.index("IEA*") :].replace("IEA*1*", "IEA*0*")
    return f"{head}{ta1}~{rest}"
