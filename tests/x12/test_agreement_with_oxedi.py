"""Two readers of remittances see the same: ours, and oxedi 0.6.0, which is by other people and in another language.

Compared are the number of claims, every amount at every level with its segment, the provider adjustments, and where the
three balances do not hold (its diagnostics of SNIP level 3). It projects tables and knows no more than their columns:
no remark codes (MOA, MIA and LQ without a patch of its tables), no NM1*TT, NM1*74 or NM1*GB, no modifiers and no
AMT*I; whether the lines' payments come to the claim's is no rule of its; these are for other tests.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import oxedi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.adjustments import Adjustment
from app.domain.remittances import ClaimPayment, Remittance, RemittanceHeader
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.remittance_835 import read_transaction
from app.x12.remittance_check_835 import RemittanceChecker
from app.x12.remittance_reader_835 import Item
from app.x12.separators import DEFAULT, Separators
from tests.x12.editable_835 import VALID, Mutant
from tests.x12.mutants_835 import ARITHMETIC
from tests.x12.remittances import a_remittance, remittances, reversed_payment
from tests.x12.texts_835 import a_835, amounts_in, with_more

_NOTHING = "∅"
_RULES = {
    "service_balance": "line_unbalanced",
    "claim_balance": "claim_unbalanced",
    "transaction_balance": "payment_unbalanced",
}


class Seen(NamedTuple):
    """What a reader sees in a text; places are numbers of segments, from 1. A payment's is its ST."""

    payments: list[tuple[object, ...]]
    claims: list[tuple[object, ...]]
    services: list[tuple[object, ...]]
    adjustments: list[tuple[object, ...]]
    provider_adjustments: list[tuple[object, ...]]
    unbalanced: set[tuple[str, int]]


# Theirs


def _theirs(source: bytes) -> Seen:
    result = oxedi.parse(source)
    seen = Seen(
        payments=_rows(result, "payments", "segment total_payment_amount payment_method payment_date trace_number"),
        claims=_rows(
            result,
            "claims",
            "segment claim_id claim_status charge_amount payment_amount patient_responsibility filing_indicator "
            "payer_control_number frequency_code statement_from statement_to",
        ),
        services=_rows(
            result,
            "services",
            "segment procedure_qualifier procedure_code charge_amount payment_amount allowed_amount "
            "line_item_control_number",
        ),
        adjustments=_rows(result, "adjustments", "group_code reason_code amount quantity"),
        provider_adjustments=_rows(result, "provider_adjustments", "reason_code reference_id amount"),
        unbalanced=set(_imbalances(result)),
    )
    assert result.count_claims() == len(seen.claims)
    return seen


def _rows(result: oxedi.Result, table: str, wanted: str) -> list[tuple[object, ...]]:
    """The rows of a table as it prints itself, which needs no data frame."""
    _, header, *lines = result.tables[table].render().strip("\n").split("\n")
    types = dict(column.split(": ") for column in header.split(" | "))
    names = list(types)
    rows = [dict(zip(names, line.split(" | "), strict=True)) for line in lines]
    return [tuple(_value(types[name], row[name]) for name in wanted.split()) for row in rows]


def _value(kind: str, text: str) -> object:
    if text in {_NOTHING, ""}:
        return None
    match kind:
        case "int64":
            return int(text) + 1  # only segments are counted
        case "date32":
            return date.fromisoformat(text)
        case "binary":
            return text
        case _:
            return Decimal(text)


def _imbalances(result: oxedi.Result) -> Iterator[tuple[str, int]]:
    for diagnostic in result.diagnostics:
        for rule, code in _RULES.items():
            if f'"{rule}"' in diagnostic.rule:
                yield code, (diagnostic.segment or 0) + 1


# Ours


def _ours(source: bytes) -> Seen:
    report = Report()
    items = list(_items(source, report))
    headers = [item for item in items if isinstance(item, RemittanceHeader)]
    claims = [item for item in items if isinstance(item, ClaimPayment)]
    services = [service for claim in claims for service in claim.services]
    return Seen(
        payments=[
            (one.segment - 1, one.total_paid, one.payment_method or None, one.payment_date, one.trace_number)
            for one in headers
        ],
        claims=[
            (
                one.segment,
                one.patient_control_number,
                one.status_code,
                one.charge,
                one.paid,
                one.patient_responsibility,
                one.filing_code,
                one.payer_claim_number,
                one.frequency_code,
                one.first_date,
                one.last_date,
            )
            for one in claims
        ],
        services=[
            (
                one.segment,
                one.procedure_qualifier,
                one.procedure_code,
                one.charge,
                one.paid,
                one.allowed,
                one.line_control_number,
            )
            for one in services
        ],
        adjustments=[(one.group.code, one.reason_code, one.amount, one.quantity) for one in _adjustments(claims)],
        provider_adjustments=[
            (one.reason_code, one.reference, one.amount)
            for item in items
            if not isinstance(item, ClaimPayment | RemittanceHeader)
            for one in item.provider_adjustments
        ],
        unbalanced={(one.code, one.segment_number or 0) for one in report.findings if one.code in set(_RULES.values())},
    )


def _items(source: bytes, report: Report) -> Iterator[Item]:
    for transaction in read_transactions(source, report):
        if isinstance(transaction, TransactionSet):
            checker = RemittanceChecker(report)
            for item in read_transaction(transaction, report):
                if isinstance(item, RemittanceHeader):
                    checker.header(item)
                elif isinstance(item, ClaimPayment):
                    checker.claim(item)
                else:
                    checker.trailer(item)
                yield item


