"""Each rule of `rules_837` and `claim_rules_837`, broken in a valid 837P (`coordination_texts_837`) by an edit of the text.

A mutant names the codes it must be found by, the place of the first, and the cents a balance is out by. The structure of
all is valid: another validator, which checks nothing but structure and codes, accepts them.
"""

from typing import Final

from tests.x12.coordination_texts_837 import Mutant


def _one(before: str, after: str) -> tuple[tuple[str, str], ...]:
    return ((before, after),)


_SVD: Final = "SVD*PAYERID*80*HC:90837**1~"
_DATE: Final = "DTP*573*D8*20260910~"
_ID: Final = "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~"

ARITHMETIC: Final = (
    Mutant(
        edits=_one("CLM*A1B2C3D4E5F6G7H8J*150*", "CLM*A1B2C3D4E5F6G7H8J*150.01*"),
        codes=("charge_differs_from_lines",),
        place="2300 CLM02",
        difference="0.01",
    ),
    Mutant(
        edits=_one("*80*HC:90837", "*79.99*HC:90837"),
        codes=("line_out_of_balance", "paid_differs_from_lines"),
        place="2430 SVD02",
        difference="0.01",
    ),
    Mutant(
        edits=_one("CAS*CO*45*45~", "CAS*CO*45*46~"),
        codes=("line_out_of_balance",),
        place="2430 SVD02",
        difference="-1.00",
    ),
    Mutant(
        base="secondary with an unbundled line",
        edits=_one("CAS*CO*45*20~", "CAS*CO*45*19.5~"),
        codes=("line_out_of_balance",),
        place="2430 SVD02",
        difference="0.50",
    ),
    Mutant(
        base="secondary with a bundled line",
        edits=_one("CAS*CO*97*150~", "CAS*CO*97*149~"),
        codes=("line_out_of_balance",),
        place="2430 SVD02",
        difference="1.00",
    ),
    Mutant(
        base="tertiary",
        edits=_one("CAS*OA*23*125~", "CAS*OA*23*120~"),
        codes=("line_out_of_balance",),
        place="2430 SVD02",
        difference="5.00",
    ),
    Mutant(
        base="secondary with two lines",
        edits=(
            ("SVD*PAYERID*80*HC:90837**1~CAS*CO*45*40~CAS*PR*1*30~DTP*573*D8*20260910~AMT*EAF*25~", ""),
            ("AMT*D*160~", "AMT*D*80~"),
        ),
        codes=("line_undecided",),
        place="2400 SV102",
        difference="150.00",
    ),
    Mutant(
        base="secondary with two lines",
        edits=_one("SVD*PAYERID*80*HC:90837**1~CAS*CO*45*40~CAS*PR*1*30~DTP*573*D8*20260910~AMT*EAF*25~", ""),
        codes=("line_undecided",),
        place="2400 SV102",
        difference="150.00",
    ),
    Mutant(
        base="never billed",
        edits=_one("AMT*A8*150~", "AMT*D*0~AMT*A8*150~"),
        codes=("non_covered_and_decided",),
        place="2320 AMT01",
    ),
    Mutant(
        edits=_one("AMT*D*80~", "AMT*D*80.25~"),
        codes=("paid_differs_from_lines",),
        place="2320 AMT02",
        difference="-0.25",
    ),
    Mutant(
        base="secondary at claim level",
        edits=_one("AMT*D*160~", "AMT*D*159~"),
        codes=("claim_out_of_balance",),
        place="2320 AMT02",
        difference="1.00",
    ),
    Mutant(
        base="secondary at claim level",
        edits=_one("CAS*PR*2*50~", "CAS*PR*2*51~"),
        codes=("claim_out_of_balance",),
        place="2320 AMT02",
        difference="-1.00",
    ),
    Mutant(
        edits=_one("AMT*D*80~", "CAS*CO*45*45~AMT*D*80~"),
        codes=("amount_at_both_levels", "paid_differs_from_lines"),
        place="2320 CAS03",
    ),
    Mutant(
        base="secondary with two lines",
        edits=_one("AMT*D*160~", "CAS*CO*45*85~AMT*D*160~"),
        codes=("amount_at_both_levels", "paid_differs_from_lines"),
        place="2320 CAS03",
    ),
    Mutant(
        edits=_one("AMT*D*80~", "CAS*CO*45*45~AMT*D*35~"),
        codes=("adjustment_at_both_levels",),
        place="2320 CAS03",
    ),
    Mutant(
        base="never billed",
        edits=_one("AMT*A8*150~", "AMT*A8*149~"),
        codes=("non_covered_differs_from_charge",),
        place="2320 AMT02",
        difference="1.00",
    ),
    Mutant(
        edits=(("CLM*A1B2C3D4E5F6G7H8J*150*", "CLM*A1B2C3D4E5F6G7H8J*-150*"),),
        codes=("charge_negative", "charge_differs_from_lines"),
        place="2300 CLM02",
    ),
    Mutant(
        base="primary",
        edits=(("CLM*A1B2C3D4E5F6G7H8J*150*", "CLM*A1B2C3D4E5F6G7H8J*-1*"), ("90837*150*", "90837*-1*")),
        codes=("charge_negative",),
        place="2300 CLM02",
    ),
    Mutant(
        base="primary",
        edits=(("CLM*A1B2C3D4E5F6G7H8J*150*", "CLM*A1B2C3D4E5F6G7H8J*0*"), ("90837*150*", "90837*0*")),
        codes=("claim_charge_zero",),
        place="2300 CLM02",
    ),
    Mutant(
        edits=(("AMT*D*80~", "AMT*D*-80~"), ("*80*HC", "*-80*HC"), ("CAS*CO*45*45~", "CAS*CO*45*205~")),
        codes=("paid_amount_negative",),
        place="2320 AMT02",
    ),
    Mutant(
        base="secondary with two lines",
        edits=(("*80*HC", "*-80*HC"), ("CAS*CO*45*45~", "CAS*CO*45*205~"), ("AMT*D*160~", "AMT*D*0~")),
        codes=("paid_amount_negative",),
        place="2430 SVD02",
    ),
)

