import asyncio
from uuid import uuid4

import sqlalchemy as sa

from app.repositories.control_numbers import ControlNumbers
from app.repositories.database import Database
from tests.running import Databases


async def test_no_number_is_given_twice(database: Database) -> None:
    numbers, name = ControlNumbers(database), uuid4().hex
    given = await asyncio.gather(*(numbers.next(name) for _ in range(40)))
    assert sorted(given) == list(range(1, 41))


async def test_each_clearinghouse_has_numbers_of_its_own(database: Database) -> None:
    numbers = ControlNumbers(database)
    assert [await numbers.next(uuid4().hex) for _ in range(2)] == [1, 1]


async def test_after_nine_digits_it_begins_again(database: Database, databases: Databases) -> None:
    """ISA13 has nine digits."""
    numbers, name = ControlNumbers(database), uuid4().hex
    await numbers.next(name)
    async with databases.as_superuser() as connection:
        await connection.execute(
            sa.text("update control_number set last_number = 999999998 where clearinghouse = :name"), {"name": name}
        )
    assert [await numbers.next(name) for _ in range(3)] == [999_999_999, 1, 2]
