"""The implementation guide of the professional claim (005010X222A1) as tables: which loops, which segments, how often.

What a claim with coordination of benefits needs is looked at element by element. Segments for ambulance, spinal
treatment, drugs, equipment, pricing and attachments have their place and their count, and are taken as they come.
"""

from typing import Final

from app.sandbox.loops import DATE, MONEY, QUANTITY, LoopRule, Slot, code, optional, text
from app.sandbox.slots_837 import (
    ANY,
    DMG,
    NPI,
    PAT_STATE,
    PHONES,
    POINTER,
    PROCEDURE,
    RELATIONSHIP,
    address,
    amt,
    cas,
    dtp,
    hl,
    identified,
    lax,
    named,
    nm1,
    per,
    place,
    provider,
    ref,
    sbr,
)

_DIAGNOSES = Slot(
    "HI",
    1,
    1,
    {1: code("A?BK:[A-Z0-9]{3,7}"), **{number: optional(code("A?BF:[A-Z0-9]{3,7}")) for number in range(2, 13)}},
    by="A?BK(?::.*)?",
)

_OTHER_PROVIDERS = (
    LoopRule("2330C", 0, 2, (nm1("DN|P3", "1", {}), ref("0B|1G|G2", 3, 1))),
    LoopRule("2330D", 0, 1, (nm1("82", "[12]", {}), ref("0B|1G|G2|LU", 3, 1))),
    LoopRule("2330E", 0, 1, (nm1("77", "2", {}), ref("0B|G2|LU", 3, 1))),
    LoopRule("2330F", 0, 1, (nm1("DQ", "1", {}), ref("0B|1G|G2|LU", 3, 1))),
    LoopRule("2330G", 0, 1, (nm1("85", "[12]", {}), ref("G2|LU", 2, 1))),
)

_OTHER_PAYER = LoopRule(
    "2320",
    0,
    10,
    (
        sbr(code(f"18|{RELATIONSHIP}")),
        cas(),
        *(amt("D"), amt("A8"), amt("EAF")),
        Slot("OI", 1, 1, {3: code("[NWY]"), 4: optional(code("P")), 6: code("[IY]")}),
        lax("MOA", 1),
    ),
    (
        (
            LoopRule(
                "2330A",
                1,
                1,
                (nm1("IL", "[12]", {**named(), **identified("II|MI")}), *address(0), ref("SY")),
            ),
        ),
        (
            LoopRule(
                "2330B",
                1,
                1,
                (
                    nm1("PR", "2", {**named(first=False), **identified("PI|XV")}),
                    *address(0),
                    dtp("573"),
                    *(ref("2U|EI|FY|NF", 2), ref("G1"), ref("9F"), ref("T4"), ref("F8")),
                ),
            ),
        ),
        _OTHER_PROVIDERS,
    ),
)

_DECIDED_LINE = LoopRule(
    "2430",
    0,
    15,
    (
        Slot("SVD", 1, 1, {1: text(80, 2), 2: MONEY, 3: PROCEDURE, 5: QUANTITY, 6: optional(code(r"[1-9]\d{0,5}"))}),
        cas(),
        dtp("573"),
        amt("EAF"),
    ),
)

_LINE_REFS = "0B|1G|G2|LU"
_LINE = LoopRule(
    "2400",
    1,
    50,
    (
        Slot("LX", 1, 1, {1: code(r"[1-9]\d{0,5}")}),
        Slot(
            "SV1",
            1,
            1,
            {
                1: PROCEDURE,
                2: MONEY,
                3: code("MJ|UN"),
                4: QUANTITY,
                5: optional(code(r"\d{2}")),
                7: code(f"{POINTER}(?::{POINTER}){{0,3}}"),
                **dict.fromkeys((9, 11, 12), optional(code("Y"))),
                15: optional(code("0")),
            },
        ),
        *(lax("SV5", 1), lax("PWK", 11), lax("CR1", 1), lax("CR3", 1), lax("CRC", 5)),
        dtp("472", "D8|RD8", least=1),
        *(dtp(one) for one in ("471", "607", "463", "461", "304", "011", "455", "454")),
        dtp("738|739", most=2),
        *(lax("QTY", 2), lax("MEA", 5), lax("CN1", 1)),
        *(ref(one) for one in ("9B", "9D", "6R", "EW", "X4", "F4", "BT")),
        *(ref("G1", 5, of_payer=True), ref("9F", 5, of_payer=True)),
        *(amt("T"), amt("F4")),
        *(lax("K3", 10), lax("NTE", 2), lax("PS1", 1), lax("HCP", 1)),
    ),
    (
        (LoopRule("2410", 0, 1, (lax("LIN", 1, least=1), lax("CTP", 1, least=1), ref("VY|XZ"))),),
        (
            provider("2420A", "82", "[12]", ref(_LINE_REFS, 20, of_payer=True), elements={**named(), **NPI}),
            provider("2420B", "QB", "[12]", ref("0B|1G|G2", 20, of_payer=True), elements=NPI),
            place("2420C", "77", (ref("G2|LU", 3, of_payer=True),), {**named(first=False), **NPI}),
            provider("2420D", "DQ", "1", ref(_LINE_REFS, 20, of_payer=True), elements={**named(), **NPI}),
            LoopRule(
                "2420E",
                0,
                1,
                (
                    nm1("DK", "1", {**named(), **NPI}),
                    *address(0),
                    ref("0B|1G|G2", 20, of_payer=True),
                    per(PHONES, 0, 1),
                ),
            ),
            provider("2420F", "DN|P3", "1", ref("0B|1G|G2", 20, of_payer=True), most=2, elements={**named(), **NPI}),
            place("2420G", "PW"),
            place("2420H", "45", elements={3: optional(text(60))}),
        ),
        (_DECIDED_LINE,),
        (LoopRule("2440", 0, ANY, (lax("LQ", 1, least=1), lax("FRM", 99, least=1))),),
    ),
)


