"""What an 835 says of one claim, made into a decision or not (domain rules B1, B6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup, Decision
from app.domain.balance import balance_findings, balance_of
from app.domain.claim_outcomes import outcome_of
from app.domain.claim_payments import ClaimPaymentVerdict, decision_of, difference_between
from app.domain.claim_states import ClaimOutcome
from app.domain.findings import Finding, Severity, has_error
from app.domain.money import total
from app.domain.remittances import ClaimPayment, ServicePayment, UnreadAdjustment
from app.domain.service_lines import ServiceLine
from tests.domain.claims import DECISION_DAY, SERVICE_DAY, a_line
from tests.domain.decisions import (
    adjustment,
    at_claim_level,
    balanced_claims,
    by_lines,
    money,
    on_line,
    several_lines,
)

V = ClaimPaymentVerdict
LINE = a_line()
Judged = tuple[Decision | None, ClaimPaymentVerdict, tuple[Finding, ...]]


def a_service(line: ServiceLine, paid: str | int | Decimal, *adjustments: Adjustment, **changes: Any) -> ServicePayment:
    """A 2110 loop about the line, with its control number; the charge is what was paid and taken off."""
    service = ServicePayment(
        line_control_number=line.control_number,
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        charge=money(paid) + total(one.amount for one in adjustments),
        paid=money(paid),
        first_date=line.first_date,
        last_date=line.last_date,
        adjustments=adjustments,
    )
    return replace(service, **changes)


def a_payment(*services: ServicePayment, **changes: Any) -> ClaimPayment:
    payment = ClaimPayment(
        position=1,
        segment=12,
        patient_control_number="A1B2C3D4E5F6G7H8J",
        status_code="1",
        charge=total(one.charge for one in services),
        paid=total(one.paid for one in services),
        payer_claim_number="PCN1",
        services=services,
    )
    return replace(payment, **changes)


GOLDEN = a_payment(a_service(LINE, 80, adjustment("CO-45", 45), adjustment("PR-3", 25)))


def judged(*payments: ClaimPayment, lines: Sequence[ServiceLine] = (LINE,), day: date | None = DECISION_DAY) -> Judged:
    return decision_of(payments, remittance_date=day, lines=lines, billed_charge=total(one.charge for one in lines))


def posted(*payments: ClaimPayment, lines: Sequence[ServiceLine] = (LINE,)) -> Decision:
    decision, verdict, findings = judged(*payments, lines=lines)
    assert (verdict, findings) == (V.POSTABLE, ())
    assert decision is not None
    return decision


def kept_back(*payments: ClaimPayment, lines: Sequence[ServiceLine] = (LINE,)) -> tuple[ClaimPaymentVerdict, list[str]]:
    decision, verdict, findings = judged(*payments, lines=lines)
    assert decision is None
    return verdict, [f"{one.code} {one.pointer}" for one in findings]


def negated(payment: ClaimPayment) -> ClaimPayment:
    """CLP02 22: everything again with the other sign."""

    def turned(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(replace(one, amount=-one.amount) for one in adjustments)

    services = tuple(
        replace(one, charge=-one.charge, paid=-one.paid, adjustments=turned(one.adjustments))
        for one in payment.services
    )
    return replace(
        payment,
        status_code="22",
        charge=-payment.charge,
        paid=-payment.paid,
        adjustments=turned(payment.adjustments),
        services=services,
    )


def test_a_paid_line_becomes_the_decision_on_it() -> None:
    decision = posted(replace(GOLDEN, remark_codes=("MA01",)))
    assert decision == by_lines(
        on_line(LINE, 80, adjustment("CO-45", 45), adjustment("PR-3", 25)),
        payer_claim_number="PCN1",
        remark_codes=("MA01",),
    )


def test_adjustments_of_the_claim_stay_at_claim_level() -> None:
    lines = several_lines(100, 50)
    payment = a_payment(
        *(a_service(line, line.charge) for line in lines),
        paid=money(110),
        adjustments=(adjustment("PR-1", 40),),
    )
    decision = posted(payment, lines=lines)
    assert (decision.paid, decision.adjustments) == (money(110), (adjustment("PR-1", 40),))
    assert [one.paid for one in decision.lines] == [money(100), money(50)]


def test_a_payment_without_lines_is_a_decision_at_claim_level() -> None:
    payment = a_payment(charge=money(150), paid=money(100), adjustments=(adjustment("OA-23", 50),), status_code="2")
    assert posted(payment) == at_claim_level(100, adjustment("OA-23", 50), payer_claim_number="PCN1")


def test_equal_reasons_are_added_and_zero_is_left_out() -> None:
    service = a_service(
        LINE, 80, adjustment("CO-45", 40), adjustment("PR-3", 25), adjustment("CO-45", 5), adjustment("PR-1", 0)
    )
    assert posted(a_payment(service)).lines[0].adjustments == (adjustment("CO-45", 45), adjustment("PR-3", 25))


def test_what_was_adjudicated_as_billed_is_not_said_again_and_another_code_is() -> None:
    line = a_line(modifiers=("95",))
    (same,) = posted(a_payment(a_service(line, 150)), lines=(line,)).lines
    assert (same.procedure_code, same.modifiers, same.units) == (None, (), None)
    changed = a_service(
        line, 150, procedure_code="90834", modifiers=(), submitted_procedure_code="90837", units=Decimal(1)
    )
    (other,) = posted(a_payment(changed), lines=(line,)).lines
    assert (other.procedure_code, other.modifiers, other.units) == ("90834", (), Decimal(1))


def test_several_services_of_one_line_are_its_unbundled_parts() -> None:
    parts = (
        a_service(LINE, 60, adjustment("CO-45", 40), procedure_code="99214", submitted_procedure_code="90837"),
        a_service(LINE, 50, procedure_code="90833", submitted_procedure_code="90837"),
    )
    decision = posted(a_payment(*parts))
    assert [(one.line_id, one.procedure_code, one.paid) for one in decision.lines] == [
        (LINE.id, "99214", money(60)),
        (LINE.id, "90833", money(50)),
    ]


def test_a_line_is_bundled_into_the_one_that_was_paid_under_its_procedure() -> None:
    one, two = a_line(procedure_code="90832", charge=money(90)), a_line(procedure_code="90846", charge=money(60))
    paid = a_service(one, 90, procedure_code="90847", submitted_procedure_code="90832")
    bundled = a_service(
        two, 0, adjustment("CO-97", 60), procedure_code="90847", submitted_procedure_code="90846", units=Decimal(0)
    )
    decision = posted(a_payment(paid, bundled), lines=(one, two))
    assert [line.bundled_into_line_id for line in decision.lines] == [None, one.id]
    assert outcome_of(decision, (one, two)) is ClaimOutcome.PAID


def test_two_lines_are_bundled_into_the_only_one_that_was_paid_and_into_none_where_two_were() -> None:
    lines = tuple(a_line(procedure_code=code, charge=money(60)) for code in ("90832", "90834", "90846"))

    def of(line: ServiceLine, *, is_paid: bool) -> ServicePayment:
        adjustments = () if is_paid else (adjustment("CO-97", 60),)
        return a_service(
            line,
            60 if is_paid else 0,
            *adjustments,
            procedure_code="90853",
            submitted_procedure_code=line.procedure_code,
        )

    one_paid = posted(a_payment(*(of(line, is_paid=line is lines[0]) for line in lines)), lines=lines)
    assert [line.bundled_into_line_id for line in one_paid.lines] == [None, lines[0].id, lines[0].id]
    two_paid = posted(a_payment(*(of(line, is_paid=line is not lines[2]) for line in lines)), lines=lines)
    assert [line.bundled_into_line_id for line in two_paid.lines] == [None, None, None]


def test_a_line_denied_as_included_elsewhere_is_not_bundled_where_nobody_says_into_what() -> None:
    one, two = several_lines(90, 60)
    denied = a_service(two, 0, adjustment("CO-97", 60))
    decision = posted(a_payment(a_service(one, 90), denied), lines=(one, two))
    assert decision.lines[1].bundled_into_line_id is None


def test_a_line_is_found_by_its_control_number_whatever_the_case() -> None:
    lines = several_lines(150, 150)
    services = [a_service(line, 150, line_control_number=f" {line.control_number.lower()}") for line in lines]
    decision = posted(a_payment(*reversed(services)), lines=lines)
    assert [one.line_id for one in decision.lines] == [line.id for line in lines]


@pytest.mark.parametrize(
    "difference",
    [
        {"procedure_code": "90834"},
        {"modifiers": ("95",)},
        {"first_date": SERVICE_DAY + timedelta(days=1)},
        {"charge": money(149)},
        {"units": Decimal(2)},
    ],
)
def test_without_a_control_number_a_line_is_found_by_what_sets_it_apart(difference: dict[str, Any]) -> None:
    one = a_line()
    lines = (one, replace(a_line(), **difference))
    services = [a_service(line, line.charge, line_control_number=None, units=line.units) for line in lines]
    assert [line.line_id for line in posted(a_payment(*services), lines=lines).lines] == [line.id for line in lines]


def test_a_denied_line_is_found_by_the_units_that_were_billed() -> None:
    lines = (a_line(), a_line(units=Decimal(2)))
    services = [
        a_service(
            line,
            0,
            adjustment("CO-29", 150),
            line_control_number=None,
            units=Decimal(0),
            submitted_units=line.units,
        )
        for line in lines
    ]
    decision = posted(a_payment(*services), lines=lines)
    assert [line.line_id for line in decision.lines] == [line.id for line in lines]


def test_a_line_is_found_by_the_procedure_that_was_billed() -> None:
    one, two = a_line(), a_line(procedure_code="90847")
    services = (
        a_service(one, 150, line_control_number=None),
        a_service(two, 150, line_control_number=None, procedure_code="90846", submitted_procedure_code="90847"),
    )
    assert [line.line_id for line in posted(a_payment(*services), lines=(one, two)).lines] == [one.id, two.id]


def test_a_service_that_could_be_two_lines_is_matched_to_none() -> None:
    lines = several_lines(150, 150)
    services = [a_service(line, 150, line_control_number="PAYERS-OWN") for line in lines]
    assert kept_back(a_payment(*services), lines=lines) == (
        V.UNMATCHED_LINE,
        ["service_unmatched /0/services/0", "service_unmatched /0/services/1"],
    )


def test_a_service_we_did_not_bill_is_matched_to_no_line() -> None:
    stranger = a_service(a_line(procedure_code="90853", charge=money(0)), 0)
    verdict, places = kept_back(a_payment(*GOLDEN.services, stranger))
    assert (verdict, places) == (V.UNMATCHED_LINE, ["service_unmatched /0/services/1"])


def test_another_charge_than_ours_is_not_posted() -> None:
    assert kept_back(a_payment(a_service(LINE, 149))) == (
        V.CHARGE_DIFFERS,
        ["service_charge_differs /0/services/0/charge"],
    )
    assert kept_back(a_payment(charge=money(149), paid=money(149))) == (
        V.CHARGE_DIFFERS,
        ["claim_charge_differs /0/charge"],
    )


@pytest.mark.parametrize(
    ("payment", "place"),
    [
        (a_payment(a_service(LINE, 80, charge=money(150))), "service_out_of_balance /0/services/0/paid"),
        (replace(GOLDEN, charge=money(151)), "payment_out_of_balance /0/paid"),
        (
            replace(GOLDEN, paid=money(81), adjustments=(adjustment("OA-94", -1),)),
            None,
        ),
        (replace(GOLDEN, paid=money("80.01")), "payment_differs_from_services /0/paid"),
    ],
)
def test_what_does_not_balance_is_not_posted_and_says_where(payment: ClaimPayment, place: str | None) -> None:
    decision, verdict, findings = judged(payment)
    places = [f"{one.code} {one.pointer}" for one in findings]
    if place is None:
        assert (verdict, places) == (V.POSTABLE, ["adjustment_negative /decision/adjustments/0/amount"])
    else:
        assert decision is None
        assert verdict is V.UNBALANCED
        assert place in places


def test_an_imbalance_says_the_cents() -> None:
    _, _, findings = judged(replace(GOLDEN, paid=money("80.01")))
    assert [one.message for one in findings] == [
        "The charge less all adjustments is not what was paid, which is 0.01 more.",
        "The services' payments less the claim's adjustments are not what was paid, which is 0.01 more.",
    ]


def test_another_sum_of_patient_responsibility_is_a_warning_and_is_posted() -> None:
    decision, verdict, findings = judged(replace(GOLDEN, patient_responsibility=money(24)))
    assert decision is not None
    assert verdict is V.POSTABLE
    assert [(one.code, one.severity) for one in findings] == [("responsibility_differs", Severity.WARNING)]
    assert posted(replace(GOLDEN, patient_responsibility=money(25)))


def test_lines_without_a_decision_make_it_incomplete() -> None:
    one, two = several_lines(150, 60)
    decision, verdict, findings = judged(a_payment(a_service(one, 150)), lines=(one, two))
    assert (verdict, findings) == (V.INCOMPLETE, ())
    assert decision is not None
    assert outcome_of(decision, (one, two)) is ClaimOutcome.PARTIALLY_ADJUDICATED


def test_payments_about_different_lines_are_parts_of_one_decision() -> None:
    one, two = several_lines(150, 60)
    first = a_payment(a_service(one, 100, adjustment("CO-45", 50)), remark_codes=("MA01",))
    second = a_payment(a_service(two, 60), payer_claim_number="PCN2", status_code="19", remark_codes=("MA01", "MA07"))
    decision = posted(second, first, lines=(one, two))
    assert (decision.paid, decision.payer_claim_number, decision.was_forwarded) == (money(160), "PCN1", True)
    assert decision.remark_codes == ("MA01", "MA07")
    assert [line.line_id for line in decision.lines] == [one.id, two.id]
    assert [assumption.code for assumption in decision.assumptions] == ["payer_claim_number_assumed"]
    same_number = replace(second, payer_claim_number="PCN1")
    assert posted(first, same_number, lines=(one, two)).paid == money(160)


def test_a_part_that_does_not_say_its_lines_cannot_be_added() -> None:
    one, two = several_lines(150, 60)
    vague = a_payment(charge=money(60), paid=money(60), payer_claim_number="PCN2")
    assert kept_back(a_payment(a_service(one, 150)), vague, lines=(one, two)) == (
        V.UNMATCHED_LINE,
        ["services_missing /1"],
    )


def test_a_reversal_alone_decides_nothing() -> None:
    assert kept_back(negated(GOLDEN)) == (V.REVERSAL, [])
    assert kept_back(GOLDEN, negated(GOLDEN)) == (V.REVERSAL, [])


def test_a_correction_stands_in_place_of_what_was_reversed() -> None:
    corrected = a_payment(
        a_service(LINE, 90, adjustment("CO-45", 45), adjustment("PR-3", 15)),
        frequency_code="7",
        payer_claim_number="PCN9",
        original_claim_number="PCN1",
    )
    assert posted(GOLDEN, negated(GOLDEN), corrected).paid == money(90)
    assert posted(negated(GOLDEN), corrected).paid == money(90)
    assert posted(GOLDEN, corrected).paid == money(90)
    again = replace(corrected, payer_claim_number="PCN1", original_claim_number=None)
    assert posted(GOLDEN, again).paid == money(90)


def test_a_reversal_without_a_number_takes_back_the_same_amounts() -> None:
    one, two = several_lines(150, 60)
    parts = (
        a_payment(a_service(one, 150), payer_claim_number=None),
        a_payment(a_service(two, 60), payer_claim_number=None),
    )
    decision, verdict, _ = judged(*parts, negated(parts[1]), lines=(one, two))
    assert verdict is V.INCOMPLETE
    assert decision is not None
    assert [line.line_id for line in decision.lines] == [one.id]


def test_a_reversal_takes_back_one_of_two_parts_under_one_number_and_leaves_the_other() -> None:
    one, two = several_lines(150, 60)
    first, second = a_payment(a_service(one, 150)), a_payment(a_service(two, 60))
    decision, verdict, _ = judged(first, second, negated(first), lines=(one, two))
    assert verdict is V.INCOMPLETE
    assert decision is not None
    assert [line.line_id for line in decision.lines] == [two.id]
    corrected = a_payment(a_service(one, 100, adjustment("CO-45", 50)))
    assert posted(first, second, negated(first), corrected, lines=(one, two)).paid == money(160)


def test_the_same_lines_paid_twice_are_not_added() -> None:
    other = replace(GOLDEN, payer_claim_number="PCN2")
    assert kept_back(GOLDEN, other)[0] is V.CHARGE_DIFFERS


@pytest.mark.parametrize(("status", "verdict"), [("23", V.NOT_OUR_CLAIM), ("25", V.PREDETERMINATION)])
def test_what_is_no_decision_is_not_posted(status: str, verdict: ClaimPaymentVerdict) -> None:
    payment = replace(GOLDEN, status_code=status)
    assert kept_back(payment) == (verdict, [])
    assert posted(payment, GOLDEN).paid == money(80)


def test_a_status_of_no_meaning_to_us_is_not_posted() -> None:
    assert kept_back(replace(GOLDEN, status_code="17")) == (V.STATUS_UNKNOWN, ["claim_status_unknown /0/status_code"])


@pytest.mark.parametrize("reason", ["CO-31", "PR-31", "OA-140"])
def test_status_4_for_an_unknown_patient_is_about_the_coverage(reason: str) -> None:
    payment = a_payment(a_service(LINE, 0, adjustment(reason, 150)), status_code="4")
    assert kept_back(payment) == (V.NOT_KNOWN, [])


def test_status_4_for_other_reasons_is_a_denial() -> None:
    payment = a_payment(a_service(LINE, 0, adjustment("CO-29", 150)), status_code="4")
    assert outcome_of(posted(payment), (LINE,)) is ClaimOutcome.DENIED
    to_deductible = a_payment(a_service(LINE, 0, adjustment("PR-1", 150)), status_code="4")
    assert outcome_of(posted(to_deductible), (LINE,)) is ClaimOutcome.ZERO_PAID_PATIENT
    paid_in_part = a_payment(a_service(LINE, 50, adjustment("PR-31", 100)), status_code="4")
    assert outcome_of(posted(paid_in_part), (LINE,)) is ClaimOutcome.PAID
    processed = a_payment(a_service(LINE, 0, adjustment("PR-31", 150)))
    assert outcome_of(posted(processed), (LINE,)) is ClaimOutcome.DENIED


@pytest.mark.parametrize(
    "changes",
    [
        {"status_code": "19"},
        {"status_code": "21"},
        {"crossover_payer": "INVENTED MEDIGAP"},
        {"remark_codes": ("MA18",)},
        {"services": (replace(GOLDEN.services[0], remark_codes=("N89",)),)},
    ],
)
def test_a_forwarded_claim_says_so(changes: dict[str, Any]) -> None:
    assert posted(replace(GOLDEN, **changes)).was_forwarded
    assert not posted(GOLDEN).was_forwarded


def test_a_claim_that_could_not_be_forwarded_says_so() -> None:
    assert not posted(replace(GOLDEN, remark_codes=("MA18", "MA19"))).was_forwarded


def test_what_a_claim_cannot_say_is_not_posted() -> None:
    dental = a_payment(replace(GOLDEN.services[0], procedure_qualifier="AD"))
    assert kept_back(dental) == (
        V.UNREADABLE,
        ["procedure_not_representable /0/services/0/procedure_qualifier"],
    )
    negative = a_payment(a_service(LINE, -10, adjustment("CO-45", 160)))
    assert kept_back(negative) == (
        V.UNREADABLE,
        ["amount_negative /decision/paid", "amount_negative /decision/lines/0/paid"],
    )


def test_what_could_not_be_read_is_not_posted() -> None:
    unread = (UnreadAdjustment(group_code="XX", reason_code="45", amount=money(45)),)
    service = a_service(LINE, 105, unread_adjustments=unread, charge=money(150))
    assert kept_back(a_payment(service)) == (V.UNREADABLE, ["adjustment_unreadable /0/services/0"])
    assert kept_back(replace(GOLDEN, is_whole=False)) == (V.UNREADABLE, ["payment_unreadable /0"])


def test_a_payment_without_a_date_is_not_posted() -> None:
    decision, verdict, findings = judged(GOLDEN, day=None)
    assert decision is None
    assert verdict is V.UNDATED
    assert [one.code for one in findings] == ["adjudication_date_missing"]


def test_no_payment_is_no_decision() -> None:
    assert judged() == (None, V.STATUS_UNKNOWN, ())


def _as_remittance(decision: Decision, lines: Sequence[ServiceLine], *, numbered: bool) -> ClaimPayment:
    """What the payer of this decision would send."""
    billed = {line.id: line for line in lines}
    services = []
    for one in decision.lines:
        line = billed[one.line_id]
        target = billed.get(one.bundled_into_line_id) if one.bundled_into_line_id else None
        procedure = one.procedure_code or (target or line).procedure_code
        modifiers = one.modifiers if one.procedure_code else (target or line).modifiers
        is_changed = (procedure, modifiers) != (line.procedure_code, line.modifiers)
        services.append(
            ServicePayment(
                line_control_number=line.control_number if numbered else None,
                procedure_code=procedure,
                modifiers=modifiers,
                submitted_procedure_code=line.procedure_code if is_changed else None,
                submitted_modifiers=line.modifiers if is_changed else (),
                charge=one.paid + total(cas.amount for cas in one.adjustments),
                paid=one.paid,
                first_date=line.first_date,
                last_date=line.last_date,
                adjustments=one.adjustments,
            )
        )
    return a_payment(
        *services,
        charge=total(line.charge for line in lines),
        paid=decision.paid,
        adjustments=decision.adjustments,
        patient_responsibility=decision.patient_responsibility,
    )


@given(balanced_claims(), st.booleans())
def test_what_a_payer_decided_comes_back_from_its_remittance_to_the_cent(
    claim: tuple[tuple[ServiceLine, ...], Decision], numbered: bool
) -> None:
    lines, sent = claim
    assume(numbered or len({(line.procedure_code, line.modifiers, line.first_date) for line in lines}) == len(lines))
    decision, verdict, findings = judged(_as_remittance(sent, lines, numbered=numbered), lines=lines)
    assert decision is not None
    assert verdict is V.POSTABLE
    assert not has_error(findings)
    told = [name for name in difference_between(sent, decision, lines) if not name.endswith(_SAID_BY_BUNDLING)]
    assert told == []
    assert balance_findings(balance_of(decision, lines), decision) == ()


_SAID_BY_BUNDLING = ("/procedure_code", "/modifiers", "/bundled_into_line_id")
"""A remittance gives the procedure a line was bundled into, a form only the line; and two lines may have the same one."""


@given(balanced_claims(), st.data())
def test_a_cent_that_is_off_anywhere_is_never_posted(
    claim: tuple[tuple[ServiceLine, ...], Decision], data: st.DataObject
) -> None:
    lines, sent = claim
    payment = _as_remittance(sent, lines, numbered=True)
    cent = money(data.draw(st.sampled_from(("0.01", "-0.01"))))
    places = ["paid", *(["charge"] if not payment.services else [])]
    at = data.draw(st.sampled_from((None, *range(len(payment.services)))))
    if at is None:
        name = data.draw(st.sampled_from(places))
        changed = replace(payment, **{name: getattr(payment, name) + cent})
    else:
        name = data.draw(st.sampled_from(("paid", "charge")))
        services = list(payment.services)
        services[at] = replace(services[at], **{name: getattr(services[at], name) + cent})
        changed = replace(payment, services=tuple(services))
    decision, verdict, findings = judged(changed, lines=lines)
    assert decision is None
    assert verdict in {V.UNBALANCED, V.CHARGE_DIFFERS}
    assert has_error(findings)


def test_two_decisions_differ_in_cents_and_codes_and_in_nothing_else() -> None:
    one = by_lines(on_line(LINE, 80, adjustment("CO-45", 45), adjustment("PR-3", 25)))
    same = by_lines(
        on_line(
            LINE,
            80,
            adjustment("PR-3", 25),
            adjustment("CO-45", 45),
            procedure_code="90837",
            units=Decimal(1),
            remaining_liability=money(25),
        ),
        payer_claim_number="PCN1",
        adjudication_date=SERVICE_DAY,
    )
    assert difference_between(one, same, (LINE,)) == ()
    assert difference_between(one, one) == ()


def test_each_place_that_differs_is_named() -> None:
    one = by_lines(on_line(LINE, 80, adjustment("CO-45", 45), adjustment("PR-3", 25)))
    place = f"lines/{LINE.id}"
    cent = by_lines(on_line(LINE, "80.01", adjustment("CO-45", "44.99"), adjustment("PR-3", 25)))
    assert difference_between(one, cent) == ("paid", f"{place}/paid", f"{place}/adjustments")
    code = by_lines(on_line(LINE, 80, adjustment("CO-45", 45), adjustment("PR-2", 25), remark_codes=("N1",)))
    assert difference_between(one, code) == (f"{place}/adjustments", f"{place}/remark_codes")
    elsewhere = at_claim_level(80, adjustment("CO-45", 45), adjustment("PR-3", 25))
    assert difference_between(one, elsewhere) == ("adjustments", place)
    group = AdjustmentGroup.PAYER_INITIATED
    other_group = replace(
        elsewhere, adjustments=(replace(elsewhere.adjustments[0], group=group), elsewhere.adjustments[1])
    )
    assert difference_between(elsewhere, other_group) == ("adjustments",)
