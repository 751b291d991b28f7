"""What a transaction set is called: by ST01 and its guide (ST03 or GS08), whether it is read here or not.

The guides are those that 45 CFR 162 adopts, their forerunners of 004010, and what else comes in the same interchanges.
A guide's addenda (A1, A2) are the same kind of document. No name repeats what stood in a text, but for an identifier
that has the form of a guide's.
"""

import re
from typing import Final, NamedTuple

from app.x12.code_lists import TRANSACTION_NAMES


class GuideName(NamedTuple):
    """`kind` is what people call it, such as ``837P``; two guides of one transaction set are two kinds."""

    kind: str
    words: str


_GUIDE: Final = re.compile(r"([0-9]{6}X[0-9]{3})(?:[AE][0-9])*", re.ASCII)
_VERSION: Final = re.compile(r"[0-9]{6}", re.ASCII)

_PROFESSIONAL: Final = GuideName("837P", "professional claim")
_INSTITUTIONAL: Final = GuideName("837I", "institutional claim")
_DENTAL: Final = GuideName("837D", "dental claim")
_REMITTANCE: Final = GuideName("835", "remittance")
_INQUIRY: Final = GuideName("270", "eligibility inquiry")
_ANSWER: Final = GuideName("271", "eligibility answer")
_STATUS_REQUEST: Final = GuideName("276", "claim status request")
_STATUS_ANSWER: Final = GuideName("277", "claim status answer")
_SERVICES_REVIEW: Final = GuideName("278", "services review")
_PREMIUM: Final = GuideName("820", "premium payment")
_ENROLMENT: Final = GuideName("834", "enrolment")
_SYNTAX: Final = GuideName("999", "implementation acknowledgment")

_NAMES: Final = {
    ("270", "004010X092"): _INQUIRY,
    ("270", "005010X279"): _INQUIRY,
    ("271", "004010X092"): _ANSWER,
    ("271", "005010X279"): _ANSWER,
    ("275", "005010X210"): GuideName("275", "attachment to a claim"),
    ("276", "004010X093"): _STATUS_REQUEST,
    ("276", "005010X212"): _STATUS_REQUEST,
    ("277", "004010X070"): GuideName("277U", "unsolicited claim status"),
    ("277", "004010X093"): _STATUS_ANSWER,
    ("277", "005010X212"): _STATUS_ANSWER,
    ("277", "005010X213"): GuideName("277RFAI", "request for more about a claim"),
    ("277", "005010X214"): GuideName("277CA", "claim acknowledgment"),
    ("277", "005010X228"): GuideName("277P", "status of pended claims"),
    ("278", "004010X094"): _SERVICES_REVIEW,
    ("278", "005010X215"): GuideName("278", "inquiry about a services review"),
    ("278", "005010X216"): GuideName("278", "notification of a services review"),
    ("278", "005010X217"): _SERVICES_REVIEW,
    ("820", "004010X061"): _PREMIUM,
    ("820", "005010X218"): _PREMIUM,
    ("820", "005010X306"): GuideName("820", "payment of a health insurance exchange"),
    ("824", "005010X186"): GuideName("824", "application report"),
    ("834", "004010X095"): _ENROLMENT,
    ("834", "005010X220"): _ENROLMENT,
    ("834", "005010X307"): GuideName("834", "enrolment at a health insurance exchange"),
    ("835", "004010X091"): _REMITTANCE,
    ("835", "005010X221"): _REMITTANCE,
    ("837", "004010X096"): _INSTITUTIONAL,
    ("837", "004010X097"): _DENTAL,
    ("837", "004010X098"): _PROFESSIONAL,
    ("837", "005010X222"): _PROFESSIONAL,
    ("837", "005010X223"): _INSTITUTIONAL,
    ("837", "005010X224"): _DENTAL,
    ("837", "005010X291"): GuideName("837P predetermination", "professional claim for a predetermination"),
    ("837", "005010X292"): GuideName("837I predetermination", "institutional claim for a predetermination"),
    ("837", "005010X298"): GuideName("837P data reporting", "post-adjudicated professional claim"),
    ("837", "005010X299"): GuideName("837I data reporting", "post-adjudicated institutional claim"),
    ("837", "005010X300"): GuideName("837D data reporting", "post-adjudicated dental claim"),
    ("999", "005010X231"): _SYNTAX,
}
"""By ST01 and the guide without its addenda."""


def name_of(code: str, guide: str) -> GuideName:
    """By the guide; by ST01 alone where the guide is not known, or there is none; of neither, as unknown."""
    match = _GUIDE.fullmatch(guide)
    named = _NAMES.get((code, match[1])) if match else None
    if named is not None:
        return named
    words = TRANSACTION_NAMES.get(code)
    return GuideName("unknown", "unknown transaction set") if words is None else GuideName(code, words)


def describe(code: str, guide: str) -> str:
    """In words, to begin a finding with: `837D (dental claim) of 005010X224A2`."""
    name = name_of(code, guide)
    if _GUIDE.fullmatch(guide) or _VERSION.fullmatch(guide):
        said = guide
    else:
        said = "a guide that is not known here" if guide else "no guide that it names"
    what = f"An {name.words}" if name.kind == "unknown" else f"{name.kind} ({name.words})"
    return f"{what} of {said}"