DECISIONS: Final = (
    Mutant(edits=_one("AMT*D*80~", ""), codes=("paid_amount_missing",), place="2320 SBR"),
    Mutant(
        base="secondary at claim level", edits=_one("AMT*D*160~", ""), codes=("paid_amount_missing",), place="2320 SBR"
    ),
    Mutant(base="never billed", edits=_one("AMT*A8*150~", ""), codes=("prior_payer_undecided",), place="2320 SBR"),
    Mutant(
        base="primary",
        edits=(
            ("SBR*S*18*******CI~", "SBR*S*18*******CI~CAS*CO*45*70~AMT*D*80~AMT*EAF*0~"),
            ("*****PI*PAYERID~", "*****PI*PAYERID~DTP*573*D8*20260910~"),
        ),
        codes=("later_payer_decided",),
        place="2320 AMT",
    ),
    Mutant(
        base="secondary at claim level",
        edits=_one("AMT*D*160~", "AMT*D*160~AMT*A8*300~"),
        codes=("non_covered_and_decided",),
        place="2320 AMT01",
    ),
    Mutant(edits=_one("SVD*PAYERID*", "SVD*PAYERIX*"), codes=("line_payer_unknown",), place="2430 SVD01"),
    Mutant(
        base="tertiary",
        edits=(("PI*SECOND~", "PI*PAYERID~"), ("SVD*SECOND*", "SVD*PAYERID*")),
        codes=("payer_id_repeated",),
        place="2330B NM109",
    ),
    Mutant(
        base="secondary with a bundled line",
        edits=_one("SVD*PAYERID*0*HC:90837**1*1~", "SVD*PAYERID*0*HC:90837**1*2~"),
        codes=("bundled_into_line",),
        place="2430 SVD06",
    ),
    Mutant(
        base="secondary with a bundled line",
        edits=_one("SVD*PAYERID*0*HC:90837**1*1~", "SVD*PAYERID*0*HC:90837**1*3~"),
        codes=("bundled_into_line",),
        place="2430 SVD06",
    ),
    Mutant(
        base="secondary with a bundled line",
        edits=(
            ("SVD*PAYERID*0*HC:90837**1*1~", "SVD*PAYERID*5*HC:90837**1*1~"),
            ("CAS*CO*97*150~", "CAS*CO*97*145~"),
            ("AMT*D*80~", "AMT*D*85~"),
        ),
        codes=("bundled_line_paid",),
        place="2430 SVD02",
    ),
    Mutant(edits=_one(_ID, _ID + _DATE), codes=("adjudication_date_at_both_levels",), place="2330B DTP"),
    Mutant(
        base="secondary at claim level",
        edits=_one(_DATE, ""),
        codes=("adjudication_date_missing",),
        place="2330B NM1",
    ),
    Mutant(edits=_one(_DATE, "DTP*573*D8*20260819~"), codes=("adjudication_before_service",), place="2430 DTP03"),
    Mutant(
        base="secondary at claim level",
        edits=_one(_DATE, "DTP*573*D8*20260819~"),
        codes=("adjudication_before_service",),
        place="2330B DTP03",
    ),
    Mutant(edits=_one(_DATE, "DTP*573*D8*20261002~"), codes=("adjudication_in_future",), place="2430 DTP03"),
    Mutant(edits=_one("AMT*D*80~", "AMT*D*80~AMT*EAF*25~"), codes=("liability_at_two_levels",), place="2320 AMT01"),
    Mutant(edits=_one("AMT*EAF*25~", ""), codes=("liability_missing",), place="2430 SVD"),
    Mutant(edits=_one("AMT*EAF*25~", "AMT*EAF*-25~"), codes=("liability_negative",), place="2430 AMT02"),
    Mutant(
        base="secondary at claim level",
        edits=_one("AMT*EAF*50~", "AMT*EAF*-50~"),
        codes=("liability_negative",),
        place="2320 AMT02",
    ),
    Mutant(edits=_one("90837**1~CAS", "90837**-1~CAS"), codes=("paid_units_negative",), place="2430 SVD05"),
    Mutant(edits=_one("SVD*PAYERID*", "SVD* PAYERID*"), codes=("line_payer_unknown",), place="2430 SVD01"),
    Mutant(
        base="secondary with an unbundled line",
        edits=_one("SVD*PAYERID*30*", "SVD*PAYERIX*30*"),
        codes=("line_payer_unknown",),
        place="2430 SVD01",
    ),
    Mutant(
        base="secondary with an unbundled line",
        edits=_one("SVD*PAYERID*30*", "SVD*PAYERIX*31*"),
        codes=("line_payer_unknown", "line_out_of_balance"),
        place="2430 SVD01",
    ),
    Mutant(
        base="secondary at claim level", edits=_one("AMT*EAF*50~", ""), codes=("liability_missing",), place="2320 AMT"
    ),
)

