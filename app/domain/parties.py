"""People and places as coverages, patients and providers carry them. Personal fields stay out of `repr`."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Sex(StrEnum):
    """DMG03."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class PersonName:
    """NM103, NM104, NM105, NM107 (last, first, middle, suffix)."""

    last: str = field(repr=False)
    first: str = field(repr=False)
    middle: str | None = field(default=None, repr=False)
    suffix: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Address:
    """N3, N4: a US postal address; `state` is two letters, `postal_code` five or nine digits."""

    line1: str = field(repr=False)
    line2: str | None = field(default=None, repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    postal_code: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Person:
    name: PersonName = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex
    address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """PER of 1000A and 2010AA: whom clearinghouse and payer ask about a bill. `phone` is ten digits."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
