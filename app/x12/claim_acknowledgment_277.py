"""Read a 277CA, the claim acknowledgment (005010X214): what was said of each claim, or of a batch that was refused whole.

The reader follows the HL levels (20 source, 21 receiver, 19 provider, PT patient). The category of the status codes
decides the effect, not STC03, which real files contradict. What is said of a claim counts before what is said of its
batch (RFI 2145): a status of the receiver's or provider's level is handed on only when no claim stands below it. What
was still open where a text was cut off is not handed on: the status that counts may be among what is missing.
Counts, totals, names and service dates (QTY, AMT, DTP, N3, N4, PER, most of REF) are passed by.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.acknowledgments import (
    AcknowledgmentEffect,
    AcknowledgmentSource,
    BatchAcknowledgment,
    ClaimAcknowledgment,
    StatusCode,
)
from app.x12.codes import ACKNOWLEDGMENT_EFFECTS, PENDING_CATEGORIES, TRANSACTION_NAMES
from app.x12.elements import read_date, read_money
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet, read_transactions
from app.x12.findings import (
    CODE_UNKNOWN,
    DATE_INVALID,
    ELEMENT_MISSING,
    GROUP_CODE,
    HIERARCHY,
    NUMBER_INVALID,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    SOURCE_UNKNOWN,
    TRANSACTION_TRUNCATED,
    UNEXPECTED_GUIDE,
    UNEXPECTED_TRANSACTION,
    Fault,
    Report,
    X12Finding,
)
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X214"})
Acknowledgment = ClaimAcknowledgment | BatchAcknowledgment
_LEVELS: Final = {"20": "A", "21": "B", "19": "C", "PT": "D"}
_SOURCES: Final = {"AY": AcknowledgmentSource.CLEARINGHOUSE, "PR": AcknowledgmentSource.PAYER}
_STRONGEST_FIRST: Final = (
    AcknowledgmentEffect.REJECTED,
    AcknowledgmentEffect.ACCEPTED,
    AcknowledgmentEffect.PENDED,
    AcknowledgmentEffect.RECEIVED,
)
_PASSED_BY: Final = frozenset("AMT BHT DTP N3 N4 PER QTY".split())


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Acknowledgment, ...], tuple[X12Finding, ...]]:
    """All acknowledgments of the text in its order and all findings; never an exception for what the text holds."""
    report = Report()
    acknowledgments: list[Acknowledgment] = []
    for transaction in read_transactions(source, report):
        if isinstance(transaction, InterchangeAcknowledgment):
            report.add(SEGMENT_NOT_USED, transaction.segment)
        elif transaction.code != "277":
            name = TRANSACTION_NAMES.get(transaction.code)
            what = f"Transaction set {transaction.code} ({name})" if name else "An unknown transaction set"
            _refuse(report, transaction.header, UNEXPECTED_TRANSACTION, what)
        elif transaction.guide not in GUIDES:
            _refuse(report, transaction.header, UNEXPECTED_GUIDE, "A 277 of another implementation guide")
        else:
            acknowledgments += _AcknowledgmentReader(transaction, report).read()
    if not acknowledgments and not report.has_error:
        report.add(UNEXPECTED_TRANSACTION, message="The interchange holds no 277CA (claim acknowledgment).")
    return tuple(acknowledgments), report.findings


def effect_of(statuses: Iterable[StatusCode]) -> AcknowledgmentEffect:
    """Of several statuses a rejection wins over an acceptance, that over a suspension, that over a receipt."""
    effects = {_effect_of_category(status.category) for status in statuses}
    return next((effect for effect in _STRONGEST_FIRST if effect in effects), AcknowledgmentEffect.NOTED)


def _effect_of_category(category: str) -> AcknowledgmentEffect:
    if category[:1] in PENDING_CATEGORIES and category[1:].isdecimal():
        return AcknowledgmentEffect.PENDED
    return ACKNOWLEDGMENT_EFFECTS.get(category, AcknowledgmentEffect.NOTED)


def _refuse(report: Report, segment: Segment, fault: Fault, what: str) -> None:
    message = f"{what} came instead of a 277CA (claim acknowledgment) of 005010X214."
    report.add(fault, segment, element=1, message=message)


@dataclass
class _StatusLoop:
    """A TRN with the STC after it: of a batch (2200B), a provider (2200C) or a claim (2200D)."""

    place: Segment
    number: str | None = field(default=None, repr=False)
    statuses: list[StatusCode] = field(default_factory=list)
    effective_on: date | None = None
    charge: Decimal | None = None
    references: dict[str, str] = field(default_factory=dict, repr=False)
    provider_npi: str | None = None
    has_claims: bool = False


class _AcknowledgmentReader:
    """One transaction set. The state is where we are: source, batch, provider, claim."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._level = ""
        self._hl_numbers: dict[str, str] = {}
        self._hl: Segment = transaction.header
        self._source = AcknowledgmentSource.CLEARINGHOUSE
        self._source_name: str | None = None
        self._batch: _StatusLoop | None = None
        self._provider: _StatusLoop | None = None
        self._claim: _StatusLoop | None = None
        self._in_line = False
        self._of_batch: list[Acknowledgment] = []
        self._acknowledgments: list[Acknowledgment] = []
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "HL": self._read_hl,
            "NM1": self._nm1,
            "REF": self._ref,
            "STC": self._stc,
            "SVC": self._svc,
            "TRN": self._trn,
        }

    def read(self) -> list[Acknowledgment]:
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "HN":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not HN, the code of a 277.")
        errors, cuts = report.errors, report.count(TRANSACTION_TRUNCATED)
        for segment in transaction.segments:
            handler = self._handlers.get(segment.id)
            if handler is not None and not self._level and segment.id != "HL":
                report.add(SEGMENT_UNEXPECTED, segment)
            elif handler is not None:
                handler(segment)
            elif segment.id not in _PASSED_BY:
                report.add(SEGMENT_UNKNOWN, segment, loop=self._loop)
        if report.count(TRANSACTION_TRUNCATED) == cuts:
            self._close_batch()
        else:
            self._acknowledgments += self._of_batch
        if not self._acknowledgments and report.errors == errors:
            message = "The 277CA names no claim and says nothing of a batch."
            report.add(SEGMENT_MISSING, transaction.header, loop="2200D", message=message)
        return self._acknowledgments

    @property
    def _loop(self) -> str:
        if self._in_line:
            return "2220D"
        named = self._open is not None and self._open.number is not None
        return f"{2200 if named else 2000}{self._level}" if self._level else ""

    @property
    def _open(self) -> _StatusLoop | None:
        return {"B": self._batch, "C": self._provider, "D": self._claim}.get(self._level)

    # Levels

    def _read_hl(self, segment: Segment) -> None:
        level = _LEVELS.get(segment.get(3), "")
        if not level:
            self._report.add(CODE_UNKNOWN, segment, element=3)
        self._close_claim()
        if level in {"A", "B"}:
            self._close_batch()
        if level == "C":
            self._close_provider()
        self._level, self._hl = level, segment
        if level == "A":
            self._source, self._source_name = AcknowledgmentSource.CLEARINGHOUSE, None
        elif level == "B":
            self._batch = _StatusLoop(segment)
        elif level == "C":
            self._provider = _StatusLoop(segment)
        elif level == "D":
            self._claim = _StatusLoop(segment)
        self._check_parent(segment, level)

    def _check_parent(self, segment: Segment, level: str) -> None:
        above = {"B": "A", "C": "B", "D": "C"}.get(level)
        if above is not None and self._hl_numbers.get(above) != segment.get(2):
            self._report.add(HIERARCHY, segment, element=2)
        if level:
            self._hl_numbers[level] = segment.get(1)

    def _close_claim(self) -> None:
        """A status without a number is nobody's: reported, and not given to a claim by its place."""
        claim, self._claim, self._in_line = self._claim, None, False
        if claim is None:
            return
        for above in (self._batch, self._provider):
            if above is not None:
                above.has_claims = True
        if not claim.number:
            message = "A claim has no patient control number."
            self._report.add(SEGMENT_MISSING, claim.place, loop="2200D", message=message)
            return
        acknowledgment = ClaimAcknowledgment(
            source=self._source,
            source_name=self._source_name,
            batch_reference=self._batch.number if self._batch else None,
            patient_control_number=claim.number,
            payer_claim_number=claim.references.get("1K"),
            clearinghouse_number=claim.references.get("D9"),
            effect=effect_of(claim.statuses),
            statuses=tuple(claim.statuses),
            charge=claim.charge,
            effective_on=claim.effective_on,
            segment=claim.place.number,
        )
        self._of_batch.append(acknowledgment)

    def _close_provider(self) -> None:
        self._close_claim()
        provider, self._provider = self._provider, None
        if provider is not None and provider.statuses and not provider.has_claims:
            self._of_batch.append(self._batch_acknowledgment(provider, provider.provider_npi))

    def _close_batch(self) -> None:
        """The batch's own word stands before what is below it."""
        self._close_provider()
        batch, below = self._batch, self._of_batch
        if batch is not None and batch.statuses and not batch.has_claims:
            self._acknowledgments.append(self._batch_acknowledgment(batch, None))
        self._acknowledgments += below
        self._batch, self._of_batch = None, []

    def _batch_acknowledgment(self, loop: _StatusLoop, provider_npi: str | None) -> BatchAcknowledgment:
        return BatchAcknowledgment(
            source=self._source,
            source_name=self._source_name,
            batch_reference=self._batch.number if self._batch else None,
            provider_npi=provider_npi,
            effect=effect_of(loop.statuses),
            statuses=tuple(loop.statuses),
            effective_on=loop.effective_on,
            segment=loop.place.number,
        )

    # Segments

    def _nm1(self, segment: Segment) -> None:
        if self._level == "A":
            self._source_name = segment.get(3) or None
            source = _SOURCES.get(segment.get(1))
            if source is None:
                self._report.add(SOURCE_UNKNOWN, segment, element=1, loop="2100A")
            else:
                self._source = source
        elif self._level == "C" and self._provider is not None and segment.get(8) == "XX":
            self._provider.provider_npi = segment.get(9) or None

    def _trn(self, segment: Segment) -> None:
        """TRN01 2 is a number of ours coming back: BHT03 of the batch, CLM01 of a claim; 1 is one of theirs."""
        if self._level not in {"B", "D"}:
            return
        if segment.get(1) != "2":
            self._report.add(SEGMENT_NOT_USED, segment, loop=self._loop)
            return
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2, loop=self._loop)
        if self._level == "D":
            self._open_claim(segment)
        elif self._batch is not None and self._batch.number is None:
            self._batch.number = segment.get(2) or None
        else:
            self._report.add(SEGMENT_REPEATED, segment, loop=self._loop)

    def _open_claim(self, trn: Segment) -> None:
        """Another claim of the same patient, unless the level has none yet."""
        if self._claim is None or self._claim.number is not None:
            self._close_claim()
            self._claim = _StatusLoop(trn)
        self._claim.place, self._claim.number = trn, trn.get(2) or None

    def _stc(self, segment: Segment) -> None:
        loop = self._open
        if loop is None:
            self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)
            return
        if not segment.components(1):
            self._report.add(ELEMENT_MISSING, segment, element=1, loop=self._loop)
        loop.statuses += _statuses(segment)
        if self._in_line:
            return
        day, charge = read_date(segment.get(2)), read_money(segment.get(4))
        if segment.get(2) and day is None:
            self._report.add(DATE_INVALID, segment, element=2, loop=self._loop)
        if segment.get(4) and charge is None:
            self._report.add(NUMBER_INVALID, segment, element=4, loop=self._loop)
        loop.effective_on = loop.effective_on or day
        loop.charge = charge if loop.charge is None else loop.charge

    def _svc(self, segment: Segment) -> None:
        if self._claim is None:
            self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)
        else:
            self._in_line = True

    def _ref(self, segment: Segment) -> None:
        """REF*1K and REF*D9 of a claim; those of a line are its own."""
        if self._claim is not None and not self._in_line and segment.get(2):
            self._claim.references.setdefault(segment.get(1), segment.get(2))


def _statuses(stc: Segment) -> Iterator[StatusCode]:
    """STC01, STC10 and STC11."""
    for element in (1, 10, 11):
        parts = (*stc.components(element), "", "", "")
        if parts[0]:
            yield StatusCode(category=parts[0], status=parts[1] or None, entity=parts[2] or None)
