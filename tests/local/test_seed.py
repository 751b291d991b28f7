"""The demonstration's seed: everything a claim needs is there, and running it again leaves what people have changed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.parties import Contact
from app.domain.practices import Practice
from app.local.demonstration import PATIENT_ID, PRACTICE_ID
from app.local.seed import PEOPLE, seed
from app.repositories.practices import Practices, practice_vault
from tests.running import MASTER_KEYS, Databases

MEMBERS = Path(__file__).parents[2] / "app" / "sandbox" / "members.json"


@pytest.fixture
def own(databases: Databases) -> Databases:
    return databases.fresh()


async def demonstration_practice(databases: Databases) -> Practice:
    async with databases.as_owner(PRACTICE_ID) as connection:
        vault = await practice_vault(connection, MASTER_KEYS, PRACTICE_ID)
        found = await Practices(connection, vault).get()
    assert found is not None
    return found


async def keep(databases: Databases, practice: Practice) -> None:
    async with databases.as_owner(PRACTICE_ID) as connection:
        vault = await practice_vault(connection, MASTER_KEYS, PRACTICE_ID)
        await Practices(connection, vault).save(practice)


async def test_a_practice_of_an_earlier_version_gets_the_contact_that_claims_need(own: Databases) -> None:
    await keep(own, replace(await demonstration_practice(own), billing_contact=None))
    await seed(own.owner_url, MASTER_KEYS)
    completed = await demonstration_practice(own)
    assert completed.billing_contact is not None
    assert completed.version == 2


async def test_a_contact_that_somebody_has_entered_stays(own: Databases) -> None:
    changed = replace(
        await demonstration_practice(own), billing_contact=Contact(name="Front Desk", phone="3035550199"), version=2
    )
    await keep(own, changed)
    await seed(own.owner_url, MASTER_KEYS)
    assert await demonstration_practice(own) == changed


def test_its_people_are_those_of_the_sandbox() -> None:
    """As the payers hold them: in capitals."""
    people = json.loads(MEMBERS.read_text(encoding="utf-8"))["people"]
    known = {(person["last_name"], person["first_name"], person["birth_date"]) for person in people}
    assert {(one.last.upper(), one.first.upper(), one.birth_date.isoformat()) for one in PEOPLE} <= known


def test_the_patient_of_the_ready_made_token_is_one_of_them() -> None:
    assert PATIENT_ID in {one.id for one in PEOPLE}
