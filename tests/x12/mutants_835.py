"""Each rule of `rules_835`, broken in a valid 835 (`editable_835`) by an edit; what its reader finds is in `reader_mutants_835`.

A mutant names the codes that it must be found by, the segment and the place of the first one, and the cents a balance is
out by. What another validator sees too, which checks structure and codes, is marked. Everyone in it is invented.
"""

from typing import Final

from tests.x12.editable_835 import SEGMENTS, Mutant, one_edit

ARITHMETIC: Final = (
    Mutant(
        edits=one_edit("HC:90837*150*80*", "HC:90837*150*79.99*"),
        codes=("line_unbalanced", "claim_lines_unbalanced"),
        place="2110 SVC03",
        at="SVC*HC:90837*",
        difference="-0.01",
    ),
    Mutant(
        edits=one_edit("CAS*OA*23*125", "CAS*OA*23*120"),
        codes=("line_unbalanced", "claim_unbalanced"),
        place="2110 SVC03",
        at="SVC*HC:90847*",
        difference="-5.00",
    ),
    Mutant(
        edits=one_edit("HC:90834*120*70*", "HC:90834*125*70*"),
        codes=("line_unbalanced",),
        place="2110 SVC03",
        at="SVC*HC:90834*",
        difference="-5.00",
    ),
    Mutant(
        edits=one_edit("0000006*2*150*25*", "0000006*2*151*25*"),
        codes=("claim_unbalanced",),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000006",
        difference="-1.00",
    ),
    Mutant(
        edits=one_edit("CAS*OA*B11*120", "CAS*OA*B11*119"),
        codes=("claim_unbalanced",),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000005",
        difference="-1.00",
    ),
    Mutant(
        edits=(("0000001*1*270*150*", "0000001*1*270*151*"), ("BPR*I*256.5*", "BPR*I*257.5*")),
        codes=("claim_lines_unbalanced", "claim_unbalanced"),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000001",
        difference="1.00",
    ),
    Mutant(
        edits=one_edit("BPR*I*256.5*", "BPR*I*256.49*"),
        codes=("payment_unbalanced",),
        place="BPR02",
        at="BPR",
        difference="-0.01",
    ),
    Mutant(
        edits=one_edit("WO:PAYERCLAIM9*10*", "WO:PAYERCLAIM9*-10*"),
        codes=("payment_unbalanced",),
        place="BPR02",
        at="BPR",
        difference="-20.00",
    ),
    Mutant(
        edits=one_edit("270*150*45*12*", "270*150*44*12*"),
        codes=("patient_responsibility_differs",),
        place="2100 CLP05",
        at="CLP*QUIETROOMS0000001",
        difference="-1.00",
    ),
    Mutant(
        edits=one_edit("AMT*I*1.5~", "AMT*I*1.75~"),
        codes=("interest_differs",),
        place="2100 CLP",
        at="CLP*QUIETROOMS0000002",
        difference="0.25",
    ),
    Mutant(
        edits=(
            ("22*-150*-80**", "22*-160*-80**"),
            ("HC:90832*-150*-80*", "HC:90832*-160*-80*"),
            ("CAS*CO*45*-45", "CAS*CO*45*-55"),
        ),
        codes=("reversal_charge_differs",),
        place="2100 CLP03",
        at="CLP*QUIETROOMS0000003*22",
        difference="-10.00",
    ),
)

