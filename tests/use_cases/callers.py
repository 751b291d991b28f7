"""Who calls a use case: a practice's staff, with calls whose result can be looked at."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import uuid4

from app.domain.callers import Tenant
from app.domain.practices import Practice
from app.use_cases.idempotency import Answer, Call

T = TypeVar("T")


def staff(practice: Practice) -> Tenant:
    return Tenant(practice_id=practice.id, actor="clinician-1", role="clinician", request_id=str(uuid4()))


@dataclass
class Noting(Generic[T]):
    """A call with a key of its own; `results` is what use cases made of it."""

    results: list[T] = field(default_factory=list, repr=False)

    def call(self, key: str | None = None) -> Call[T]:
        return Call(operation="test", key=key or uuid4().hex, content=b"content", render=self._render)

    def _render(self, result: T) -> Answer:
        self.results.append(result)
        return Answer(status=201)
