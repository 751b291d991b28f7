"""Read a 271, the eligibility answer (005010X279A1 and X279): one answer per transaction set and person.

The reader follows the HL levels (20 payer, 21 provider, 22 subscriber, 23 dependent) and, inside a person, the EB
loops with what belongs to each, with or without the LS/LE wrapper around related entities. It takes the segments in
any order within a loop, drops nothing and decides nothing: whether the coverage is active, whose it is and what to do is
`domain/eligibility_results.py`. A dependent without own dates or references has the subscriber's. HSD and III have no
field of their own and are kept as messages in their raw form; what else no field holds is kept as it was sent.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.eligibility import EligibilityAnswer, PayerRejection
from app.x12.codes import CODE_LISTS, COVERAGE_DATES, RELATED_ENTITIES
from app.x12.elements import read_period
from app.x12.eligibility_loops import BenefitLoop, EntityLoop, PersonLoop, has_surplus
from app.x12.envelope import InterchangeAcknowledgment, TransactionSet
from app.x12.findings import (
    CODE_UNKNOWN,
    COVERAGE_DATE_INVALID,
    DATE_INVALID,
    ELEMENT_MISSING,
    GROUP_CODE,
    HIERARCHY,
    NUMBER_INVALID,
    SEGMENT_MISSING,
    SEGMENT_NOT_USED,
    SEGMENT_UNEXPECTED,
    SEGMENT_UNKNOWN,
    UNEXPECTED_TRANSACTION,
    Report,
    X12Finding,
)
from app.x12.kept import keep, taken
from app.x12.one_kind import Kind, read_one_kind
from app.x12.segments import Segment

GUIDES: Final = frozenset({"005010X279A1", "005010X279"})
_KIND: Final = Kind("271", GUIDES, "271 (eligibility answer)", "005010X279A1")
_LEVELS: Final = {"20": "A", "21": "B", "22": "C", "23": "D"}
_PEOPLE: Final = frozenset("CD")
_MEMBER_IDS: Final = frozenset({"", "MI"})
_PAYER_IDS: Final = frozenset({"", "PI"})


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[EligibilityAnswer, ...], tuple[X12Finding, ...]]:
    """All answers of the text and all findings; never an exception for what the text holds."""
    return read_one_kind(source, _KIND, read_transaction, _refuse_acknowledgment)


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[EligibilityAnswer]:
    """The answers of one 271 of these `GUIDES`, those about a subscriber and its dependents when all have been read."""
    return _AnswerReader(transaction, report).read()


def _refuse_acknowledgment(acknowledgment: InterchangeAcknowledgment, report: Report) -> tuple[()]:
    """A question was asked, and a TA1 is no answer to it."""
    _KIND.refuse(report, acknowledgment.segment, UNEXPECTED_TRANSACTION, "A TA1, an interchange acknowledgment")
    return ()


class _AnswerReader:
    """One transaction set. The state is where we are: level, person, benefit, related entity."""

    def __init__(self, transaction: TransactionSet, report: Report) -> None:
        self._transaction = transaction
        self._report = report
        self._ready: list[EligibilityAnswer] = []
        self._answered = 0
        self._kept_above: list[str] = []
        self._last_kept: Segment | None = None
        self._reference: str | None = None
        self._level = ""
        self._hl_numbers: dict[str, str] = {}
        self._payer = EntityLoop()
        self._payer_rejections: list[PayerRejection] = []
        self._provider_rejections: list[PayerRejection] = []
        self._named = False
        self._answers_before_source = 0
        self._answers_before_receiver = 0
        self._subscriber: PersonLoop | None = None
        self._dependents: list[PersonLoop] = []
        self._person: PersonLoop | None = None
        self._benefit: BenefitLoop | None = None
        self._entity: EntityLoop | None = None
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "AAA": self._aaa,
            "DMG": self._dmg,
            "DTP": self._dtp,
            "EB": self._eb,
            "HL": self._hl,
            "HSD": self._hsd_or_iii,
            "III": self._hsd_or_iii,
            "LE": self._ls_or_le,
            "LS": self._ls_or_le,
            "MSG": self._msg,
            "N3": self._n3,
            "N4": self._n4,
            "NM1": self._nm1,
            "PER": self._per,
            "REF": self._ref,
            "TRN": self._trn,
            **dict.fromkeys(("HI", "INS", "MPI", "PRV"), self._not_used),
        }

    def read(self) -> Iterator[EligibilityAnswer]:
        transaction = self._transaction
        if transaction.group.functional_code != "HB":
            self._report.add(GROUP_CODE, transaction.header, message="GS01 is not HB, the code of a 271.")
        for position, segment in enumerate(transaction.segments):
            if position == 0 and segment.id == "BHT":
                self._reference = segment.get(3) or None
                self._keep(segment)
            else:
                self._take(segment)
            if self._ready:
                yield from self._handed_on()
        self._close_source()
        yield from self._handed_on()
        if not self._answered and transaction.complete:
            message = "The 271 names no person and rejects nothing."
            self._report.add(SEGMENT_MISSING, transaction.header, loop="2100C", message=message)

    def _handed_on(self) -> list[EligibilityAnswer]:
        ready, self._ready = self._ready, []
        return ready

    def _take(self, segment: Segment) -> None:
        handler = self._handlers.get(segment.id)
        if handler is None:
            self._report.add(SEGMENT_UNKNOWN, segment, loop=self._loop)
            self._keep(segment)
        elif not self._level and segment.id != "HL":
            self._unexpected(segment)
            if segment.id == "AAA":  # out of place, and a refusal all the same
                self._aaa(segment)
        else:
            handler(segment)
            if has_surplus(segment):
                self._keep(segment)

    @property
    def _loop(self) -> str:
        if self._entity is not None:
            return f"2120{self._level}"
        if self._benefit is not None:
            return f"2110{self._level}"
        return f"{2100 if self._named else 2000}{self._level}" if self._level else ""

    def _at_person(self) -> bool:
        """In loop 2000 or 2100 of a subscriber or dependent, before any benefit."""
        return self._level in _PEOPLE and self._benefit is None

    # Levels

    def _hl(self, segment: Segment) -> None:
        level = _LEVELS.get(segment.get(3), "")
        if not level:
            self._report.add(CODE_UNKNOWN, segment, element=3)
        if level in {"A", "B"}:
            self._close_source() if level == "A" else self._close_receiver()
        elif level == "C":
            self._close_subscriber()
        self._level, self._named, self._person, self._benefit, self._entity = level, False, None, None, None
        if level == "A":
            self._payer = EntityLoop()
        if level in _PEOPLE:
            self._person = PersonLoop()
        if level == "C":
            self._subscriber = self._person
        elif level == "D" and self._person is not None:
            self._dependents.append(self._person)
        self._check_parent(segment, level)

    def _check_parent(self, segment: Segment, level: str) -> None:
        above = {"B": "A", "C": "B", "D": "C"}.get(level)
        if above is not None and self._hl_numbers.get(above) != segment.get(2):
            self._report.add(HIERARCHY, segment, element=2)
        if level == "D" and self._subscriber is None:
            self._report.add(SEGMENT_MISSING, segment, loop="2000C", message="A dependent stands without subscriber.")
        if level:
            self._hl_numbers[level] = segment.get(1)

    def _close_source(self) -> None:
        """A payer's own rejection stands in every answer below it; with nobody below it is the answer."""
        self._close_receiver()
        if self._payer_rejections and self._answered == self._answers_before_source:
            self._add(self._answer(None, None))
        self._payer_rejections = []
        self._answers_before_source = self._answered

    def _close_receiver(self) -> None:
        self._close_subscriber()
        if self._provider_rejections and self._answered == self._answers_before_receiver:
            self._add(self._answer(None, None))
        self._provider_rejections = []
        self._answers_before_receiver = self._answered

    def _close_subscriber(self) -> None:
        """The people asked about: the dependents, and the subscriber if nobody else or something is said of it."""
        subscriber = self._subscriber
        people = list(self._dependents)
        if subscriber is not None and (not people or subscriber.benefits or subscriber.rejections):
            people.insert(0, subscriber)
        for person in people:
            self._add(self._answer(subscriber, person))
        self._subscriber, self._dependents = None, []

    def _add(self, answer: EligibilityAnswer) -> None:
        self._answered += 1
        self._ready.append(answer)

    def _answer(self, subscriber: PersonLoop | None, person: PersonLoop | None) -> EligibilityAnswer:
        own = person or PersonLoop()
        other = subscriber if subscriber is not None and subscriber is not person else PersonLoop()
        return EligibilityAnswer(
            control_number=self._transaction.interchange.control_number,
            reference=self._reference,
            payer_name=self._payer.name,
            payer_id=self._payer.identifier,
            subscriber=subscriber.member() if subscriber is not None else None,
            member=person.member() if person is not None else None,
            trace_numbers=(*own.trace_numbers, *other.trace_numbers),
            references=(*own.references, *other.references),
            plan_dates=tuple(own.dates or other.dates),
            benefits=tuple(benefit.benefit() for benefit in own.benefits),
            rejections=(*self._payer_rejections, *self._provider_rejections, *own.rejections),
            kept=(*taken(self._kept_above), *taken(other.kept), *taken(own.kept)),
        )

    # Segments of more than one level

    def _nm1(self, segment: Segment) -> None:
        if self._benefit is not None:
            self._entity = EntityLoop()
            self._entity.read_name(segment)
            self._benefit.entities.append(self._entity)
            if segment.get(1) not in RELATED_ENTITIES:
                self._report.add(CODE_UNKNOWN, segment, element=1, loop=self._loop)
            return
        if self._named:
            self._unexpected(segment)
            return
        self._named = True
        if self._person is not None:
            self._person.read_name(segment)
            self._keep_name(segment, role="IL" if self._level == "C" else "03", kind="1", qualifiers=_MEMBER_IDS)
        elif self._level == "A":
            self._payer.read_name(segment)
            self._keep_name(segment, role="PR", kind="2", qualifiers=_PAYER_IDS)
        else:
            self._keep(segment)

    def _keep_name(self, nm1: Segment, *, role: str, kind: str, qualifiers: frozenset[str]) -> None:
        """A name of another kind than stands at this level: the fields do not tell."""
        if nm1.get(1) != role or nm1.get(2) != kind or nm1.get(8) not in qualifiers:
            self._keep(nm1)

    def _aaa(self, segment: Segment) -> None:
        for element in (3, 4):
            self._check_code(segment, element)
        if not segment.get(3):
            self._report.add(ELEMENT_MISSING, segment, element=3, loop=self._loop)
        loop = f"2110{self._level}" if self._benefit is not None else self._loop or "2000A"
        rejection = PayerRejection(loop=loop, reason_code=segment.get(3), follow_up_code=segment.get(4) or None)
        if self._person is not None:
            self._person.rejections.append(rejection)
        elif self._level == "B":
            self._provider_rejections.append(rejection)
        else:
            self._payer_rejections.append(rejection)

    def _trn(self, segment: Segment) -> None:
        """TRN01 2 is our own number coming back; 1 is a number of the payer's."""
        if self._person is not None and self._at_person() and segment.get(1) == "2":
            self._person.trace_numbers.append(segment.get(2))
        else:
            self._not_used(segment)

    def _ref(self, segment: Segment) -> None:
        reference = (segment.get(1), segment.get(2))
        if self._benefit is not None:
            self._benefit.references.append(reference)
        elif self._person is not None:
            self._person.references.append(reference)
        else:
            self._not_used(segment)

    def _n3(self, segment: Segment) -> None:
        place = self._entity or (self._person if self._at_person() else None)
        if place is None:
            self._not_used(segment)
        elif any(place.address.lines):
            self._keep(segment)
        else:
            place.address.lines = (segment.get(1), segment.get(2))

    def _n4(self, segment: Segment) -> None:
        place = self._entity or (self._person if self._at_person() else None)
        if place is None:
            self._not_used(segment)
        elif any(place.address.city):
            self._keep(segment)
        else:
            place.address.city = (segment.get(1), segment.get(2), segment.get(3))

    def _per(self, segment: Segment) -> None:
        if self._entity is None:
            self._not_used(segment)
        else:
            self._entity.read_contact(segment)

    def _dtp(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        place = self._benefit or self._person
        if place is None:
            self._unexpected(segment)
            return
        period = read_period(segment.get(2), segment.get(3))
        if period is None:
            fault = COVERAGE_DATE_INVALID if qualifier in COVERAGE_DATES else DATE_INVALID
            self._report.add(fault, segment, element=3, loop=self._loop)
            self._keep(segment)
        else:
            place.dates.append((qualifier, *period))

    # Segments of a person

    def _dmg(self, segment: Segment) -> None:
        if self._person is None or not self._at_person():
            self._unexpected(segment)
            return
        self._check_code(segment, 3)
        if self._person.birth_date is not None:
            self._keep(segment)
            return
        is_date = self._person.read_demographics(segment)
        if not is_date:
            self._report.add(DATE_INVALID, segment, element=2, loop=self._loop)
        if not is_date or segment.get(3) not in CODE_LISTS["DMG", 3] | {""}:
            self._keep(segment)

    # Segments of a benefit

    def _eb(self, segment: Segment) -> None:
        if self._person is None:
            self._unexpected(segment)
            return
        self._benefit, self._entity = BenefitLoop(segment), None
        self._person.benefits.append(self._benefit)
        for element in (1, 2, 6, 9, 11, 12):
            self._check_code(segment, element)
        for fault, element in self._benefit.faults():
            self._report.add(fault, segment, element=element, loop=self._loop)
            if fault is NUMBER_INVALID:
                self._keep(segment)

    def _msg(self, segment: Segment) -> None:
        if self._benefit is None:
            self._not_used(segment)
        else:
            self._benefit.messages.append(segment.get(1))

    def _hsd_or_iii(self, segment: Segment) -> None:
        if self._benefit is None:
            self._unexpected(segment)
        else:
            self._benefit.messages.append(segment.raw)

    def _ls_or_le(self, segment: Segment) -> None:
        """The wrapper only marks where related entities begin and end."""
        self._entity = None
        if self._benefit is None:
            self._unexpected(segment)

    # Findings

    def _check_code(self, segment: Segment, element: int) -> None:
        code = segment.get(element)
        if code and code not in CODE_LISTS[segment.id, element]:
            self._report.add(CODE_UNKNOWN, segment, element=element, loop=self._loop)

    def _not_used(self, segment: Segment) -> None:
        self._report.add(SEGMENT_NOT_USED, segment, loop=self._loop)
        self._keep(segment)

    def _unexpected(self, segment: Segment) -> None:
        self._report.add(SEGMENT_UNEXPECTED, segment, loop=self._loop)
        self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        """Once, whatever reasons there are."""
        if self._last_kept is not segment:
            keep(self._kept_above if self._person is None else self._person.kept, segment)
        self._last_kept = segment
