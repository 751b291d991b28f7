"""What the payers send back, in what order, and that they send it once."""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.main import BASE_PATH, SUBMISSION_PATH
from app.sandbox.outbox import Outbox
from tests.sandbox.claims_837 import Billed, Other, Served, secondary
from tests.sandbox.payers import NOW, everything, opened, said, take
from tests.sandbox.reading import lines
from tests.sandbox.test_main import process
from tests.x12.pyx12_oracle import complaints

COPAY = "MLK100010"


def worked(outbox: Outbox, *billed: Billed, rounds: int = 2) -> Outbox:
    """Each round takes every claim a step further."""
    for number, one in enumerate(billed):
        take(outbox, one, f"CORRELATION{number}")
    for _ in range(rounds):
        outbox.work()
    return outbox


def test_a_claim_goes_out_is_acknowledged_and_paid_for_in_that_order(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(member_id=COPAY))
        assert [(one.type, one.direction) for one in everything(outbox)] == [
            ("837", "OUTBOUND"),
            ("277", "INBOUND"),
            ("835", "INBOUND"),
        ]


def test_the_payer_keeps_one_number_for_a_claim(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(member_id=COPAY))
        (acknowledgment,), (remittance,) = said(outbox, "277"), said(outbox, "835")
    number = lines(remittance, "CLP")[0].split("*")[7]
    assert len(number) == 14
    assert lines(acknowledgment, "REF")[-1] == f"REF*1K*{number}"


def test_the_acknowledgment_is_the_payers_and_names_batch_and_claim(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        (x12,) = said(worked(outbox, Billed(member_id=COPAY)), "277")
    assert lines(x12, "NM1")[0] == "NM1*PR*2*MEADOWLARK HEALTH PLAN*****PI*XOVR1"
    assert lines(x12, "TRN")[1:] == ["TRN*2*BATCH0001", "TRN*1*0", "TRN*2*CLAIM0001"]
    assert lines(x12, "STC")[-1] == "STC*A2>20*20260309*WQ*150"


def test_a_second_payer_reads_what_the_first_decided(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        (x12,) = said(worked(outbox, secondary(member_id="BHM200010")), "835")
    assert lines(x12, "CAS") == ["CAS*OA*23*125"]
    assert lines(x12, "CLP")[0].startswith("CLP*CLAIM0001*2*150*25*0*15*")


@pytest.mark.parametrize(
    ("billed", "status"),
    [
        (Billed(member_id=f"{COPAY}REJECT"), "STC*A7>164>IL*20260309*U*150"),
        (Billed(member_id="MLK999999"), "STC*A7>33>IL*20260309*U*150"),
        (
            secondary(
                member_id="BHM200010LINES",
                others=(Other(cas=("CO*45*45", "PR*3*25"), decided_on="20260310"),),
                lines=(Served(),),
            ),
            "STC*A6>286*20260309*U*150",
        ),
    ],
)
def test_what_the_front_end_rejects_is_never_paid_for(tmp_path: Path, billed: Billed, status: str) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, billed, rounds=3)
        (x12,) = said(outbox, "277")
        assert said(outbox, "835") == []
    assert lines(x12, "STC")[-1] == status
    assert not any(line.startswith("REF*1K") for line in lines(x12, "REF"))
    assert complaints(x12) == []


@pytest.mark.parametrize(("then", "paid"), [("pay", "80"), ("deny", "0")])
def test_a_pended_claim_waits_until_somebody_says_what_becomes_of_it(tmp_path: Path, then: str, paid: str) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(member_id=f"{COPAY}PEND"), rounds=3)
        (acknowledgment,) = said(outbox, "277")
        assert lines(acknowledgment, "STC")[-1] == "STC*P1>45*20260309*WQ*150"
        assert complaints(acknowledgment) == []
        assert said(outbox, "835") == []
        assert outbox.tell("CLAIM0001", then)
        assert not outbox.tell("CLAIM0001", then)
        outbox.work()
        (remittance,) = said(outbox, "835")
    assert lines(remittance, "CLP")[0].split("*")[4] == paid


