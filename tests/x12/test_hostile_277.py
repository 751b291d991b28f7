"""Damaged and hostile texts: the readers of answers (271, 277, 277CA, 999, TA1) return findings, never an exception, and
work in linear time.
"""

import os
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import has_error
from app.x12 import acknowledgment_999, claim_acknowledgment_277, claim_status_277, eligibility_271, inbound
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from tests.worker.scale import times
from tests.x12.test_hostile_271 import RICH, _calls
from tests.x12.texts_271 import texts_271
from tests.x12.texts_277 import DAY, DEPENDENT, LINE, OWN, PAID, RECEIVER, SUBSCRIBER_OF_DEPENDENT, a_277, texts_277
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_999 import a_999, a_ta1

RICH_277 = a_277(
    SUBSCRIBER_OF_DEPENDENT,
    [*DEPENDENT, OWN, PAID, "STC*P1:20:PR*20260303********R0:1", "REF*EJ*QUIETROOMS0000001", DAY, *LINE, *LINE],
    ["TRN*2*TRACE-2", "STC*F2:88*20260303**150*0", "REF*1K*PAYERCLAIM1"],
    receiver=(*RECEIVER, "TRN*2*STATUSREQUEST1", "STC*E1:484:PR*20260303"),
    line_end="\n",
).rstrip("\n")
RICH_277CA = a_277ca(a_claim_level("CLAIM1", "STC*A2:20*20260303*WQ*150", "REF*1K*ONE", "SVC*HC:1*1", "STC*A7:1**U"))
_GROUP = "ST*999*0001*005010X231A1~AK1*HC*42~AK2*837*0001~IK3*NM1*22*2010*8~CTX*SITUATIONAL TRIGGER*CLM*43**5:3"
_ERRORS = "CTX*CLM01:CLAIM1~IK4*3:1*1035*1*BAD~IK5*R*5~AK9*R*1*1*0*1~SE*10*0001"
RICH_999 = a_ta1("TA1*000000042*260303*1200*E*010", f"{_GROUP}~{_ERRORS}".split("~"))
TEXTS = {
    "271": RICH,
    "277": RICH_277,
    "277CA": RICH_277CA,
    "999": RICH_999,
    "TA1": a_ta1("TA1*000000042*260303*1200*A*000"),
}
READERS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "271": eligibility_271.read,
    "277": claim_status_277.read,
    "277CA": claim_acknowledgment_277.read,
    "999": acknowledgment_999.read,
    "TA1": acknowledgment_999.read,
}
KINDS = list(TEXTS)


def _read_all(source: str | bytes) -> None:
    """Whatever a text holds, every reader may be handed it."""
    for read in READERS.values():
        items, findings = read(source)
        assert items or findings
    inbound.kind_of(source)
    inbound.patient_control_numbers(source)


def _flipped(source: bytes, masks: tuple[int, ...], step: int = 1) -> Iterator[bytes]:
    damaged = bytearray(source)
    for mask in masks:
        for index in range(0, len(damaged), step):
            damaged[index] ^= mask
            yield bytes(damaged)
            damaged[index] ^= mask


@pytest.mark.parametrize("kind", KINDS)
def test_the_texts_that_get_damaged_are_sound(kind: str) -> None:
    items, findings = READERS[kind](TEXTS[kind])
    assert items
    assert not has_error(list(findings))


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_cut_at_any_byte_is_an_error_and_says_nothing_else_than_the_whole(kind: str) -> None:
    source = TEXTS[kind].encode()
    whole, _ = READERS[kind](source)
    for length in range(len(source)):
        items, findings = READERS[kind](source[:length])
        assert has_error(list(findings)), length
        assert kind == "271" or all(item in whole for item in items), length


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_anywhere_raises_nothing(kind: str, mask: int) -> None:
    for damaged in _flipped(TEXTS[kind].encode(), (mask,)):
        READERS[kind](damaged)


_REFERENCE = os.environ.get("REFERENCE_DIR")


@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
@pytest.mark.parametrize(("folder", "kind"), [("271", "271"), ("277", "277"), ("277ca", "277CA"), ("999", "999")])
def test_a_sample_cut_or_flipped_at_any_byte_raises_nothing(folder: str, kind: str) -> None:
    paths = sorted((Path(_REFERENCE or ".") / "samples" / folder).glob("*"))
    assert paths
    for path in paths:
        source = path.read_bytes()
        for length in range(len(source)):
            READERS[kind](source[:length])
        for damaged in _flipped(source, (0x01, 0xFF) if times(0, 1) else (0x20,), step=times(3, 1)):
            READERS[kind](damaged)


