"""A valid 835 of two claims, a reversal with its correction, a forwarded claim and a PLB, and edits of it by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.x12.texts_835 import around, enclosed

_PATIENT: Final = "NM1*QC*1*FERNWOOD*ADA****MI*QRX100200300"
_DAY: Final = "DTM*472*20260302"

SEGMENTS: Final = (
    "BPR*I*256.5*C*CHK************20260309",
    "TRN*1*TRACE1*1999999999",
    "DTM*405*20260306",
    "N1*PR*INVENTED HEALTH PLAN",
    "N3*1 EXAMPLE PLAZA",
    "N4*SPRINGFIELD*IL*62701",
    "REF*2U*INV01",
    "PER*BL*EXAMPLE DESK*TE*8005550100",
    "N1*PE*QUIET ROOMS THERAPY*XX*1234567893",
    "LX*1",
    # two lines
    "CLP*QUIETROOMS0000001*1*270*150*45*12*PAYERCLAIM1*11*1",
    _PATIENT,
    "MOA***MA01",
    "SVC*HC:90837*150*80**1",
    _DAY,
    "CAS*CO*45*45",
    "CAS*PR*3*25",
    "REF*6R*LINE1",
    "AMT*B6*105",
    "LQ*HE*N14",
    "SVC*HC:90834*120*70**1",
    _DAY,
    "CAS*CO*45*30",
    "CAS*PR*2*20",
    "REF*6R*LINE2",
    "AMT*B6*90",
    # sent on to the next payer
    "CLP*QUIETROOMS0000002*19*150*80*25*MB*PAYERCLAIM2*11*1",
    _PATIENT,
    "NM1*TT*2*INVENTED MUTUAL*****PI*INV02",
    "MOA***MA18",
    "DTM*050*20260304",
    "AMT*I*1.5",
    "SVC*HC:90791*150*80**1",
    _DAY,
    "CAS*CO*45*40**253*5",
    "CAS*PR*3*25",
    "REF*6R*LINE3",
    "AMT*B6*105",
    "LX*2",
    # taken back, and decided anew
    "CLP*QUIETROOMS0000003*22*-150*-80**12*PAYERCLAIM3*11*1",
    _PATIENT,
    "SVC*HC:90832*-150*-80**1",
    _DAY,
    "CAS*CO*45*-45",
    "CAS*PR*3*-25",
    "CLP*QUIETROOMS0000003*1*150*90*15*12*PAYERCLAIM4*11*1",
    _PATIENT,
    "REF*F8*PAYERCLAIM3",
    "SVC*HC:90832*150*90**1",
    _DAY,
    "CAS*CO*45*45",
    "CAS*PR*3*15",
    # not this payer's claim, and sent on undecided
    "CLP*QUIETROOMS0000005*23*120*0**12*PAYERCLAIM5*11*1",
    "CAS*OA*B11*120",
    _PATIENT,
    "NM1*TT*2*INVENTED UNION*****PI*INV03",
    # the second payer's
    "CLP*QUIETROOMS0000006*2*150*25**12*PAYERCLAIM6*11*1",
    _PATIENT,
    "SVC*HC:90847*150*25**1",
    _DAY,
    "CAS*OA*23*125",
    "PLB*1234567893*20261231*WO:PAYERCLAIM9*10*L6*-1.5",
)
VALID: Final = around(enclosed(SEGMENTS))


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`edits` are pairs of a text that stands once in the valid one, and what stands there instead. SE01 follows.

    `at` is how the segment begins that the first finding is about, in the mutant.
    """

    edits: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]
    place: str | None
    at: str | None = None
    occurrence: int = 1
    """Which of the segments that begin so."""
    difference: str | None = None
    is_structural: bool = False
    """pyx12 complains as well."""
    damage: Callable[[str], str] | None = None
    """Of the whole text, after the edits."""

    def __str__(self) -> str:
        return f"{self.codes[0]}: {self.place}"

    @property
    def text(self) -> str:
        text = VALID
        for old, new in self.edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        text = _counted(text)
        return text if self.damage is None else self.damage(text)

    @property
    def number(self) -> int | None:
        """Of the segment that the first finding is about."""
        if self.at is None:
            return None
        numbers = [number for number, one in enumerate(self.text.split("~"), start=1) if one.startswith(self.at)]
        return numbers[self.occurrence - 1]


def _counted(text: str) -> str:
    """With the number of segments that it has now, unless an edit says another one."""
    segments = text.split("~")
    if "ST*835*0001" not in segments or f"SE*{len(SEGMENTS) + 2}*0001" not in segments:
        return text
    end = segments.index(f"SE*{len(SEGMENTS) + 2}*0001")
    count = sum(1 for one in segments[segments.index("ST*835*0001") : end + 1] if one)
    segments[end] = f"SE*{count}*0001"
    return "~".join(segments)


def one_edit(old: str, new: str) -> tuple[tuple[str, str], ...]:
    return ((old, new),)