PAYMENT: Final = (
    Mutant(
        edits=one_edit("BPR*I*", "BPR*Z*"), codes=("payment_handling",), place="BPR01", at="BPR", is_structural=True
    ),
    Mutant(edits=one_edit("BPR*I*", "BPR*H*"), codes=("notification_with_payment",), place="BPR01", at="BPR"),
    Mutant(edits=one_edit("C*CHK*", "C*NON*"), codes=("no_method_with_payment",), place="BPR04", at="BPR"),
    Mutant(
        edits=(("BPR*I*256.5*", "BPR*I*0*"), ("WO:PAYERCLAIM9*10*", "WO:PAYERCLAIM9*266.5*")),
        codes=("nothing_paid",),
        place="BPR02",
        at="BPR",
    ),
    Mutant(
        edits=(("BPR*I*256.5*", "BPR*I*-3.5*"), ("WO:PAYERCLAIM9*10*", "WO:PAYERCLAIM9*270*")),
        codes=("total_paid_negative",),
        place="BPR02",
        at="BPR",
    ),
    Mutant(edits=one_edit("256.5*C*CHK", "256.5*D*CHK"), codes=("payment_not_a_credit",), place="BPR03", at="BPR"),
    Mutant(
        edits=(("BPR*I*256.5*", "BPR*I*1*"), ("~".join(SEGMENTS[9:]), "N3*2 EXAMPLE PLAZA")),
        codes=("nothing_remitted", "payment_unbalanced"),
        place="BPR01",
        at="BPR",
    ),
    Mutant(
        edits=one_edit("************20260309", ""),
        codes=("payment_date_missing",),
        place="BPR16",
        at="BPR",
        is_structural=True,
    ),
    Mutant(
        edits=(("************20260309", ""), ("DTM*405*20260306~", "")),
        codes=("decision_date_missing",),
        place="BPR16",
        at="BPR",
        is_structural=True,
    ),
    Mutant(
        edits=one_edit("TRN*1*TRACE1*1999999999~", ""),
        codes=("trace_number_missing",),
        place="BPR",
        at="BPR",
        is_structural=True,
    ),
    Mutant(
        edits=(("N1*PR*INVENTED HEALTH PLAN~", ""), ("REF*2U*INV01~", "")),
        codes=("payer_missing",),
        place="BPR",
        at="BPR",
        is_structural=True,
    ),
    Mutant(
        edits=one_edit("N1*PE*QUIET ROOMS THERAPY*XX*1234567893~", ""),
        codes=("payee_missing",),
        place="BPR",
        at="BPR",
        is_structural=True,
    ),
)

STATUSES: Final = (
    Mutant(
        edits=one_edit("0000006*2*", "0000006*99*"),
        codes=("claim_status_unknown", "code_unknown"),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000006",
        is_structural=True,
    ),
    Mutant(
        edits=(
            ("0000006*2*150*25*", "0000006*2*150*-25*"),
            ("HC:90847*150*25*", "HC:90847*150*-25*"),
            ("CAS*OA*23*125", "CAS*OA*23*175"),
            ("BPR*I*256.5*", "BPR*I*206.5*"),
        ),
        codes=("negative_without_reversal",),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000006",
    ),
    Mutant(
        edits=one_edit("0000003*22*-150", "0000003*4*-150"),
        codes=("negative_without_reversal",),
        place="2100 CLP03",
        at="CLP*QUIETROOMS0000003*4",
    ),
    Mutant(
        edits=one_edit("0000006*2*", "0000006*22*"),
        codes=("reversal_not_negated", "reversal_without_correction"),
        place="2100 CLP03",
        at="CLP*QUIETROOMS0000006",
    ),
    Mutant(
        edits=(("HC:90832*-150*-80*", "HC:90832*-150*80*"),),
        codes=("reversal_not_negated", "line_unbalanced", "claim_lines_unbalanced"),
        place="2110 SVC03",
        at="SVC*HC:90832*-150",
    ),
    Mutant(
        edits=one_edit("CLP*QUIETROOMS0000003*1*150", "CLP*QUIETROOMS0000004*1*150"),
        codes=("reversal_without_correction",),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000003",
    ),
    Mutant(
        edits=one_edit("REF*F8*PAYERCLAIM3~", ""),
        codes=("correction_reference_missing",),
        place="2100 CLP07",
        at="CLP*QUIETROOMS0000003*1*",
    ),
    Mutant(
        edits=one_edit("PAYERCLAIM6*11*1", "PAYERCLAIM6*11*8"),
        codes=("void_paid",),
        place="2100 CLP09",
        at="CLP*QUIETROOMS0000006",
    ),
    Mutant(
        edits=one_edit("NM1*TT*2*INVENTED MUTUAL*****PI*INV02~", ""),
        codes=("crossover_payer_missing",),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000002",
    ),
    Mutant(
        edits=one_edit("NM1*TT*2*INVENTED UNION*****PI*INV03~", ""),
        codes=("crossover_payer_missing",),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000005",
    ),
    Mutant(
        edits=one_edit("0000002*19*150", "0000002*1*150"),
        codes=("crossover_payer_unexpected",),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000002",
    ),
    Mutant(
        edits=one_edit("REF*F8*PAYERCLAIM3", "NM1*TT*2*INVENTED MUTUAL*****PI*INV02~REF*F8*PAYERCLAIM3"),
        codes=("crossover_payer_unexpected",),
        place="2100 CLP02",
        at="CLP*QUIETROOMS0000003*1*",
    ),
    Mutant(
        edits=(
            ("0000005*23*120*0*", "0000005*23*120*20*"),
            ("CAS*OA*B11*120", "CAS*OA*B11*100"),
            ("BPR*I*256.5*", "BPR*I*276.5*"),
        ),
        codes=("forwarded_unprocessed_paid",),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000005",
    ),
    Mutant(
        edits=one_edit("0000006*2*", "0000006*25*"),
        codes=("predetermination_paid",),
        place="2100 CLP04",
        at="CLP*QUIETROOMS0000006",
    ),
    Mutant(
        edits=(
            ("~".join(SEGMENTS[56:61]), "~".join(SEGMENTS[56:61] * 2)),
            ("BPR*I*256.5*", "BPR*I*281.5*"),
        ),
        codes=("claim_payment_repeated",),
        place="2100 CLP01",
        at="CLP*QUIETROOMS0000006",
        occurrence=2,
    ),
    Mutant(
        edits=(
            ("SVC*HC:90847*150*25**1~DTM*472*20260302~CAS*OA*23*125~", ""),
            ("PAYERCLAIM6*11*1~", "PAYERCLAIM6*11*1~CAS*OA*23*125~"),
        ),
        codes=("remittance_lines_missing",),
        place="2100 CLP",
        at="CLP*QUIETROOMS0000006",
    ),
)

