"""JSON pointers (RFC 6901) that tell where, and never what: a name the schema cannot know is not repeated."""

import re

_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def child(pointer: str, step: str | int) -> str:
    """The pointer one step deeper."""
    return f"{pointer}/{step}" if isinstance(step, int) else f"{pointer}/{step.replace('~', '~0').replace('/', '~1')}"


def is_plain_name(name: str) -> bool:
    """True for what looks like a field's name. Anything else in a name's place may be data about a person."""
    return _PLAIN_NAME.fullmatch(name) is not None
