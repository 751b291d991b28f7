"""Is a plan or benefit in force on a day, by the dates a payer sends with it (DTP of the 271)?

Three ways of saying it: a period (291 plan, 292 benefit, 307 eligibility), or a begin and an end of plan (346, 347),
benefit (348, 349) or eligibility (356, 357). A period with one day begins then and has no end: some payers send the
first day of the plan, some repeat the day that was asked for, and both include it. Ends are inclusive. Where a benefit
has dates of a kind, they take the place of the plan's dates of that kind. No dates: in force, as the payer says.
"""

from collections.abc import Iterable
from datetime import date

Dates = tuple[tuple[str, date, date | None], ...]

_PERIODS = {"291": "plan", "292": "benefit", "307": "eligibility"}
_BEGINS = {"346": "plan begin", "348": "benefit begin", "356": "eligibility begin"}
_ENDS = {"347": "plan begin", "349": "benefit begin", "357": "eligibility begin"}


def in_force(day: date, benefit_dates: Dates, plan_dates: Dates = ()) -> bool:
    """Every kind of date that is given includes the day; of several spans of one kind, one does."""
    spans = _spans(plan_dates) | _spans(benefit_dates)
    return all(any(begins <= day <= ends for begins, ends in kind) for kind in spans.values())


def _spans(dates: Iterable[tuple[str, date, date | None]]) -> dict[str, list[tuple[date, date]]]:
    """Spans by kind. An end closes the begin before it, so that two memberships with a gap stay two."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for qualifier, first, last in dates:
        kind = _PERIODS.get(qualifier) or _BEGINS.get(qualifier) or _ENDS.get(qualifier)
        if kind is None:
            continue
        known = spans.setdefault(kind, [])
        if qualifier not in _ENDS:
            known.append((first, last or date.max))
        elif known and known[-1][1] == date.max:
            known[-1] = (known[-1][0], last or first)
        else:
            known.append((date.min, last or first))
    return spans