def _adjustments(claims: Iterable[ClaimPayment]) -> Iterator[Adjustment]:
    for claim in claims:
        yield from claim.adjustments
        for service in claim.services:
            yield from service.adjustments


def _agree(text: str | bytes) -> None:
    source = text.encode() if isinstance(text, str) else text
    ours, theirs = _ours(source), _theirs(source)
    for name, of_ours, of_theirs in zip(Seen._fields, ours, theirs, strict=True):
        assert of_ours == of_theirs, name


# Texts

_OTHERS = Separators(element="|", component=">", repetition="!", segment="\n")


@st.composite
def _payments(draw: st.DrawFn) -> list[Remittance]:
    """One or more remittances of one interchange; a claim may be taken back and decided anew."""
    several = []
    for number in range(draw(st.integers(1, 3))):
        one = draw(remittances())
        again = [reversed_payment(one.claims[0]), *one.claims] if draw(st.booleans()) else one.claims
        several.append(a_remittance(*again, **{**vars(one), "claims": tuple(again), "control_number": f"{number:04}"}))
    return several


@given(_payments(), st.sampled_from([DEFAULT, _OTHERS]), st.sampled_from(["", "\r\n"]))
def test_the_other_reader_sees_what_we_see(several: list[Remittance], separators: Separators, line_end: str) -> None:
    _agree(a_835(*several, separators=separators, line_end="" if separators is _OTHERS else line_end))


@given(_payments(), st.data(), st.sampled_from([Decimal("0.01"), Decimal(-7), Decimal(100)]))
def test_the_other_reader_misses_the_same_cents(several: list[Remittance], data: st.DataObject, by: Decimal) -> None:
    text = a_835(several[0])
    _agree(with_more(text, data.draw(st.sampled_from(list(amounts_in(text)))), by))


@settings(max_examples=30)
@given(_payments(), _payments())
def test_the_other_reader_takes_interchange_after_interchange(
    first: list[Remittance], second: list[Remittance]
) -> None:
    _agree(a_835(*first) + a_835(*second, control_number="000000043"))


def test_the_other_reader_sees_nothing_wrong_with_the_valid_remittance() -> None:
    _agree(VALID)
    assert [one for one in oxedi.parse(VALID.encode()).diagnostics if one.level == 3] == []


@pytest.mark.parametrize("mutant", ARITHMETIC, ids=str)
def test_the_other_reader_sees_what_does_not_add_up(mutant: Mutant) -> None:
    _agree(mutant.text)


# Where the two differ


def test_delimiters_hold_for_their_interchange() -> None:
    """X12.5: each ISA names its own. The other reader goes on with those of the first, and sees nothing more."""
    text = a_835(a_remittance()) + a_835(a_remittance(), separators=_OTHERS, control_number="000000043")
    ours, theirs = _ours(text.encode()), _theirs(text.encode())
    assert (len(ours.payments), len(theirs.payments)) == (2, 1)


@pytest.mark.parametrize("amount", ["+20", "2E1", "20.001", "x", ""])
def test_an_amount_that_is_none_is_missed_in_the_balance_here(amount: str) -> None:
    """The other reader does not add where an amount is missing: the first thing it says is that it is no number."""
    source = VALID.replace("CAS*PR*2*20~", f"CAS*PR*2*{amount}~").encode()
    assert _ours(source).unbalanced == {("claim_unbalanced", 14), ("line_unbalanced", 24)}
    assert _theirs(source).unbalanced == set()
    assert oxedi.parse(source).diagnostics


def test_a_claim_without_readable_amounts_is_missed_in_the_payment_here() -> None:
    source = VALID.replace("0000006*2*150*25*", "0000006*2*150*25.005*").encode()
    assert _ours(source).unbalanced == {("payment_unbalanced", 4)}
    assert _theirs(source).unbalanced == set()


def test_a_seventh_adjustment_of_one_segment_counts_here() -> None:
    """CAS has room for six. Money that is there is added, wherever it stands; the other reader leaves it out."""
    reasons = "**".join(f"{reason}*20" for reason in range(23, 29))
    source = VALID.replace("CAS*OA*23*125~", f"CAS*OA*{reasons}**29*5~").encode()
    assert _ours(source).unbalanced == set()
    assert _theirs(source).unbalanced == {("claim_unbalanced", 60), ("line_unbalanced", 62)}


def test_of_a_payment_that_was_cut_off_nobody_knows_what_it_comes_to() -> None:
    """The other reader adds up what there is."""
    source = VALID[: VALID.index("PLB")].encode()
    assert _ours(source).unbalanced == set()
    assert _theirs(source).unbalanced == {("payment_unbalanced", 4)}


_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = sorted((Path(_REFERENCE or ".") / "samples" / "835").glob("*")) if _REFERENCE else []
_sampled = pytest.mark.skipif(not _SAMPLES, reason="REFERENCE_DIR is not set: no sample files")


@_sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_the_other_reader_sees_what_we_see_in_a_sample(path: Path) -> None:
    _agree(path.read_bytes())


@_sampled
@pytest.mark.parametrize("path", _SAMPLES or [Path()], ids=lambda path: path.name)
def test_every_amount_of_a_sample_that_is_changed_is_seen_by_both(path: Path) -> None:
    text = path.read_text().replace("\n", "")
    for amount in amounts_in(text):
        _agree(with_more(text, amount, Decimal("0.01")))
