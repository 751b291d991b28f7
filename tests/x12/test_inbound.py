"""Which kind of document came, and of which claims it speaks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from app.domain.remittances import Remittance
from app.x12.inbound import InboundKind, kind_of, patient_control_numbers
from app.x12.segments import BLOCK
from tests.x12.remittances import a_claim, a_remittance, remittances
from tests.x12.texts_271 import a_271
from tests.x12.texts_277 import DEPENDENT, LINE, OWN, PAID, SUBSCRIBER, a_277
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_277ca import around as around_277
from tests.x12.texts_835 import a_835, around, enclosed
from tests.x12.texts_999 import a_999, a_ta1

CLAIM_STATUS = around_277(
    ["ST*277*0001*005010X212", "HL*1**22*0", "TRN*2*OURINQUIRY1", "REF*EJ*CLAIM1", "SE*5*0001"], guide="005010X212"
)
TA1 = "TA1*000000042*260303*1200*A*000"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (a_835(a_remittance()), InboundKind.REMITTANCE_835),
        (around(enclosed(()), guide="005010X221"), InboundKind.REMITTANCE_835),
        (around(enclosed(()), guide="004010X091A1"), InboundKind.OTHER),
        (a_277ca(), InboundKind.CLAIM_ACKNOWLEDGMENT_277),
        (CLAIM_STATUS, InboundKind.CLAIM_STATUS_277),
        (a_277([*SUBSCRIBER, OWN, PAID]), InboundKind.CLAIM_STATUS_277),
        (a_999(), InboundKind.ACKNOWLEDGMENT_999),
        (a_ta1(TA1), InboundKind.INTERCHANGE_ACKNOWLEDGMENT),
        (a_ta1(TA1, ["ST*999*0001*005010X231A1", "SE*2*0001"]), InboundKind.ACKNOWLEDGMENT_999),
        (a_271(), InboundKind.OTHER),
        (around(), InboundKind.OTHER),
        ("", InboundKind.UNREADABLE),
        ('{"not": "X12"}', InboundKind.UNREADABLE),
        (a_835(a_remittance())[:200], InboundKind.REMITTANCE_835),
        (a_835(a_remittance())[:150], InboundKind.UNREADABLE),
    ],
)
def test_the_kind_of_a_document(text: str, kind: InboundKind) -> None:
    assert kind_of(text) is kind
    assert kind_of(text.encode()) is kind


def test_no_more_is_read_than_tells_the_kind() -> None:
    text = a_835(a_remittance()).encode()
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += len(text)
            yield text

    assert kind_of(pieces()) is InboundKind.REMITTANCE_835
    assert taken < 2 * BLOCK


def test_claims_are_listed_once_in_their_order() -> None:
    claims = (a_claim(patient_control_number=number) for number in ("CLAIM2", "CLAIM1", "CLAIM2", "CLAIM3"))
    assert patient_control_numbers(a_835(a_remittance(*claims))) == ("CLAIM2", "CLAIM1", "CLAIM3")


@given(remittances())
def test_the_claims_of_a_remittance_are_those_that_are_read(remittance: Remittance) -> None:
    numbers = dict.fromkeys(claim.patient_control_number for claim in remittance.claims)
    assert patient_control_numbers(a_835(remittance)) == tuple(numbers)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (a_277ca(a_claim_level("CLAIM1"), a_claim_level("CLAIM2")), ("CLAIM1", "CLAIM2")),
        (CLAIM_STATUS, ("CLAIM1",)),
        (a_277([*SUBSCRIBER, OWN, "REF*EJ*CLAIM1"], [*DEPENDENT, OWN, "REF*EJ*CLAIM2", *LINE]), ("CLAIM1", "CLAIM2")),
        (a_999("AK2*837*0001", "IK3*CLM*22**8", "CTX*CLM01:CLAIM1", "CTX*NM109:ADA", "IK5*R"), ("CLAIM1",)),
        (a_ta1(TA1), ()),
        (a_271(), ()),
        ("no X12 at all", ()),
    ],
)
def test_the_claims_of_other_documents(text: str, numbers: tuple[str, ...]) -> None:
    assert patient_control_numbers(text) == numbers


def test_claims_are_found_in_a_document_that_is_refused() -> None:
    damaged = a_835(a_remittance(a_claim(patient_control_number="CLAIM1"))).replace("BPR*I*80", "BPR*I*x")
    assert patient_control_numbers(damaged) == ("CLAIM1",)
    assert patient_control_numbers(damaged[: damaged.index("SVC*")]) == ("CLAIM1",)


_REFERENCE = os.environ.get("REFERENCE_DIR")


@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no sample files")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("835", InboundKind.REMITTANCE_835),
        ("277ca", InboundKind.CLAIM_ACKNOWLEDGMENT_277),
        ("277", InboundKind.CLAIM_STATUS_277),
        ("999", InboundKind.ACKNOWLEDGMENT_999),
        ("271", InboundKind.OTHER),
        ("837p", InboundKind.OTHER),
    ],
)
def test_the_kind_of_every_sample(folder: str, kind: InboundKind) -> None:
    paths = list((Path(_REFERENCE or ".") / "samples" / folder).glob("*"))
    assert paths
    assert {kind_of(path.read_bytes()) for path in paths} == {kind}
