"""277 texts (claim status answers) for tests, built from parts; everyone in them is invented."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from app.x12.separators import DEFAULT, Separators
from tests.x12.texts_271 import interchange, transaction

GUIDE = "005010X212"
NPI = "1234567893"
REFERENCE = "STATUSREQUEST1"
TRACE = "TRACE-1"
CLAIM = "QUIETROOMS0000001"

HEADER = (f"BHT*0010*08*{REFERENCE}*20260303*1200*DG",)
PAYER = ("HL*1**20*1", "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01")
RECEIVER = ("HL*2*1*21*1", "NM1*41*2*QUIET ROOMS THERAPY*****46*QUIETROOMS")
PROVIDER = ("HL*3*2*19*1", f"NM1*1P*2*QUIET ROOMS THERAPY*****XX*{NPI}")
SUBSCRIBER = ("HL*4*3*22*0", "NM1*IL*1*FERNWOOD*ADA****MI*QRX100200300")
SUBSCRIBER_OF_DEPENDENT = ("HL*4*3*22*1", SUBSCRIBER[1])
DEPENDENT = ("HL*5*4*23", "NM1*QC*1*FERNWOOD*BEN")
OWN = f"TRN*2*{TRACE}"
PAID = "STC*F1:65*20260303**150*80*20260301**20260302*EFT0001"
DAY = "DTP*472*D8*20260220"
LINE = ("SVC*HC:90837:95*150*80****1", "STC*F1:65*20260303", "REF*FJ*LINE1", DAY)


def a_277(
    *levels: Iterable[str],
    payer: Sequence[str] = PAYER,
    receiver: Sequence[str] = RECEIVER,
    provider: Sequence[str] = PROVIDER,
    separators: Separators = DEFAULT,
    line_end: str = "",
) -> str:
    """One 277: the levels above are there unless others are given."""
    parts = (HEADER, payer, receiver, provider, *(list(level) for level in levels))
    return around(transaction(*parts, code="277", guide=GUIDE), separators=separators, line_end=line_end)


def around(
    *transactions: Sequence[str], separators: Separators = DEFAULT, line_end: str = "", guide: str = GUIDE
) -> str:
    return interchange(*transactions, separators=separators, line_end=line_end, group="HN", guide=guide)


_NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=15)
_DAYS = st.dates().map(lambda day: day.isoformat().replace("-", ""))
_AMOUNTS = st.integers(0, 9_999_999_999).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
_CODES = st.builds(
    lambda *parts: ":".join(part for part in parts if part),
    st.sampled_from("A1 A3 A4 D0 E1 F0 F1 F2 F3 F3F F4 P1 P3 R0 R16".split()),
    st.sampled_from("1 3 20 65 88 317 562".split()),
    st.sampled_from(["", "PR", "QC", "1P"]),
)
_PERHAPS_CODES = st.just("") | _CODES


def _statuses(*, of_line: bool) -> st.SearchStrategy[str]:
    """One STC. Amounts and payment stand with the claim, not with its lines."""
    nothing = st.just("")
    return st.builds(
        lambda *elements: "*".join(("STC", *elements)).rstrip("*"),
        _CODES,
        _DAYS,
        nothing,
        nothing if of_line else _AMOUNTS,
        nothing if of_line else _AMOUNTS,
        nothing if of_line else nothing | _DAYS,
        nothing,
        nothing if of_line else nothing | _DAYS,
        nothing if of_line else nothing | _NUMBERS,
        _PERHAPS_CODES,
        _PERHAPS_CODES,
    )


_references = st.fixed_dictionaries({}, optional=dict.fromkeys("1K BLT EJ XZ VV D9".split(), _NUMBERS)).map(
    lambda numbers: [f"REF*{qualifier}*{number}" for qualifier, number in numbers.items()]
)
_periods = st.lists(_DAYS, min_size=1, max_size=2).map(
    lambda days: f"DTP*472*D8*{days[0]}" if len(days) == 1 else f"DTP*472*RD8*{min(days)}-{max(days)}"
)
_lines = st.builds(
    lambda code, charge, paid, units, statuses, number, day: [
        f"SVC*HC:{code}*{charge}*{paid}****{units}",
        *statuses,
        *([f"REF*FJ*{number}"] if number else []),
        day,
    ],
    st.sampled_from(["90837", "90837:95", "H0031:HO:GT"]),
    _AMOUNTS,
    _AMOUNTS,
    st.integers(1, 99),
    st.lists(_statuses(of_line=True), min_size=1, max_size=3),
    st.just("") | _NUMBERS,
    _periods,
)


def _claims(most_lines: int) -> st.SearchStrategy[list[str]]:
    return st.builds(
        lambda number, statuses, references, period, lines: [
            f"TRN*2*{number}",
            *statuses,
            *references,
            *period,
            *(segment for line in lines for segment in line),
        ],
        _NUMBERS,
        st.lists(_statuses(of_line=False), min_size=1, max_size=3),
        _references,
        st.just([]) | _periods.map(lambda period: [period]),
        st.lists(_lines, max_size=most_lines),
    )


_Claims = list[list[str]]


def _of_subscriber(claims: _Claims) -> tuple[_Claims, list[_Claims]]:
    return claims, []


def _of_dependents(claims: list[_Claims]) -> tuple[_Claims, list[_Claims]]:
    return [], claims


def _people(most_lines: int) -> st.SearchStrategy[tuple[_Claims, list[_Claims]]]:
    """A subscriber's own claims, or those of dependents."""
    claims = st.lists(_claims(most_lines), min_size=1, max_size=2)
    return claims.map(_of_subscriber) | st.lists(claims, min_size=1, max_size=2).map(_of_dependents)


def texts_277(*, most_lines: int = 3) -> st.SearchStrategy[str]:
    """277s as the guide has them, with subscribers and dependents, several claims each, several statuses each."""
    return st.lists(_people(most_lines), min_size=1, max_size=3).map(_assembled)


def _assembled(people: list[tuple[_Claims, list[_Claims]]]) -> str:
    levels: list[str] = []
    number = 3
    for own, dependents in people:
        number += 1
        subscriber = number
        levels += [f"HL*{subscriber}*3*22*{1 if dependents else 0}", SUBSCRIBER[1]]
        levels += [segment for claim in own for segment in claim]
        for claims in dependents:
            number += 1
            levels += [f"HL*{number}*{subscriber}*23", DEPENDENT[1]]
            levels += [segment for claim in claims for segment in claim]
    return a_277(levels)
