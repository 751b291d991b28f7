"""270s written by hand for tests: no code of the service takes part."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One inquiry about an invented person; `dependent` is (last, first, birth date, sex, relationship)."""

    payer_id: str = "XOVR1"
    member_id: str = "MLK100001"
    last_name: str = "FICTIONAL"
    first_name: str = "TESTINA"
    birth_date: str = "19850412"
    sex: str = "F"
    dependent: tuple[str, str, str, str, str] | None = None
    service_date: date | None = date(2026, 3, 2)
    service_types: tuple[str, ...] = ("30", "MH")
    npi: str = "1999999984"
    trace_number: str = "TRACE0001"
    reference: str = "REF0001"
    usage: str = "T"

    def segments(self) -> list[str]:
        """From ST to SE."""
        trace = f"TRN*1*{self.trace_number}*9CROSSOVER"
        inside = [
            f"BHT*0022*13*{self.reference}*20260302*1319",
            "HL*1**20*1",
            f"NM1*PR*2*SOME PAYER*****PI*{self.payer_id}",
            "HL*2*1*21*1",
            f"NM1*1P*2*SOMEWHERE COUNSELING*****XX*{self.npi}",
            f"HL*3*2*22*{1 if self.dependent else 0}",
            *([] if self.dependent else [trace]),
            f"NM1*IL*1*{self.last_name}*{self.first_name}****MI*{self.member_id}".rstrip("*"),
            *([f"DMG*D8*{self.birth_date}*{self.sex}".rstrip("*")] if self.birth_date else []),
        ]
        if self.dependent:
            last_name, first_name, birth_date, sex, relationship = self.dependent
            inside += ["HL*4*3*23*0", trace, f"NM1*03*1*{last_name}*{first_name}"]
            inside += [f"DMG*D8*{birth_date}*{sex}"] if birth_date else []
            inside += [f"INS*N*{relationship}"]
        inside += [f"DTP*291*D8*{self.service_date:%Y%m%d}"] if self.service_date else []
        inside += [f"EQ*{code}" for code in self.service_types]
        return ["ST*270*0001*005010X279A1", *inside, f"SE*{len(inside) + 2}*0001"]

    def text(self) -> str:
        return interchange(self.segments(), usage=self.usage)


def interchange(segments: list[str], *, usage: str = "T") -> str:
    """An envelope around one transaction."""
    parties = "*00*          *00*          *ZZ*CROSSOVERTEST  *ZZ*SANDBOX        "
    return "~".join(
        [
            f"ISA{parties}*260302*1319*^*00501*000000042*0*{usage}*:",
            "GS*HS*CROSSOVERTEST*SANDBOX*20260302*1319*42*X*005010X279A1",
            *segments,
            "GE*1*42",
            "IEA*1*000000042",
            "",
        ]
    )
