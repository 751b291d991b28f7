"""Nothing of an answer about claims is lost: what no field holds is kept where it stood."""

import pytest

from app.domain.acknowledgments import StatusCode
from app.domain.claim_statuses import (
    ClaimStatus,
)
from app.x12.claim_status_277 import read
from app.x12.kept import KEPT_LIMIT
from tests.x12.statuses_277 import codes_and_places
from tests.x12.texts_277 import (
    HEADER,
    LINE,
    OWN,
    PAID,
    PAYER,
    PROVIDER,
    SUBSCRIBER,
    a_277,
)

# Nothing is lost


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        ("ZZZ*1", ("segment_unknown", "2200D ZZZ")),
        ("AMT*T3*150", ("segment_not_used", "2200D AMT")),
        ("QTY*90*1", ("segment_not_used", "2200D QTY")),
        ("PER*IC*DESK*TE*5550100100", ("segment_not_used", "2200D PER")),
        ("DMG*D8*19840229*F", ("segment_not_used", "2200D DMG")),
        ("TRN*1*THEIRS", ("segment_not_used", "2200D TRN")),
        ("NM1*IL*1*OTHER", ("segment_unexpected", "2200D NM1")),
        ("REF*6P*GROUP1", ("segment_not_used", "2200D REF")),
        ("REF*1K*OTHER", ("segment_repeated", "2200D REF")),
        ("REF*VV", ("element_missing", "2200D REF02")),
        ("REF*VV*V1*MORE", ("element_not_used", "2200D REF03")),
        ("DTP*050*D8*20260301", ("segment_not_used", "2200D DTP")),
        ("DTP*472*D8*20260230", ("date_invalid", "2200D DTP03")),
        ("STC*F1:65:PR:RX*20260303", ("element_not_used", "2200D STC01")),
        ("STC*F1:65*20260230", ("date_invalid", "2200D STC02")),
        ("STC*F1:65*20260303**1,5", ("number_invalid", "2200D STC04")),
        ("STC*F1:65*20260303***.005", ("number_invalid", "2200D STC05")),
        ("STC*F1:65*20260303****SOON", ("date_invalid", "2200D STC06")),
        ("STC*F1:65*20260303******SOON", ("date_invalid", "2200D STC08")),
        ("STC*F1:65*20260303**********MSG*MORE", ("element_not_used", "2200D STC13")),
    ],
)
def test_what_no_field_holds_is_said_and_kept_as_it_was_sent(segment: str, found: tuple[str, str]) -> None:
    (status,), findings = read(a_277([*SUBSCRIBER, OWN, PAID, "REF*1K*PAYERCLAIM1", segment]))
    assert status.kept == (*HEADER, segment)
    assert codes_and_places(findings) == [found]
    assert segment not in repr(status)


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        ("REF*1K*OFTHELINE", ("segment_not_used", "2220D REF")),
        ("REF*FJ*LINE2", ("segment_repeated", "2220D REF")),
        ("DTP*472*D8*20260221", ("segment_repeated", "2220D DTP")),
        ("AMT*B6*1", ("segment_not_used", "2220D AMT")),
        ("STC*F1*2026", ("date_invalid", "2220D STC02")),
        ("SVC*HC:90837:95:1:2:3:WORDS*150*80", ("element_not_used", "2220D SVC01")),
        ("SVC*HC:90837*1.005*80", ("number_invalid", "2220D SVC02")),
        ("SVC*HC:90837*150*80****ONE", ("number_invalid", "2220D SVC07")),
        ("SVC*HC:90837*150*80**1*HC:90834*1", ("element_not_used", "2220D SVC05")),
    ],
)
def test_what_no_field_of_a_line_holds_is_kept_with_the_line(segment: str, found: tuple[str, str]) -> None:
    (status,), findings = read(a_277([*SUBSCRIBER, OWN, PAID, *LINE, segment]))
    assert isinstance(status, ClaimStatus)
    assert status.kept == HEADER
    assert status.lines[-1].kept == (segment,)
    assert codes_and_places(findings)[0] == found


def test_what_stands_above_is_kept_with_the_first_status_below() -> None:
    contact = "PER*IC*DESK*TE*5550100100"
    second = "NM1*1P*2*QUIET ROOMS*****FI*123456789"
    first, last = read(
        a_277(
            [*SUBSCRIBER, "REF*6P*GROUP1", "TRN*2*ONE", PAID, "TRN*2*TWO", PAID],
            payer=(*PAYER, contact),
            provider=(*PROVIDER, second),
        )
    )[0]
    assert first.kept == (*HEADER, contact, second, "REF*6P*GROUP1")
    assert last.kept == ()


@pytest.mark.parametrize(
    ("status", "found", "code"),
    [
        ("STC*F7:65*20260303", [("code_unknown", "2200D STC01")], StatusCode(category="F7", status="65")),
        ("STC*R99*20260303", [("code_unknown", "2200D STC01")], StatusCode(category="R99")),
        ("STC**20260303", [("element_missing", "2200D STC01")], None),
        ("STC*:65*20260303", [("code_unknown", "2200D STC01")], StatusCode(category="", status="65")),
        ("STC*F1:9999:??*20260303", [], StatusCode(category="F1", status="9999", entity="??")),
    ],
)
def test_a_code_nobody_knows_is_kept(status: str, found: list[tuple[str, str]], code: StatusCode | None) -> None:
    (claim,), findings = read(a_277([*SUBSCRIBER, OWN, status]))
    assert codes_and_places(findings) == found
    assert claim.statuses[0].codes == (() if code is None else (code,))


def test_no_more_is_kept_of_one_claim_than_fits_the_memory() -> None:
    (status,), findings = read(a_277([*SUBSCRIBER, OWN, PAID, *["ZZZ*1"] * (KEPT_LIMIT + 5)]))
    assert len(status.kept) == KEPT_LIMIT + len(HEADER)
    assert len(findings) == KEPT_LIMIT + 5
