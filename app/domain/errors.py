"""Why the service says no. Each leaf names one fact; `api/problems.py` turns it into an HTTP answer.

    CrossoverError
    ├── Unauthenticated            no valid token
    ├── Forbidden                  the role may never do this
    ├── NotFound                   absent, or not the caller's: the two are never told apart
    ├── Malformed                  not readable: JSON syntax, query, headers
    ├── Unsupported                a content type we do not take
    ├── TooLarge                   the body is over its limit
    ├── Invalid                    readable, but fails the schema
    │   └── IdempotencyKeyReused
    ├── Conflict                   a rule says no
    │   ├── CoverageConflict       duplicate, rank taken, order incomplete ...
    │   ├── LinesRequired          totals do not do: a decision for each line
    │   ├── IdempotencyKeyInUse
    │   └── AlreadyExists
    ├── StaleVersion               If-Match names an older version
    ├── VersionRequired            If-Match is missing
    ├── LimitReached               too many of these for now
    └── Unavailable                a part we need is not there; try again
        ├── ClearinghouseUnavailable, ClearinghouseRefused
        ├── DatabaseUnavailable
        └── LeaseLost              the job belongs to another worker by now

`code` is stable for clients. The text of an error never holds personal data.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias

from app.domain.findings import Finding

Member: TypeAlias = "str | int | bool | Sequence[Member] | Mapping[str, Member] | None"
"""A JSON value; an amount is text."""
NO_MEMBERS: Final[Mapping[str, Member]] = MappingProxyType({})


class CrossoverError(Exception):
    """Base of all expected refusals. `members` are what the answer holds besides the members of every problem: extension
    members (RFC 9457, 3.2), each of them declared in the document's schema of a problem.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request was refused."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        findings: tuple[Finding, ...] = (),
        retry_after: int | None = None,
        members: Mapping[str, Member] = NO_MEMBERS,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.problem_code = code or self.code
        self.findings = findings
        self.retry_after = retry_after
        self.members = members


class Unauthenticated(CrossoverError):
    code = "token_invalid"
    title = "A valid bearer token is required."


class Forbidden(CrossoverError):
    code = "role_forbidden"
    title = "This role may not do this."


class NotFound(CrossoverError):
    code = "not_found"
    title = "There is no such record."


class Malformed(CrossoverError):
    code = "malformed_request"
    title = "The request could not be read."


class Unsupported(CrossoverError):
    code = "content_type_unsupported"
    title = "The body must be application/json in UTF-8, without a content encoding."


class TooLarge(CrossoverError):
    code = "body_too_large"
    title = "The body is larger than this operation takes."


class Invalid(CrossoverError):
    code = "validation_failed"
    title = "The request does not fit the schema."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request."


class Conflict(CrossoverError):
    code = "conflict"
    title = "A rule says no."


class IdempotencyKeyInUse(Conflict):
    code = "idempotency_key_in_use"
    title = "The first request with this Idempotency-Key is still running."


class AlreadyExists(Conflict):
    code = "already_exists"
    title = "A record with this identity exists."


class CoverageConflict(Conflict):
    code = "coverage_conflict"
    title = "The coverage breaks a rule of coordination."


class LinesRequired(Conflict):
    """`members` hold the line template: what there is to fill in."""

    code = "lines_required"
    title = "The payer's decision is needed for each line."


class StaleVersion(CrossoverError):
    code = "version_stale"
    title = "The record has changed since this version was read."


class VersionRequired(CrossoverError):
    code = "version_required"
    title = "If-Match with the record's ETag is required."


class LimitReached(CrossoverError):
    code = "limit_reached"
    title = "Too many of these for now."


class Unavailable(CrossoverError):
    code = "unavailable"
    title = "A part of the service is not available; try again."


class ClearinghouseUnavailable(Unavailable):
    """The clearinghouse gave no usable answer. `reason` is one word of ours, never its text."""

    code = "clearinghouse_unavailable"
    title = "The clearinghouse gave no usable answer."

    def __init__(self, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.reason = reason


class ClearinghouseRefused(Unavailable):
    """The clearinghouse read the request and refused it; sending it again changes nothing."""

    code = "clearinghouse_refused"
    title = "The clearinghouse refused the request."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "The database is not available; try again."


class LeaseLost(Unavailable):
    code = "lease_lost"
    title = "The job's lease belongs to another worker."
