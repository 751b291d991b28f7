"""The short form of a payer's decision: three totals of an explanation of benefits, made into a decision by line.

The totals are a form and no data model (domain rules B3, B4): what is not said is not spread by guess, and what is taken
by default is an assumption that the review shows. Totals that do not add up to the charge are kept as they are;
`balance.py` names the cents. Pointers of findings are relative to the form, those of assumptions to the decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.adjudications import Adjustment, AdjustmentGroup, Assumption, Decision, LineDecision
from app.domain.adjustments import amount_invalid, amount_negative, is_reason_code, merged, reason_code_format
from app.domain.denial_reasons import (
    COINSURANCE,
    CONTRACTUAL_REDUCTION,
    COPAYMENT,
    DEDUCTIBLE,
    EARLIER_PAYERS,
)
from app.domain.findings import Finding, has_error
from app.domain.money import ZERO, is_money, total
from app.domain.service_lines import ServiceLine

_CAS = "2430 CAS"


@dataclass(frozen=True, kw_only=True)
class ShortForm:
    """What a person reads off an explanation of benefits.

    `adjustments` is what the payer took off, without the patient's responsibility and without what earlier payers did:
    that is `earlier_payers_effect`, asked of every payer but the first. Deductible, coinsurance and copay split the
    responsibility. The denial reason is for nothing paid; with the group of patient responsibility it may explain that.
    """

    paid: Decimal
    adjustments: Decimal
    patient_responsibility: Decimal
    deductible: Decimal | None = None
    coinsurance: Decimal | None = None
    copay: Decimal | None = None
    adjustment_group: AdjustmentGroup | None = None
    adjustment_reason_code: str | None = None
    denial_group: AdjustmentGroup | None = None
    denial_reason_code: str | None = None
    earlier_payers_effect: Decimal | None = None
    adjudication_date: date
    payer_claim_number: str | None = field(default=None, repr=False)

    @property
    def is_denial(self) -> bool:
        return self.paid == 0 and self.patient_responsibility == 0

    @property
    def split(self) -> dict[str, Decimal]:
        """The parts of the patient's responsibility that were given, by the reason each is sent under."""
        parts = {DEDUCTIBLE: self.deductible, COINSURANCE: self.coinsurance, COPAYMENT: self.copay}
        return {reason: amount for reason, amount in parts.items() if amount is not None}

    @property
    def denial_explains_responsibility(self) -> bool:
        return (
            self.paid == 0
            and self.patient_responsibility > 0
            and not self.split
            and self.denial_group is AdjustmentGroup.PATIENT_RESPONSIBILITY
        )


@dataclass(frozen=True, kw_only=True)
class FormTerms:
    """What the form is read by. `was_first`: no payer decided before this one. `in_network` is None when not recorded.

    `claim_level_allowed` is the profile of the next claim's payer; Original Medicare always wants lines.
    """

    was_first: bool
    in_network: bool | None
    claim_level_allowed: bool = False
    is_medicare_destination: bool = False


def decision_from_totals(
    form: ShortForm, *, lines: Sequence[ServiceLine], terms: FormTerms
) -> tuple[Decision | None, tuple[Finding, ...]]:
    """The decision, or what is missing for it. Its date is checked with the decision (`check_decision`)."""
    findings = _check_amounts(form)
    if not findings:
        findings = [*_check_split(form), *_check_effect(form, terms), *_check_reasons(form, terms)]
    if has_error(findings):
        return None, tuple(findings)
    adjustments, assumptions = _adjustments(form)
    if len(lines) == 1:
        return _on_the_line(form, lines[0], adjustments, assumptions), tuple(findings)
    if terms.claim_level_allowed and not terms.is_medicare_destination:
        return _on_the_claim(form, adjustments, assumptions), tuple(findings)
    if _covers_everything(form, adjustments, lines):
        return _on_every_line(form, lines, adjustments[0]), tuple(findings)
    return None, (
        *findings,
        Finding(
            code="lines_required",
            message="The claim has several lines: enter the payer's decision for each of them.",
            pointer="/lines",
            location="2430",
        ),
    )


def _check_amounts(form: ShortForm) -> list[Finding]:
    amounts = {
        "/paid": form.paid,
        "/adjustments": form.adjustments,
        "/patient_responsibility": form.patient_responsibility,
        "/deductible": form.deductible,
        "/coinsurance": form.coinsurance,
        "/copay": form.copay,
        "/earlier_payers_effect": form.earlier_payers_effect,
    }
    findings: list[Finding] = []
    for pointer, amount in amounts.items():
        location = "2320 AMT*D" if pointer == "/paid" else _CAS
        if amount is not None and not is_money(amount):
            findings.append(amount_invalid(pointer, location))
        elif amount is not None and amount < 0:
            findings.append(amount_negative(pointer, location))
    return findings


