"""The port's promises about inbound documents, as tests: each is listed, and comes byte for byte."""

import logging
import traceback
from dataclasses import replace
from uuid import uuid4

import pytest

from app.clearinghouse.port import Clearinghouse, FeedPosition, InboundEntry, RefusedReason, UnavailableReason
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from tests.clearinghouse.contract_bench import CANARY_MEMBER, Bench, Benched
from tests.clearinghouse.contract_claims import a_control_number

_277CA = (
    "ISA*00*          *00*          *ZZ*SANDBOX        *ZZ*CROSSOVER      *260302*1319*^*00501*{number}*0*T*:~"
    "GS*HN*SANDBOX*CROSSOVER*20260302*1319*1*X*005010X214~ST*277*0001*005010X214~"
    "BHT*0085*08*{number}*20260302*1319*TH~NM1*QC*1*{name}*TEST~SE*4*0001~GE*1*1~IEA*1*{number}~"
)


def a_document() -> str:
    return _277CA.format(number=f"{uuid4().int % 10**9:09}", name=CANARY_MEMBER)


async def walk(clearinghouse: Clearinghouse, position: FeedPosition) -> tuple[list[InboundEntry], FeedPosition]:
    """All that is there from a position on, and the position behind it."""
    entries: list[InboundEntry] = []
    for _ in range(1000):
        page = await clearinghouse.list_inbound(position)
        entries += page.entries
        position = page.next
        if not page.has_more:
            return entries, position
    raise AssertionError("the feed never ends")


class FeedContract(Benched):
    """What others sent to us."""

    async def test_every_document_is_listed_once_in_its_order_page_by_page(self, bench: Bench) -> None:
        async with bench.adapter(page_size=2) as clearinghouse:
            _, position = await walk(clearinghouse, FeedPosition())
            offered = [bench.offer(a_document()) for _ in range(5)]
            entries, _ = await walk(clearinghouse, position)
        assert [entry.id for entry in entries if entry.id in offered] == offered
        assert {entry.kind_hint for entry in entries if entry.id in offered} == {"277"}
        assert len({entry.id for entry in entries}) == len(entries)

    async def test_reading_goes_on_where_it_stopped(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            before = bench.offer(a_document())
            entries, position = await walk(clearinghouse, FeedPosition())
            assert before in {entry.id for entry in entries}
        kept = FeedPosition(start=position.start, page_token=position.page_token)
        async with bench.adapter() as clearinghouse:
            after = bench.offer(a_document())
            entries, _ = await walk(clearinghouse, kept)
        assert after in {entry.id for entry in entries}

    async def test_the_end_of_the_feed_is_not_the_end_of_reading(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            _, position = await walk(clearinghouse, FeedPosition())
            for _ in range(3):
                page = await clearinghouse.list_inbound(position)
                assert not page.has_more
                position = page.next
            offered = bench.offer(a_document())
            entries, _ = await walk(clearinghouse, position)
        assert offered in {entry.id for entry in entries}

    async def test_a_token_that_is_lost_or_unknown_loses_no_document(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            _, position = await walk(clearinghouse, FeedPosition())
            offered = bench.offer(a_document())
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.list_inbound(replace(position, page_token="nobody-gave-this"))
            assert caught.value.reason is UnavailableReason.POSITION_EXPIRED
            entries, _ = await walk(clearinghouse, position.without_token)
        assert offered in {entry.id for entry in entries}

    async def test_what_we_sent_is_not_inbound(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            await clearinghouse.submit_claim(bench.claim(a_control_number()), idempotency_key=str(uuid4()))
            entries, _ = await walk(clearinghouse, FeedPosition())
        assert "837" not in {entry.kind_hint for entry in entries}

    async def test_a_document_comes_byte_for_byte_and_as_often_as_it_is_asked_for(self, bench: Bench) -> None:
        text = a_document()
        document_id = bench.offer(text)
        async with bench.adapter() as clearinghouse:
            assert [await clearinghouse.fetch_inbound(document_id) for _ in range(2)] == [text.encode()] * 2

    async def test_a_document_that_is_not_there_is_refused(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            for document_id in (str(uuid4()), "../polling", ""):
                with pytest.raises(ClearinghouseRefused) as caught:
                    await clearinghouse.fetch_inbound(document_id)
                assert caught.value.reason is RefusedReason.NOT_FOUND

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("HANG", UnavailableReason.NO_ANSWER),
            ("RESET", UnavailableReason.NO_ANSWER),
            ("CUT", UnavailableReason.NO_ANSWER),
            ("GARBAGE", UnavailableReason.UNREADABLE),
            ("HTML", UnavailableReason.UNREADABLE),
            ("EMPTY", UnavailableReason.UNREADABLE),
            ("BOMB", UnavailableReason.UNREADABLE),
            ("REDIRECT", UnavailableReason.WRONG_ADDRESS),
            ("E403", UnavailableReason.CREDENTIALS),
            ("E404", UnavailableReason.WRONG_ADDRESS),
            ("E429", UnavailableReason.RATE_LIMITED),
            ("E500", UnavailableReason.BUSY),
            ("E503", UnavailableReason.BUSY),
        ],
    )
    async def test_a_feed_that_gives_no_usable_answer_is_read_later_from_the_same_position(
        self, bench: Bench, fault: str, reason: UnavailableReason
    ) -> None:
        async with bench.adapter() as clearinghouse:
            _, position = await walk(clearinghouse, FeedPosition())
            offered = bench.offer(a_document())
            bench.next_goes_wrong(fault, on="feed")
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.list_inbound(position)
            assert caught.value.reason is reason
            entries, _ = await walk(clearinghouse, position)
        assert offered in {entry.id for entry in entries}

    async def test_a_feed_that_nobody_gives_is_not_sent_and_a_wrong_key_is_told(self, bench: Bench) -> None:
        for changes, reason in (
            ({"listening": False}, UnavailableReason.NOT_SENT),
            ({"key": "another-key"}, UnavailableReason.CREDENTIALS),
        ):
            async with bench.adapter(**changes) as clearinghouse:
                for call in (clearinghouse.list_inbound(FeedPosition()), clearinghouse.fetch_inbound(str(uuid4()))):
                    with pytest.raises(ClearinghouseUnavailable) as caught:
                        await call
                    assert caught.value.reason is reason

    async def test_neither_an_error_nor_a_log_repeats_a_document_or_the_key(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        document_id = bench.offer(a_document())
        async with bench.adapter() as clearinghouse:
            await clearinghouse.fetch_inbound(document_id)
            bench.next_goes_wrong("CUT", on="feed")
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.list_inbound(FeedPosition())
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
        for canary in (CANARY_MEMBER, "sandbox-test-key", "ISA*"):
            assert canary not in told
