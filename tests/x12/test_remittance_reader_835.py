"""An 835 as it streams by: header, each claim when it is whole, trailer; the same values as when it is read at once."""

import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adjustments import Adjustment
from app.domain.money import ZERO
from app.domain.remittances import (
    ClaimPayment,
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittanceTrailer,
    ServicePayment,
)
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import CURRENCY, Report
from app.x12.remittance_835 import read, read_transaction
from app.x12.remittance_reader_835 import Item
from benchmarks.x12_remittances import an_835
from tests.x12.remittances import a_claim, a_remittance, a_service, remittances
from tests.x12.texts_835 import a_835, around, enclosed

BPR = "BPR*I*80*C*CHK************20260309"
CLAIM = ("CLP*QUIETROOMS0000001*1*150*80**12*PAYERCLAIM1", "CAS*CO*45*45", "CAS*PR*3*25")


def _items(source: str | bytes | Iterable[bytes], report: Report | None = None) -> Iterator[Item]:
    report = report or Report()
    for one in read_transactions(source, report):
        assert isinstance(one, TransactionSet)
        yield from read_transaction(one, report)


def _parts(*segments: str) -> tuple[RemittanceHeader, list[ClaimPayment], RemittanceTrailer, list[str]]:
    """Of the segments between ST and SE, and the codes of what was found."""
    report = Report()
    header, *claims, trailer = _items(around(enclosed(segments)), report)
    assert isinstance(header, RemittanceHeader)
    assert isinstance(trailer, RemittanceTrailer)
    payments = [one for one in claims if isinstance(one, ClaimPayment)]
    return header, payments, trailer, [one.code for one in report.findings]


@given(remittances())
def test_the_parts_are_those_of_the_whole(remittance: Remittance) -> None:
    text = a_835(remittance)
    header, *claims, trailer = _items(text)
    ((whole,), findings) = read(text)
    assert findings == ()
    assert isinstance(header, RemittanceHeader)
    assert isinstance(trailer, RemittanceTrailer)
    assert tuple(claims) == whole.claims
    assert {name: getattr(header, name) for name in _SHARED} == {name: getattr(whole, name) for name in _SHARED}
    assert trailer.provider_adjustments == whole.provider_adjustments
    assert (trailer.claims, trailer.claims_paid) == (len(claims), sum((one.paid for one in whole.claims), ZERO))
    assert (trailer.difference, trailer.is_whole) == (whole.difference, whole.is_whole) == (ZERO, True)


_SHARED = {one.name for one in fields(RemittanceHeader)} & {one.name for one in fields(Remittance)}


@given(remittances())
def test_a_value_that_was_read_has_every_field_of_its_class(remittance: Remittance) -> None:
    """They are made past their `__init__`."""
    _, *claims, _ = _items(a_835(remittance))
    for claim in claims:
        assert isinstance(claim, ClaimPayment)
        for value in (claim, *claim.services, *claim.adjustments, *(a for s in claim.services for a in s.adjustments)):
            assert isinstance(value, ClaimPayment | ServicePayment | Adjustment)
            assert list(vars(value)) == [one.name for one in fields(value)]
            made: Any = type(value)(**vars(value))
            assert (made, hash(made), repr(made)) == (value, hash(value), repr(value))


def test_the_header_comes_before_the_first_claim_is_read() -> None:
    class TooFar(Exception):
        pass

    def pieces() -> Iterator[bytes]:
        yield b"".join(an_835(200))
        raise TooFar

    items = _items(pieces())
    assert isinstance(next(items), RemittanceHeader)
    assert isinstance(next(items), ClaimPayment)
    with pytest.raises(TooFar):
        list(items)


def test_every_value_has_its_place_in_bytes() -> None:
    text = "\ufeff" + a_835(a_remittance(a_claim(a_service(), a_service()), a_claim()), line_end="\r\n")
    source = text.encode()
    header, *claims, _ = _items(source)
    assert isinstance(header, RemittanceHeader)
    assert source[header.offset :].startswith(b"BPR*")
    for claim in claims:
        assert isinstance(claim, ClaimPayment)
        assert source[claim.offset :].startswith(b"CLP*")
        assert all(source[service.offset :].startswith(b"SVC*") for service in claim.services)


def test_a_place_is_no_part_of_what_was_said() -> None:
    claim = a_claim()
    assert replace(claim, offset=7) == claim
    assert "offset" not in repr(replace(claim, offset=7))


