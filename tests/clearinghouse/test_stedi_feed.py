"""The feed: which question is asked, what a page means, and where the next one begins."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearinghouse.port import FeedPage, FeedPosition, InboundEntry, RefusedReason, UnavailableReason
from app.clearinghouse.stedi_feed import feed_page, feed_query
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.http_client import HttpAnswer
from tests.clearinghouse.answers import answer

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OVERLAP = timedelta(minutes=2)


def item(number: int = 1, at: datetime = NOW - HOUR, **changes: Any) -> dict[str, Any]:
    return {
        "transactionId": f"c8dd3a67-{number}",
        "processedAt": at.isoformat().replace("+00:00", "Z"),
        "direction": "INBOUND",
        "status": "succeeded",
        "x12": {"metadata": {"transaction": {"transactionSetIdentifier": "835"}}},
        **changes,
    }


def page(items: list[Any], follows: object = "next", position: FeedPosition | None = None) -> FeedPage:
    content = {"items": items} if follows is None else {"items": items, "nextPageToken": follows}
    return feed_page(answer(200, content), position or FeedPosition(start=NOW - 2 * HOUR), NOW)


# The question


@pytest.mark.parametrize(
    ("position", "asked"),
    [
        (FeedPosition(page_token="a b&c"), {"pageToken": ["a b&c"], "pageSize": ["7"]}),
        (FeedPosition(start=NOW - HOUR, page_token="t"), {"pageToken": ["t"], "pageSize": ["7"]}),
        (FeedPosition(start=NOW - HOUR), {"startDateTime": ["2026-03-02T11:00:00.000Z"], "pageSize": ["7"]}),
        (FeedPosition(), {"startDateTime": ["2026-03-01T12:00:00.000Z"], "pageSize": ["7"]}),
        (FeedPosition(start=NOW), {"startDateTime": ["2026-03-02T11:58:00.000Z"], "pageSize": ["7"]}),
        (
            FeedPosition(start=datetime.fromisoformat("2026-03-02T12:00:00.123999+05:00")),
            {"startDateTime": ["2026-03-02T07:00:00.123Z"], "pageSize": ["7"]},
        ),
    ],
)
def test_a_token_goes_before_the_start_and_the_start_is_minutes_past(
    position: FeedPosition, asked: dict[str, list[str]]
) -> None:
    assert parse_qs(feed_query(position, NOW, 7)) == asked


# A page


def test_an_entry_has_its_id_its_transaction_set_and_when_it_was_processed() -> None:
    (entry,) = page([item()]).entries
    assert entry == InboundEntry(id="c8dd3a67-1", kind_hint="835", processed_at=NOW - HOUR)


@pytest.mark.parametrize(
    ("x12", "kind"),
    [
        ({"metadata": {"transaction": {"transactionSetIdentifier": "277"}}}, "277"),
        ({"metadata": {"transaction": {"transactionSetIdentifier": 999}}}, "999"),
        ({"transactionSetIdentifier": "835"}, "835"),
        ({"transactionSetIdentifier": "SECRET"}, ""),
        ({"metadata": ["x"]}, ""),
        (None, ""),
        ("835", ""),
    ],
)
def test_the_transaction_set_is_a_hint_and_may_be_anywhere_or_nowhere(x12: Any, kind: str) -> None:
    assert [entry.kind_hint for entry in page([item(x12=x12)]).entries] == [kind]


def test_what_went_out_is_left_out_and_what_failed_there_is_not() -> None:
    listed = page(
        [
            item(1, direction="OUTBOUND"),
            item(2, status="failed", x12=None),
            item(3, direction="UNKNOWN"),
            item(4),
        ]
    )
    assert [entry.id for entry in listed.entries] == ["c8dd3a67-2", "c8dd3a67-3", "c8dd3a67-4"]


def test_the_next_page_goes_on_with_the_token_and_keeps_a_way_back_in() -> None:
    listed = page([item(1, NOW - HOUR), item(2, NOW - HOUR / 2, direction="OUTBOUND")])
    assert listed.next == FeedPosition(start=NOW - HOUR / 2 - OVERLAP, page_token="next")
    assert listed.has_more
    assert listed.next.without_token == FeedPosition(start=NOW - HOUR / 2 - OVERLAP)


def test_an_empty_page_gives_its_token_on_and_asks_for_a_pause() -> None:
    listed = page([])
    assert listed == FeedPage(entries=(), next=FeedPosition(start=NOW - 2 * HOUR, page_token="next"), has_more=False)


def test_without_a_token_the_page_was_the_last() -> None:
    listed = page([item(1, NOW - HOUR)], None)
    assert listed.next == FeedPosition(start=NOW - HOUR - OVERLAP)
    assert not listed.has_more


def test_a_clock_that_is_ahead_does_not_carry_the_start_past_now() -> None:
    assert page([item(1, NOW + 1000 * HOUR)]).next.start == NOW - OVERLAP


def test_the_start_never_goes_back() -> None:
    assert page([item(1, NOW - 100 * HOUR)]).next.start == NOW - 2 * HOUR


def test_a_position_without_a_start_gets_one() -> None:
    assert page([], "next", FeedPosition(page_token="t")).next.start == NOW - 24 * HOUR


def test_a_token_that_is_not_known_any_more_has_its_own_reason() -> None:
    refusal = answer(400, {"message": "no", "code": "BAD_REQUEST"})
    with pytest.raises(ClearinghouseUnavailable) as expired:
        feed_page(refusal, FeedPosition(start=NOW, page_token="t"), NOW)
    assert expired.value.reason is UnavailableReason.POSITION_EXPIRED
    assert not UnavailableReason.POSITION_EXPIRED.may_be_repeated
    with pytest.raises(ClearinghouseRefused) as refused:
        feed_page(refusal, FeedPosition(start=NOW), NOW)
    assert refused.value.reason is RefusedReason.REQUEST


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"items": {}},
        {"items": ["x"]},
        {"items": [item(), {}]},
        {"items": [item(transactionId=7)]},
        {"items": [item(transactionId="../executions")]},
        {"items": [item(transactionId="..")]},
        {"items": [item(transactionId="x" * 129)]},
        {"items": [item(processedAt="yesterday")]},
        {"items": [item(processedAt="2026-03-02T11:00:00")]},
        {"items": [item(processedAt="0001-01-01T00:00:00+14:00")]},
        {"items": [item(processedAt=None)]},
        {"items": [], "nextPageToken": 7},
        {"items": [], "nextPageToken": ""},
        {"items": [], "nextPageToken": "x" * 1025},
        {"items": [], "nextPageToken": "a\nb"},
    ],
)
def test_one_unreadable_entry_stops_the_page_rather_than_be_passed_over(content: Any) -> None:
    with pytest.raises(ClearinghouseUnavailable) as caught:
        feed_page(answer(200, content), FeedPosition(), NOW)
    assert caught.value.reason is UnavailableReason.UNREADABLE
    assert caught.value.__context__ is None


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_moments = st.datetimes(timezones=st.timezones() | st.just(UTC)).map(lambda one: one.isoformat())
_items = st.fixed_dictionaries(
    {"transactionId": st.sampled_from(["a", "b"]) | _json, "processedAt": _moments | _json},
    optional={"direction": st.sampled_from(["INBOUND", "OUTBOUND"]) | _json, "status": _json, "x12": _json},
)


@given(
    items=st.lists(_items, max_size=3) | _json,
    token=st.none() | st.text(max_size=5) | _json,
    start=st.none() | st.timedeltas(-9000 * 24 * HOUR, 9000 * 24 * HOUR).map(lambda apart: NOW + apart),
)
def test_whatever_a_page_holds_it_is_read_whole_or_refused(items: Any, token: Any, start: datetime | None) -> None:
    body = json.dumps({"items": items, "nextPageToken": token}).encode()
    position = FeedPosition(start=start)
    try:
        read = feed_page(HttpAnswer(200, {"content-type": "application/json"}, body), position, NOW)
    except ClearinghouseUnavailable:
        return
    ours = [one for one in items if one.get("direction") != "OUTBOUND"]
    assert [entry.id for entry in read.entries] == [one["transactionId"] for one in ours]
    assert read.next.start is not None
    assert read.next.start >= (start or NOW - 24 * HOUR)
    assert read.next.page_token == token