ADJUSTMENTS: Final = (
    Mutant(
        edits=one_edit("CAS*CO*45*30", "CAS*CR*45*30"),
        codes=("adjustment_group_correction", "code_unknown"),
        place="2110 SVC",
        at="SVC*HC:90834*",
        is_structural=True,
    ),
    Mutant(
        edits=one_edit("CAS*PR*2*20", "CAS*PR*2*20**1*0"),
        codes=("remittance_adjustment_zero",),
        place="2110 SVC",
        at="SVC*HC:90834*",
    ),
    Mutant(
        edits=one_edit("CAS*OA*B11*120", "CAS*OA*B11*120~CAS*CO*45*0"),
        codes=("remittance_adjustment_zero",),
        place="2100 CLP",
        at="CLP*QUIETROOMS0000005",
    ),
    Mutant(
        edits=one_edit("CAS*PR*2*20", "CAS*PR*2-B*20"),
        codes=("reason_code_format",),
        place="2110 SVC",
        at="SVC*HC:90834*",
    ),
    Mutant(
        edits=one_edit("LQ*HE*N14", "LQ*HE*14"),
        codes=("remark_code_format",),
        place="2110 SVC",
        at="SVC*HC:90837*",
    ),
    Mutant(
        edits=one_edit("MOA***MA18", "MOA***18"),
        codes=("remark_code_format",),
        place="2100 CLP",
        at="CLP*QUIETROOMS0000002",
        is_structural=True,
    ),
    Mutant(
        edits=one_edit("0000006*2*", "0000006*1*"),
        codes=("earlier_payers_effect_of_primary",),
        place="2110 SVC",
        at="SVC*HC:90847*",
    ),
    Mutant(
        edits=(("CAS*OA*23*125", "CAS*CO*45*200**94*-75"),),
        codes=("write_off_exceeds_charge",),
        place="2110 SVC",
        at="SVC*HC:90847*",
    ),
    Mutant(
        edits=one_edit("HC:90834*120*70**1", "HC:90834*120*70**0"),
        codes=("paid_without_units",),
        place="2110 SVC05",
        at="SVC*HC:90834*",
    ),
)

PROVIDER: Final = (
    Mutant(
        edits=one_edit("WO:PAYERCLAIM9*", "WO*"),
        codes=("provider_adjustment_reference_missing",),
        place="PLB03",
        at="PLB",
    ),
    Mutant(
        edits=one_edit("L6*-1.5", "L6*-1.5*FB*0"),
        codes=("provider_adjustment_reference_missing", "provider_adjustment_zero"),
        place="PLB07",
        at="PLB",
    ),
    Mutant(edits=one_edit("L6*-1.5", "L6*-1.5*CS:A*0"), codes=("provider_adjustment_zero",), place="PLB08", at="PLB"),
    Mutant(
        edits=one_edit("PLB*1234567893*", "PLB**"),
        codes=("provider_adjustment_provider_missing",),
        place="PLB01",
        at="PLB",
        is_structural=True,
    ),
    Mutant(
        edits=one_edit("*20261231*WO", "*20261331*WO"),
        codes=("fiscal_period",),
        place="PLB02",
        at="PLB",
        is_structural=True,
    ),
)

OF_RULES: Final = (*ARITHMETIC, *PAYMENT, *STATUSES, *ADJUSTMENTS, *PROVIDER)
