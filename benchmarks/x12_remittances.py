"""An 835 of any size to measure with: one payment, its claims of three lines each, balanced to the cent.

Amounts, reasons, procedures, remarks and dates differ from line to line, so that nothing is measured that remembers the
last value. Everyone in it is invented; the same size is always the same text.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

LINES: Final = 3
_FIRST_DAY: Final = date(2026, 1, 5)
_PROCEDURES: Final = "90791 90832 90834 90837 90846 90847 90853 99213 99214".split()
_CONTRACT_REASONS: Final = "45 45 45 45 45 97 59 131 253".split()
_PATIENT_REASONS: Final = "1 2 3 3".split()
_REMARKS: Final = "N14 M15 MA07 MA18 N89 MA01 N19 N130".split()
_NAMES: Final = "ALDER BIRCH CEDAR ELM FERN HAZEL LAUREL MAPLE ROWAN WILLOW".split()
_AHEAD: Final = (
    "GS*HP*INVENTEDPAYER*QUIETROOMS*20260309*1200*7*X*005010X221A1~"
    "ST*835*0001~BPR*I*{paid}*C*ACH*CCP*01*999999992*DA*123456*1999999999**01*999988880*DA*98765*20260309~"
    "TRN*1*TRACE0000001*1999999999~REF*EV*QUIETROOMS~DTM*405*20260306~"
    "N1*PR*INVENTED HEALTH PLAN~N3*1 EXAMPLE PLAZA~N4*SPRINGFIELD*IL*62701~REF*2U*INV01~PER*BL*EXAMPLE DESK*TE*8005550100~"
    "N1*PE*QUIET ROOMS THERAPY*XX*1234567893~LX*1~"
)


def an_835(claims: int) -> Iterator[bytes]:
    """The text in parts, a claim each."""
    draw = random.Random(claims)
    written = [_claim(draw, number) for number in range(1, claims + 1)]
    paid = sum(claim.paid for claim in written)
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'INVENTEDPAYER':15}*ZZ*{'QUIETROOMS':15}*260309*1200*^*00501*000000042*0*P*:~"
    yield (isa + _AHEAD.format(paid=_amount(paid))).encode()
    for claim in written:
        yield claim.text.encode()
    segments = _AHEAD.count("~") + sum(claim.text.count("~") for claim in written)  # without GS, with SE
    yield f"SE*{segments}*0001~GE*1*7~IEA*1*000000042~".encode()


class _Written(NamedTuple):
    """A claim or a line, with its amounts in cents."""

    text: str
    charge: int
    paid: int
    patient: int


def _claim(draw: random.Random, number: int) -> _Written:
    day = _FIRST_DAY + timedelta(days=draw.randrange(60))
    lines = [_line(draw, day, f"{number:07}L{line}") for line in range(1, LINES + 1)]
    charge, paid, patient = (
        sum(amounts) for amounts in zip(*((one.charge, one.paid, one.patient) for one in lines), strict=True)
    )
    head = (
        f"CLP*QUIET{number:012}*1*{_amount(charge)}*{_amount(paid)}*{_amount(patient)}*12*PAYER{number:09}*11*1~"
        f"NM1*QC*1*{draw.choice(_NAMES)}*{draw.choice(_NAMES)}****MI*QRX{draw.randrange(10**9):09}~"
    )
    return _Written(head + "".join(line.text for line in lines), charge, paid, patient)


def _line(draw: random.Random, day: date, control_number: str) -> _Written:
    charge = draw.randrange(90, 401) * 100
    allowed = draw.randrange(charge // 3, charge - 500)
    patient = draw.choice((1000, 1500, 2000, 2500, 3000, allowed // 5))
    text = (
        f"SVC*HC:{draw.choice(_PROCEDURES)}*{_amount(charge)}*{_amount(allowed - patient)}**1~"
        f"DTM*472*{day:%Y%m%d}~"
        f"CAS*CO*{draw.choice(_CONTRACT_REASONS)}*{_amount(charge - allowed)}~"
        f"CAS*PR*{draw.choice(_PATIENT_REASONS)}*{_amount(patient)}~"
        f"REF*6R*{control_number}~"
        f"AMT*B6*{_amount(allowed)}~"
        f"LQ*HE*{draw.choice(_REMARKS)}~"
    )
    return _Written(text, charge, allowed - patient, patient)


def _amount(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)
