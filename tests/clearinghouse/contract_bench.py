"""What the contract's tests ask of an adapter's bench: the adapter, and the other side's handles."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest

from app.clearinghouse.port import Clearinghouse

CANARY_MEMBER = "CANARYLASTNAME"
"""A last name in every inquiry and claim of the suites: it may turn up in the X12 that comes back, and nowhere else."""


class Bench(Protocol):
    """The adapter under test and the other side's handles."""

    def adapter(
        self, *, key: str | None = None, listening: bool = True, page_size: int = 500
    ) -> AbstractAsyncContextManager[Clearinghouse]:
        """A ready adapter whose deadlines are about a second; with a wrong key; or with nobody at the address.

        `page_size` is how many entries of the feed it asks for at a time.
        """
        ...

    def inquiry(self, trace_number: str, *, fault: str | None = None, payer: str = "answers") -> str:
        """A 270 about someone named `CANARY_MEMBER`. `payer` is `answers`, `refuses` (AAA 75) or `is_down` (AAA 42)."""
        ...

    def next_answers_status(self, status: int, retry_after: str) -> None:
        """The next inquiry is answered by this status with this Retry-After."""
        ...

    def times_taken(self, trace_number: str) -> int:
        """How often the other side took an inquiry with this trace number."""
        ...

    def claim(self, control_number: str, *, is_sound: bool = True) -> str:
        """An 837P about someone named `CANARY_MEMBER` with this patient control number (CLM01), sound or with an error
        that the other side's edits find.
        """
        ...

    def claims_taken(self, control_number: str) -> int:
        """How many claims with this patient control number the other side holds."""
        ...

    def next_goes_wrong(self, fault: str, *, on: str) -> None:
        """The next answer on `claims` or on the `feed` goes wrong like this."""
        ...

    def offer(self, x12: str) -> str:
        """Put an inbound document into the feed; its id."""
        ...


class Benched:
    """Subclass it as `Test…` and override `bench`."""

    @pytest.fixture
    def bench(self) -> Bench:
        raise NotImplementedError