ADJUSTMENTS: Final = (
    Mutant(edits=_one("CAS*CO*45*45~", "CAS*CO*45*45**59*0~"), codes=("adjustment_zero",), place="2430 CAS06"),
    Mutant(edits=_one("CAS*CO*45*45~", "CAS*CO*45*54**94*-9~"), codes=("adjustment_negative",), place="2430 CAS06"),
    Mutant(
        edits=_one("CAS*CO*45*45~", "CAS*CO*45*45**59**1~"),
        codes=("adjustment_amount_missing",),
        place="2430 CAS06",
    ),
    Mutant(edits=_one("CAS*CO*45*45~", "CAS*CR*45*45~"), codes=("adjustment_group_correction",), place="2430 CAS01"),
    Mutant(edits=_one("CAS*CO*45*45~", "CAS*CO*45*40**45*5~"), codes=("adjustment_duplicate",), place="2430 CAS05"),
    Mutant(
        base="secondary with five reasons",
        edits=_one("CAS*CO*45*10**59*10**97*10**B20*10**253*10~", "CAS*CO*45*10**59*10~CAS*CO*97*10**B20*10**253*10~"),
        codes=("adjustment_group_split",),
        place="2430 CAS01",
    ),
    Mutant(edits=_one("CAS*CO*45*45~", "CAS*CO*100*45~"), codes=("paid_to_patient_group",), place="2430 CAS01"),
    Mutant(
        base="tertiary",
        edits=_one("CAS*OA*23*125~", "CAS*CO*23*125~"),
        codes=("earlier_payers_effect_group",),
        place="2430 CAS01",
    ),
    Mutant(
        edits=_one("CAS*CO*45*45~", "CAS*OA*23*45~"),
        codes=("earlier_payers_effect_of_primary",),
        place="2430 CAS02",
    ),
    Mutant(
        base="secondary at claim level",
        edits=_one("CAS*CO*45*90~", "CAS*OA*23*90~"),
        codes=("earlier_payers_effect_of_primary",),
        place="2320 CAS02",
    ),
)

