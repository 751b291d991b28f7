"""Why a payer did not answer (AAA of the 271), as an outcome and the next step for a front desk.

The meanings of AAA03 and AAA04 are those of the public guide listings at eedi.net (004010X092A1, 004010X094A2), of
several open-source readers' tables and of x12sdk's lists by loop for 005010X279A1, which agree; for further reading see
CAQH CORE rule 259 (AAA error code reporting) and Stedi's "AAA eligibility errors in plain English". The sentences are
ours. Code 35 ("out of network") and 41 ("access restrictions") are laid at the provider's door, as both need its
enrolment looked at; 60 names two dates of which either may be wrong.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.domain.eligibility import CheckOutcome, PayerRejection


class RejectionReason(NamedTuple):
    """One AAA03."""

    outcome: CheckOutcome
    what_to_do: str


_NOT_FOUND = CheckOutcome.MEMBER_NOT_FOUND
_MEMBER_ID = CheckOutcome.MEMBER_ID_INVALID
_NAME = CheckOutcome.NAME_MISMATCH
_BIRTH = CheckOutcome.BIRTH_DATE_MISMATCH
_PROVIDER = CheckOutcome.PROVIDER_NOT_RECOGNISED
_DATE = CheckOutcome.DATE_NOT_ACCEPTED
_DOWN = CheckOutcome.PAYER_UNAVAILABLE
_REJECTED = CheckOutcome.PAYER_REJECTED

_CHECK_NPI = "Check the practice's NPI and whether it is enrolled with this payer, then ask again."
_CHECK_PROVIDER_DETAILS = "Check the practice's billing details with this payer; they lack something it wants."
_CHECK_DATE = "Check the service date; ask for today or a date in the last twelve months."
_CHECK_SEX = "Compare the sex on record with the insurance card or ask the payer what it has on file."
_CHECK_SERVICE = "The payer does not answer for this kind of service; ask for plan coverage only, or call the payer."
_SEVERAL_FOUND = "The payer finds more than one person; compare name, birth date and member id with the card."
_LATER = "The payer's system gave no answer; ask again in some minutes."

REASONS: Final = {
    "04": RejectionReason(_REJECTED, "Too many questions were asked at once; ask again later."),
    "15": RejectionReason(_REJECTED, "The payer needs more details; complete name, birth date, sex and member id."),
    "33": RejectionReason(_REJECTED, "The payer could not use what was sent; compare every detail with the card."),
    "35": RejectionReason(_PROVIDER, "The payer counts the practice as out of network; check its enrolment."),
    "41": RejectionReason(_PROVIDER, "The practice may not ask this payer yet; check its enrolment."),
    "42": RejectionReason(_DOWN, _LATER),
    "43": RejectionReason(_PROVIDER, _CHECK_NPI),
    "44": RejectionReason(_PROVIDER, "Check the practice's name as the payer has it on file."),
    "45": RejectionReason(_PROVIDER, "Check the practice's specialty as the payer has it on file."),
    "46": RejectionReason(_PROVIDER, _CHECK_PROVIDER_DETAILS),
    "47": RejectionReason(_PROVIDER, _CHECK_PROVIDER_DETAILS),
    "48": RejectionReason(_PROVIDER, _CHECK_PROVIDER_DETAILS),
    "49": RejectionReason(_PROVIDER, "The payer answers only the primary care provider; call the payer."),
    "50": RejectionReason(_PROVIDER, "The payer does not let this practice ask; check its enrolment."),
    "51": RejectionReason(_PROVIDER, _CHECK_NPI),
    "52": RejectionReason(_PROVIDER, "The practice is not enrolled with this plan on the service date."),
    "53": RejectionReason(_REJECTED, _CHECK_SERVICE),
    "54": RejectionReason(_REJECTED, _CHECK_SERVICE),
    "55": RejectionReason(_REJECTED, _CHECK_SERVICE),
    "56": RejectionReason(_DATE, _CHECK_DATE),
    "57": RejectionReason(_DATE, _CHECK_DATE),
    "58": RejectionReason(_BIRTH, "The payer cannot use the birth date; compare it with the card."),
    "60": RejectionReason(_DATE, "The birth date is after the service date; correct the one that is wrong."),
    "61": RejectionReason(_DATE, "The payer has a date of death before the service date; check both with the payer."),
    "62": RejectionReason(_DATE, "The payer does not answer for this date; ask for a nearer one, or call the payer."),
    "63": RejectionReason(_DATE, "The payer does not answer for the future; ask again on the day of service."),
    "64": RejectionReason(_MEMBER_ID, "Correct the patient's member id from the card."),
    "65": RejectionReason(_NAME, "Correct the patient's name to the spelling on the card."),
    "66": RejectionReason(_REJECTED, _CHECK_SEX),
    "67": RejectionReason(_NOT_FOUND, "Compare the patient's name, birth date and member id with the card."),
    "68": RejectionReason(_NOT_FOUND, _SEVERAL_FOUND),
    "69": RejectionReason(_REJECTED, "The service does not fit the patient's age; check the birth date."),
    "70": RejectionReason(_REJECTED, _CHECK_SEX),
    "71": RejectionReason(_BIRTH, "The payer has another birth date for this member; compare it with the card."),
    "72": RejectionReason(_MEMBER_ID, "Correct the member id from the card, with every letter and digit."),
    "73": RejectionReason(_NAME, "Correct the subscriber's name to the spelling on the card."),
    "74": RejectionReason(_REJECTED, _CHECK_SEX),
    "75": RejectionReason(_NOT_FOUND, "Compare member id, name, birth date and payer with the card."),
    "76": RejectionReason(_NOT_FOUND, _SEVERAL_FOUND),
    "77": RejectionReason(_NOT_FOUND, "The subscriber is known, the patient is not; check who is on the policy."),
    "78": RejectionReason(_NOT_FOUND, "The member is not in this group or plan; check the payer on the card."),
    "79": RejectionReason(_REJECTED, "The payer id or the connection is not accepted; check the payer on the card."),
    "80": RejectionReason(_DOWN, _LATER),
    "97": RejectionReason(_PROVIDER, _CHECK_PROVIDER_DETAILS),
    "98": RejectionReason(_REJECTED, _CHECK_SERVICE),
    "T4": RejectionReason(_REJECTED, "The payer's name or id was not accepted; check the payer on the card."),
}
"""AAA03. A code that is missing here is a rejection without more to say."""

UNKNOWN_REASON: Final = RejectionReason(
    _REJECTED, "The payer rejected the question for its own reason; call the payer."
)

FOLLOW_UPS: Final = {
    "C": "The payer asks to correct and ask again.",
    "N": "The payer says asking again as it is will not help.",
    "P": "The payer asks to send the same question again.",
    "R": "The payer allows asking again.",
    "S": "Do not ask again: the payer passed the question on.",
    "W": "The payer asks to wait 30 days before asking again.",
    "X": "The payer asks to wait 10 days before asking again.",
    "Y": "Do not ask again: the payer will answer later.",
}
"""AAA04."""

_MOST_SPECIFIC_FIRST: Final = (_BIRTH, _NAME, _MEMBER_ID, _NOT_FOUND, _DATE, _PROVIDER, _DOWN, _REJECTED)


def reason_for(rejections: Sequence[PayerRejection]) -> RejectionReason:
    """Of several rejections the one that says most about what to correct; the payer's follow-up stands behind it.

    A payer that is down says nothing about the member, but neither does it take back what another segment says.
    """
    reasons = [REASONS.get(rejection.reason_code, UNKNOWN_REASON) for rejection in rejections] or [UNKNOWN_REASON]
    first = min(range(len(reasons)), key=lambda index: _MOST_SPECIFIC_FIRST.index(reasons[index].outcome))
    outcome, sentence = reasons[first]
    follow_up = FOLLOW_UPS.get(rejections[first].follow_up_code or "") if rejections else None
    return RejectionReason(outcome, f"{sentence} {follow_up}" if follow_up else sentence)
