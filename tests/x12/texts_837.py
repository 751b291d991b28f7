"""Texts of professional claims for tests: a written one, with something changed in it."""

from tests.x12.claims import a_secondary, written

A_SECONDARY_TEXT = written(a_secondary())
_HEAD, _REST = A_SECONDARY_TEXT.split("BHT*", 1)
_TAIL = "GE*1*42~IEA*1*000000042~"


def a_text(body: list[str]) -> str:
    """An interchange of one transaction set with these segments between ST and SE."""
    return f"{_HEAD}{'~'.join(body)}~SE*{len(body) + 2}*0001~{_TAIL}"


def changed(text: str, old: str, new: str) -> str:
    """With the first `old`, which has to be there, made `new`, and the segments counted again."""
    assert old in text, old
    return counted(text.replace(old, new, 1))


def without(text: str, segment: str) -> str:
    return changed(text, f"~{segment}~", "~")


def counted(text: str) -> str:
    head, _, rest = text.partition("~SE*")
    _, _, tail = rest.partition("*")
    between = head.count("~") - head[: head.index("~ST*")].count("~")
    return f"{head}~SE*{between + 1}*{tail}"
