"""Any X12 text is read as events in its order; what cannot be read is named, and the rest is read."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import Severity
from app.domain.professional_claims import ClaimTransaction
from app.domain.remittances import ProviderAdjustment, RemittanceHeader
from app.x12 import (
    acknowledgment_999,
    claim_acknowledgment_277,
    claim_status_277,
    eligibility_271,
    professional_claim_reader_837,
    remittance_835,
)
from app.x12.checks import check
from app.x12.documents import (
    Event,
    InterchangeAcknowledged,
    InterchangeBegun,
    ItemRead,
    TransactionBegun,
    TransactionEnded,
    read_documents,
)
from app.x12.findings import Report, X12Finding
from app.x12.guide_names import describe, name_of
from tests.x12.claims import a_claim, written
from tests.x12.mixed_texts import ITEMS, NOT_X12, TA1, TEXTS, a_270, of_guide
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance
from tests.x12.texts_271 import interchange
from tests.x12.texts_835 import a_835
from tests.x12.texts_999 import a_ta1


def read(source: str | bytes) -> tuple[list[Event], tuple[X12Finding, ...]]:
    report = Report()
    events = list(read_documents(source, report))
    return events, tuple(one for one in report.findings if one.severity is not Severity.INFORMATION)


def shape(events: list[Event]) -> list[str]:
    return [
        type(one.item).__name__
        if isinstance(one, ItemRead)
        else f"{type(one).__name__} {getattr(one, 'kind', '')}".strip()
        for one in events
    ]


def shape_of(kind: str) -> list[str]:
    return ["InterchangeBegun", f"TransactionBegun {kind}", ITEMS[kind], f"TransactionEnded {kind}"]


@pytest.mark.parametrize("kind", TEXTS)
def test_every_kind_that_is_read_gives_its_items_between_header_and_end(kind: str) -> None:
    events, findings = read(TEXTS[kind])
    assert shape(events) == shape_of(kind)
    assert findings == ()


@pytest.mark.parametrize("kind", TEXTS)
def test_the_end_counts_the_segments_as_the_trailer_does(kind: str) -> None:
    events, _ = read(TEXTS[kind])
    (end,) = (one for one in events if isinstance(one, TransactionEnded))
    trailer = next(one for one in TEXTS[kind].split("~") if one.startswith("SE*"))
    assert end.segments == int(trailer.split("*")[1])
    assert end.complete


@given(st.lists(st.sampled_from(sorted(TEXTS)), max_size=6))
@settings(max_examples=50)
def test_texts_after_one_another_are_read_as_each_by_itself(kinds: list[str]) -> None:
    events, findings = read("\n".join([TA1, *(TEXTS[kind] for kind in kinds)]))
    assert shape(events) == [
        "InterchangeBegun",
        "InterchangeAcknowledged",
        *(one for kind in kinds for one in shape_of(kind)),
    ]
    assert findings == ()


def test_transaction_sets_of_one_interchange_stand_in_one_interchange() -> None:
    text = a_835(a_remittance(), a_remittance(control_number="0002"))
    assert shape(read(text)[0]) == [*shape_of("835"), *shape_of("835")[1:]]


def test_an_interchange_without_a_transaction_set_is_an_interchange() -> None:
    text = interchange()
    events, _ = read(text[: text.index("GS*")] + "IEA*0*000000042~")
    assert shape(events) == ["InterchangeBegun"]


def test_a_ta1_is_what_it_says_of_our_interchange() -> None:
    acknowledged = next(one for one in read(TA1)[0] if isinstance(one, InterchangeAcknowledged))
    assert acknowledged.segment == 2
    assert acknowledged.acknowledgment is not None
    assert acknowledged.acknowledgment.accepted
    assert acknowledged.kept == ()


def test_a_ta1_without_a_verdict_is_kept_as_it_stands() -> None:
    ta1 = "TA1*000000042*260301*1200*Q*000"
    acknowledged = next(one for one in read(a_ta1(ta1))[0] if isinstance(one, InterchangeAcknowledged))
    assert acknowledged.acknowledgment is None
    assert acknowledged.kept == (ta1,)


def test_the_header_of_a_claim_is_that_of_its_transaction_set() -> None:
    begun = next(one for one in read(TEXTS["837P"])[0] if isinstance(one, TransactionBegun))
    assert isinstance(begun.header, ClaimTransaction)
    assert begun.header.reference == "REF-1"
    assert (begun.kind, begun.name, begun.guide) == ("837P", "professional claim", "005010X222A1")
    assert (begun.control_number, begun.segment, begun.is_read) == ("0001", 3, True)


def test_the_header_of_a_remittance_comes_before_its_claims_and_its_difference_at_the_end() -> None:
    adjustment = ProviderAdjustment(reason_code="WO", reference="R1", amount=Decimal("10.00"))
    text = a_835(a_remittance(total_paid=Decimal("70.01"), provider_adjustments=(adjustment,)))
    events, _ = read(text)
    begun = next(one for one in events if isinstance(one, TransactionBegun))
    assert isinstance(begun.header, RemittanceHeader)
    assert begun.header.total_paid == Decimal("70.01")
    end = events[-1]
    assert isinstance(end, TransactionEnded)
    assert end.remittance is not None
    assert [one.amount for one in end.remittance.provider_adjustments] == [Decimal("10.00")]
    assert end.remittance.difference == Decimal("0.01")


def test_a_transaction_set_that_was_cut_off_is_not_complete() -> None:
    text = TEXTS["835"]
    events, findings = read(text[: text.index("SE*")])
    end = events[-1]
    assert isinstance(end, TransactionEnded)
    assert not end.complete
    assert "transaction_truncated" in {one.code for one in findings}


# What is not read

REFUSED = [
    ("837", "005010X224A2", "837D (dental claim)"),
    ("837", "005010X223A3", "837I (institutional claim)"),
    ("837", "005010X298", "837P data reporting (post-adjudicated professional claim)"),
    ("837", "005010X299", "837I data reporting (post-adjudicated institutional claim)"),
    ("837", "005010X300A1", "837D data reporting (post-adjudicated dental claim)"),
    ("837", "004010X098A1", "837P (professional claim)"),
    ("837", "004010X096A1", "837I (institutional claim)"),
    ("835", "004010X091A1", "835 (remittance)"),
    ("270", "005010X279A1", "270 (eligibility inquiry)"),
    ("276", "005010X212", "276 (claim status request)"),
    ("277", "005010X228", "277P (status of pended claims)"),
    ("278", "005010X217", "278 (services review)"),
    ("820", "005010X218", "820 (premium payment)"),
    ("834", "005010X220A1", "834 (enrolment)"),
    ("997", "005010X231A1", "997 (functional acknowledgment)"),
    ("997", "004010", "997 (functional acknowledgment)"),
    ("837", "005010X222A9", "837P (professional claim)"),
]


@pytest.mark.parametrize(("code", "guide", "name"), REFUSED)
def test_a_transaction_set_that_is_not_read_is_named_by_one_finding(code: str, guide: str, name: str) -> None:
    events, findings = read(of_guide(code, guide) + TEXTS["835"])
    kind = name.partition(" (")[0]
    assert shape(events) == [
        "InterchangeBegun",
        f"TransactionBegun {kind}",
        f"TransactionEnded {kind}",
        *shape_of("835"),
    ]
    (finding,) = findings
    assert finding.message == f"{name} of {guide} is not read here."
    assert finding.code in {"unexpected_guide", "unexpected_transaction"}
    assert finding.segment_number == 3
    assert finding.location == ("ST03" if finding.code == "unexpected_guide" else "ST01")
    end = events[2]
    assert isinstance(end, TransactionEnded)
    assert (end.segments, end.items, end.complete) == (4, 0, True)


def test_an_unknown_transaction_set_is_not_named_by_what_stands_there() -> None:
    _, (finding,) = read(of_guide("FERNWOOD ADA", "QRX100200300"))
    assert finding.message == ("An unknown transaction set of a guide that is not known here is not read here.")


@pytest.mark.parametrize("guide", ["005010X222", "005010X222A2"])
def test_a_variant_of_the_professional_claim_is_read_with_a_warning(guide: str) -> None:
    events, (finding,) = read(TEXTS["837P"].replace("005010X222A1", guide))
    assert shape(events) == shape_of("837P")
    assert (finding.code, finding.severity) == ("guide_variant", Severity.WARNING)


def test_our_own_inquiry_is_recognised_though_it_is_not_read() -> None:
    events, (finding,) = read(a_270())
    assert shape(events)[1] == "TransactionBegun 270"
    assert finding.code == "unexpected_transaction"


def test_a_guide_is_named_with_any_addendum() -> None:
    assert {name_of("837", f"005010X224{addendum}").kind for addendum in ("", "A1", "A2", "A1A2", "E1")} == {"837D"}
    assert name_of("837", "005010X999").kind == "837"
    assert describe("837", "") == "837 (claim) of no guide that it names"


# What is not X12


def _checked(text: bytes) -> tuple[X12Finding, ...]:
    report = Report()
    check(text, report)
    return report.findings


READERS: dict[str, Callable[[bytes], tuple[X12Finding, ...]]] = {
    "documents": lambda text: read(text)[1],
    "checks": _checked,
    "835": lambda text: remittance_835.read(text)[1],
    "271": lambda text: eligibility_271.read(text)[1],
    "277": lambda text: claim_status_277.read(text)[1],
    "277CA": lambda text: claim_acknowledgment_277.read(text)[1],
    "999": lambda text: acknowledgment_999.read(text)[1],
    "837P": lambda text: professional_claim_reader_837.read(text)[1],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", NOT_X12)
def test_what_is_no_x12_is_one_finding_for_every_reader(name: str, reader: str) -> None:
    assert [one.code for one in READERS[reader](NOT_X12[name])] == ["not_x12"]


@pytest.mark.parametrize("reader", [name for name in READERS if name not in {"documents", "checks"}])
def test_every_reader_names_what_came_instead(reader: str) -> None:
    (finding,) = READERS[reader](of_guide("837", "005010X224A2").encode())
    assert finding.message.startswith("837D (dental claim) of 005010X224A2 came instead of a")


# Streaming, and texts that are damaged


def test_an_item_is_there_before_the_rest_of_the_text_was_asked_for() -> None:
    payments = [a_payment(position=number) for number in range(1, 2001)]
    text = a_835(a_remittance(*payments)).encode()
    asked = 0

    def pieces() -> Iterator[bytes]:
        nonlocal asked
        for start in range(0, len(text), 4096):
            asked += 1
            yield text[start : start + 4096]

    events = read_documents(pieces(), Report())
    next(one for one in events if isinstance(one, ItemRead))
    assert asked <= 65_536 // 4096 + 1
    assert len(text) // 4096 > 4 * asked
    assert sum(isinstance(one, ItemRead) for one in events) == len(payments) - 1


def test_one_bad_claim_among_others_leaves_the_others() -> None:
    first, second, third = (written(a_claim(patient_control_number=name)) for name in ("FIRST", "SECOND", "THIRD"))
    events, findings = read(first + second.replace("SV1*HC:90837*150*", "SV1*HC:90837*15O*") + third)
    claims: list[Any] = [one.item for one in events if isinstance(one, ItemRead)]
    assert [one.patient_control_number for one in claims] == ["FIRST", "SECOND", "THIRD"]
    assert [one.claim is None for one in claims] == [False, True, False]
    assert {finding.location for finding in findings} == {"2400 SV102"}


_BAD: dict[str, tuple[str, str]] = {
    "an SE in the middle": ("SVC*", "SE*9*0001~SVC*"),
    "a segment of 100 KB": ("SVC*", f"N3*{'A' * 100_000}~SVC*"),
    "a letter in an amount": ("SVC*HC:90837*", "SVC*HC:90837*x"),
    "no CLP": ("CLP*", "ZZZ*"),
}


@pytest.mark.parametrize(("old", "new"), _BAD.values(), ids=_BAD)
def test_one_bad_claim_of_a_payment_leaves_the_others(old: str, new: str) -> None:
    """The others are whole; what the bad one says decides nothing."""
    numbers = [f"PCN{number}" for number in range(60)]
    sound = a_835(a_remittance(*(a_payment(patient_control_number=number) for number in numbers)))
    before, after = sound.split("CLP*PCN30*", 1)
    events, findings = read(before + f"CLP*PCN30*{after}".replace(old, new, 1))
    claims: list[Any] = [one.item for one in events if isinstance(one, ItemRead)]
    read_whole = {one.patient_control_number for one in claims if one.is_whole}
    assert read_whole >= set(numbers) - {"PCN29", "PCN30"}
    assert any(finding.severity is Severity.ERROR for finding in findings) or "PCN30" not in read_whole


MIXED = "".join([TA1, *TEXTS.values(), of_guide("837", "005010X224A2")]).encode()


@given(st.integers(0, len(MIXED)))
def test_a_text_that_was_cut_anywhere_is_read_without_an_exception(end: int) -> None:
    events, findings = read(MIXED[:end])
    assert len([one for one in events if isinstance(one, TransactionBegun)]) == len(
        [one for one in events if isinstance(one, TransactionEnded)]
    )
    assert findings or MIXED[end : end + 3] in {b"ISA", b""}


@given(st.lists(st.tuples(st.integers(0, len(MIXED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_text_with_changed_bytes_is_read_without_an_exception(changes: list[tuple[int, int]]) -> None:
    text = bytearray(MIXED)
    for place, byte in changes:
        text[place] = byte
    report = Report()
    assert isinstance(next(read_documents(bytes(text), report), None), InterchangeBegun | None)
    list(read_documents(bytes(text), report))
    check(bytes(text), report)


@given(st.binary(max_size=400))
def test_bytes_are_read_without_an_exception(text: bytes) -> None:
    assert [one.code for one in read(text)[1]] == ["not_x12"]
