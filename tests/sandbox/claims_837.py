"""837Ps written by hand for tests: no code of the service takes part."""

from dataclasses import dataclass, field

THERAPIST, OTHER_THERAPIST, PRACTICE = "1234567893", "1245319599", "1999999984"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """One 2430: what another payer decided on a line."""

    payer_id: str = "XOVR1"
    paid: str = "80"
    procedure: str = ""
    units: str = "1"
    bundled_into: str = ""
    cas: tuple[str, ...] = ("CO*45*45", "PR*3*25")
    decided_on: str = "20260310"
    liability: str = "25"

    def segments(self, procedure: str) -> list[str]:
        return [
            f"SVD*{self.payer_id}*{self.paid}*{self.procedure or procedure}**{self.units}*{self.bundled_into}".rstrip(
                "*"
            ),
            *(f"CAS*{one}" for one in self.cas),
            *([f"DTP*573*D8*{self.decided_on}"] if self.decided_on else []),
            *([f"AMT*EAF*{self.liability}"] if self.liability else []),
        ]


@dataclass(frozen=True, kw_only=True)
class Served:
    """One 2400."""

    charge: str = "150"
    procedure: str = "HC:90837"
    units: str = "1"
    pointers: str = "1"
    days: str = "20260302"
    control_number: str = ""
    providers: tuple[str, ...] = ()
    decided: tuple[Decided, ...] = ()

    def segments(self, number: int) -> list[str]:
        return [
            f"LX*{number}",
            f"SV1*{self.procedure}*{self.charge}*UN*{self.units}***{self.pointers}",
            f"DTP*472*{'RD8' if '-' in self.days else 'D8'}*{self.days}",
            f"REF*6R*{self.control_number or f'LINE{number}'}",
            *self.providers,
            *(segment for one in self.decided for segment in one.segments(self.procedure)),
        ]


@dataclass(frozen=True, kw_only=True)
class Other:
    """One 2320 with 2330A and 2330B."""

    rank: str = "P"
    relationship: str = "18"
    insurance_type: str = ""
    filing_code: str = "12"
    payer_id: str = "XOVR1"
    member_id: str = "MLK100001"
    cas: tuple[str, ...] = ()
    paid: str = "80"
    not_covered: str = ""
    liability: str = ""
    decided_on: str = ""
    claim_number: str = ""

    def segments(self) -> list[str]:
        return [
            f"SBR*{self.rank}*{self.relationship}***{self.insurance_type}****{self.filing_code}",
            *(f"CAS*{one}" for one in self.cas),
            *([f"AMT*D*{self.paid}"] if self.paid else []),
            *([f"AMT*A8*{self.not_covered}"] if self.not_covered else []),
            *([f"AMT*EAF*{self.liability}"] if self.liability else []),
            "OI***Y***Y",
            f"NM1*IL*1*FICTIONAL*TESTINA****MI*{self.member_id}",
            f"NM1*PR*2*ANOTHER PAYER*****PI*{self.payer_id}",
            *([f"DTP*573*D8*{self.decided_on}"] if self.decided_on else []),
            *([f"REF*F8*{self.claim_number}"] if self.claim_number else []),
        ]


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One claim for an invented person. With `dependent` the patient is somebody else than the subscriber."""

    payer_id: str = "XOVR1"
    member_id: str = "MLK100001"
    rank: str = "P"
    insurance_type: str = ""
    filing_code: str = "12"
    relationship: str = "18"
    dependent: bool = False
    npi: str = PRACTICE
    control_number: str = "CLAIM0001"
    charge: str = "150"
    frequency: str = "1"
    payer_claim_number: str = ""
    patient_paid: str = ""
    diagnoses: tuple[str, ...] = ("F411", "F329")
    providers: tuple[str, ...] = (f"NM1*82*1*MADEUP*THERA****XX*{THERAPIST}", "PRV*PE*PXC*101YM0800X")
    others: tuple[Other, ...] = ()
    lines: tuple[Served, ...] = (Served(),)
    reference: str = "BATCH0001"
    usage: str = "T"
    more: tuple["Billed", ...] = field(default=())
    """Further claims of the same subscriber and patient."""

    def claim(self) -> list[str]:
        """From CLM to the last line."""
        codes = "*".join(f"{'ABF' if number else 'ABK'}:{code}" for number, code in enumerate(self.diagnoses))
        return [
            f"CLM*{self.control_number}*{self.charge}***11:B:{self.frequency}*Y*A*Y*Y",
            *([f"AMT*F5*{self.patient_paid}"] if self.patient_paid else []),
            *([f"REF*F8*{self.payer_claim_number}"] if self.payer_claim_number else []),
            f"HI*{codes}",
            *self.providers,
            *(segment for one in self.others for segment in one.segments()),
            *(segment for number, one in enumerate(self.lines, start=1) for segment in one.segments(number)),
        ]

    def segments(self) -> list[str]:
        """From ST to SE."""
        home = ["N3*12 IMAGINARY LANE", "N4*SPRINGFIELD*IL*62704"]
        inside = [
            f"BHT*0019*00*{self.reference}*20260303*1200*CH",
            "NM1*41*2*SOMEWHERE COUNSELING*****46*CROSSOVERTEST",
            "PER*IC*BILLING DESK*TE*2175550100",
            "NM1*40*2*SANDBOX*****46*SANDBOX",
            "HL*1**20*1",
            "PRV*BI*PXC*101YM0800X",
            f"NM1*85*2*SOMEWHERE COUNSELING*****XX*{self.npi}",
            "N3*77 INVENTED WAY",
            "N4*SPRINGFIELD*IL*627040001",
            "REF*EI*123456789",
            f"HL*2*1*22*{1 if self.dependent else 0}",
            f"SBR*{self.rank}*{self.relationship}*GROUP15**{self.insurance_type}****{self.filing_code}",
            f"NM1*IL*1*FICTIONAL*TESTINA****MI*{self.member_id}",
            *([] if self.dependent else [*home, "DMG*D8*19850412*F"]),
            f"NM1*PR*2*SOME PAYER*****PI*{self.payer_id}",
        ]
        if self.dependent:
            inside += ["HL*3*2*23*0", "PAT*19", "NM1*QC*1*FICTIONAL*MINA", *home, "DMG*D8*20150509*F"]
        inside += [segment for one in (self, *self.more) for segment in one.claim()]
        return ["ST*837*0001*005010X222A1", *inside, f"SE*{len(inside) + 2}*0001"]

    def text(self) -> str:
        return interchange(self.segments(), usage=self.usage)


def secondary(**changes: object) -> Billed:
    """A claim to the second payer after the first has decided on its one line: 150 = 80 + 45 + 25."""
    values: dict[str, object] = {
        "payer_id": "XOVR2",
        "member_id": "BHM200001",
        "rank": "S",
        "filing_code": "CI",
        "others": (Other(claim_number="PAYERSNUMBER1"),),
        "lines": (Served(decided=(Decided(),)),),
    }
    return Billed(**{**values, **changes})  # type: ignore[arg-type]


def interchange(segments: list[str], *, usage: str = "T") -> str:
    """An envelope around one transaction."""
    parties = "*00*          *00*          *ZZ*CROSSOVERTEST  *ZZ*SANDBOX        "
    return "~".join(
        [
            f"ISA{parties}*260303*1200*^*00501*000000043*0*{usage}*:",
            "GS*HC*CROSSOVERTEST*SANDBOX*20260303*1200*43*X*005010X222A1",
            *segments,
            "GE*1*43",
            "IEA*1*000000043",
            "",
        ]
    )
