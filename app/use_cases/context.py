"""All that a use case can reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from app.clearinghouse.port import Clearinghouse
from app.domain.errors import NotFound, StaleVersion
from app.repositories.clearinghouse_connections import ClearinghouseConnections
from app.repositories.control_numbers import ControlNumbers
from app.repositories.database import Database
from app.repositories.payers import PayerDirectory
from app.repositories.signals import Signals
from app.repositories.unit_of_work import UnitsOfWork

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Context:
    """`sender_id` and `receiver_id` are ours and the clearinghouse's in ISA06/08 and GS02/03."""

    units: UnitsOfWork
    database: Database
    control_numbers: ControlNumbers
    clearinghouse_connections: ClearinghouseConnections
    signals: Signals
    payer_directory: PayerDirectory
    clearinghouse: Clearinghouse
    sender_id: str
    receiver_id: str
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]


def found(value: T | None) -> T:
    """An absent record and another's are the same to a caller."""
    if value is None:
        raise NotFound
    return value


def at_version(current: int, wanted: int) -> None:
    """`wanted` comes from If-Match."""
    if current != wanted:
        raise StaleVersion