def test_a_void_is_acknowledged_and_nothing_is_paid_back(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(member_id=COPAY, frequency="8", payer_claim_number="ITS1"), rounds=3)
        assert [one.type for one in everything(outbox)] == ["837", "277"]


def test_a_replacement_is_decided_like_any_claim(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(member_id=COPAY, frequency="7", payer_claim_number="ITS1"))
        assert lines(said(outbox, "835")[0], "CLP")[0].endswith("*11*7")


def test_a_payer_that_is_down_says_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(payer_id="XOVR6", member_id="SHA600001"), rounds=3)
        assert [one.type for one in everything(outbox)] == ["837"]


def test_several_claims_of_one_interchange_went_out_together_and_are_answered_one_by_one(tmp_path: Path) -> None:
    both = Billed(member_id=COPAY, more=(Billed(control_number="CLAIM0002"),))
    with opened(tmp_path) as outbox:
        worked(outbox, both)
        assert [one.type for one in everything(outbox)] == ["837", "277", "277", "835", "835"]
        claims = [lines(x12, "CLP")[0].split("*")[1] for x12 in said(outbox, "835")]
    assert claims == ["CLAIM0001", "CLAIM0002"]


def test_the_deductible_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """250 of MLK100001's deductible are left in a year."""
    for number in range(3):
        with opened(tmp_path) as outbox:
            worked(outbox, Billed(control_number=f"CLAIM{number}"))
            paid = [[line for line in lines(x12, "CAS") if "*PR*" in line] for x12 in said(outbox, "835")]
    assert paid == [["CAS*PR*1*105"], ["CAS*PR*1*105"], ["CAS*PR*1*40**3*25**2*8"]]


def test_an_ending_shares_the_deductible_of_its_member(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed(), Billed(member_id="MLK100001FORWARD", control_number="CLAIM2"))
        worked(outbox, Billed(control_number="CLAIM3"))
        assert lines(said(outbox, "835")[-1], "CAS")[-1] == "CAS*PR*1*40**3*25**2*8"


def test_a_forwarded_claim_goes_to_the_payer_the_claim_names_next(tmp_path: Path) -> None:
    named = Billed(
        member_id=f"{COPAY}FORWARD", others=(Other(rank="S", payer_id="XOVR5", member_id="CKM500001", paid=""),)
    )
    with opened(tmp_path) as outbox:
        worked(outbox, named, Billed(member_id=f"{COPAY}FORWARD", control_number="CLAIM2"))
        crossed = [lines(x12, "NM1")[1] for x12 in said(outbox, "835")]
    assert crossed == ["NM1*TT*2*ANOTHER PAYER*****PI*XOVR5", "NM1*TT*2*BLUE HERON MUTUAL*****PI*XOVR2"]


