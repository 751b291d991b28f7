"""The port's promises about claims, as tests: at most one claim per key, and never a doubt that is not told."""

import asyncio
import logging
import random
import string
import time
import traceback
from uuid import uuid4

import pytest

from app.clearinghouse.port import Clearinghouse, RefusedReason, SubmissionReceipt, SubmissionRefusal, UnavailableReason
from app.domain.errors import ClearinghouseUnavailable
from tests.clearinghouse.contract_bench import CANARY_MEMBER, Bench, Benched

ACCEPTED_THEN_LOST = ["HANG", "RESET", "CUT", "DRIP", "GARBAGE", "HTML", "EMPTY", "BOMB", "E500", "E504"]
"""The other side holds the claim and its answer never comes, or says nothing."""


def a_control_number() -> str:
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=17))


async def reason_of(clearinghouse: Clearinghouse, x12: str, key: str) -> UnavailableReason:
    with pytest.raises(ClearinghouseUnavailable) as caught:
        await clearinghouse.submit_claim(x12, idempotency_key=key)
    return UnavailableReason(caught.value.reason)


async def settled(clearinghouse: Clearinghouse, x12: str, key: str) -> SubmissionReceipt:
    """What the same text under the same key brings, once the call before it is over at the other side as well."""
    for _ in range(20):
        try:
            said = await clearinghouse.submit_claim(x12, idempotency_key=key)
        except ClearinghouseUnavailable as error:
            if error.reason is not UnavailableReason.BUSY:
                raise
            await asyncio.sleep(0.1)
        else:
            assert isinstance(said, SubmissionReceipt)
            return said
    raise AssertionError("the other side is still at the first call")