@pytest.mark.parametrize(("late", "code"), [(BPR, "amount_misplaced"), ("TRN*1*TRACE2*1", "segment_unexpected")])
def test_what_belongs_before_the_claims_is_not_taken_after_them(late: str, code: str) -> None:
    ahead = [one for one in (BPR, "TRN*1*TRACE1*1") if one[:3] != late[:3]]
    header, claims, trailer, codes = _parts(*ahead, "N1*PR*PLAN", *CLAIM, "LX*2", late, "N1*PE*US*XX*1234567893")
    assert code in codes
    assert (header.payee_npi, codes[-1 if late != BPR else -2]) == (None, "segment_unexpected")
    assert len(claims) == 1
    assert header.total_paid == (None if late == BPR else Decimal(80))
    assert trailer.is_whole == (late != BPR)


def test_without_a_bpr_the_claims_are_read_and_nothing_says_what_they_come_to() -> None:
    header, claims, trailer, codes = _parts("TRN*1*TRACE1*1", *CLAIM)
    assert (header.total_paid, header.segment, len(claims)) == (None, 3, 1)
    assert (trailer.difference, trailer.is_whole, codes) == (None, False, ["segment_missing"])


def test_a_payment_without_claims_has_a_header_and_a_trailer() -> None:
    header, claims, trailer, codes = _parts("BPR*I*0*C*NON")
    assert (header.payment_method, claims, trailer.claims, trailer.difference, codes) == ("NON", [], 0, ZERO, [])


def test_the_trailer_says_what_the_payment_is_out_of_balance_by() -> None:
    _, _, trailer, _ = _parts("BPR*I*75*C*CHK", *CLAIM, "PLB*1234567893*20261231*WO:CLAIM1*10")
    assert trailer.provider_adjustments == (
        ProviderAdjustment(reason_code="WO", reference="CLAIM1", amount=Decimal(10)),
    )
    assert (trailer.claims_paid, trailer.difference, trailer.segment) == (Decimal(80), Decimal(5), 9)


def test_the_trailer_of_a_text_that_was_cut_has_no_segment() -> None:
    text = a_835(a_remittance(a_claim(), a_claim()))
    *_, last, trailer = _items(text[: text.index("SE*")])
    assert isinstance(last, ClaimPayment)
    assert isinstance(trailer, RemittanceTrailer)
    assert (last.is_whole, trailer.is_whole, trailer.segment) == (False, False, None)


def test_what_the_taker_reports_meanwhile_spoils_no_claim() -> None:
    """Balances are checked claim by claim into the same report."""
    report = Report()
    said = []
    for item in _items(a_835(a_remittance(a_claim(), a_claim(), a_claim())), report):
        report.add(CURRENCY)
        said.append(item)
    assert report.errors == 5
    assert all(one.is_whole for one in said if not isinstance(one, RemittanceHeader))


@given(st.integers(1, 60))
def test_the_text_that_is_measured_is_a_remittance_that_balances(claims: int) -> None:
    ((remittance,), findings) = read(an_835(claims))
    assert (findings, len(remittance.claims), remittance.difference) == ((), claims, ZERO)


def test_streaming_takes_memory_for_a_few_blocks_not_for_the_claims(tmp_path: Path) -> None:
    peaks = []
    for claims in (500, 4_000):
        path = tmp_path / f"{claims}.835"
        path.write_bytes(b"".join(an_835(claims)))
        tracemalloc.start()
        try:
            with path.open("rb") as file:
                report = Report()
                count = sum(1 for _ in _items(iter(lambda: file.read(65_536), b""), report))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert (count, report.findings) == (claims + 2, ())
    assert peaks[1] < peaks[0] + 500_000


def test_what_no_field_of_a_remittance_holds_is_kept_with_what_it_stands_in() -> None:
    text = a_835(a_remittance(a_claim(), a_claim()))
    text = text.replace("LX*1~", "LX*1~ZZZ*BEFORE THE CLAIM*1~", 1).replace("N1*PE", "N3*1 Invented Way~N1*PE", 1)
    header, first, second, trailer = _items(text)
    assert isinstance(header, RemittanceHeader)
    assert isinstance(first, ClaimPayment)
    assert isinstance(second, ClaimPayment)
    assert isinstance(trailer, RemittanceTrailer)
    assert "N3*1 Invented Way" in header.kept
    assert [one.split("*")[0] for one in header.kept if one.startswith("BPR")] == ["BPR"]
    assert "ZZZ*BEFORE THE CLAIM*1" in first.kept
    assert not any(one.startswith("ZZZ") for one in (*second.kept, *trailer.kept))


def test_a_second_patient_in_a_claim_is_said() -> None:
    """The CLP between the two is missing."""
    report = Report()
    text = a_835(a_remittance(a_claim())).replace("SVC*", "NM1*QC*1*FERNWOOD*ADA~NM1*QC*1*FERNWOOD*BEN~SVC*", 1)
    list(_items(text, report))
    assert "segment_repeated" in [finding.code for finding in report.findings]
