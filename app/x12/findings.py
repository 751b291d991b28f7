"""What is wrong with X12 text, where, in our word, in the standard's code and in a sentence.

A `Fault` is the kind (data, one row each), an `X12Finding` is the fault at a place, a `Report` collects them. The
standard's codes are those of TA1 (TA105), of the 999's group (AK905), transaction set (IK502), segment (IK304) and
element (IK403) level; sources: ASC X12 005010 data elements I18, 716, 718, 620 and 621 as listed in public companion
guides and in the code lists of open-source acknowledgment readers. Severity: an `error` means the text cannot be
relied on, a `warning` that one value was left out or is doubtful, `information` that something was kept but not used.
No message holds a value of the text.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, Protocol

from app.domain.findings import Finding, Severity

FINDINGS_LIMIT = 10_000
"""More than this in one file and the rest is counted only: a hostile file cannot fill the memory."""


@dataclass(frozen=True, kw_only=True)
class X12Finding(Finding):
    """A finding with its place in the text: segment number from 1 in the file, offset in bytes from 0.

    `standard_code` is the acknowledgment element and its code, such as ``TA105 023`` or ``IK403 8``. `difference` is what
    a balance is out by, in dollars with cents; the rule says of what.
    """

    segment_number: int | None = None
    offset: int | None = None
    segment_id: str | None = None
    element: int | None = None
    standard_code: str | None = None
    difference: Decimal | None = None


class Fault(NamedTuple):
    code: str
    standard_code: str | None
    severity: Severity
    message: str


class FaultLike(Protocol):
    """A fault, or a rule that was broken (`rules.Rule`), which also says where it comes from."""

    @property
    def code(self) -> str: ...
    @property
    def standard_code(self) -> str | None: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def message(self) -> str: ...


class Placed(Protocol):
    """Anything with a place in the text; a segment is."""

    @property
    def number(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def id(self) -> str: ...


class Report:
    """Collects the findings of one reading, in the order of the text.

    `severities` are a partner's: by the code of a finding, where it differs from the fault's own.
    """

    def __init__(self, severities: Mapping[str, Severity] = MappingProxyType({})) -> None:
        self._severities = severities
        self._findings: list[X12Finding] = []
        self._left_out = 0
        self._errors = 0
        self._counts: Counter[str] = Counter()
        self._error_places: set[tuple[int, int | None]] = set()

    def add(
        self,
        fault: FaultLike,
        at: Placed | None = None,
        *,
        element: int | None = None,
        loop: str | None = None,
        message: str | None = None,
        offset: int | None = None,
        difference: Decimal | None = None,
    ) -> None:
        severity = self._severities.get(fault.code, fault.severity)
        self._errors += severity is Severity.ERROR
        self._counts[fault.code] += 1
        if len(self._findings) >= FINDINGS_LIMIT:
            self._left_out += 1
            return
        if severity is Severity.ERROR and at is not None:
            self._error_places.add((at.number, element))
        self._findings.append(
            X12Finding(
                code=fault.code,
                message=message or fault.message,
                severity=severity,
                location=location(loop, at.id if at else None, element),
                segment_number=at.number if at else None,
                offset=at.offset if at else offset,
                segment_id=at.id if at else None,
                element=element,
                standard_code=fault.standard_code,
                difference=difference,
            )
        )

    @property
    def has_error(self) -> bool:
        return self._errors > 0

    @property
    def errors(self) -> int:
        """How many so far: a reader that sees it grow knows which part of the text is at fault."""
        return self._errors

    def has_error_at(self, at: Placed, element: int | None) -> bool:
        """Whether an error at this place is listed already, so that the same is not said twice."""
        return (at.number, element) in self._error_places

    def count(self, fault: FaultLike) -> int:
        """How often this one was met so far."""
        return self._counts[fault.code]

    def after(self, listed: int) -> list[X12Finding]:
        """Those that were listed since there were so many: for a reader that says them as it goes."""
        return self._findings[listed:]

    @property
    def findings(self) -> tuple[X12Finding, ...]:
        if not self._left_out:
            return tuple(self._findings)
        last = X12Finding(code="findings_left_out", message=f"{self._left_out} more findings are not listed.")
        return (*self._findings, last)


def location(loop: str | None, segment_id: str | None, element: int | None) -> str | None:
    """An X12 place as people write it: ``2110C EB07``."""
    place = segment_id if element is None or segment_id is None else f"{segment_id}{element:02}"
    return " ".join(part for part in (loop, place) if part) or None


def _error(code: str, standard_code: str | None, message: str) -> Fault:
    return Fault(code, standard_code, Severity.ERROR, message)


def _warning(code: str, standard_code: str | None, message: str) -> Fault:
    return Fault(code, standard_code, Severity.WARNING, message)


def _information(code: str, standard_code: str | None, message: str) -> Fault:
    return Fault(code, standard_code, Severity.INFORMATION, message)


# The file and the interchange
NOT_X12 = _error("not_x12", None, "This is not an X12 interchange: it does not begin with a whole ISA segment.")
LEADING_BYTES = _information("leading_bytes", None, "Blank characters or a byte order mark stand before the ISA.")
ISA_LAYOUT = _error("isa_layout", "TA105 024", "The ISA's elements do not have their fixed widths.")
ELEMENT_SEPARATOR = _error("element_separator", "TA105 026", "The element separator is a letter, digit or blank.")
COMPONENT_SEPARATOR = _error(
    "component_separator", "TA105 027", "The component separator is a letter, digit or blank, or used twice."
)
SEGMENT_TERMINATOR = _error(
    "segment_terminator", "TA105 004", "The segment terminator is a letter, digit or space, or used twice."
)
REPETITION_SEPARATOR = _error("repetition_separator", "TA105 016", "ISA11 repeats another delimiter.")
WRAPPED = _information("wrapped", None, "The text is wrapped at 80 columns; it was read as one line.")
WRAPPING = _error("wrapping", "TA105 022", "The text is wrapped, but not every line but the last has 80 characters.")
AFTER_INTERCHANGE = _error("after_interchange", "TA105 022", "What follows the IEA is not another interchange.")
INTERCHANGE_TRUNCATED = _error("interchange_truncated", "TA105 023", "The interchange ends without its IEA.")
INTERCHANGE_VERSION = _warning("interchange_version", "TA105 017", "ISA12 is not 00501.")
INTERCHANGE_CONTROL_FORMAT = _warning("interchange_control_format", "TA105 018", "ISA13 is not nine digits.")
INTERCHANGE_CONTROL_NUMBER = _error("interchange_control_number", "TA105 001", "IEA02 differs from ISA13.")
INTERCHANGE_COUNT = _error("interchange_count", "TA105 021", "IEA01 differs from the number of functional groups.")
INTERCHANGE_CONTENT = _error("interchange_content", "TA105 024", "This segment cannot stand here in an interchange.")

# The functional group
GROUP_TRUNCATED = _error("group_truncated", "AK905 3", "The functional group ends without its GE.")
GROUP_CONTROL_NUMBER = _error("group_control_number", "AK905 4", "GE02 differs from GS06.")
GROUP_COUNT = _error("group_count", "AK905 5", "GE01 differs from the number of transaction sets.")
GROUP_CODE = _warning("group_code", "AK905 1", "GS01 names another kind of transaction set than ST01.")

# The transaction set
TRANSACTION_TRUNCATED = _error("transaction_truncated", "IK502 2", "The transaction set ends without its SE.")
TRANSACTION_CONTROL_NUMBER = _error("transaction_control_number", "IK502 3", "SE02 differs from ST02.")
TRANSACTION_COUNT = _error("transaction_count", "IK502 4", "SE01 differs from the number of segments.")
TRANSACTION_DUPLICATE = _error("transaction_duplicate", "IK502 23", "ST02 occurs twice in the functional group.")
TRANSACTION_GUIDE = _warning("transaction_guide", "IK502 I6", "ST03 names another implementation guide than GS08.")
UNEXPECTED_TRANSACTION = _error("unexpected_transaction", "IK502 1", "Another transaction set came than expected.")
UNEXPECTED_GUIDE = _error("unexpected_guide", "AK905 2", "The transaction set follows another implementation guide.")
GUIDE_VARIANT = _warning(
    "guide_variant", "AK905 2", "The guide is a variant of the one in force; the transaction set was read as that."
)

# Segments
EMPTY_SEGMENT = _warning("empty_segment", "IK304 1", "Segments without content stand here.")
SEGMENT_UNTERMINATED = _error("segment_unterminated", "TA105 023", "The text ends inside this segment.")
TERMINATOR_MISSING = _warning("terminator_missing", "TA105 004", "The last line end is missing.")
SEGMENT_LIMIT = _error(
    "limit_segment", None, "A segment is longer than 64 KiB, or its terminator is missing; it was not used."
)
ELEMENT_LIMIT = _error("limit_element", "IK403 5", "An element is longer than 32 KiB, or there are more than 99.")
SEGMENT_UNKNOWN = _information("segment_unknown", "IK304 1", "This segment is not known here; it was not used.")
SEGMENT_NOT_USED = _information("segment_not_used", None, "This segment has no field here; it was not used.")
SEGMENT_UNEXPECTED = _warning("segment_unexpected", "IK304 2", "This segment cannot stand here; it was not used.")
SEGMENT_MISSING = _error("segment_missing", "IK304 3", "A required segment is missing.")
HIERARCHY = _warning("hierarchy", "IK304 8", "The HL's parent is not the level above it.")

# Elements
CONTROL_CHARACTER = _error("control_character", "IK403 6", "A control character stands inside an element.")
OTHER_CHARACTER = _information("other_character", "IK403 6", "A character outside ASCII stands in an element.")
ELEMENT_MISSING = _warning("element_missing", "IK403 1", "A required element is empty.")
NUMBER_INVALID = _warning("number_invalid", "IK403 6", "The element is not a decimal number; it was left out.")
DATE_INVALID = _warning("date_invalid", "IK403 8", "The element is not a date; it was left out.")
COVERAGE_DATE_INVALID = _error("coverage_date_invalid", "IK403 8", "A date of the coverage cannot be read.")
CODE_UNKNOWN = _information("code_unknown", "IK403 7", "The code is not in the guide's list; it was kept.")
ELEMENTS_SURPLUS = _warning(
    "elements_surplus", "IK403 3", "The segment has more elements than the guide allows; they were read."
)
ELEMENT_NOT_USED = _information("element_not_used", None, "This element has no field here; it was not used.")

# Money and verdicts
AMOUNT_INVALID = _error("amount_invalid", "IK403 6", "The amount is missing or is not a number of whole cents.")
AMOUNT_MISPLACED = _error("amount_misplaced", "IK304 2", "An amount stands where it belongs to nothing.")
ADJUSTMENT_GROUP_UNKNOWN = _error("adjustment_group_unknown", "IK403 7", "CAS01 is no group of adjustments known here.")
ADJUSTMENT_REASON_MISSING = _error("adjustment_reason_missing", "IK403 2", "An adjustment has an amount but no reason.")
CURRENCY = _error("currency", "IK403 7", "The amounts are in another currency than US dollars.")
SEGMENT_REPEATED = _warning("segment_repeated", "IK304 5", "This segment stands here once too often; it was not used.")
SOURCE_UNKNOWN = _warning(
    "source_unknown", "IK403 7", "NM101 names neither a payer nor a clearinghouse; it was taken for a clearinghouse."
)
ACKNOWLEDGMENT_COUNT = _warning(
    "acknowledgment_count", None, "AK903 and AK904 do not agree with the transaction sets that are listed."
)
VERDICT_UNKNOWN = _error("verdict_unknown", "IK403 7", "The verdict is missing or is none of the guide's codes.")
LINE_UNBALANCED = _error("line_unbalanced", None, "SVC02 less the line's adjustments is not SVC03.")
CLAIM_UNBALANCED = _error("claim_unbalanced", None, "CLP03 less the adjustments of claim and lines is not CLP04.")
CLAIM_LINES_UNBALANCED = _error(
    "claim_lines_unbalanced", None, "The sum of SVC03 less the claim's own adjustments is not CLP04."
)
PAYMENT_UNBALANCED = _error("payment_unbalanced", None, "The sum of CLP04 less the provider adjustments is not BPR02.")
RESPONSIBILITY_DIFFERS = _warning(
    "patient_responsibility_differs", None, "CLP05 is not the sum of the PR adjustments; it was kept."
)

# What cannot be written
VALUE_MISSING = _error("value_missing", "IK403 1", "This value is required.")
VALUE_TOO_LONG = _error("value_too_long", "IK403 5", "This value is longer than its element.")
VALUE_TOO_SHORT = _error("value_too_short", "IK403 4", "This value is shorter than its element allows.")
DELIMITER_IN_DATA = _error("delimiter_in_data", "IK403 6", "A delimiter of the interchange stands in this value.")
CHARACTER_NOT_ALLOWED = _error("character_not_allowed", "IK403 6", "A character is outside the X12 basic set.")
VALUE_INVALID = _error("value_invalid", "IK403 7", "This value is not valid here.")
