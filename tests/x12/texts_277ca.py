"""277CA texts for tests, built from parts; everyone in them is invented."""

from collections.abc import Iterable, Sequence

from app.x12.separators import DEFAULT, Separators
from tests.x12.texts_271 import interchange, transaction

NPI = "1234567893"
BATCH = "BATCHREFERENCE1"
CLAIM = "QUIETROOMS0000001"
GUIDE = "005010X214"

PAYER = ("HL*1**20*1", "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01")
CLEARINGHOUSE = ("HL*1**20*1", "NM1*AY*2*INVENTED EXCHANGE*****46*INVX1")
RECEIPT = ("TRN*1*RECEIPT1", "DTP*050*D8*20260303", "DTP*009*D8*20260303")
RECEIVER = ("HL*2*1*21*1", "NM1*41*2*QUIET ROOMS THERAPY*****46*QUIETROOMS", f"TRN*2*{BATCH}")
RECEIVED = ("STC*A1:20*20260303*WQ*150", "QTY*90*1", "AMT*YU*150")
PROVIDER = ("HL*3*2*19*1", f"NM1*85*2*QUIET ROOMS THERAPY*****XX*{NPI}", "TRN*1*0")
PROVIDER_RECEIVED = ("STC*A1:20**WQ*150",)
PATIENT = ("HL*4*3*PT", "NM1*QC*1*FERNWOOD*ADA****MI*QRX100200300")
HEADER = ("BHT*0085*08*ACKNOWLEDGMENT1*20260303*1200*TH",)


def a_claim_level(number: str, *segments: str) -> list[str]:
    """The patient's level with one claim of the number and segments after it."""
    return [*PATIENT, f"TRN*2*{number}", *segments]


def a_277ca(
    *levels: Iterable[str],
    source: Sequence[str] = PAYER,
    receiver: Sequence[str] = (*RECEIVER, *RECEIVED),
    provider: Sequence[str] = (*PROVIDER, *PROVIDER_RECEIVED),
    separators: Separators = DEFAULT,
    line_end: str = "",
) -> str:
    parts = (HEADER, source, RECEIPT, receiver, provider, *(list(level) for level in levels))
    return around(transaction(*parts, code="277", guide=GUIDE), separators=separators, line_end=line_end)


def around(
    *transactions: Sequence[str], separators: Separators = DEFAULT, line_end: str = "", guide: str = GUIDE
) -> str:
    return interchange(*transactions, separators=separators, line_end=line_end, group="HN", guide=guide)