PAYERS: Final = (
    Mutant(base="primary", edits=_one("SBR*S*", "SBR*P*"), codes=("payer_rank_repeated",), place="2320 SBR01"),
    Mutant(edits=_one("SBR*P*", "SBR*T*"), codes=("primary_payer_missing", "later_payer_decided"), place="2000B SBR01"),
    Mutant(edits=_one("SBR*S*", "SBR*T*"), codes=("order_has_gap",), place="2000B SBR01"),
    Mutant(edits=_one("SBR*P*", "SBR*U*"), codes=("payer_rank_unknown",), place="2320 SBR01"),
    Mutant(edits=_one("*******BL~", "~"), codes=("claim_filing_code_missing",), place="2320 SBR09"),
    Mutant(edits=_one("18*******CI~", "18~"), codes=("claim_filing_code_missing",), place="2000B SBR09"),
    Mutant(
        edits=_one("SBR*P*18*******BL~", "SBR*P*18***12****MB~"), codes=("insurance_type_refused",), place="2320 SBR05"
    ),
    Mutant(
        edits=_one("SBR*S*18*******CI~", "SBR*S*18***12****CI~"),
        codes=("insurance_type_not_medicare",),
        place="2000B SBR05",
    ),
    Mutant(
        base="Medicare second",
        edits=_one("***12****MB", "*******MB"),
        codes=("insurance_type_required",),
        place="2000B SBR05",
    ),
    Mutant(
        base="dependent",
        edits=_one("SBR*P********CI~", "SBR*P********MB~"),
        codes=("relationship_medicare",),
        place="2000C HL",
    ),
    Mutant(
        edits=_one("SBR*P*18*******BL~", "SBR*P*01*******MB~"), codes=("relationship_medicare",), place="2320 SBR02"
    ),
    Mutant(
        base="tertiary",
        edits=_one("SBR*T*18*******CI~", "SBR*T*18***12****MB~"),
        codes=("medicare_payers_ahead",),
        place="2000B SBR01",
    ),
    Mutant(
        base="Medicare second",
        edits=_one("10:B:1*", "10:B:7*"),
        codes=("medicare_frequency",),
        place="2300 CLM05",
    ),
    Mutant(
        base="Medicare second",
        edits=_one("HI*ABK:F411~", "AMT*F5*25~HI*ABK:F411~"),
        codes=("medicare_patient_paid",),
        place="2300 AMT01",
    ),
    Mutant(edits=_one("SBR*S*18*", "SBR*S**"), codes=("subscriber_relationship",), place="2000B SBR02"),
    Mutant(
        base="dependent", edits=_one("SBR*P**", "SBR*P*18*"), codes=("subscriber_relationship",), place="2000B SBR02"
    ),
    Mutant(edits=_one(_ID, _ID + "REF*T4*Y~"), codes=("readjudication_by_provider",), place="2330B REF01"),
    Mutant(edits=_one("OI***Y***Y~", "OI***Y***I~"), codes=("consent_differs",), place="2320 OI06"),
)

CLAIMS: Final = (
    Mutant(
        edits=_one("CLM*A1B2C3D4E5F6G7H8J*", "CLM*A1B2C3D4E5F6G7H8J0001*"),
        codes=("patient_control_number_length",),
        place="2300 CLM01",
    ),
    Mutant(
        edits=_one("CLM*A1B2C3D4E5F6G7H8J*", "CLM*A1B2C3D4E5F6G7H8J0*"),
        codes=("patient_control_number_long",),
        place="2300 CLM01",
    ),
    Mutant(edits=_one("10:B:1*", "10:B:6*"), codes=("claim_frequency",), place="2300 CLM05"),
    Mutant(
        base="replacement", edits=_one("REF*F8*PCN77~", ""), codes=("payer_claim_number_missing",), place="2300 CLM05"
    ),
    Mutant(
        base="replacement", edits=_one("10:B:7*", "10:B:1*"), codes=("payer_claim_number_refused",), place="2300 REF01"
    ),
    Mutant(edits=_one("HI*ABK:F411~", "HI*ABK:F411*ABF:F411~"), codes=("diagnosis_repeated",), place="2300 HI02"),
    Mutant(edits=_one("HI*ABK:F411~", "HI*ABK:F41.1~"), codes=("diagnosis_point",), place="2300 HI01"),
    Mutant(edits=_one("*UN*1***1~", "*UN*1***2~"), codes=("pointer_unknown",), place="2400 SV107"),
    Mutant(edits=_one("*UN*1***1~", "*UN*0***1~"), codes=("units_range",), place="2400 SV104"),
    Mutant(
        base="secondary with two lines",
        edits=_one("REF*6R*LINE2~", "REF*6R*LINE1~"),
        codes=("line_control_number_repeated",),
        place="2400 REF02",
    ),
    Mutant(
        edits=_one("REF*6R*LINE1~", "REF*6R*LINE10000000000000000000000000X~"),
        codes=("line_control_number_length",),
        place="2400 REF02",
    ),
    Mutant(
        edits=_one("HI*ABK:F411~", "PWK*OZ*EL~HI*ABK:F411~"),
        codes=("attachment_number_missing",),
        place="2300 PWK06",
    ),
    Mutant(
        edits=_one("DTP*472*D8*20260820~", "PWK*OZ*FX~DTP*472*D8*20260820~"),
        codes=("attachment_number_missing",),
        place="2400 PWK06",
    ),
    Mutant(edits=_one("XX*1000000020~", "XX*1000000021~"), codes=("npi_format",), place="2310B NM109"),
    Mutant(edits=_one("XX*1000000012~", "XX*1000000013~"), codes=("npi_format",), place="2010AA NM109"),
)

MUTANTS: Final = (*ARITHMETIC, *DECISIONS, *ADJUSTMENTS, *PAYERS, *CLAIMS)
"""All but `patient_control_number_repeated`, which takes two claims."""
