"""271 texts for tests: built from parts, valid by default, everyone in them invented. Written without the writer of
the package, so that reader and writer are not judged by the same hand.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from app.x12.separators import DEFAULT, Separators

NPI = "1234567893"
MEMBER_ID = "QRX100200300"
TRACE = "TRACE-1"

PAYER = ("HL*1**20*1", "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01")
PROVIDER = ("HL*2*1*21*1", f"NM1*1P*2*QUIET ROOMS THERAPY*****XX*{NPI}")
SUBSCRIBER = (
    "HL*3*2*22*0",
    f"TRN*2*{TRACE}*9123456789",
    f"NM1*IL*1*FERNWOOD*ADA****MI*{MEMBER_ID}",
    "N3*12 EXAMPLE WAY",
    "N4*SPRINGFIELD*IL*62701",
    "DMG*D8*19840229*F",
    "DTP*346*D8*20260101",
)
SUBSCRIBER_OF_DEPENDENT = ("HL*3*2*22*1", f"NM1*IL*1*FERNWOOD*ADA****MI*{MEMBER_ID}", "DTP*346*D8*20260101")
DEPENDENT = (
    "HL*4*3*23*0",
    f"TRN*2*{TRACE}*9123456789",
    "NM1*03*1*FERNWOOD*BEN",
    "DMG*D8*20120615*M",
    "INS*N*19",
)
ACTIVE = ("EB*1**30**GOLD PLAN",)


def transaction(
    *parts: Sequence[str], code: str = "271", number: str = "0001", guide: str = "005010X279A1"
) -> list[str]:
    """ST to SE around the segments of the parts."""
    body = [segment for part in parts for segment in part]
    return [f"ST*{code}*{number}*{guide}", *body, f"SE*{len(body) + 2}*{number}"]


def interchange(
    *transactions: Sequence[str],
    separators: Separators = DEFAULT,
    line_end: str = "",
    group: str = "HB",
    guide: str = "005010X279A1",
    control_number: str = "000000042",
) -> str:
    """ISA to IEA around transaction sets written with the default separators, then rendered with others."""
    isa = (
        "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*QUIETROOMS     *260301*1200*^*00501"
        f"*{control_number}*0*T*:"
    )
    segments = [
        isa,
        f"GS*{group}*INVENTEDPAYER*QUIETROOMS*20260301*1200*42*X*{guide}",
        *(segment for one in transactions for segment in one),
        f"GE*{len(transactions)}*42",
        f"IEA*1*{control_number}",
    ]
    text = "".join(f"{segment}~{line_end}" for segment in segments)
    wanted = separators.element + separators.component + separators.segment + (separators.repetition or "U")
    return text.translate(str.maketrans("*:~^", wanted))


def a_271(
    *benefits: Sequence[str],
    person: Sequence[Sequence[str]] = (SUBSCRIBER,),
    separators: Separators = DEFAULT,
    line_end: str = "",
) -> str:
    """One 271 about one person: active by default, or with the benefits given."""
    header = ("BHT*0022*11*REF1*20260301*1200",)
    parts = (header, PAYER, PROVIDER, *person, *(benefits or (ACTIVE,)))
    return interchange(transaction(*parts), separators=separators, line_end=line_end)


_AMOUNTS = st.just("") | st.integers(0, 999_999).map(lambda cents: f"{cents / 100:.2f}")
_PERCENTS = st.just("") | st.sampled_from([".2", "0.25", "1"])
_DAYS = st.dates().map(lambda day: day.isoformat().replace("-", ""))
_NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=15)
_benefit_segments = st.builds(
    lambda *elements: "*".join(("EB", *elements)).rstrip("*"),
    st.sampled_from("1 2 6 7 A B C F G I R U".split()),
    st.sampled_from(["", "IND", "FAM", "EMP"]),
    st.lists(st.sampled_from("30 98 MH UC 88 A6".split()), min_size=1, max_size=3, unique=True).map("^".join),
    st.sampled_from(["", "HM", "C1", "MA"]),
    st.just("") | _NUMBERS,
    st.sampled_from(["", "23", "27", "29"]),
    _AMOUNTS,
    _PERCENTS,
    st.just(""),
    st.just(""),
    st.sampled_from(["", "Y", "N"]),
    st.sampled_from(["", "Y", "N", "W"]),
)
_benefits = st.builds(
    lambda eb, group, day, message, other: [
        eb,
        *([f"REF*1W*{group}"] if group else []),
        *([f"DTP*291*D8*{day}"] if day else []),
        *([f"MSG*{message}"] if message else []),
        *(["LS*2120", f"NM1*PRP*2*OTHER INVENTED*****PI*{other}", "LE*2120"] if other else []),
    ],
    _benefit_segments,
    st.just("") | _NUMBERS,
    st.just("") | _DAYS,
    st.just("") | _NUMBERS,
    st.just("") | _NUMBERS,
)
_members = st.tuples(_NUMBERS, _NUMBERS, _DAYS, st.sampled_from("FM"), st.lists(_benefits, max_size=4))


def _assembled(people: list[tuple[tuple[str, str, str, str, list[list[str]]], list[tuple[str, ...]]]]) -> str:
    segments = ["BHT*0022*11*REF1*20260301*1200", *PAYER, *PROVIDER]
    number = 2
    for (last, first, born, sex, benefits), dependents in people:
        number += 1
        subscriber = number
        segments += [f"HL*{subscriber}*2*22*{1 if dependents else 0}", f"TRN*2*{TRACE}{subscriber}*9123456789"]
        segments += [f"NM1*IL*1*{last}*{first}****MI*{MEMBER_ID}", f"DMG*D8*{born}*{sex}"]
        segments += [segment for benefit in benefits for segment in benefit]
        for name, given, day, kind, *rest in dependents:
            number += 1
            segments += [f"HL*{number}*{subscriber}*23*0", f"TRN*2*{TRACE}{number}*9123456789"]
            segments += [f"NM1*03*1*{name}*{given}", f"DMG*D8*{day}*{kind}", "INS*N*19"]
            segments += [segment for benefit in rest[0] for segment in benefit]
    return interchange(transaction(segments))


def _either(
    member: tuple[str, str, str, str, list[list[str]]], others: list[tuple[str, ...]]
) -> tuple[tuple[str, str, str, str, list[list[str]]], list[tuple[str, ...]]]:
    """A subscriber with dependents was not asked about."""
    return ((*member[:4], []), others) if others else (member, others)


texts_271 = st.lists(st.builds(_either, _members, st.lists(_members, max_size=2)), min_size=1, max_size=2).map(
    _assembled
)
"""271s as the guide has them: subscribers or their dependents, several benefits of each."""
