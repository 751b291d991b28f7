"""If-Match (RFC 9110 section 13.1.1) and Prefer: wait (RFC 7240 section 4.3), read from a request's headers."""

import re

from app.domain.errors import Malformed, VersionRequired

IF_MATCH_PATTERN = r'^"[1-9][0-9]{0,8}"$'
DEFAULT_WAIT_SECONDS = 5
MAX_WAIT_SECONDS = 20

_IF_MATCH = re.compile(rb'"([1-9][0-9]{0,8})"')
_WAIT = re.compile(rb'(?:^|,)[ \t]*wait[ \t]*=[ \t]*"?([0-9]{1,9})"?[ \t]*(?=$|[,;])', re.IGNORECASE)


def expected_version(if_match: bytes | None) -> int:
    """The version the caller has seen. Only one strong tag is taken: `*`, weak tags and lists say less than we ask."""
    if if_match is None:
        raise VersionRequired
    tag = _IF_MATCH.fullmatch(if_match)
    if tag is None:
        raise Malformed('If-Match takes one strong ETag, such as "7".', code="if_match_invalid")
    return int(tag[1])


def wait_seconds(prefer: bytes | None) -> int:
    """How long the caller would wait. A preference we do not understand is ignored (RFC 7240 section 2)."""
    wish = None if prefer is None else _WAIT.search(prefer)
    return DEFAULT_WAIT_SECONDS if wish is None else min(int(wish[1]), MAX_WAIT_SECONDS)
