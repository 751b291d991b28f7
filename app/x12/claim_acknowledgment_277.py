"""Read a 277CA, the claim acknowledgment (005010X214): what was said of each claim, or of a batch that was refused whole.

The reader follows the HL levels (20 source, 21 receiver, 19 provider, PT patient). The category of the status codes
decides the effect, not STC03, which real files contradict. What is said of a claim counts before what is said of its
batch (RFI 2145): a status of the receiver's or provider's level is handed on only when no claim stands below it. What
was still open where a text was cut off is not handed on: the status that counts may be among what is missing.
Counts, totals, names and service dates (QTY, AMT, DTP, NM1, N3, N4, PER, most of REF) have no field: they are kept as
they were sent, with their claim, or, from the levels above, with what is handed on first below them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.acknowledgments import AcknowledgmentSource, BatchAcknowledgment, ClaimAcknowledgment
from app.x12.claim_acknowledgment_loops import AcknowledgmentLoop, effect_of, has_surplus
from app.x12.envelope import TransactionSet
from app.x12.findings import (
    CODE_UNKNOWN,
    ELEMENT_MISSING,
    GROUP_CODE,
    HIERARCHY,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_REPEATED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    SOURCE_UNKNOWN,
    TRANSACTION_TRUNCATED,
    Report,
    X12Finding,
)
from app.x12.kept import keep, taken
from app.x12.one_kind import Kind, pass_by_acknowledgment, read_one_kind
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X214"})
_KIND: Final = Kind("277", GUIDES, "277CA (claim acknowledgment)", "005010X214")
Acknowledgment = ClaimAcknowledgment | BatchAcknowledgment
_LEVELS: Final = {"20": "A", "21": "B", "19": "C", "PT": "D"}
_SOURCES: Final = {"AY": AcknowledgmentSource.CLEARINGHOUSE, "PR": AcknowledgmentSource.PAYER}
_PASSED_BY: Final = frozenset("AMT BHT DTP N3 N4 PER QTY".split())
_REFERENCES: Final = frozenset({"1K", "D9"})


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[Acknowledgment, ...], tuple[X12Finding, ...]]:
    """All acknowledgments of the text in its order and all findings; never an exception for what the text holds."""
    return read_one_kind(source, _KIND, read_transaction, pass_by_acknowledgment)


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[Acknowledgment]:
    """The acknowledgments of one 277CA of these `GUIDES`. A claim is handed on when its last segment has been read; what
    is said of a batch, when it is known that no claim stands below.
    """
    return _AcknowledgmentReader(transaction, report).read()


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
        self._batch: AcknowledgmentLoop | None = None
        self._provider: AcknowledgmentLoop | None = None
        self._claim: AcknowledgmentLoop | None = None
        self._in_line = False
        self._of_batch: list[Acknowledgment] = []
        self._ready: list[Acknowledgment] = []
        self._kept_above: list[str] = []
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "HL": self._read_hl,
            "NM1": self._nm1,
            "REF": self._ref,
            "STC": self._stc,
            "SVC": self._svc,
            "TRN": self._trn,
        }

    def read(self) -> Iterator[Acknowledgment]:
        transaction, report = self._transaction, self._report
        if transaction.group.functional_code != "HN":
            report.add(GROUP_CODE, transaction.header, message="GS01 is not HN, the code of a 277.")
        errors, cuts, said = report.errors, report.count(TRANSACTION_TRUNCATED), 0
        for segment in transaction.segments:
            self._take(segment)
            if self._ready:
                said += len(self._ready)
                yield from self._handed_on()
        if report.count(TRANSACTION_TRUNCATED) == cuts:
            self._close_batch()
        self._ready += self._of_batch
        said += len(self._ready)
        yield from self._handed_on()
        if not said and report.errors == errors:
            message = "The 277CA names no claim and says nothing of a batch."
            report.add(SEGMENT_MISSING, transaction.header, loop="2200D", message=message)

    def _handed_on(self) -> list[Acknowledgment]:
        ready, self._ready = self._ready, []
        return ready

    def _take(self, segment: Segment) -> None:
        handler = self._handlers.get(segment.id)
        if handler is not None and not self._level and segment.id != "HL":
            self._report.add(SEGMENT_UNEXPECTED, segment)
            self._keep(segment)
        elif handler is not None:
            handler(segment)
        else:
            if segment.id not in _PASSED_BY:
                self._report.add(SEGMENT_UNKNOWN, segment, loop=self._loop)
            self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        keep(self._kept_above if self._claim is None else self._claim.kept, segment)

    def _kept(self, loop: AcknowledgmentLoop) -> tuple[str, ...]:
        return (*taken(self._kept_above), *loop.kept)

    @property
    def _loop(self) -> str:
        if self._in_line:
            return "2220D"
        named = self._open is not None and self._open.number is not None
        return f"{2200 if named else 2000}{self._level}" if self._level else ""

    @property
    def _open(self) -> AcknowledgmentLoop | None:
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
            self._batch = AcknowledgmentLoop(segment)
        elif level == "C":
            self._provider = AcknowledgmentLoop(segment)
        elif level == "D":
            self._claim = AcknowledgmentLoop(segment)
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
            if above is not None and not above.has_claims:
                above.has_claims = True
                self._kept_above += above.said
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
            action_code=claim.action_code,
            charge=claim.charge,
            effective_on=claim.effective_on,
            segment=claim.place.number,
            kept=self._kept(claim),
        )
        self._ready += (*self._of_batch, acknowledgment)  # a claim below: the batch says nothing more
        self._of_batch = []

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
            self._ready.append(self._batch_acknowledgment(batch, None))
        self._ready += below
        self._batch, self._of_batch = None, []

    def _batch_acknowledgment(self, loop: AcknowledgmentLoop, provider_npi: str | None) -> BatchAcknowledgment:
        return BatchAcknowledgment(
            source=self._source,
            source_name=self._source_name,
            batch_reference=self._batch.number if self._batch else None,
            provider_npi=provider_npi,
            effect=effect_of(loop.statuses),
            statuses=tuple(loop.statuses),
            action_code=loop.action_code,
            charge=loop.charge,
            effective_on=loop.effective_on,
            segment=loop.place.number,
            kept=self._kept(loop),
        )

    # Segments

    def _nm1(self, segment: Segment) -> None:
        self._keep(segment)
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
            self._keep(segment)
            return
        if segment.get(1) != "2":
            self._report.add(SEGMENT_NOT_USED, segment, loop=self._loop)
            self._keep(segment)
            return
        if not segment.get(2):
            self._report.add(ELEMENT_MISSING, segment, element=2, loop=self._loop)
        if self._level == "D":
            self._open_claim(segment)
        elif self._batch is not None and self._batch.number is None:
            self._batch.number = segment.get(2) or None
        else:
            self._report.add(SEGMENT_REPEATED, segment, loop=self._loop)
            self._keep(segment)
            return
        if has_surplus(segment):
            self._keep(segment)

    def _open_claim(self, trn: Segment) -> None:
        """Another claim of the same patient, unless the level has none yet."""
        if self._claim is None or self._claim.number is not None:
            self._close_claim()
            self._claim = AcknowledgmentLoop(trn)
        self._claim.place, self._claim.number = trn, trn.get(2) or None

    def _stc(self, segment: Segment) -> None:
        loop = self._open
        if loop is None:
            self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)
            self._keep(segment)
            return
        if not segment.components(1):
            self._report.add(ELEMENT_MISSING, segment, element=1, loop=self._loop)
        for element, fault in loop.add_status(segment, of_line=self._in_line):
            self._report.add(fault, segment, element=element, loop=self._loop)
        if self._in_line or loop.says_less_than(segment):
            self._keep(segment)

    def _svc(self, segment: Segment) -> None:
        self._keep(segment)
        if self._claim is None:
            self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)
        else:
            self._in_line = True

    def _ref(self, segment: Segment) -> None:
        """REF*1K and REF*D9 of a claim; those of a line are its own, and stand with their SVC among what is kept."""
        qualifier, number, claim = segment.get(1), segment.get(2), self._claim
        is_field = claim is not None and not self._in_line and qualifier in _REFERENCES
        if claim is None or not is_field or not number or qualifier in claim.references:
            self._keep(segment)
            return
        claim.references[qualifier] = number
        if has_surplus(segment):
            self._keep(segment)
