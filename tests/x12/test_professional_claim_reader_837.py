"""Reading professional claims from anywhere: what becomes a value, what is kept, and what makes no claim."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.domain.codes import Relationship
from app.domain.professional_claims import ProfessionalClaim
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.guide_837 import GUIDE
from app.x12.professional_claim_reader_837 import ReadClaim, read, read_claim, read_each, read_header
from app.x12.structure import read_units
from tests.x12.claims import BEN, CAL, a_claim, a_policy, a_tertiary, named, written
from tests.x12.texts_837 import A_SECONDARY_TEXT, a_text, changed, without
from tests.x12.unkept_837 import unkept

DEPENDENT = a_claim(
    policy=a_policy(insured=named(CAL), relationship=Relationship.CHILD), patient=BEN, patient_is_subscriber=False
)


def _only(text: str) -> ReadClaim:
    (found,), _ = read(text)
    return found


def _claim(text: str) -> ProfessionalClaim:
    claim = _only(text).claim
    assert claim is not None
    return claim


def _kept(one: ReadClaim) -> list[str]:
    return [segment.raw for segment in one.kept]


def _errors(text: str) -> list[tuple[str, str | None]]:
    _, findings = read(text)
    return [(finding.code, finding.location) for finding in findings if finding.severity == "error"]


# What has no field is kept


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NM1*IL*1*FERNWOOD*ADA****MI", "NM1*IL*1*FERNWOOD*ADA**DR**MI"),
        ("PER*IC*BILLING DESK*TE*3035550100", "PER*IC*BILLING DESK*TE*3035550100*EX*12"),
        ("N4*SAMPLETON*CO*80211~DMG", "N4*SAMPLETON*CO*80211*US~DMG"),
        ("*Y*A*Y*Y~HI", "*Y*A*Y*Y**EM~HI"),
        ("SV1*HC:90837*150*UN*1***1~", "SV1*HC:90837*150*UN*1***1**Y~"),
        ("SVD*PAYERID*80*HC:90837**1~", "SVD*PAYERID*80*HC:90837:::::SESSION**1~"),
        ("OI***Y***Y~", "OI***Y***I~"),
        ("OI***Y***Y~", "OI***Y*P**Y~"),
        ("LX*1~", "LX*7~"),
        ("CLM*A1B2C3D4E5F6G7H8J*150*", "CLM*A1B2C3D4E5F6G7H8J*151*"),
        ("***10:B:1*Y*", "***10:B:1*N*"),
        ("NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01", "NM1*PR*2*INVENTED HEALTH PLAN*****XV*INV01"),
        ("****MI*PRM900800700", "****II*PRM900800700"),
    ],
)
def test_a_segment_that_says_more_than_its_fields_is_kept(old: str, new: str) -> None:
    text = changed(A_SECONDARY_TEXT, old, new)
    one = _only(text)
    assert one.claim is not None
    (kept,) = _kept(one)
    assert kept in set(_body_of(text)) - set(_body_of(A_SECONDARY_TEXT))


@pytest.mark.parametrize(
    ("after", "segment"),
    [
        ("CLM*", "DTP*431*D8*20260801"),
        ("CLM*", "PWK*OZ*AA"),
        ("CLM*", "REF*D9*17312345600006351"),
        ("HI*", "HCP*00*7.11"),
        ("AMT*D*", "AMT*A8*150"),
        ("DTP*472", "DTP*471*D8*20260801"),
        ("DTP*472", "ZZZ*1*2"),
        ("NM1*PR*2*FIRST", "REF*2U*X1"),
    ],
)
def test_a_segment_without_a_field_is_kept(after: str, segment: str) -> None:
    (line,) = [one for one in A_SECONDARY_TEXT.split("~") if one.startswith(after)]
    one = _only(changed(A_SECONDARY_TEXT, f"{line}~", f"{line}~{segment}~"))
    assert one.claim is not None
    assert _kept(one) == [segment]


def test_of_two_references_of_one_kind_the_first_is_the_field_and_the_second_is_kept() -> None:
    text = changed(written(a_claim(prior_authorization="A1")), "REF*G1*A1~", "REF*G1*A1~REF*G1*A2~")
    one = _only(text)
    assert one.claim is not None
    assert one.claim.prior_authorization == "A1"
    assert _kept(one) == ["REF*G1*A2"]


def test_an_optional_value_that_cannot_be_read_is_none_and_kept() -> None:
    text = changed(written(a_claim(patient_paid=Decimal(20))), "AMT*F5*20~", "AMT*F5*2O~")
    one = _only(text)
    assert one.claim is not None
    assert one.claim.patient_paid is None
    assert _kept(one) == ["AMT*F5*2O"]


def test_an_address_abroad_is_kept_and_no_field() -> None:
    one = _only(changed(A_SECONDARY_TEXT, "N4*SAMPLETON*CO*80211~DMG", "N4*SAMPLETON***MEX~DMG"))
    assert one.claim is not None
    assert one.claim.patient.address is None
    assert _kept(one) == ["N3*7 MADE UP LANE*APT 2", "N4*SAMPLETON***MEX"]


def test_the_date_of_a_decision_in_another_form_is_kept() -> None:
    decided_whole = changed(
        A_SECONDARY_TEXT,
        "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~",
        "NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~DTP*573*RD8*20260901-20260902~",
    )
    one = _only(decided_whole)
    assert one.claim is not None
    decision = one.claim.other_payers[0].decision
    assert decision is not None
    assert decision.adjudication_date is None
    assert _kept(one) == ["DTP*573*RD8*20260901-20260902"]


def test_what_others_leave_out_is_none() -> None:
    text = A_SECONDARY_TEXT
    for segment in ("REF*6R*LINE1", "REF*EI*123456789", "N3*7 MADE UP LANE*APT 2~N4*SAMPLETON*CO*80211~DMG"):
        text = changed(text, f"{segment}~" if "DMG" not in segment else segment, "DMG" if "DMG" in segment else "")
    text = changed(text, "****MI*QRX100200300~", "~")
    text = changed(text, "SBR*S*18*******CI~", "SBR*S*18~")
    one = _only(text)
    claim = one.claim
    assert claim is not None
    assert claim.lines[0].control_number is None
    assert claim.billed_by.tax_id is None
    assert claim.patient.address is None
    assert (claim.policy.member_id, claim.policy.claim_filing_code) == (None, None)
    assert _kept(one) == []


def test_other_payers_come_in_the_order_of_their_rank() -> None:
    text = written(a_tertiary())
    first, rest = text.split("SBR*P*18", 1)
    primary, rest = rest.split("SBR*S*18", 1)
    secondary, rest = rest.split("LX*1~", 1)
    claim = _claim(f"{first}SBR*S*18{secondary}SBR*P*18{primary}LX*1~{rest}")
    assert [one.policy.responsibility.code for one in claim.other_payers] == ["P", "S"]
    assert claim == _claim(text)


def test_a_bundled_line_is_named_by_its_lx_whatever_that_is() -> None:
    text = changed(A_SECONDARY_TEXT, "LX*1~", "LX*5~")
    second = "LX*9~SV1*HC:90785*0*UN*1***1~DTP*472*D8*20260820~SVD*PAYERID*0*HC:90785**1*5~DTP*573*D8*20260910~"
    claim = _claim(a_text([*_body_of(text), *second.removesuffix("~").split("~")]))
    decision = claim.other_payers[0].decision
    assert decision is not None
    assert [(line.line_number, line.bundled_into) for line in decision.lines] == [(1, None), (2, 1)]


def _body_of(text: str) -> list[str]:
    segments = text.removesuffix("~").split("~")
    return segments[3:-3]


def test_icd_9_diagnoses_are_said_to_be_so() -> None:
    claim = _claim(changed(A_SECONDARY_TEXT, "HI*ABK:F411~", "HI*BK:30002*BF:4019~"))
    assert claim.diagnoses == ("30002", "4019")
    assert claim.diagnoses_are_icd_9
    assert not _claim(A_SECONDARY_TEXT).diagnoses_are_icd_9


# What makes no claim


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("SBR*S*18", "SBR*U*18", "2000B SBR01"),
        ("SBR*S*18", "SBR*S*01", "2000B SBR02"),
        ("SBR*P*18", "SBR*P*99", "2320 SBR02"),
        ("DMG*D8*19840229*F", "DMG*D8*19840230*F", "2010BA DMG02"),
        ("DMG*D8*19840229*F", "DMG*D8*19840229*X", "2010BA DMG03"),
        ("***10:B:1*", "***10:B:6*", "2300 CLM05"),
        ("***10:B:1*Y*A*Y*Y~", "***10:B:1*Y*P*Y*Y~", "2300 CLM07"),
        ("***10:B:1*Y*A*Y*Y~", "***10:B:1*Y*A*Y*N~", "2300 CLM09"),
        ("HI*ABK:F411~", "HI*ABK:F411*ABJ:F329~", "2300 HI02"),
        ("CLM*A1B2C3D4E5F6G7H8J*", "CLM**", "2300 CLM01"),
        ("SV1*HC:90837*150*", "SV1*HC:90837*15O*", "2400 SV102"),
        ("SV1*HC:90837*150*UN*", "SV1*HC:90837*150*F2*", "2400 SV103"),
        ("SV1*HC:90837*150*UN*1*", "SV1*HC*150*UN*1*", "2400 SV101"),
        ("***1~DTP*472", "***A~DTP*472", "2400 SV107"),
        ("DTP*472*D8*20260820", "DTP*472*D8*20260832", "2400 DTP03"),
        ("AMT*D*80~", "AMT*D*8O~", "2320 AMT02"),
        ("SVD*PAYERID*80*", "SVD*OTHERID*80*", "2430 SVD01"),
        ("SVD*PAYERID*80*", "SVD*PAYERID*x*", "2430 SVD02"),
        ("HC:90837**1~CAS", "HC:90837**1*4~CAS", "2430 SVD06"),
        ("CAS*CO*45*45~", "CAS*XX*45*45~", "2430 CAS01"),
        ("CAS*CO*45*45~", "CAS*CO*45~", "2430 CAS03"),
        ("CAS*CO*45*45~", "CAS*CO**45~", "2430 CAS02"),
        ("DTP*573*D8*20260910", "DTP*573*D8*20269910", "2430 DTP03"),
        ("OI***Y***Y~", "OI***X***Y~", "2320 OI03"),
        ("NM1*PR*2*FIRST INVENTED MUTUAL*****PI*PAYERID~", "NM1*PR*2*FIRST INVENTED MUTUAL~", "2330B NM109"),
        ("PRV*BI*PXC*101YM0800X~", "PRV*BI*PXC*101YM0800X~CUR*85*CAD~", "2000A CUR02"),
    ],
)
def test_a_value_that_cannot_be_read_makes_no_claim_and_is_reported_at_its_element_once(
    old: str, new: str, place: str
) -> None:
    text = changed(A_SECONDARY_TEXT, old, new)
    one = _only(text)
    assert one.claim is None
    assert one.patient_control_number == ("" if "CLM**" in text else "A1B2C3D4E5F6G7H8J")
    assert [where for _, where in _errors(text) if where == place] == [place]
    assert unkept(text, one) == set()


@pytest.mark.parametrize(
    ("segment", "place"),
    [
        ("DMG*D8*19840229*F", "2010BA"),
        ("SBR*S*18*******CI", "2000B"),
        ("SV1*HC:90837*150*UN*1***1", "2400"),
        ("DTP*472*D8*20260820", "2400"),
        ("DTP*573*D8*20260910", "2430"),
        ("OI***Y***Y", "2320"),
        ("AMT*D*80", "2320"),
    ],
)
def test_a_segment_that_no_claim_is_without_makes_no_claim_when_it_is_missing(segment: str, place: str) -> None:
    text = without(A_SECONDARY_TEXT, segment)
    assert _only(text).claim is None
    assert any((where or "").startswith(place) for _, where in _errors(text))


def test_two_payers_of_one_id_leave_in_doubt_whose_a_line_decision_is() -> None:
    text = written(a_tertiary()).replace("*PI*SECOND~", "*PI*PAYERID~")
    assert _only(text).claim is None
    assert ("claim_unreadable", "2430 SVD01") in _errors(text)


def test_a_subscriber_that_is_no_person_is_no_patient() -> None:
    text = changed(A_SECONDARY_TEXT, "NM1*IL*1*FERNWOOD*ADA****MI*QRX", "NM1*IL*2*FERNWOOD INC*****MI*QRX")
    assert _only(text).claim is None
    assert ("claim_unreadable", "2010BA NM102") in _errors(text)


def test_one_bad_claim_does_not_keep_the_others_from_being_read() -> None:
    bad = changed(A_SECONDARY_TEXT, "SBR*S*18", "SBR*U*18")
    good = written(a_claim(patient_control_number="GOOD"))
    found, _ = read(good + bad + good)
    assert [one.claim is not None for one in found] == [True, False, True]


def test_a_claim_that_the_text_ends_in_is_not_used() -> None:
    text = written(a_tertiary())
    cut = text[: text.index("REF*6R") + 4]
    one = _only(cut)
    assert one.claim is None
    assert ("transaction_truncated", "ST") in _errors(cut)


# The levels above a claim


def test_the_first_claim_below_a_level_keeps_what_the_level_has_no_field_for() -> None:
    body = _body_of(written(DEPENDENT))
    start = next(position for position, segment in enumerate(body) if segment.startswith("CLM*"))
    at = next(position for position, segment in enumerate(body) if segment.startswith("NM1*IL"))
    body[at + 1 : at + 1] = ["REF*Y4*PC1"]
    start += 1
    second = [segment.replace("CLM*A1B2C3D4E5F6G7H8J", "CLM*SECOND") for segment in body[start:]]
    sibling = ["HL*4*2*23*0", *body[start - 5 : start], *body[start:]]
    assert sibling[1].startswith("PAT*")
    found, _ = read(a_text([*body, *second, *sibling]))
    assert [_kept(one) for one in found] == [["REF*Y4*PC1"], [], []]
    assert [one.claim is not None for one in found] == [True, True, True]
    assert found[0].claim == found[2].claim
    assert found[1].patient_control_number == "SECOND"


def test_subscriber_and_dependent_of_one_policy_are_each_the_patient_of_their_claim() -> None:
    body = _body_of(written(a_claim()))
    dependent = _body_of(written(DEPENDENT))
    level = next(position for position, segment in enumerate(dependent) if segment.startswith("HL*3"))
    text = changed(a_text([*body, *dependent[level:]]), "SBR*P*18*", "SBR*P**")
    first, second = (one.claim for one in read(text)[0])
    assert first is not None
    assert second is not None
    assert (first.patient_is_subscriber, first.policy.relationship) == (True, Relationship.SELF)
    assert (second.patient_is_subscriber, second.policy.relationship) == (False, Relationship.CHILD)
    assert (first.patient.name.first, second.patient.name.first) == ("ADA", "BEN")


def test_a_level_without_claims_is_kept_by_the_claim_after_it() -> None:
    body = _body_of(written(a_claim()))
    level = next(position for position, segment in enumerate(body) if segment.startswith("HL*2"))
    claimless = ["HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*SOMEBODY*ELSE****MI*X1"]
    following = [body[level].replace("HL*2", "HL*3"), *body[level + 1 :]]
    one = _only(a_text([*body[:level], *claimless, *following]))
    assert one.claim is not None
    assert _kept(one) == claimless[1:]


def test_what_comes_behind_the_last_claim_is_kept_by_it() -> None:
    behind = ["HL*3*1*22*0", "SBR*P*18", "ZZZ*1"]
    one = _only(a_text([*_body_of(written(a_claim())), *behind]))
    assert one.claim is not None
    assert _kept(one) == behind


def test_one_claim_can_be_read_from_its_loops() -> None:
    text = changed(A_SECONDARY_TEXT, "PER*IC*BILLING DESK*TE*3035550100", "PER*IC*BILLING DESK*TE*3035550100*EX*1")
    report = Report()
    transaction = next(read_transactions(text, report))
    assert isinstance(transaction, TransactionSet)
    (unit,) = read_units(transaction, GUIDE, report)
    root = unit.above("ST")
    assert root is not None
    one = read_claim(unit, report, "0001")
    assert one == _only(text)
    assert read_header(root, "0001") == one.transaction
    assert report.findings == ()


def test_a_header_that_has_no_submitter_of_ours_is_kept() -> None:
    text = changed(A_SECONDARY_TEXT, "PER*IC*BILLING DESK*TE*3035550100~", "PER*IC*BILLING DESK*EM*A.B.INVALID~")
    one = _only(text)
    assert one.claim is not None
    assert one.transaction.submitter is None
    assert _kept(one) == ["NM1*41*2*QUIET ROOMS THERAPY*****46*QUIETROOMS", "PER*IC*BILLING DESK*EM*A.B.INVALID"]


# Other documents


def test_another_transaction_set_is_named() -> None:
    text = A_SECONDARY_TEXT.replace("ST*837*", "ST*835*").replace("GS*HC*", "GS*HP*")
    found, findings = read(text)
    assert found == ()
    assert [finding.code for finding in findings] == ["unexpected_transaction"]
    assert "remittance" in findings[0].message


def test_another_guide_is_refused() -> None:
    found, findings = read(A_SECONDARY_TEXT.replace("005010X222A1", "005010X224A2"))
    assert found == ()
    assert [finding.code for finding in findings] == ["unexpected_guide"]


@pytest.mark.parametrize("guide", ["005010X222", "005010X222A2"])
def test_the_variants_of_the_guide_are_read(guide: str) -> None:
    assert _claim(A_SECONDARY_TEXT.replace("005010X222A1", guide)) == _claim(A_SECONDARY_TEXT)


def test_a_text_without_claims_is_said_to_have_none() -> None:
    assert read("")[0] == ()
    assert [finding.code for finding in read("")[1]] == ["not_x12"]


def test_claims_come_before_the_text_is_read_to_its_end() -> None:
    def blocks() -> Iterator[bytes]:
        while True:
            yield A_SECONDARY_TEXT.encode()

    claims_read = read_each(blocks(), Report())
    assert [next(claims_read).patient_control_number for _ in range(100)] == ["A1B2C3D4E5F6G7H8J"] * 100


def test_nothing_personal_shows_in_the_repr_or_in_a_finding() -> None:
    text = changed(A_SECONDARY_TEXT, "SBR*S*18", "SBR*U*18")
    found, findings = read(text)
    shown = repr(found) + repr(findings)
    assert not any(secret in shown for secret in ("FERNWOOD", "QRX100200300", "19840229", "MADE UP LANE"))
