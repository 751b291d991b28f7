"""Payer profiles through their use cases: a practice's own entries beside the general ones, by day and by practice."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.callers import Tenant
from app.domain.errors import Invalid, NotFound
from app.domain.payers import ProfileEntry, ProfileSetting, payer_id
from app.use_cases import payers
from app.use_cases.context import Context
from tests.factories import TODAY
from tests.running import Databases
from tests.use_cases.callers import Noting, staff

MEADOWLARK = payer_id("XOVR1")
APPEAL = ProfileSetting.APPEAL_LIMIT
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 7, 1), date(2026, 10, 1)


def days(number: int) -> dict[str, Any]:
    return {"basis": "decision", "days": number}


async def override(context: Context, tenant: Tenant, value: Any = None, **changes: Any) -> ProfileEntry:
    noting = Noting[ProfileEntry]()
    wanted = {
        "setting": APPEAL,
        "value": days(30) if value is None else value,
        "source": "a call",
        "noted_on": TODAY,
        **changes,
    }
    await payers.create_payer_override(
        context,
        tenant,
        MEADOWLARK,
        compose=lambda new_id, _now: ProfileEntry(id=new_id, payer_id=MEADOWLARK, practice_override=True, **wanted),
        call=noting.call(),
    )
    return noting.results[0]


async def value_on(
    context: Context, tenant: Tenant, day: date | None, setting: ProfileSetting = APPEAL
) -> tuple[Any, bool] | None:
    """The value in force and whether it is the practice's own."""
    entry = (await payers.read_payer(context, tenant, MEADOWLARK, on=day)).profile.get(setting)
    return None if entry is None else (entry.value, entry.practice_override)


async def general(context: Context, tenant: Tenant) -> ProfileEntry:
    """A general entry of the directory."""
    profile = (await payers.read_payer(context, tenant, MEADOWLARK, on=SUMMER)).profile
    return next(entry for entry in profile.values() if not entry.practice_override)


async def test_a_practices_entry_beats_the_general_one_while_it_is_in_force(context: Context, tenant: Tenant) -> None:
    setting = (known := await general(context, tenant)).setting
    own = {"basis": known.value["basis"], "days": 1} if isinstance(known.value, dict) else known.value
    await override(context, tenant, own, setting=setting, effective_from=SUMMER, effective_to=AUTUMN)
    on = {day: await value_on(context, tenant, day, setting) for day in (date(2026, 6, 30), SUMMER, AUTUMN)}
    assert on == {date(2026, 6, 30): (known.value, False), SUMMER: (own, True), AUTUMN: (own, True)}
    assert await value_on(context, tenant, date(2026, 10, 2), setting) == (known.value, False)


async def test_of_a_practices_entries_the_latest_to_begin_is_in_force(context: Context, tenant: Tenant) -> None:
    await override(context, tenant, days(10))
    await override(context, tenant, days(20), effective_from=SPRING)
    await override(context, tenant, days(30), effective_from=AUTUMN)
    assert await value_on(context, tenant, date(2026, 1, 1)) == (days(10), True)
    assert await value_on(context, tenant, SUMMER) == (days(20), True)
    assert await value_on(context, tenant, AUTUMN) == (days(30), True)


async def test_without_a_day_the_profile_is_todays(context: Context, tenant: Tenant) -> None:
    await override(context, tenant, days(10), effective_to=date(2020, 1, 1))
    view = await payers.read_payer(context, tenant, MEADOWLARK, on=None)
    assert view.on >= date(2026, 1, 1)
    assert not any(entry.value == days(10) for entry in view.profile.values())


async def test_another_practice_sees_the_general_entry(context: Context, tenant: Tenant, databases: Databases) -> None:
    before = await value_on(context, tenant, SUMMER)
    await override(context, tenant, days(1))
    stranger = staff(await databases.add_practice())
    assert await value_on(context, stranger, SUMMER) == before
    assert await payers.list_payer_overrides(context, stranger, MEADOWLARK, after=None, limit=10) == []


async def test_an_entry_of_another_shape_is_refused_with_its_places(context: Context, tenant: Tenant) -> None:
    with pytest.raises(Invalid) as refusal:
        await override(context, tenant, {"basis": "later_of", "days": 0}, effective_from=AUTUMN, effective_to=SUMMER)
    assert {(finding.code, finding.pointer) for finding in refusal.value.findings} == {
        ("setting_value_range", "/value/days"),
        ("setting_value_choice", "/value/basis"),
        ("period_order", "/effective_to"),
    }


async def test_a_payer_nobody_knows_is_not_found(context: Context, tenant: Tenant) -> None:
    nobody = uuid4()
    with pytest.raises(NotFound):
        await payers.read_payer(context, tenant, nobody, on=None)
    with pytest.raises(NotFound):
        await payers.list_payer_overrides(context, tenant, nobody, after=None, limit=10)


async def test_pages_show_each_entry_once_past_ones_too(context: Context, tenant: Tenant) -> None:
    added = [(await override(context, tenant, days(number), effective_to=SPRING)).id for number in range(1, 6)]
    seen: list[UUID] = []
    while page := await payers.list_payer_overrides(
        context, tenant, MEADOWLARK, after=seen[-1] if seen else None, limit=2
    ):
        seen += [entry.id for entry in page]
    assert seen == added
