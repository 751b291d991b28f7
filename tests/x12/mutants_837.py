"""One valid claim to a second payer, and what can be wrong with its structure, its codes and its formats, once each.

A mutant is an edit of the text: what is replaced by what, and the code and the place of the one finding that names it.
Some are named by the check of the envelope or of the claim, not by that of the structure. `is_missed` are those that
pyx12 4.0.0 accepts.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from app.domain.codes import PayerResponsibility, Relationship
from app.domain.professional_claims import NamedProvider
from tests.factories import an_npi
from tests.x12.claims import (
    BEN,
    BILLED_BY,
    CAL,
    HOME,
    SUBMITTER,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    an_other_payer,
    co,
    named,
    pr,
    written,
)
from tests.x12.inquiries import INTERCHANGE
from tests.x12.texts_837 import changed

_SECOND_LINE: Final = a_prior_line(line_number=2, adjustments=(co("40.00"), pr("30.00", "1")))
_FIRST_PAYER: Final = an_other_payer(
    policy=a_policy(
        insured=named(CAL, at_home=True),
        relationship=Relationship.CHILD,
        member_id="PRM900800700",
        claim_filing_code="BL",
    ),
    payer_claim_number="ICN1",
    decision=a_decision(paid=Decimal("160.00"), lines=(a_prior_line(), _SECOND_LINE)),
)
VALID: Final = written(
    a_secondary(
        billed_by=replace(BILLED_BY, contact=SUBMITTER.contact),
        policy=a_policy(
            responsibility=PayerResponsibility.SECONDARY, insured=named(CAL), relationship=Relationship.CHILD
        ),
        patient=BEN,
        patient_is_subscriber=False,
        prior_authorization="AUTH1",
        service_facility=NamedProvider(name="Invented Rooms", npi=an_npi(3), address=HOME),
        lines=(a_line(1), a_line(2)),
        other_payers=(_FIRST_PAYER,),
    ),
    interchange=replace(INTERCHANGE, created_at=datetime(2026, 10, 1, 12, tzinfo=UTC)),
)
"""Two lines for the child of a subscriber, at a facility of its own; the first payer decided on both."""

_HOME: Final = "N3*7 MADE UP LANE*APT 2~N4*SAMPLETON*CO*80211~"
_OTHER_PAYER: Final = VALID[VALID.index("SBR*P*19") : VALID.index("LX*1~")]
_LINES: Final = VALID[VALID.index("LX*1~") : VALID.index("~SE*") + 1]
_LINE_1, _LINE_2 = _LINES[: _LINES.index("LX*2~")], _LINES[_LINES.index("LX*2~") :]
_DECISION: Final = _LINE_2[_LINE_2.index("SVD*") :]
_DEPENDENT: Final = VALID[VALID.index("HL*3*") : VALID.index("CLM*")]
_CLAIM: Final = VALID[VALID.index("CLM*") : VALID.index("~SE*") + 1]


@dataclass(frozen=True)
class Mutant:
    name: str
    old: str
    new: str
    code: str
    place: str | None
    is_missed: bool = False
    judge: str = "structure"

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        return changed(VALID, self.old, self.new)


_MISSED: Final = True
STRUCTURAL: Final = (
    Mutant("no BHT", "~BHT*0019*00*REF-1*20261001*1200*CH~", "~", "segment_missing", "ST"),
    Mutant(
        "no contact of the submitter",
        "~PER*IC*BILLING DESK*TE*3035550100~NM1*40",
        "~NM1*40",
        "segment_missing",
        "1000A NM1",
    ),
    Mutant("no receiver", "NM1*40*2*INVENTED CLEARINGHOUSE*****46*CLEARING~", "", "loop_missing", "ST"),
    Mutant("no street of the billing provider", "N3*12 INVENTED WAY~", "", "segment_missing", "2010AA NM1"),
    Mutant("no tax number", "REF*EI*123456789~", "", "segment_missing", "2010AA NM1"),
    Mutant(
        "no name of the billing provider",
        "NM1*85*2*QUIET ROOMS THERAPY*****XX*1000000012~",
        "",
        "segment_missing",
        "2010AA N3",
    ),
    Mutant("no level of the subscriber", "HL*2*1*22*1~", "", "segment_missing", "2000B SBR"),
    Mutant("no SBR of the payer that is asked", "SBR*S********CI~", "", "segment_missing", "2000B HL"),
    Mutant("no subscriber", "NM1*IL*1*FERNWOOD*CAL****MI*QRX100200300~", "", "loop_missing", "2000B HL"),
    Mutant("no payer", "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01~", "", "loop_missing", "2000B HL"),
    Mutant("no level of the patient", "HL*3*2*23*0~", "", "segment_missing", "2000C PAT"),
    Mutant("no PAT", "PAT*19~", "", "segment_missing", "2000C HL"),
    Mutant("no birth date of the patient", "DMG*D8*20120615*M~", "", "segment_missing", "2010CA NM1"),
    Mutant("no CLM", "CLM*A1B2C3D4E5F6G7H8J*300***10:B:1*Y*A*Y*Y~", "", "segment_missing", "2300 REF"),
    Mutant("no claim", _CLAIM, "", "claim_missing", "2000C HL"),
    Mutant("no diagnosis", "HI*ABK:F411~", "", "segment_missing", "2300 CLM"),
    Mutant("no city of the facility", _HOME + "SBR*P", "N3*7 MADE UP LANE*APT 2~SBR*P", "segment_missing", "2310C NM1"),
    Mutant("no OI", "OI***Y***Y~", "", "segment_missing", "2320 SBR"),
    Mutant("no 2330A", "NM1*IL*1*FERNWOOD*CAL****MI*PRM900800700~" + _HOME, "", "loop_missing", "2320 SBR"),
    Mutant("no name in 2330A", "NM1*IL*1*FERNWOOD*CAL****MI*PRM900800700~", "", "segment_missing", "2330A N3"),
    Mutant("no 2330B", "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~REF*F8*ICN1~", "", "loop_missing", "2320 SBR"),
    Mutant("no name in 2330B", "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~", "", "segment_missing", "2330B REF"),
    Mutant("no line", _LINES, "", "loop_missing", "2300 CLM"),
    Mutant("no LX", "LX*2~", "", "segment_missing", "2400 SV1"),
    Mutant("no SV1", "LX*2~SV1*HC:90837*150*UN*1***1~", "LX*2~", "segment_missing", "2400 LX"),
    Mutant("no service date", "DTP*472*D8*20260820~REF*6R*LINE2", "REF*6R*LINE2", "segment_missing", "2400 LX"),
    Mutant("no SVD", "REF*6R*LINE1~SVD*PAYERID*80*HC:90837**1~", "REF*6R*LINE1~", "segment_missing", "2430 CAS"),
    Mutant(
        "no decision date on a line", "CAS*PR*3*25~DTP*573*D8*20260910~", "CAS*PR*3*25~", "segment_missing", "2430 SVD"
    ),
    Mutant("OI before AMT", "AMT*D*160~OI***Y***Y~", "OI***Y***Y~AMT*D*160~", "segment_out_of_order", "2320 AMT"),
    Mutant(
        "AMT before DTP in 2430",
        "DTP*573*D8*20260910~AMT*EAF*25~LX",
        "AMT*EAF*25~DTP*573*D8*20260910~LX",
        "segment_out_of_order",
        "2430 DTP",
    ),
    Mutant(
        "N4 before N3",
        "N3*12 INVENTED WAY~N4*SAMPLETON*CO*802110001~",
        "N4*SAMPLETON*CO*802110001~N3*12 INVENTED WAY~",
        "segment_out_of_order",
        "2010AA N3",
    ),
    Mutant("2320 after the lines", _OTHER_PAYER + _LINES, _LINES + _OTHER_PAYER, "segment_out_of_order", "2320 SBR"),
    Mutant(
        "HI after the providers",
        "HI*ABK:F411~NM1*82*1*MADEUP*THEA****XX*1000000020~PRV*PE*PXC*103TC0700X~",
        "NM1*82*1*MADEUP*THEA****XX*1000000020~PRV*PE*PXC*103TC0700X~HI*ABK:F411~",
        "segment_out_of_order",
        "2300 HI",
    ),
    Mutant("OI twice", "OI***Y***Y~", "OI***Y***Y~OI***Y***Y~", "segment_too_often", "2320 OI"),
    Mutant(
        "service date twice",
        "DTP*472*D8*20260820~",
        "DTP*472*D8*20260820~DTP*472*D8*20260820~",
        "segment_too_often",
        "2400 DTP",
    ),
    Mutant("prior authorization twice", "REF*G1*AUTH1~", "REF*G1*AUTH1~REF*G1*AUTH2~", "segment_too_often", "2300 REF"),
    Mutant("a sixth CAS", "CAS*PR*3*25~", "CAS*PR*3*25~" + "CAS*OA*23*1~" * 4, "segment_too_often", "2430 CAS"),
    Mutant("an eleventh other payer", _OTHER_PAYER, _OTHER_PAYER * 11, "loop_too_often", "2320 SBR"),
    Mutant(
        "a fifty-first line",
        _LINES,
        "".join(_LINE_1.replace("LX*1~", f"LX*{number}~") for number in range(1, 52)),
        "loop_too_often",
        "2400 LX",
    ),
    Mutant("a sixteenth decision on a line", _DECISION, _DECISION * 16, "loop_too_often", "2430 SVD"),
    Mutant(
        "a second rendering provider",
        "NM1*77",
        "NM1*82*1*OTHER*ANN****XX*1000000020~NM1*77",
        "loop_too_often",
        "2310B NM1",
    ),
    Mutant("a segment that nobody knows", "OI***", "ZZZ*1~OI***", "segment_not_in_guide", "2320 ZZZ"),
    Mutant("a segment of another transaction set", "OI***", "CLP*1*1*1~OI***", "segment_not_in_guide", "2320 CLP"),
    Mutant("a qualifier that nobody knows", "OI***", "AMT*ZZ*1~OI***", "segment_misplaced", "2320 AMT"),
    Mutant(
        "a person of no loop",
        "LX*1~",
        "NM1*ZZ*1*NOBODY~N3*STREET~N4*CITY*CO*80211~LX*1~",
        "segment_misplaced",
        "2330B NM1",
    ),
    Mutant("LX01 leaves one out", "LX*2~", "LX*3~", "line_number", "2400 LX01"),
    Mutant("HL01 leaves one out", "HL*3*2*23*0", "HL*4*2*23*0", "hierarchy_number", "2000C HL01"),
    Mutant("HL02 names another level", "HL*3*2*23*0", "HL*3*1*23*0", "hierarchy_parent", "2000C HL02", _MISSED),
    Mutant(
        "HL04 hides the dependent", "HL*2*1*22*1", "HL*2*1*22*0", "hierarchy_child_unannounced", "2000B HL04", _MISSED
    ),
    Mutant("HL04 promises a dependent", _DEPENDENT, "", "hierarchy_child_missing", "2000B HL04", _MISSED),
    Mutant(
        "no birth date of a subscriber who is the patient",
        f"HL*2*1*22*1~SBR*S********CI~NM1*IL*1*FERNWOOD*CAL****MI*QRX100200300~NM1*PR*2*INVENTED HEALTH PLAN*****PI*"
        f"INV01~{_DEPENDENT}",
        "HL*2*1*22*0~SBR*S*18*******CI~NM1*IL*1*FERNWOOD*CAL****MI*QRX100200300~NM1*PR*2*INVENTED HEALTH PLAN*****PI*"
        "INV01~",
        "patient_details_missing",
        "2010BA NM1",
        _MISSED,
    ),
    Mutant(
        "SBR02 is 18 above a dependent",
        "SBR*S********CI",
        "SBR*S*18*******CI",
        "subscriber_relationship",
        "2000B SBR02",
        _MISSED,
        judge="claim",
    ),
    Mutant(
        "GS08 differs from ST03",
        "*X*005010X222A1~ST",
        "*X*005010X222~ST",
        "transaction_guide",
        "ST03",
        judge="envelope",
    ),
    Mutant("GE01 counts another group", "GE*1*42", "GE*2*42", "group_count", "GE01", judge="envelope"),
)

CODES_AND_FORMATS: Final = (
    Mutant("BHT06 unknown", "*1200*CH~", "*1200*XX~", "code_not_in_list", "ST BHT06"),
    Mutant("BHT05 is no time", "*20261001*1200*CH", "*20261001*2460*CH", "element_no_time", "ST BHT05"),
    Mutant("BHT04 is no day", "*20261001*1200*CH", "*20260231*1200*CH", "element_no_date", "ST BHT04"),
    Mutant("BHT03 too long", "*00*REF-1*", f"*00*{'R' * 51}*", "element_too_long", "ST BHT03"),
    Mutant("NM108 of the submitter", "*****46*QUIETROOMS", "*****XX*QUIETROOMS", "code_not_in_list", "1000A NM108"),
    Mutant("NM109 without NM108", "*****XX*1000000012", "******1000000012", "element_condition", "2010AA NM108"),
    Mutant("NM109 too short", "****MI*QRX100200300", "****MI*Q", "element_too_short", "2010BA NM109"),
    Mutant("NM103 missing", "NM1*QC*1*FERNWOOD*BEN", "NM1*QC*1**BEN", "element_missing", "2010CA NM103"),
    Mutant("NM106 used", "NM1*QC*1*FERNWOOD*BEN~", "NM1*QC*1*FERNWOOD*BEN**DR~", "element_forbidden", "2010CA NM106"),
    Mutant("PER05 missing", "*TE*3035550100~NM1*40", "*TE*3035550100**12~NM1*40", "element_condition", "1000A PER05"),
    Mutant("N3 too long", "12 INVENTED WAY", "1" * 56, "element_too_long", "2010AA N301"),
    Mutant(
        "N402 is no state", "N4*SAMPLETON*CO*80211~DMG", "N4*SAMPLETON*XX*80211~DMG", "code_not_in_list", "2010CA N402"
    ),
    Mutant(
        "a short ZIP code",
        "N4*SAMPLETON*CO*80211~DMG",
        "N4*SAMPLETON*CO*8021~DMG",
        "postal_code",
        "2010CA N403",
        _MISSED,
    ),
    Mutant(
        "N402 and N407",
        "N4*SAMPLETON*CO*80211~DMG",
        "N4*SAMPLETON*CO*80211*US***08~DMG",
        "element_exclusion",
        "2010CA N407",
    ),
    Mutant(
        "N404 is no country",
        "N4*SAMPLETON*CO*80211~DMG",
        "N4*SAMPLETON*CO*80211*1A~DMG",
        "element_shape",
        "2010CA N404",
    ),
    Mutant("N408", "N4*SAMPLETON*CO*80211~DMG", "N4*SAMPLETON*CO*80211*****1~DMG", "too_many_elements", "2010CA N408"),
    Mutant("PRV02 unknown", "PRV*BI*PXC", "PRV*BI*ZZ", "code_not_in_list", "2000A PRV02"),
    Mutant("SBR01 unknown", "SBR*P*19", "SBR*X*19", "code_not_in_list", "2320 SBR01"),
    Mutant("SBR09 unknown", "SBR*S********CI", "SBR*S********C1", "code_not_in_list", "2000B SBR09"),
    Mutant("PAT01 says self", "PAT*19", "PAT*18", "code_not_in_list", "2000C PAT01"),
    Mutant("DMG02 on the 30th of February", "*20120615*M", "*20120230*M", "element_no_date", "2010CA DMG02"),
    Mutant(
        "CLM01 of 21 characters",
        "A1B2C3D4E5F6G7H8J",
        "A1B2C3D4E5F6G7H8J9K0L",
        "patient_control_number_length",
        "2300 CLM01",
        _MISSED,
        judge="claim",
    ),
    Mutant("CLM01 of 39 characters", "A1B2C3D4E5F6G7H8J", "A" * 39, "element_too_long", "2300 CLM01"),
    Mutant("three decimals", "J*300***", "J*300.000***", "too_many_decimals", "2300 CLM02", _MISSED),
    Mutant("an exponent", "J*300***", "J*3E2***", "element_no_number", "2300 CLM02"),
    Mutant("a plus", "J*300***", "J*+300***", "element_no_number", "2300 CLM02"),
    Mutant("eleven digits", "J*300***", "J*300000000.00***", "element_too_long", "2300 CLM02", _MISSED),
    Mutant("CLM03 used", "J*300***", "J*300*1**", "element_forbidden", "2300 CLM03"),
    Mutant("CLM05-1 unknown", "*10:B:1*", "*88:B:1*", "code_not_in_list", "2300 CLM05"),
    Mutant("CLM05-2 unknown", "*10:B:1*", "*10:A:1*", "code_not_in_list", "2300 CLM05"),
    Mutant("CLM05-3 missing", "*10:B:1*", "*10:B*", "element_missing", "2300 CLM05"),
    Mutant("CLM05-3 unknown", "*10:B:1*", "*10:B:Z*", "claim_frequency", "2300 CLM05", _MISSED, judge="claim"),
    Mutant("CLM05-4", "*10:B:1*", "*10:B:1:1*", "too_many_components", "2300 CLM05"),
    Mutant("CLM09 unknown", "*Y*A*Y*Y~REF", "*Y*A*Y*N~REF", "code_not_in_list", "2300 CLM09"),
    Mutant("CLM06 repeated", "*Y*A*Y*Y~REF", "*Y^N*A*Y*Y~REF", "too_many_repetitions", "2300 CLM06"),
    Mutant("CLM01 of two components", "A1B2C3D4E5F6G7H8J", "A1B2C3D4:5F6G7H8J", "too_many_components", "2300 CLM01"),
    Mutant("HI01 of no code list", "HI*ABK:", "HI*ABX:", "code_not_in_list", "2300 HI01"),
    Mutant("a diagnosis of ICD-9-CM", "HI*ABK:F411", "HI*BK:30002", "code_outdated", "2300 HI01", _MISSED),
    Mutant("a thirteenth diagnosis", "HI*ABK:F411", "HI*ABK:F411" + "*ABF:F329" * 12, "too_many_elements", "2300 HI13"),
    Mutant("OI with separators at its end", "OI***Y***Y~", "OI***Y***Y**~", "trailing_separators", "2320 OI08"),
    Mutant("a blank at the end", "*FERNWOOD*BEN~", "*FERNWOOD *BEN~", "trailing_blanks", "2010CA NM103"),
    Mutant("LX01 is no number", "LX*2~", "LX*B~", "element_no_number", "2400 LX01"),
    Mutant("SV101-1 unknown", "SV1*HC:", "SV1*XX:", "code_not_in_list", "2400 SV101"),
    Mutant("SV101-3 of one character", "SV1*HC:90837*", "SV1*HC:90837:1*", "element_shape", "2400 SV101"),
    Mutant("SV103 unknown", "*150*UN*1***1", "*150*DA*1***1", "code_not_in_list", "2400 SV103"),
    Mutant(
        "units with four decimals", "*150*UN*1***1", "*150*UN*1.0001***1", "too_many_decimals", "2400 SV104", _MISSED
    ),
    Mutant("a pointer to a thirteenth diagnosis", "*UN*1***1~", "*UN*1***13~", "code_not_in_list", "2400 SV107"),
    Mutant(
        "a range that is said to be a day",
        "DTP*472*D8*20260820~",
        "DTP*472*D8*20260820-20260821~",
        "element_no_date",
        "2400 DTP03",
    ),
    Mutant(
        "a range that ends before it begins",
        "DTP*472*D8*20260820~",
        "DTP*472*RD8*20260820-20260819~",
        "element_no_date",
        "2400 DTP03",
        _MISSED,
    ),
    Mutant("DTP02 unknown", "DTP*573*D8*", "DTP*573*D6*", "code_not_in_list", "2430 DTP02"),
    Mutant("CAS01 unknown", "CAS*CO*45*45", "CAS*XX*45*45", "code_not_in_list", "2430 CAS01"),
    Mutant("CAS02 too long", "CAS*CO*45*45", "CAS*CO*123456*45", "element_shape", "2430 CAS02"),
    Mutant("CAS06 without CAS05", "CAS*CO*45*45", "CAS*CO*45*44***1", "element_condition", "2430 CAS05"),
    Mutant("CAS05 without CAS06", "CAS*CO*45*45", "CAS*CO*45*45**253", "element_condition", "2430 CAS06"),
    Mutant(
        "SVD06 is no number",
        "SVD*PAYERID*80*HC:90837**1~",
        "SVD*PAYERID*80*HC:90837**1*X~",
        "element_no_number",
        "2430 SVD06",
    ),
)
MUTANTS: Final = (*STRUCTURAL, *CODES_AND_FORMATS)
