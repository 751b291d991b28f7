"""Texts of any size that ask much of a reader: one thing repeated, most of it where it may not stand."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.x12.editable_835 import VALID
from tests.x12.mixed_texts import TEXTS

Shape = Callable[[int], bytes]
"""Of about so many bytes."""

_ISA: Final = VALID[:106]
_GS: Final = "GS*HP*A*B*20260301*1200*42*X*005010X221A1~"
_HEADER: Final = "BPR*I*1*C*CHK************20260309~TRN*1*A*B~N1*PR*PLAN~N1*PE*US~LX*1~"
_AT_ST: Final = f"{_ISA}{_GS}"
_AT_CLAIMS: Final = f"{_ISA}{_GS}ST*835*0001~{_HEADER}"
_IN_CLAIM: Final = f"{_AT_CLAIMS}CLP*A*1*1*1~"
_IN_LINE: Final = f"{_IN_CLAIM}SVC*HC:1*1*1~"


def _before(kind: str, segment: str) -> str:
    """Of the text of that kind what stands ahead of the segment."""
    return TEXTS[kind][: TEXTS[kind].index(segment)]


def _repeated(ahead: str, unit: str, behind: str = "") -> Shape:
    return lambda size: (ahead + unit * (size // len(unit)) + behind).encode("latin-1")


def _numbered(ahead: str, unit: str) -> Shape:
    """`{}` in the unit is another number each time."""

    def shape(size: int) -> bytes:
        count = size // len(unit.replace("{}", "0000000"))
        return (ahead + "".join(unit.replace("{}", f"{number:07}") for number in range(count))).encode("latin-1")

    return shape


def _wrapped(size: int) -> bytes:
    text = _repeated(_AT_CLAIMS, "CLP*A*1*1*1~")(size).decode()
    return "\n".join(text[start : start + 80] for start in range(0, len(text), 80)).encode()


SEGMENTS: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "no terminator": _repeated(_AT_CLAIMS, "A"),
        "no terminator, many elements": _repeated(_AT_CLAIMS, "A*"),
        "empty elements": _repeated(f"{_AT_CLAIMS}REF", "*", "~"),
        "one huge element": _repeated(f"{_AT_CLAIMS}N1*PR*", "A", "~"),
        "huge elements": _repeated(_AT_CLAIMS, f"N3*{'A' * 33_000}~"),
        "a hundred elements each": _repeated(_AT_CLAIMS, f"N3{'*' * 100}~"),
        "components": _repeated(_IN_CLAIM, f"SVC*HC{':' * 30_000}*1*1~"),
        "repetitions": _repeated(_before("271", "SE*"), f"EB*1**{'30^' * 10_000}30~"),
        "empty segments": _repeated(_AT_CLAIMS, "~"),
        "empty segments and blanks": _repeated(_AT_CLAIMS, "~ \r\n"),
        "blanks ahead": _repeated("", "\r\n", VALID),
        "byte order marks ahead": _repeated("", "\xef\xbb\xbf", VALID),
        "control characters": _repeated(_AT_CLAIMS, "N3*\x01~"),
        "characters beyond ASCII": _repeated(_AT_CLAIMS, "N3*\xc3\x89\xe9~"),
        "wrapped": _wrapped,
    }
)

ENVELOPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "interchanges that begin": _repeated("", _ISA),
        "empty interchanges": _repeated("", f"{_ISA}IEA*0*000000042~"),
        "TA1": _repeated(_ISA, "TA1*000000042*260301*1200*A*000~"),
        "groups that begin": _repeated(_ISA, _GS),
        "transaction sets that begin": _numbered(_AT_ST, "ST*835*{}~"),
        "the same transaction set again": _repeated(_AT_ST, "ST*835*0001~"),
        "claims' transaction sets": _numbered(_before("837P", "ST*"), "ST*837*{}*005010X222A1~"),
        "unknown transaction sets": _repeated(_AT_ST, "ST*999*1~SE*2*1~"),
    }
)

CLAIMS: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "HL of billing providers": _repeated(_before("837P", "HL*1"), "HL*1**20*1~"),
        "HL below HL": _numbered(_before("837P", "HL*1"), "HL*{}*{}*22*1~"),
        "CLM": _numbered(_before("837P", "SE*"), "CLM*{}*1***11:B:1*Y*A*Y*Y~"),
        "SBR": _repeated(_before("837P", "SE*"), "SBR*S*18*******CI~"),
        "other payers (2320)": _repeated(
            _before("837P", "SE*"), "SBR*S*18*******CI~OI***Y***Y~NM1*IL*1*A*B****MI*1~NM1*PR*2*C*****PI*X~"
        ),
        "decisions (2430)": _repeated(
            _before("837P", "SE*"), "SVD*PAYERID*1*HC:90837**1~CAS*CO*45*1~DTP*573*D8*20260101~"
        ),
        "CAS of a claim": _repeated(_before("837P", "SE*"), "CAS*CO*45*1~"),
        "lines (2400)": _repeated(_before("837P", "SE*"), "LX*1~SV1*HC:90837*1*UN*1***1~DTP*472*D8*20260101~"),
        "REF of a claim": _repeated(_before("837P", "SE*"), "REF*G1*A~"),
        "HI with components": _repeated(_before("837P", "SE*"), f"HI*ABK{':' * 30_000}~"),
        "unknown segments of a claim": _repeated(_before("837P", "SE*"), "ZZZ*1~"),
    }
)

REMITTANCES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "CLP": _numbered(_AT_CLAIMS, "CLP*{}*1*1*1~"),
        "the same CLP again": _repeated(_AT_CLAIMS, "CLP*A*1*1*1~"),
        "reversals": _numbered(_AT_CLAIMS, "CLP*{}*22*-1*-1~"),
        "a reversal and corrections": _repeated(f"{_AT_CLAIMS}CLP*A*22*-1*-1~", "CLP*A*1*1*1~"),
        "unreadable CLP": _repeated(_AT_CLAIMS, "CLP*A*1*x*1~"),
        "SVC": _repeated(_IN_CLAIM, "SVC*HC:1*2*1~CAS*CO*45*1~LQ*HE*N14~"),
        "CAS": _repeated(_IN_CLAIM, "CAS*CO*45*1~"),
        "CAS of no group": _repeated(_IN_CLAIM, "CAS*ZZ*1*1~"),
        "CAS of zero": _repeated(_IN_LINE, "CAS*CO*45*0**45*0~"),
        "LQ": _repeated(_IN_LINE, "LQ*HE*N14~"),
        "MOA": _repeated(_IN_CLAIM, "MOA***MA01~"),
        "PLB": _repeated(_AT_CLAIMS, "PLB*1*20261231*WO:A*1~"),
        "faulty PLB": _repeated(_AT_CLAIMS, "PLB***WO*0~"),
        "unknown segments": _repeated(_AT_CLAIMS, "ZZZ*1~"),
    }
)

ANSWERS: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "EB": _repeated(_before("271", "SE*"), "EB*1**30~"),
        "LS": _repeated(_before("271", "SE*"), "LS*2120~"),
        "MSG": _repeated(_before("271", "SE*"), "MSG*A~"),
        "HL of subscribers": _repeated(_before("271", "SE*"), "HL*3*2*22*0~"),
        "HL of a status": _numbered(_before("277", "SE*"), "HL*{}*{}*22*1~"),
        "STC of a status": _repeated(_before("277", "SE*"), "STC*F1:65*20260301~"),
        "HL of an acknowledgment": _repeated(_before("277CA", "SE*"), "HL*9*8*PT~"),
        "STC of an acknowledgment": _repeated(_before("277CA", "SE*"), "STC*A2:20*20260303*WQ*150~"),
        "AK2": _repeated(_before("999", "IK5*"), "AK2*837*1~"),
        "IK3 and IK4": _repeated(_before("999", "IK5*"), "IK3*NM1*1**8~IK4*1*1*1~"),
        "CTX": _repeated(_before("999", "IK5*"), "CTX*CLM01:A~"),
    }
)

SHAPES: Final = {**SEGMENTS, **ENVELOPES, **CLAIMS, **REMITTANCES, **ANSWERS}
