"""What is read of a 271 in tests: its one answer, and the codes of what was found."""

from datetime import date

from app.domain.eligibility import EligibilityAnswer, ReturnedMember
from app.domain.findings import Severity
from app.domain.parties import Address, Sex
from app.x12.eligibility_271 import read
from tests.x12.texts_271 import (
    MEMBER_ID,
)

ADA = ReturnedMember(
    last_name="FERNWOOD",
    first_name="ADA",
    member_id=MEMBER_ID,
    birth_date=date(1984, 2, 29),
    sex=Sex.FEMALE,
    address=Address(line1="12 EXAMPLE WAY", city="SPRINGFIELD", state="IL", postal_code="62701"),
)


def sound_answer_of(text: str | bytes) -> EligibilityAnswer:
    """The one answer of a text without findings."""
    (answer,), findings = read(text)
    assert findings == ()
    return answer


def answer_of(text: str) -> EligibilityAnswer:
    """The one answer, whatever was noted beside it."""
    (answer,), _ = read(text)
    return answer


def codes_of(text: str | bytes, severity: Severity | None = None) -> list[str]:
    return [finding.code for finding in read(text)[1] if severity in {None, finding.severity}]