@settings(max_examples=times(5, 100))
@given(text=texts_271 | texts_277(), mask=st.sampled_from([0x01, 0x04, 0x20, 0xFF]), start=st.integers(0, 6))
def test_generated_answers_cut_or_flipped_raise_nothing(text: str, mask: int, start: int) -> None:
    source = text.encode()
    step = times(7, 1)
    read = eligibility_271.read if "ST*271" in text else claim_status_277.read
    for length in range(start, len(source), step):
        read(source[:length])
    for damaged in _flipped(source, (mask,), step):
        read(damaged)


_SEGMENT_IDS = (
    "AAA AK1 AK2 AK9 AMT BHT CTX DMG DTP EB GE GS HL IEA IK3 IK4 IK5 ISA LS N3 NM1 PER QTY REF SE ST STC SVC TA1 TRN ZZ"
).split()
_elements = st.lists(st.text("0123456789ACEFHIPRSTX*:^-. ", max_size=8), max_size=15)
_segments = st.lists(
    st.builds(lambda name, elements: "*".join((name, *elements)), st.sampled_from(_SEGMENT_IDS), _elements), max_size=30
)


@given(_segments)
def test_known_segments_with_any_content_in_any_order_raise_nothing(segments: list[str]) -> None:
    _read_all(a_277(segments))
    _read_all(a_277ca(segments))
    _read_all(a_999(*segments))


@given(st.binary(max_size=2000))
def test_no_bytes_raise(source: bytes) -> None:
    _read_all(source)


@given(st.integers(0, len(RICH_277)), st.integers(0, len(RICH_277)), st.integers(0, len(RICH_277)))
def test_parts_repeated_or_left_out_raise_nothing(first: int, second: int, third: int) -> None:
    _read_all(RICH_277[:first] + RICH_277[second:third] + RICH_277[second:])


def _peak(claims: int) -> int:
    """Bytes at most in use while the claims are read and let go, one after the other."""
    head, end = a_277(["HL*4*3*22*0"]).split("SE*")
    claim = "~".join((*(OWN, PAID, DAY), *LINE, *LINE)).encode() + b"~"
    source = chain((head.encode(),), repeat(claim, claims), (f"SE*{end}".encode(),))
    tracemalloc.start()
    transaction = next(read_transactions(source, Report()))
    assert isinstance(transaction, TransactionSet)
    read = sum(1 for _ in claim_status_277.read_transaction(transaction, Report()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == claims
    return peak


def test_ten_times_the_claims_take_no_more_memory() -> None:
    assert _peak(3_000) < _peak(300) + 200_000


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: a_277(["HL*9*8*22*0"] * (n // 12)),
        lambda n: a_277(["HL*4*3*22*0", *["TRN*2*A"] * (n // 8)]),
        lambda n: a_277(["HL*4*3*22*0", "TRN*2*A", *["STC*F1:1*2*****:::"] * (n // 18)]),
        lambda n: a_277(["HL*4*3*22*0", "TRN*2*A", *["SVC*HC:1*1*1"] * (n // 13)]),
        lambda n: a_277(["HL*4*3*22*0", "TRN*2*A", *["REF*EJ*1"] * (n // 9)]),
        lambda n: a_277(["HL*4*3*22*0", "TRN*2*A", "STC*" + ":" * n]),
        lambda n: a_277(["ZZZ*1"] * (n // 6)),
        lambda n: a_277(["NM1*IL*1*A"] * (n // 11)),
        lambda n: a_277ca(["TRN*2*A", *["STC*A2:1*2*WQ*x"] * (n // 16)]),
        lambda n: a_277ca(["ZZZ*1"] * (n // 6)),
        lambda n: a_999("AK2*837*1", "IK3*A*1**8", *["CTX*SITUATIONAL TRIGGER*CLM*1"] * (n // 30)),
        lambda n: a_999("AK2*837*1", "IK3*A*1**8", *["IK4*1:1*1*1*A"] * (n // 14)),
        lambda n: a_999("AK2*837*1", "IK3*A*1**8", *["CTX*CLM01:1"] * (n // 12)),
    ],
)
def test_twice_the_text_is_at_most_twice_the_work(hostile: Callable[[int], str]) -> None:
    small, large = hostile(40_000), hostile(80_000)
    assert _calls(lambda: _read_all(large)) <= 2.3 * _calls(lambda: _read_all(small)) + 1_000