def _claims(least: int) -> LoopRule:
    return LoopRule(
        "2300",
        least,
        100,
        (
            Slot(
                "CLM",
                1,
                1,
                {
                    1: text(38),
                    2: MONEY,
                    5: code(r"\d{2}:B:[0-9A-Z]"),
                    6: code("[NY]"),
                    7: code("[ABC]"),
                    8: code("[NWY]"),
                    9: code("[IY]"),
                    10: optional(code("P")),
                    11: optional(code(r"(?:AA|EM|OA)(?::(?:AA|EM|OA)?)?(?::{1,2}[A-Z]{2}(?::[A-Z]{2,3})?)?")),
                    12: optional(code("02|03|05|09")),
                    20: optional(code(r"[1-9]|1[015]")),
                },
            ),
            *(dtp(one) for one in "431 454 304 453 439 484 455 471 297 296 435 096 444 050".split()),
            *(dtp("314|360|361", "D8|RD8"), dtp("090|091", most=2)),
            *(lax("PWK", 10), lax("CN1", 1), amt("F5")),
            *(ref(one) for one in "4N F5 EW 9F G1 F8 X4 9A 9C LX D9 EA P4 1J".split()),
            *(lax("K3", 10), lax("NTE", 1), lax("CR1", 1), lax("CR2", 1), lax("CRC", 8)),
            *(_DIAGNOSES, lax("HI", 1, by="BP(?::.*)?"), lax("HI", 2, by="BG(?::.*)?"), lax("HCP", 1)),
        ),
        (
            (
                provider("2310A", "DN|P3", "1", ref("0B|1G|G2", 3), most=2, elements={**named(), **NPI}),
                provider("2310B", "82", "[12]", ref("0B|1G|G2|LU", 4), elements={**named(), **NPI}),
                place("2310C", "77", (ref("0B|G2|LU", 3), per("TE|EX", 0, 1)), {**named(first=False), **NPI}),
                provider("2310D", "DQ", "1", ref("0B|1G|G2|LU", 4), elements={**named(), **NPI}),
                place("2310E", "PW"),
                place("2310F", "45", elements={3: optional(text(60))}),
            ),
            (_OTHER_PAYER,),
            (_LINE,),
        ),
    )


_PATIENT = LoopRule(
    "2000C",
    0,
    ANY,
    (
        hl("23", "0"),
        Slot("PAT", 1, 1, {1: code(RELATIONSHIP), **PAT_STATE, 9: optional(code("Y"))}),
    ),
    (
        (
            LoopRule(
                "2010CA",
                1,
                1,
                (
                    nm1("QC", "1", named()),
                    *address(),
                    Slot("DMG", 1, 1, DMG),
                    *(ref("Y4"), ref("1W|SY"), per("TE|EX", 0, 1)),
                ),
            ),
        ),
        (_claims(1),),
    ),
)

_SUBSCRIBER = LoopRule(
    "2000B",
    1,
    ANY,
    (
        hl("22", "[01]"),
        sbr(optional(code("18"))),
        Slot("PAT", 0, 1, {**PAT_STATE, 9: optional(code("Y"))}),
    ),
    (
        (
            LoopRule(
                "2010BA",
                1,
                1,
                (
                    nm1("IL", "[12]", {**named(), **identified("II|MI")}),
                    *address(0),
                    Slot("DMG", 0, 1, DMG),
                    *(ref("SY"), ref("Y4"), per("TE|EX", 0, 1)),
                ),
            ),
        ),
        (
            LoopRule(
                "2010BB",
                1,
                1,
                (
                    nm1("PR", "2", {**named(first=False), **identified("PI|XV")}),
                    *address(0),
                    *(ref("2U|EI|FY|NF", 3), ref("G2|LU", 2)),
                ),
            ),
        ),
        (_claims(0),),
        (_PATIENT,),
    ),
)

_BILLING = LoopRule(
    "2000A",
    1,
    ANY,
    (
        hl("20", "1"),
        Slot("PRV", 0, 1, {1: code("BI"), 2: code("PXC"), 3: text(50)}),
        lax("CUR", 1),
    ),
    (
        (
            LoopRule(
                "2010AA",
                1,
                1,
                (
                    nm1("85", "[12]", {**named(), **NPI}),
                    *address(),
                    *(ref("EI|SY", 1, 1), ref("0B|1G", 2), per(PHONES, 0, 2)),
                ),
            ),
        ),
        (LoopRule("2010AB", 0, 1, (nm1("87", "[12]", {}), *address())),),
        (
            LoopRule(
                "2010AC",
                0,
                1,
                (
                    nm1("PE", "2", {**named(first=False), **identified("PI|XV")}),
                    *address(),
                    *(ref("2U|FY|NF"), ref("EI", 1, 1)),
                ),
            ),
        ),
        (_SUBSCRIBER,),
    ),
)

TRANSACTION: Final = LoopRule(
    "header",
    1,
    1,
    (
        Slot("ST", 1, 1),
        Slot(
            "BHT",
            1,
            1,
            {
                1: code("0019"),
                2: code("00|18"),
                3: text(50),
                4: DATE,
                5: (r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?", "9"),
                6: code("CH|RP"),
            },
        ),
    ),
    (
        (
            LoopRule(
                "1000A",
                1,
                1,
                (
                    nm1("41", "[12]", {**named(), **identified("46")}),
                    per("ED|EM|EX|FX|TE", 1, 2),
                ),
            ),
        ),
        (LoopRule("1000B", 1, 1, (nm1("40", "2", {**named(first=False), **identified("46")}),)),),
        (_BILLING,),
    ),
)