def test_a_claim_nobody_sent_may_stand_beside_the_one_that_was(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        (x12,) = said(worked(outbox, Billed(member_id=f"{COPAY}EXTRA")), "835")
    known, stranger = (line.split("*") for line in lines(x12, "CLP"))
    assert (known[1], stranger[1][:5]) == ("CLAIM0001", "STRAY")
    assert known[7] != stranger[7]
    assert lines(x12, "NM1")[1] == "NM1*QC*1*ELSE*SOMEONE"
    assert complaints(x12) == []


def test_nothing_is_said_before_its_time(tmp_path: Path) -> None:
    with opened(tmp_path, payer_seconds=1000) as outbox:
        worked(outbox, Billed(member_id=COPAY), rounds=3)
        assert [one.type for one in everything(outbox)] == ["837"]
        arrived_ago(outbox, 1500)
        assert [one.type for one in everything(worked(outbox, rounds=3))] == ["837", "277"]
        arrived_ago(outbox, 2500)
        assert [one.type for one in everything(worked(outbox))] == ["837", "277", "835"]


def arrived_ago(outbox: Outbox, seconds: float) -> None:
    """As if the claims had been with their payers for so long."""
    then = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
    with outbox.ledger.transaction() as connection:
        connection.execute("update payer_claim set arrived_at = ?", (then,))


def test_a_claim_that_cannot_be_worked_on_keeps_no_other_waiting(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.ledger.record_claims(["BROKEN"], key=None, x12="ISA*", correlation_id="BROKEN", taken_at=NOW)
        worked(outbox, Billed(member_id=COPAY))
        assert len(said(outbox, "835")) == 1
        assert [one.control_number for one in outbox.ledger.taken_claims("failed")] == ["BROKEN"]


def test_a_claim_set_back_in_the_ledger_is_not_answered_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        worked(outbox, Billed())
        before = everything(outbox)
        outbox.ledger.mark_claim(1, "taken")
        worked(outbox)
        assert everything(outbox) == before


class Killed(BaseException):
    """Ends the process at the next look at the clock."""


def killing_clock(looks: int) -> Callable[[], datetime]:
    left = [looks]

    def clock() -> datetime:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return NOW

    return clock


@settings(max_examples=25)
@given(st.lists(st.integers(0, 8), max_size=6), st.integers(1, 4))
def test_a_restart_in_the_middle_of_any_step_says_nothing_twice(kills: list[int], count: int) -> None:
    """Each claim of MLK100001 takes from the same deductible, so that a step done twice would show in the amounts."""
    with tempfile.TemporaryDirectory() as folder:
        with opened(Path(folder)) as outbox:
            for number in range(count):
                take(outbox, Billed(control_number=f"CLAIM{number}"))
        for looks in kills:
            with opened(Path(folder), clock=killing_clock(looks)) as outbox, contextlib.suppress(Killed):
                worked(outbox)
        with opened(Path(folder)) as outbox:
            worked(outbox)
            acknowledged = [lines(x12, "TRN")[-1] for x12 in said(outbox, "277")]
            decided = [lines(x12, "CLP")[0].split("*") for x12 in said(outbox, "835")]
            assert len(said(outbox, "837")) == count
        assert sorted(acknowledged) == [f"TRN*2*CLAIM{number}" for number in range(count)]
        assert sorted(one[1] for one in decided) == [f"CLAIM{number}" for number in range(count)]
        # 250 are open: 105, 105 and 40 to the deductible, then the day's copay and coinsurance, then coinsurance alone.
        assert sorted(Decimal(one[4]) for one in decided) == [Decimal(0), Decimal(0), Decimal(32), Decimal(84)][:count]


def test_a_killed_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    """Ten claims, killed while their acknowledgments go out."""
    with process(tmp_path) as (running, sandbox):
        for number in range(10):
            text = Billed(member_id=COPAY, control_number=f"CLAIM{number}").text()
            assert sandbox.call("POST", f"{BASE_PATH}{SUBMISSION_PATH}", {"x12": text})[0] == 200
        time.sleep(1)
        os.kill(running.pid, signal.SIGKILL)
        running.wait(10)
    with process(tmp_path) as (_, sandbox):
        start = (datetime.now(UTC) - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        deadline = time.monotonic() + 20
        types: list[str] = []
        while types.count("835") < 10:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            _, content = sandbox.call("GET", f"/2023-08-01/polling/transactions?startDateTime={start}&pageSize=500")
            types = [one["x12"]["metadata"]["transaction"]["transactionSetIdentifier"] for one in content["items"]]
        time.sleep(0.5)
        _, content = sandbox.call("GET", f"/2023-08-01/polling/transactions?startDateTime={start}&pageSize=500")
    assert len(content["items"]) == 30
    assert {kind: types.count(kind) for kind in ("837", "277", "835")} == {"837": 10, "277": 10, "835": 10}
