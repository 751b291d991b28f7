"""The port's promises about eligibility inquiries, as tests."""

import asyncio
import logging
import re
import time
import traceback
from collections.abc import Callable

import pytest

from app.clearinghouse.port import RefusedReason, UnavailableReason
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from tests.clearinghouse.contract_bench import CANARY_MEMBER, Bench, Benched


def trace_numbers(x12: str) -> list[str]:
    return re.findall(r"~TRN\*2\*([^*~]*)", x12)


class EligibilityContract(Benched):
    """One inquiry, one answer."""

    async def test_its_name_is_a_short_word(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            assert re.fullmatch(r"[a-z][a-z0-9_]{1,19}", clearinghouse.name)

    async def test_an_inquiry_is_taken_once_and_answered_by_its_271(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            x12 = await clearinghouse.ask_eligibility(bench.inquiry("once"))
        assert x12.startswith("ISA*")
        assert "~GS*HB*" in x12
        assert "~ST*271*" in x12
        assert trace_numbers(x12) == ["once"]
        assert bench.times_taken("once") == 1

    async def test_a_payers_refusal_is_an_answer(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            assert "~AAA*N**75*" in await clearinghouse.ask_eligibility(bench.inquiry("t", payer="refuses"))
            assert "~AAA*Y**42*" in await clearinghouse.ask_eligibility(bench.inquiry("t", payer="is_down"))

    @pytest.mark.parametrize(
        ("break_it", "reasons"),
        [
            (lambda text: "not x12 at all", {RefusedReason.EDITS, RefusedReason.SYNTAX}),  # noqa: ARG005 -- replaces it
            (lambda text: text[:300], {RefusedReason.EDITS, RefusedReason.SYNTAX}),
            (lambda text: re.sub(r"~EQ\*[^~]*", "~EQ*ZZ", text), {RefusedReason.SYNTAX, RefusedReason.EDITS}),
        ],
        ids=["not x12", "cut", "bad code"],
    )
    async def test_x12_it_cannot_pass_on_is_refused(
        self, bench: Bench, break_it: Callable[[str], str], reasons: set[RefusedReason]
    ) -> None:
        async with bench.adapter() as clearinghouse:
            with pytest.raises(ClearinghouseRefused) as caught:
                await clearinghouse.ask_eligibility(break_it(bench.inquiry("broken")))
        assert caught.value.reason in reasons
        assert bench.times_taken("broken") == 0

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("HANG", UnavailableReason.NO_ANSWER),
            ("RESET", UnavailableReason.NO_ANSWER),
            ("CUT", UnavailableReason.NO_ANSWER),
            ("DRIP", UnavailableReason.NO_ANSWER),
            ("GARBAGE", UnavailableReason.UNREADABLE),
            ("HTML", UnavailableReason.UNREADABLE),
            ("EMPTY", UnavailableReason.UNREADABLE),
            ("NOX12", UnavailableReason.UNREADABLE),
            ("BOMB", UnavailableReason.UNREADABLE),
            ("REDIRECT", UnavailableReason.WRONG_ADDRESS),
            ("E403", UnavailableReason.CREDENTIALS),
            ("E404", UnavailableReason.WRONG_ADDRESS),
            ("E429", UnavailableReason.RATE_LIMITED),
            ("E500", UnavailableReason.BUSY),
            ("E503", UnavailableReason.BUSY),
            ("E504", UnavailableReason.BUSY),
        ],
    )
    async def test_no_usable_answer_is_unavailable_with_a_reason_and_the_next_inquiry_is_answered(
        self, bench: Bench, fault: str, reason: UnavailableReason
    ) -> None:
        async with bench.adapter() as clearinghouse:
            began = time.monotonic()
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.ask_eligibility(bench.inquiry("faulty", fault=fault))
            assert time.monotonic() - began < 4
            assert caught.value.reason is reason
            assert trace_numbers(await clearinghouse.ask_eligibility(bench.inquiry("next"))) == ["next"]

    async def test_nobody_at_the_address_is_not_sent(self, bench: Bench) -> None:
        async with bench.adapter(listening=False) as clearinghouse:
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.ask_eligibility(bench.inquiry("t"))
        assert caught.value.reason is UnavailableReason.NOT_SENT

    async def test_a_wrong_key_is_told_as_credentials(self, bench: Bench) -> None:
        async with bench.adapter(key="another-key") as clearinghouse:
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.ask_eligibility(bench.inquiry("t"))
        assert caught.value.reason is UnavailableReason.CREDENTIALS

    @pytest.mark.parametrize(
        ("said", "seconds"),
        [("5", 5), ("0", 1), ("-1", 1), ("99999999", 3600), ("abc", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 1)],
    )
    async def test_the_wait_it_asks_for_is_held_between_a_second_and_an_hour(
        self, bench: Bench, said: str, seconds: int | None
    ) -> None:
        async with bench.adapter() as clearinghouse:
            bench.next_answers_status(429, said)
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.ask_eligibility(bench.inquiry("t"))
        assert caught.value.retry_after == seconds

    async def test_inquiries_at_the_same_time_each_get_their_own_answer(self, bench: Bench) -> None:
        numbers = [f"T{number}" for number in range(20)]
        async with bench.adapter() as clearinghouse:
            answers = await asyncio.gather(*(clearinghouse.ask_eligibility(bench.inquiry(one)) for one in numbers))
        assert [trace_numbers(answer) for answer in answers] == [[number] for number in numbers]

    async def test_a_cancelled_inquiry_leaves_the_adapter_usable(self, bench: Bench) -> None:
        async with bench.adapter() as clearinghouse:
            call = asyncio.create_task(clearinghouse.ask_eligibility(bench.inquiry("cancelled", fault="HANG")))
            await asyncio.sleep(0.2)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert trace_numbers(await clearinghouse.ask_eligibility(bench.inquiry("next"))) == ["next"]

    @pytest.mark.parametrize("fault", ["GARBAGE", "HTML", "CUT", "E500", None])
    async def test_neither_its_errors_nor_its_logs_repeat_the_inquiry_the_answer_or_the_key(
        self, bench: Bench, fault: str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        key = "CANARY-KEY" if fault is None else None
        caplog.set_level(logging.DEBUG)
        async with bench.adapter(key=key) as clearinghouse:
            with pytest.raises((ClearinghouseUnavailable, ClearinghouseRefused)) as caught:
                await clearinghouse.ask_eligibility(bench.inquiry("t", fault=fault))
            told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(clearinghouse)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        for canary in (CANARY_MEMBER, "CANARY-KEY", "sandbox-test-key", "doctype", "ISA*"):
            assert canary not in told + caplog.text
