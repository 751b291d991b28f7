"""835 texts for tests: written from values by hand, in the guide's order, so that reader and writer are not judged by the
same hand. Everyone in them is invented.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from app.domain.adjudications import Adjustment
from app.domain.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from app.x12.separators import DEFAULT, Separators
from tests.x12.texts_271 import interchange

NPI = "1234567893"


def number(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def segment(*elements: str) -> str:
    """Without empty elements at the end."""
    return "*".join(elements).rstrip("*")


def a_835(
    *remittances: Remittance, separators: Separators = DEFAULT, line_end: str = "", control_number: str = "000000042"
) -> str:
    return written(*remittances, separators=separators, line_end=line_end, control_number=control_number)[0]


def written(
    *remittances: Remittance, separators: Separators = DEFAULT, line_end: str = "", control_number: str = "000000042"
) -> tuple[str, tuple[Remittance, ...]]:
    """The text, and the values with the places they have in it: positions, numbers of segments."""
    transactions, placed, count = [], [], 2
    for remittance in remittances:
        segments, with_places = _transaction(remittance, count)
        transactions.append(segments)
        placed.append(with_places)
        count += len(segments)
    text = around(*transactions, separators=separators, line_end=line_end, control_number=control_number)
    return text, tuple(placed)


def around(
    *transactions: Sequence[str],
    separators: Separators = DEFAULT,
    line_end: str = "",
    control_number: str = "000000042",
    guide: str = "005010X221A1",
) -> str:
    """The envelope of an 835 around segments from ST to SE."""
    return interchange(
        *transactions,
        separators=separators,
        line_end=line_end,
        group="HP",
        guide=guide,
        control_number=control_number,
    )


def enclosed(body: Iterable[str], number: str = "0001") -> list[str]:
    """ST to SE around segments; an 835 has no ST03."""
    segments = list(body)
    return [f"ST*835*{number}", *segments, f"SE*{len(segments) + 2}*{number}"]


def _transaction(remittance: Remittance, before: int) -> tuple[list[str], Remittance]:
    body = list(_header(remittance))
    placed_claims = []
    for position, claim in enumerate(remittance.claims, start=1):
        place = before + 1 + len(body) + 1  # ST, and the next one
        segments, placed = _claim(replace(claim, position=position), place)
        body += segments
        placed_claims.append(placed)
    body += _provider_adjustments(remittance.provider_adjustments)
    placed_remittance = replace(remittance, claims=tuple(placed_claims), segment=before + 2)
    return enclosed(body, remittance.control_number), placed_remittance


def _header(remittance: Remittance) -> Iterable[str]:
    paid_on = _day(remittance.payment_date)
    yield segment("BPR", "I", number(remittance.total_paid), "C", remittance.payment_method, *[""] * 11, paid_on)
    yield segment("TRN", "1", remittance.trace_number or "", remittance.originator_id or "")
    if remittance.production_date:
        yield segment("DTM", "405", _day(remittance.production_date))
    yield segment("N1", "PR", remittance.payer_name or "")
    yield "N3*1 EXAMPLE PLAZA"
    yield "N4*SPRINGFIELD*IL*62701"
    if remittance.payer_id:
        yield segment("REF", "2U", remittance.payer_id)
    yield "PER*BL*EXAMPLE DESK*TE*8005550100"
    yield segment("N1", "PE", "QUIET ROOMS THERAPY", "XX", remittance.payee_npi or NPI)
    yield "LX*1"


def _claim(claim: ClaimPayment, place: int) -> tuple[list[str], ClaimPayment]:
    responsibility = claim.patient_responsibility
    segments = [
        segment(
            "CLP",
            claim.patient_control_number,
            claim.status_code,
            number(claim.charge),
            number(claim.paid),
            number(responsibility) if responsibility is not None else "",
            claim.filing_code or "",
            claim.payer_claim_number or "",
            "11" if claim.frequency_code else "",
            claim.frequency_code or "",
        ),
        *_adjustments(claim.adjustments),
        "NM1*QC*1*FERNWOOD*ADA****MI*QRX100200300",
    ]
    if claim.crossover_payer:
        segments.append(segment("NM1", "TT", "2", "INVENTED MUTUAL", *[""] * 4, "PI", claim.crossover_payer))
    if claim.corrected_payer:
        segments.append(segment("NM1", "PR", "2", "INVENTED UNION", *[""] * 4, "PI", claim.corrected_payer))
    if claim.remark_codes:
        segments.append(segment("MOA", "", "", *claim.remark_codes))
    if claim.original_claim_number:
        segments.append(segment("REF", "F8", claim.original_claim_number))
    for qualifier, day in (("232", claim.first_date), ("233", claim.last_date)):
        if day:
            segments.append(segment("DTM", qualifier, _day(day)))
    if claim.interest is not None:
        segments.append(segment("AMT", "I", number(claim.interest)))
    services = []
    for service in claim.services:
        services.append(replace(service, segment=place + len(segments)))
        segments += _service(service)
    return segments, replace(claim, segment=place, services=tuple(services))


def _service(service: ServicePayment) -> Iterable[str]:
    yield segment(
        "SVC",
        ":".join((service.procedure_qualifier, service.procedure_code, *service.modifiers)),
        number(service.charge),
        number(service.paid),
        "",
        number(service.units) if service.units is not None else "",
        ":".join(("HC", service.submitted_procedure_code, *service.submitted_modifiers))
        if service.submitted_procedure_code
        else "",
        number(service.submitted_units) if service.submitted_units is not None else "",
    )
    if service.last_date:
        yield segment("DTM", "150", _day(service.first_date))
        yield segment("DTM", "151", _day(service.last_date))
    elif service.first_date:
        yield segment("DTM", "472", _day(service.first_date))
    yield from _adjustments(service.adjustments)
    if service.line_control_number:
        yield segment("REF", "6R", service.line_control_number)
    if service.allowed is not None:
        yield segment("AMT", "B6", number(service.allowed))
    for code in service.remark_codes:
        yield segment("LQ", "HE", code)


def _adjustments(adjustments: Iterable[Adjustment]) -> Iterable[str]:
    """One CAS for neighbors of one group, six reasons at most."""
    for group, same in groupby(adjustments, key=lambda one: one.group):
        waiting = list(same)
        while waiting:
            six, waiting = waiting[:6], waiting[6:]
            triplets = (
                (one.reason_code or "", number(one.amount), "" if one.quantity is None else number(one.quantity))
                for one in six
            )
            yield segment("CAS", group.code, *(element for triplet in triplets for element in triplet))


def _provider_adjustments(adjustments: Sequence[ProviderAdjustment]) -> Iterable[str]:
    for first in range(0, len(adjustments), 6):
        pairs = (
            (f"{one.reason_code}:{one.reference}" if one.reference else one.reason_code, number(one.amount))
            for one in adjustments[first : first + 6]
        )
        yield segment("PLB", NPI, "20261231", *(element for pair in pairs for element in pair))


def _day(day: date | None) -> str:
    return day.isoformat().replace("-", "") if day else ""


# Single amounts


class Amount(NamedTuple):
    """Where an amount stands: which segment and element of the text, of which claim and line, counted from 1."""

    at: int
    element: int
    name: str
    claim: int = 0
    line: int = 0


def amounts_in(text: str) -> Iterator[Amount]:
    """All amounts of a text with the default separators and one transaction set."""
    claim = line = 0
    for index, one in enumerate(text.split("~")):
        name, *elements = one.split("*")
        if name == "CLP":
            claim, line = claim + 1, 0
        elif name == "SVC":
            line += 1
        elif name == "PLB":
            claim = line = 0
        first, step = {"CAS": (3, 3), "PLB": (4, 2)}.get(name, (0, 1))
        found = {"BPR": (2,), "CLP": (3, 4, 5), "SVC": (2, 3), "AMT": (2,)}.get(name, ())
        for element in found or (range(first, len(elements) + 1, step) if first else ()):
            if element <= len(elements) and elements[element - 1]:
                yield Amount(index, element, f"{name}{element:02}" if found else name, claim, line)


def with_more(text: str, amount: Amount, by: Decimal) -> str:
    segments = text.split("~")
    elements = segments[amount.at].split("*")
    elements[amount.element] = number(Decimal(elements[amount.element]) + by)
    segments[amount.at] = "*".join(elements)
    return "~".join(segments)
