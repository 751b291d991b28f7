"""271 texts for tests: built from parts, valid by default, everyone in them invented. Written without the writer of
the package, so that reader and writer are not judged by the same hand.
"""

from collections.abc import Sequence

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