def _check_split(form: ShortForm) -> list[Finding]:
    if not form.split or total(form.split.values()) == form.patient_responsibility:
        return []
    return [
        Finding(
            code="split_mismatch",
            message="Deductible, coinsurance and copay do not add up to the patient's responsibility.",
            pointer="/patient_responsibility",
            location=_CAS,
        )
    ]


def _check_effect(form: ShortForm, terms: FormTerms) -> list[Finding]:
    """A later payer's remittance shows what earlier payers did as OA-23, of its own (domain rule B4)."""
    if terms.was_first and form.earlier_payers_effect:
        code, message = "earlier_payers_effect_refused", "No payer decided before this one."
    elif not terms.was_first and form.earlier_payers_effect is None:
        code = "earlier_payers_effect_required"
        message = "Say what this payer took into account from earlier payers, 0.00 if nothing."
    else:
        return []
    return [Finding(code=code, message=message, pointer="/earlier_payers_effect", location=_CAS)]


def _check_reasons(form: ShortForm, terms: FormTerms) -> list[Finding]:
    codes = {
        "/adjustment_reason_code": form.adjustment_reason_code,
        "/denial_reason_code": form.denial_reason_code,
    }
    findings = [
        reason_code_format(pointer, _CAS)
        for pointer, code in codes.items()
        if code is not None and not is_reason_code(code)
    ]
    return [*findings, *_check_denial(form), *_check_adjustment_reason(form, terms)]


def _check_denial(form: ShortForm) -> list[Finding]:
    is_given = form.denial_group is not None or form.denial_reason_code is not None
    if form.is_denial and not is_given and (form.adjustments or not form.earlier_payers_effect):
        return [
            Finding(
                code="denial_reason_required",
                message="Nothing paid and nothing left to the patient: give the group and reason of the denial.",
                pointer="/denial_reason_code",
                location=_CAS,
            )
        ]
    if not is_given:
        return []
    if not (form.is_denial or form.denial_explains_responsibility):
        return [
            Finding(
                code="denial_reason_refused",
                message="A denial reason goes with nothing paid; under patient responsibility it explains all of it.",
                pointer="/denial_reason_code",
                location=_CAS,
            )
        ]
    findings = [
        Finding(
            code="denial_reason_required",
            message="A denial has both a group and a reason.",
            pointer=pointer,
            location=_CAS,
        )
        for pointer, value in (("/denial_group", form.denial_group), ("/denial_reason_code", form.denial_reason_code))
        if value is None
    ]
    if form.is_denial and not form.adjustments:
        findings.append(
            Finding(
                code="denial_amount_required",
                message="A denial takes off an amount; it is missing.",
                pointer="/adjustments",
                location=_CAS,
            )
        )
    return findings


def _check_adjustment_reason(form: ShortForm, terms: FormTerms) -> list[Finding]:
    given = {"/adjustment_group": form.adjustment_group, "/adjustment_reason_code": form.adjustment_reason_code}
    if form.is_denial:
        return [
            Finding(
                code="adjustment_reason_refused",
                message="Nothing was paid and nothing is left to the patient: give the reason as the denial's.",
                pointer=pointer,
                location=_CAS,
            )
            for pointer, value in given.items()
            if value is not None
        ]
    if not form.adjustments or all(value is not None for value in given.values()):
        return []
    if any(value is not None for value in given.values()):
        message = "An adjustment has both a group and a reason."
    elif not terms.was_first:
        message = "Give the reason of a later payer's adjustments; none is taken by default."
    elif terms.in_network:
        return []
    elif terms.in_network is None:
        message = "It is not recorded whether the provider is in this payer's network: give the reason."
    else:
        message = "Out of network the reduction is the provider's (CO-45) or the patient's (PR-45): choose."
    return [
        Finding(code="adjustment_reason_required", message=message, pointer=pointer, location=_CAS)
        for pointer, value in given.items()
        if value is None
    ]