class ClaimsContract(Benched):
    """A claim goes out, perhaps several times."""

    async def test_a_claim_is_taken_and_answered_by_a_receipt_with_its_277ca(self, bench: Bench) -> None:
        number = a_control_number()
        async with bench.adapter() as clearinghouse:
            said = await clearinghouse.submit_claim(bench.claim(number), idempotency_key=str(uuid4()))
        assert isinstance(said, SubmissionReceipt)
        assert said.patient_control_number == number
        assert said.clearinghouse_id
        assert said.acknowledgment is not None
        assert "~GS*HN*" in said.acknowledgment
        assert bench.claims_taken(number) == 1

    async def test_a_claim_is_taken_once_under_one_key_however_often_it_is_sent(self, bench: Bench) -> None:
        number, key = a_control_number(), str(uuid4())
        async with bench.adapter() as clearinghouse:
            sent = [await clearinghouse.submit_claim(bench.claim(number), idempotency_key=key) for _ in range(4)]
        assert all(isinstance(said, SubmissionReceipt) for said in sent)
        assert len(set(sent)) == 1
        assert bench.claims_taken(number) == 1

    async def test_a_claim_that_is_sent_many_times_at_once_is_taken_once(self, bench: Bench) -> None:
        number, key = a_control_number(), str(uuid4())
        x12 = bench.claim(number)
        async with bench.adapter() as clearinghouse:
            calls = (clearinghouse.submit_claim(x12, idempotency_key=key) for _ in range(20))
            for said in await asyncio.gather(*calls, return_exceptions=True):
                if isinstance(said, ClearinghouseUnavailable):
                    assert said.reason is UnavailableReason.BUSY
                else:
                    assert isinstance(said, SubmissionReceipt)
            await settled(clearinghouse, x12, key)
        assert bench.claims_taken(number) == 1

    async def test_other_bytes_under_a_used_key_are_not_taken_and_told_apart(self, bench: Bench) -> None:
        first, other, key = a_control_number(), a_control_number(), str(uuid4())
        async with bench.adapter() as clearinghouse:
            await clearinghouse.submit_claim(bench.claim(first), idempotency_key=key)
            assert await reason_of(clearinghouse, bench.claim(other), key) is UnavailableReason.KEY_REUSED
        assert (bench.claims_taken(first), bench.claims_taken(other)) == (1, 0)

    async def test_a_claim_with_errors_is_refused_with_the_277ca_and_the_places(self, bench: Bench) -> None:
        number = a_control_number()
        async with bench.adapter() as clearinghouse:
            said = await clearinghouse.submit_claim(bench.claim(number, is_sound=False), idempotency_key=str(uuid4()))
        assert isinstance(said, SubmissionRefusal)
        assert said.reason is RefusedReason.EDITS
        assert said.patient_control_number == number
        assert said.acknowledgment is not None
        assert "~GS*HN*" in said.acknowledgment
        assert said.problems
        assert bench.claims_taken(number) == 0

    async def test_what_is_no_x12_is_refused(self, bench: Bench) -> None:
        number = a_control_number()
        async with bench.adapter() as clearinghouse:
            for text in ("not x12 at all", bench.claim(number)[:300]):
                said = await clearinghouse.submit_claim(text, idempotency_key=str(uuid4()))
                assert isinstance(said, SubmissionRefusal)
        assert bench.claims_taken(number) == 0

    @pytest.mark.parametrize("fault", ACCEPTED_THEN_LOST)
    async def test_a_lost_answer_leaves_the_outcome_open_and_the_same_key_settles_it(
        self, bench: Bench, fault: str
    ) -> None:
        number, key = a_control_number(), str(uuid4())
        async with bench.adapter() as clearinghouse:
            bench.next_goes_wrong(fault, on="claims")
            began = time.monotonic()
            reason = await reason_of(clearinghouse, bench.claim(number), key)
            assert time.monotonic() - began < 4
            assert reason.may_have_arrived
            assert reason.may_be_repeated
            assert bench.claims_taken(number) == 1
            said = await settled(clearinghouse, bench.claim(number), key)
        assert said.patient_control_number == number
        assert bench.claims_taken(number) == 1

    @pytest.mark.parametrize(
        ("fault", "reason", "may_have_arrived"),
        [
            ("E403", UnavailableReason.CREDENTIALS, False),
            ("E404", UnavailableReason.WRONG_ADDRESS, False),
            ("REDIRECT", UnavailableReason.WRONG_ADDRESS, False),
            ("E429", UnavailableReason.RATE_LIMITED, True),
            ("E503", UnavailableReason.BUSY, True),
            ("LOST", UnavailableReason.NO_ANSWER, True),
            ("STALL", UnavailableReason.NO_ANSWER, True),
        ],
    )
    async def test_a_claim_that_did_not_get_through_is_taken_once_when_it_is_sent_again(
        self, bench: Bench, fault: str, reason: UnavailableReason, may_have_arrived: bool
    ) -> None:
        number, key = a_control_number(), str(uuid4())
        async with bench.adapter() as clearinghouse:
            bench.next_goes_wrong(fault, on="claims")
            assert await reason_of(clearinghouse, bench.claim(number), key) is reason
            assert reason.may_have_arrived is may_have_arrived
            assert bench.claims_taken(number) == 0
            said = await settled(clearinghouse, bench.claim(number), key)
        assert said.patient_control_number == number
        assert bench.claims_taken(number) == 1

    async def test_with_nobody_at_the_address_a_claim_is_certainly_not_sent(self, bench: Bench) -> None:
        async with bench.adapter(listening=False) as clearinghouse:
            reason = await reason_of(clearinghouse, bench.claim(a_control_number()), str(uuid4()))
        assert reason is UnavailableReason.NOT_SENT
        assert not reason.may_have_arrived

    async def test_a_claim_under_a_wrong_key_of_ours_is_not_taken(self, bench: Bench) -> None:
        number = a_control_number()
        async with bench.adapter(key="another-key") as clearinghouse:
            reason = await reason_of(clearinghouse, bench.claim(number), str(uuid4()))
        assert reason is UnavailableReason.CREDENTIALS
        assert bench.claims_taken(number) == 0

    async def test_a_cancelled_submission_leaves_the_adapter_usable_and_one_claim(self, bench: Bench) -> None:
        number, key = a_control_number(), str(uuid4())
        async with bench.adapter() as clearinghouse:
            bench.next_goes_wrong("HANG", on="claims")
            call = asyncio.create_task(clearinghouse.submit_claim(bench.claim(number), idempotency_key=key))
            await asyncio.sleep(0.2)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            said = await settled(clearinghouse, bench.claim(number), key)
        assert said.patient_control_number == number
        assert bench.claims_taken(number) == 1

    @pytest.mark.parametrize("fault", ["GARBAGE", "HTML", "CUT", "E500", None])
    async def test_neither_an_error_nor_a_log_repeats_the_claim_the_answer_or_the_key(
        self, bench: Bench, fault: str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with bench.adapter(key="CANARY-KEY" if fault is None else None) as clearinghouse:
            if fault is not None:
                bench.next_goes_wrong(fault, on="claims")
            with pytest.raises(ClearinghouseUnavailable) as caught:
                await clearinghouse.submit_claim(bench.claim(a_control_number()), idempotency_key=str(uuid4()))
            told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(clearinghouse)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        for canary in (CANARY_MEMBER, "CANARY-KEY", "sandbox-test-key", "doctype", "ISA*"):
            assert canary not in told + caplog.text

    async def test_neither_a_receipt_nor_a_refusal_shows_its_content(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        number = a_control_number()
        async with bench.adapter() as clearinghouse:
            for is_sound in (True, False):
                x12 = bench.claim(number, is_sound=is_sound)
                said = repr(await clearinghouse.submit_claim(x12, idempotency_key=str(uuid4())))
                for canary in (CANARY_MEMBER, number, "ISA*"):
                    assert canary not in said + caplog.text
