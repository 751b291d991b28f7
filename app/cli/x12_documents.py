"""What `crossover x12 write` takes: a JSON document with an interchange and what goes into it.

    {"interchange": {...}, "submitter": {...}, "receiver_name": "...", "reference": "...", "claim": {...}}

or `claims`, a list of `{"reference": ..., "claim": {...}}`, or one of `eligibility_inquiry`, `status_inquiry` and
`status_inquiries`, which need no submitter. `separators` may be added. The findings of the writers point into a claim or
an inquiry; here they point into the document.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeAlias

from app.cli.json_values import Problems, parse, read_value
from app.domain.claim_statuses import StatusInquiry
from app.domain.eligibility import EligibilityInquiry, Interchange
from app.domain.findings import Finding
from app.domain.professional_claims import ProfessionalClaim, Submitter
from app.x12 import claim_status_276, eligibility_270, professional_claim_837
from app.x12.separators import DEFAULT, Separators

Written: TypeAlias = tuple[str | None, tuple[Finding, ...]]


@dataclass(frozen=True, kw_only=True)
class OneClaim:
    interchange: Interchange
    separators: Separators = DEFAULT
    submitter: Submitter
    receiver_name: str
    reference: str
    claim: ProfessionalClaim


@dataclass(frozen=True, kw_only=True)
class ReferencedClaim:
    reference: str
    claim: ProfessionalClaim


@dataclass(frozen=True, kw_only=True)
class ManyClaims:
    interchange: Interchange
    separators: Separators = DEFAULT
    submitter: Submitter
    receiver_name: str
    claims: tuple[ReferencedClaim, ...]


@dataclass(frozen=True, kw_only=True)
class OneEligibilityInquiry:
    interchange: Interchange
    separators: Separators = DEFAULT
    eligibility_inquiry: EligibilityInquiry


@dataclass(frozen=True, kw_only=True)
class OneStatusInquiry:
    interchange: Interchange
    separators: Separators = DEFAULT
    status_inquiry: StatusInquiry


@dataclass(frozen=True, kw_only=True)
class ManyStatusInquiries:
    interchange: Interchange
    separators: Separators = DEFAULT
    status_inquiries: tuple[StatusInquiry, ...]


_OF_INTERCHANGE: Final = frozenset(field.name for field in fields(Interchange))
_BESIDE_A_CLAIM: Final = frozenset({"submitter", "receiver_name", "reference"})


def write_document(text: bytes) -> Written:
    """The X12 text, or None and every reason why it cannot be written; NotJson when the document is none."""
    document = parse(text)
    problems = Problems()
    kinds = [name for name in _KINDS if isinstance(document, dict) and name in document]
    if len(kinds) != 1:
        problems.add("value", "", f"The document is an object with one of these: {', '.join(_KINDS)}.")
        return None, tuple(problems.findings)
    kind, write = _KINDS[kinds[0]]
    content = read_value(kind, document, "", problems)
    if not problems.findings:
        _check_separators(content.separators, problems)
    if problems.findings:
        return None, tuple(problems.findings)
    return write(content)


def _check_separators(separators: Separators, problems: Problems) -> None:
    for field in fields(separators):
        separator = getattr(separators, field.name)
        if separator is not None and not (len(separator) == 1 and separator.isascii()):
            problems.add("value", f"/separators/{field.name}", "A delimiter is one ASCII character.")


def _write_claim(content: OneClaim) -> Written:
    written = professional_claim_837.write(
        content.claim,
        content.interchange,
        reference=content.reference,
        submitter=content.submitter,
        receiver_name=content.receiver_name,
        separators=content.separators,
    )
    return _pointing(written, lambda steps: steps if steps[0] in _BESIDE_A_CLAIM else ["claim", *steps])


def _write_claims(content: ManyClaims) -> Written:
    written = professional_claim_837.write_many(
        [(one.claim, one.reference) for one in content.claims],
        content.interchange,
        submitter=content.submitter,
        receiver_name=content.receiver_name,
        separators=content.separators,
    )
    return _pointing(written, _of_claims)


def _of_claims(steps: Sequence[str]) -> Sequence[str]:
    """`/claims/3/lines/0` of the writer is `/claims/3/claim/lines/0` of the document."""
    if steps[0] != "claims" or len(steps) < 3 or steps[2] == "reference":
        return steps
    return [*steps[:2], "claim", *steps[2:]]


def _write_eligibility_inquiry(content: OneEligibilityInquiry) -> Written:
    written = eligibility_270.write(content.eligibility_inquiry, content.interchange, content.separators)
    return _pointing(written, lambda steps: ["eligibility_inquiry", *steps])


def _write_status_inquiry(content: OneStatusInquiry) -> Written:
    written = claim_status_276.write_many([content.status_inquiry], content.interchange, content.separators)
    return _pointing(written, lambda steps: ["status_inquiry", *steps[2:]])


def _write_status_inquiries(content: ManyStatusInquiries) -> Written:
    written = claim_status_276.write_many(content.status_inquiries, content.interchange, content.separators)
    return _pointing(written, lambda steps: ["status_inquiries", *steps[1:]])


def _pointing(written: Written, into: Callable[[Sequence[str]], Sequence[str]]) -> Written:
    """The findings with pointers into the document; one without a pointer is about the delimiters."""
    text, findings = written
    return text, tuple(replace(finding, pointer=_pointer(finding, into)) for finding in findings)


def _pointer(finding: Finding, into: Callable[[Sequence[str]], Sequence[str]]) -> str:
    if finding.pointer is None:
        return "/separators"
    steps = finding.pointer.split("/")[1:]
    return "/".join(["", *(["interchange", *steps] if steps[0] in _OF_INTERCHANGE else into(steps))])


_KINDS: Final[dict[str, tuple[type[Any], Callable[[Any], Written]]]] = {
    "claim": (OneClaim, _write_claim),
    "claims": (ManyClaims, _write_claims),
    "eligibility_inquiry": (OneEligibilityInquiry, _write_eligibility_inquiry),
    "status_inquiry": (OneStatusInquiry, _write_status_inquiry),
    "status_inquiries": (ManyStatusInquiries, _write_status_inquiries),
}
