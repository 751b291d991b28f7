"""Payers and their profiles: ids, records, settings, and which entry is in force."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.parties import Address
from app.domain.payers import (
    PROFILE_SETTINGS,
    Payer,
    PayerKind,
    PayerSupport,
    ProfileEntry,
    ProfileSetting,
    SupportLevel,
    ValueShape,
    check_payer,
    check_profile_entry,
    effective_profile,
    payer_id,
    profile_entry_id,
    validate_value,
)

PAYER = payer_id("XOVR1")
LIMIT = ProfileSetting.FILING_LIMIT_SECONDARY
WINDOW = ProfileSetting.CROSSOVER_WINDOW_BUSINESS_DAYS

GOOD_VALUES: dict[ValueShape, list[Any]] = {
    ValueShape.YES_NO: [True, False],
    ValueShape.NUMBER: [1, 15, 90],
    ValueShape.REASONS: [["PR-96"], ["PR-26", "CO-29", "OA-A1"]],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def a_payer(**changes: Any) -> Payer:
    unknown = SupportLevel.UNKNOWN
    payer = Payer(
        id=PAYER,
        electronic_id="XOVR1",
        name="Meadowlark Health Plan",
        aliases=("Meadowlark",),
        kind=PayerKind.COMMERCIAL,
        claim_filing_code="CI",
        states=("IL", "WI"),
        supports=PayerSupport(eligibility=unknown, claims=unknown, secondary_claims=unknown, remittances=unknown),
        updated_at=datetime(2026, 2, 10, tzinfo=UTC),
    )
    return replace(payer, **changes)


def an_entry(number: int = 1, **changes: Any) -> ProfileEntry:
    entry = ProfileEntry(
        id=UUID(int=number),
        payer_id=PAYER,
        setting=WINDOW,
        value=15,
        source="sandbox documentation",
        noted_on=date(2026, 2, 10),
    )
    return replace(entry, **changes)


def codes(payer: Payer) -> set[str]:
    return {finding.code for finding in check_payer(payer)}


def test_a_payers_id_follows_from_its_electronic_id_alone() -> None:
    assert payer_id("XOVR1") == UUID("8973cce3-e1fa-5561-9ec5-dbeb5c7c02a9")
    assert payer_id("XOVR1") != payer_id("XOVR2")
    assert payer_id("60054").version == 5


def test_a_general_entrys_id_follows_from_payer_setting_and_first_day() -> None:
    first = profile_entry_id(PAYER, WINDOW, None)
    assert first == profile_entry_id(PAYER, WINDOW, None)
    assert len({first, profile_entry_id(PAYER, WINDOW, date(2026, 1, 1)), profile_entry_id(PAYER, LIMIT, None)}) == 3


def test_a_sound_record_has_no_findings() -> None:
    address = Address(line1="1 Imaginary Plaza", city="Springfield", state="IL", postal_code="62704")
    assert check_payer(a_payer(address=address)) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"electronic_id": "xovr1"}, "payer_electronic_id"),
        ({"electronic_id": "X"}, "payer_electronic_id"),
        ({"name": ""}, "payer_name"),
        ({"name": "A" * 61}, "payer_name"),
        ({"name": "Meadow*lark"}, "payer_name"),
        ({"name": "Meadowlark "}, "payer_name"),
        ({"aliases": (" ",)}, "payer_aliases"),
        ({"aliases": ("MLK", "MLK")}, "payer_aliases"),
        ({"claim_filing_code": "XX"}, "payer_claim_filing_code"),
        ({"states": ("IL", "ZZ")}, "payer_states"),
        ({"states": ("IL", "IL")}, "payer_states"),
        ({"is_original_medicare": True, "claim_filing_code": "MB"}, "payer_is_original_medicare"),
        ({"claim_filing_code": "MB"}, "payer_claim_filing_code"),
        ({"address": Address(line1="1", city="A", state="ZZ", postal_code="62704")}, "payer_address"),
    ],
)
def test_a_record_that_breaks_one_rule_has_one_finding(changes: dict[str, Any], code: str) -> None:
    assert codes(a_payer(**changes)) == {code}


def test_all_findings_of_a_record_come_at_once() -> None:
    assert codes(a_payer(electronic_id="x", name="", states=("ZZ",))) == {
        "payer_electronic_id",
        "payer_name",
        "payer_states",
    }


def test_an_address_stays_out_of_the_text_of_a_payer() -> None:
    address = Address(line1="1 Imaginary Plaza", city="Springfield", state="IL", postal_code="62704")
    assert "Imaginary" not in repr(a_payer(address=address))


def test_every_setting_says_what_its_value_is() -> None:
    assert set(PROFILE_SETTINGS) == set(ProfileSetting)
    assert all(rule.meaning.endswith(".") for rule in PROFILE_SETTINGS.values())


@pytest.mark.parametrize("setting", ProfileSetting)
def test_values_of_a_settings_shape_are_accepted(setting: ProfileSetting) -> None:
    rule = PROFILE_SETTINGS[setting]
    values = GOOD_VALUES.get(rule.shape, list(rule.choices))
    if rule.shape is ValueShape.TIME_LIMIT:
        values = [{unit: 12, "basis": basis} for unit in ("days", "months") for basis in rule.choices]
    assert values
    assert [validate_value(setting, value) for value in values] == [()] * len(values)


@pytest.mark.parametrize(
    ("setting", "value", "pointers"),
    [
        (ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY, "yes", ["/value"]),
        (ProfileSetting.ACCEPTS_ELECTRONIC_SECONDARY, 1, ["/value"]),
        (ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES, "two", ["/value"]),
        (ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES, ["one"], ["/value"]),
        (WINDOW, 0, ["/value"]),
        (WINDOW, 91, ["/value"]),
        (WINDOW, 15.0, ["/value"]),
        (WINDOW, True, ["/value"]),
        (LIMIT, 365, ["/value"]),
        (LIMIT, {"days": 365}, ["/value"]),
        (LIMIT, {"days": 365, "months": 12, "basis": "later_of"}, ["/value"]),
        (LIMIT, {"days": 365, "basis": "later_of", "note": ""}, ["/value"]),
        (LIMIT, {"days": 0, "basis": "decision"}, ["/value/days", "/value/basis"]),
        (LIMIT, {"months": 121, "basis": []}, ["/value/months", "/value/basis"]),
        (ProfileSetting.APPEAL_LIMIT, {"days": 120, "basis": "service_date"}, ["/value/basis"]),
        (ProfileSetting.AUTO_SEND_AFTER_DENIAL_REASONS, [], ["/value"]),
        (ProfileSetting.AUTO_SEND_AFTER_DENIAL_REASONS, "PR-96", ["/value"]),
        (ProfileSetting.AUTO_SEND_AFTER_DENIAL_REASONS, ["96", "PR-96", None], ["/value/0", "/value/2"]),
        (ProfileSetting.AUTO_SEND_AFTER_DENIAL_REASONS, ["PR-96", "PR-96"], ["/value"]),
    ],
)
def test_values_of_another_shape_are_findings_with_their_place(
    setting: ProfileSetting, value: object, pointers: list[str]
) -> None:
    assert [finding.pointer for finding in validate_value(setting, value)] == pointers


@given(st.sampled_from(ProfileSetting), JSON)
def test_any_json_is_judged_and_never_repeated_in_a_message(setting: ProfileSetting, value: object) -> None:
    marker = "canary-7Q"
    findings = validate_value(setting, value)
    assert all(finding.code.startswith("setting_value_") for finding in findings)
    marked = validate_value(setting, {"basis": marker, "days": marker})
    assert marked
    assert all(marker not in f"{finding.message}{finding.pointer}" for finding in marked)


def test_an_entry_that_breaks_several_rules_has_a_finding_for_each() -> None:
    entry = an_entry(
        value=0,
        effective_from=date(2026, 1, 2),
        effective_to=date(2026, 1, 1),
        source=" ",
        source_url="http://example.org",
    )
    assert [finding.pointer for finding in check_profile_entry(entry)] == [
        "/value",
        "/effective_to",
        "/source",
        "/source_url",
    ]
    assert check_profile_entry(an_entry(source_url="https://example.org")) == ()


def test_an_entry_is_in_force_on_its_first_and_its_last_day() -> None:
    entry = an_entry(effective_from=date(2026, 1, 1), effective_to=date(2026, 1, 31))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [WINDOW in effective_profile([entry], day) for day in days] == [False, True, True, False]


def test_the_latest_entry_to_begin_wins() -> None:
    entries = [
        an_entry(1, value=10),
        an_entry(2, value=15, effective_from=date(2025, 1, 1)),
        an_entry(3, value=20, effective_from=date(2026, 6, 1)),
    ]
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [effective_profile(entries, day)[WINDOW].value for day in days] == [10, 15, 15, 20]


def test_a_practices_own_entry_beats_a_later_general_one_while_it_lasts() -> None:
    general = an_entry(1, value=20, effective_from=date(2026, 1, 1))
    own = an_entry(2, value=5, effective_from=date(2025, 1, 1), effective_to=date(2026, 3, 31), practice_override=True)
    assert effective_profile([own, general], date(2026, 3, 31))[WINDOW] == own
    assert effective_profile([own, general], date(2026, 4, 1))[WINDOW] == general


def test_of_two_that_begin_together_the_one_noted_later_wins() -> None:
    older, newer = an_entry(2, value=10), an_entry(1, value=20, noted_on=date(2026, 2, 11))
    assert effective_profile([newer, older], date(2026, 3, 1))[WINDOW] == newer


def test_settings_do_not_touch_each_other() -> None:
    limit = an_entry(2, setting=LIMIT, value={"days": 90, "basis": "prior_decision"}, practice_override=True)
    window = an_entry(1)
    assert effective_profile([limit, window], date(2026, 3, 1)) == {LIMIT: limit, WINDOW: window}


OPTIONAL_DAYS = st.none() | st.dates(date(2025, 1, 1), date(2025, 1, 12))


@given(
    st.lists(
        st.builds(
            an_entry,
            st.integers(1, 10**6),
            effective_from=OPTIONAL_DAYS,
            effective_to=OPTIONAL_DAYS,
            practice_override=st.booleans(),
            noted_on=st.dates(date(2026, 1, 1), date(2026, 1, 3)),
        ),
        max_size=4,
        unique_by=lambda entry: entry.id,
    ),
    st.integers(-1, 13),
)
def test_the_entry_in_force_is_never_beaten_and_does_not_depend_on_the_order(
    entries: list[ProfileEntry], offset: int
) -> None:
    day = date(2025, 1, 1) + timedelta(days=offset)
    in_force = [entry for entry in entries if entry.is_in_force(day)]
    winners = {effective_profile(order, day).get(WINDOW) for order in permutations(entries)}
    assert len(winners) == 1
    winner = winners.pop()
    assert (winner is None) == (not in_force)
    if winner is not None:
        assert winner in in_force
        assert not any(
            (other.practice_override, other.effective_from or date.min)
            > (winner.practice_override, winner.effective_from or date.min)
            for other in in_force
        )
