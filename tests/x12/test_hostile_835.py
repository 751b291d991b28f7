"""Damaged and hostile texts: the readers of what comes back return findings, never an exception, in linear time."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.findings import has_error
from app.x12 import acknowledgment_999, claim_acknowledgment_277, inbound, remittance_835
from app.x12.remittance_835 import read
from tests.x12.remittances import a_claim, a_remittance, a_service
from tests.x12.test_hostile_271 import _calls
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import a_835, around, enclosed
from tests.x12.texts_999 import a_999

RICH_835 = a_835(
    a_remittance(
        a_claim(a_service(allowed=105, remark_codes=("N14",)), crossover_payer="INV02", remark_codes=("MA18",)),
        a_claim(status_code="22", original_claim_number="EARLIER1"),
    ),
    line_end="\n",
).rstrip("\n")
RICH_277CA = a_277ca(
    a_claim_level("QUIETROOMS0000001", "STC*A2:20*20260303*WQ*150", "REF*1K*PAYERCLAIM1"),
    a_claim_level("QUIETROOMS0000002", "STC*A7:562:85*20260303*U*150", "SVC*HC:90837*150", "STC*A7:122**U"),
)
RICH_999 = a_999("AK2*837*0001", "IK3*CLM*22**8", "CTX*CLM01:QUIETROOMS0000001", "IK4*2*782*1", "IK5*R*5")
TEXTS = [RICH_835, RICH_277CA, RICH_999]


def _read_all(source: bytes | str) -> bool:
    """Every reader and both questions of `inbound`; true when the one it is meant for found an error."""
    inbound.patient_control_numbers(source)
    readings = {
        inbound.InboundKind.REMITTANCE_835: remittance_835.read(source)[1],
        inbound.InboundKind.CLAIM_ACKNOWLEDGMENT_277: claim_acknowledgment_277.read(source)[1],
        inbound.InboundKind.ACKNOWLEDGMENT_999: acknowledgment_999.read(source)[1],
    }
    for remittance in remittance_835.read(source)[0]:
        remittance_835.check(remittance)
    kind = inbound.kind_of(source)
    return kind not in readings or has_error(readings[kind])


@pytest.mark.parametrize("text", TEXTS, ids=["835", "277CA", "999"])
def test_the_texts_that_get_damaged_are_sound(text: str) -> None:
    assert not _read_all(text)


@pytest.mark.parametrize("text", TEXTS, ids=["835", "277CA", "999"])
def test_a_text_cut_at_any_byte_is_an_error(text: str) -> None:
    source = text.encode()
    for length in range(len(source)):
        assert _read_all(source[:length]), length


@pytest.mark.parametrize("text", TEXTS, ids=["835", "277CA", "999"])
@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_anywhere_raises_nothing(text: str, mask: int) -> None:
    source = bytearray(text.encode())
    for index in range(len(source)):
        source[index] ^= mask
        _read_all(bytes(source))
        source[index] ^= mask


def test_no_cut_remittance_or_claim_that_lost_money_is_called_whole() -> None:
    """However it is cut: what is whole is what the whole text said."""
    (sound,), _ = read(RICH_835)
    for length in range(len(RICH_835)):
        for remittance in read(RICH_835[:length])[0]:
            if remittance.is_whole:
                assert remittance == sound
            assert all(claim in sound.claims for claim in remittance.claims if claim.is_whole)


def test_no_cut_acknowledgment_says_something_else_than_the_whole() -> None:
    sound, _ = claim_acknowledgment_277.read(RICH_277CA)
    for length in range(len(RICH_277CA)):
        assert set(claim_acknowledgment_277.read(RICH_277CA[:length])[0]) <= set(sound)


_SEGMENT_IDS = (
    "AK1 AK2 AK9 AMT BPR CAS CLP CTX CUR DTM DTP GE GS HL IEA IK3 IK4 IK5 ISA LQ LX MIA MOA N1 NM1 PLB QTY REF SE ST STC "
    "SVC TA1 TRN TS3"
).split()
_elements = st.lists(st.text("0123456789ABCDEHKPRSTZ*:^-. ", max_size=8), max_size=15)
_segments = st.lists(
    st.builds(lambda name, elements: "*".join((name, *elements)), st.sampled_from(_SEGMENT_IDS), _elements), max_size=30
)


@given(_segments)
def test_known_segments_with_any_content_in_any_order_raise_nothing(segments: list[str]) -> None:
    _read_all(around(enclosed(segments)))
    _read_all(a_277ca(segments))
    _read_all(a_999(*segments))


@given(st.binary(max_size=2000))
def test_no_bytes_raise(source: bytes) -> None:
    assert _read_all(source)


@given(st.integers(0, len(RICH_835)), st.integers(0, len(RICH_835)), st.integers(0, len(RICH_835)))
def test_parts_repeated_or_left_out_raise_nothing(first: int, second: int, third: int) -> None:
    _read_all(RICH_835[:first] + RICH_835[second:third] + RICH_835[second:])


@pytest.mark.parametrize(
    "hostile",
    [
        lambda n: around(enclosed(["CLP*A*1*1*1"] * (n // 12))),
        lambda n: around(enclosed(["CLP*A*1*x*1"] * (n // 12))),
        lambda n: around(enclosed(["CLP*A*1*1*1", *["SVC*HC:1*1*1"] * (n // 13)])),
        lambda n: around(enclosed(["CLP*A*1*1*1", *["CAS*ZZ*1*1"] * (n // 11)])),
        lambda n: around(enclosed(["PLB*1*20261231*WO*1"] * (n // 20))),
        lambda n: around(*[["ST*835*0001"]] * (n // 12)),
        lambda n: a_277ca(["HL*9*8*PT"] * (n // 10)),
        lambda n: a_277ca(["TRN*2*A"] * (n // 8)),
        lambda n: a_999(*["AK2*837*1"] * (n // 10)),
        lambda n: a_999("AK2*837*1", *["IK3*NM1*1**8"] * (n // 13)),
    ],
)
def test_twice_the_text_is_at_most_twice_the_work(hostile: Callable[[int], str]) -> None:
    small, large = hostile(40_000), hostile(80_000)
    assert _calls(lambda: _read_all(large)) <= 2.3 * _calls(lambda: _read_all(small)) + 1_000