def _adjustments(form: ShortForm) -> tuple[tuple[Adjustment, ...], tuple[Assumption, ...]]:
    """The adjustments that are not zero, and the default among them. The checks have passed."""
    amounts: list[tuple[AdjustmentGroup, str | None, Decimal]] = []
    assumptions: list[Assumption] = []
    if form.is_denial and form.denial_group is not None:
        amounts.append((form.denial_group, form.denial_reason_code, form.adjustments))
    elif form.adjustment_group is not None and form.adjustment_reason_code is not None:
        amounts.append((form.adjustment_group, form.adjustment_reason_code, form.adjustments))
    elif form.adjustments:
        amounts.append((AdjustmentGroup.CONTRACTUAL, CONTRACTUAL_REDUCTION, form.adjustments))
        assumptions.append(
            Assumption(
                code="contractual_reduction_assumed",
                message="The adjustments were taken as CO-45: this payer was first and the provider is in its network.",
                pointer="/adjustments/0",
            )
        )
    amounts.append((AdjustmentGroup.OTHER, EARLIER_PAYERS, form.earlier_payers_effect or ZERO))
    patient = AdjustmentGroup.PATIENT_RESPONSIBILITY
    if form.split:
        amounts += [(patient, reason, amount) for reason, amount in form.split.items()]
    else:
        reason = form.denial_reason_code if form.denial_explains_responsibility else None
        amounts.append((patient, reason, form.patient_responsibility))
    adjustments = [
        Adjustment(group=group, reason_code=code, amount=amount) for group, code, amount in amounts if amount
    ]
    return merged(adjustments), tuple(assumptions)


def _on_the_line(
    form: ShortForm, line: ServiceLine, adjustments: tuple[Adjustment, ...], assumptions: tuple[Assumption, ...]
) -> Decision:
    """The only line takes it all: SVD02 = AMT*D, the adjustments in 2430, none in 2320."""
    defaults = (
        *(Assumption(code=one.code, message=one.message, pointer=f"/lines/0{one.pointer}") for one in assumptions),
        service_as_billed("/lines/0"),
        _liability_from_responsibility("/lines/0/remaining_liability"),
    )
    return Decision(
        adjudication_date=form.adjudication_date,
        paid=form.paid,
        payer_claim_number=form.payer_claim_number,
        lines=(LineDecision(line_id=line.id, paid=form.paid, adjustments=adjustments),),
        assumptions=defaults,
    )


def _on_the_claim(
    form: ShortForm, adjustments: tuple[Adjustment, ...], assumptions: tuple[Assumption, ...]
) -> Decision:
    at_claim_level = Assumption(
        code="claim_level_assumed",
        message="The totals stand at claim level, as the next payer takes them; no line carries any.",
        pointer="/adjustments",
    )
    return Decision(
        adjudication_date=form.adjudication_date,
        paid=form.paid,
        adjustments=adjustments,
        payer_claim_number=form.payer_claim_number,
        assumptions=(*assumptions, at_claim_level, _liability_from_responsibility("/remaining_liability")),
    )


def _covers_everything(form: ShortForm, adjustments: tuple[Adjustment, ...], lines: Sequence[ServiceLine]) -> bool:
    """One reason for the whole charge and nothing paid: what each line got is then no guess."""
    return (
        form.paid == 0
        and len(adjustments) == 1
        and adjustments[0].reason_code is not None
        and adjustments[0].amount == total(line.charge for line in lines)
    )


def _on_every_line(form: ShortForm, lines: Sequence[ServiceLine], whole: Adjustment) -> Decision:
    """SVD02 0 and the reason for the line's full charge."""
    decided = tuple(
        LineDecision(
            line_id=line.id,
            paid=ZERO,
            adjustments=(Adjustment(group=whole.group, reason_code=whole.reason_code, amount=line.charge),)
            if line.charge
            else (),
        )
        for line in lines
    )
    defaults = (
        Assumption(
            code="whole_charge_assumed",
            message="One reason covers the whole charge, so each line carries it for its own.",
            pointer="/lines",
        ),
        service_as_billed("/lines"),
        _liability_from_responsibility("/lines"),
    )
    return Decision(
        adjudication_date=form.adjudication_date,
        paid=ZERO,
        payer_claim_number=form.payer_claim_number,
        lines=decided,
        assumptions=defaults,
    )


def service_as_billed(pointer: str) -> Assumption:
    return Assumption(
        code="service_as_billed_assumed",
        message="Procedure, modifiers and units were taken as billed.",
        pointer=pointer,
    )


def _liability_from_responsibility(pointer: str) -> Assumption:
    return Assumption(
        code="remaining_liability_assumed",
        message="What is left to pay (AMT*EAF) was taken as the patient's responsibility.",
        pointer=pointer,
    )
