"""The invented payers, plans and people behind the sandbox, as `members.json` lists them.

The file holds facts (who, which plan, from when, how much of the deductible is met), never an answer. A file of one's
own may take its place; its values must be free of X12 separators, its references must lead somewhere.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from app.sandbox.endings import split_outcome, with_endings

SHIPPED: Final = Path(__file__).with_name("members.json")

_SEPARATORS: Final = re.compile(r"[*~^>:|]")


@dataclass(frozen=True, kw_only=True)
class Payer:
    """`anyone_prefix`: member ids that begin so belong to whoever is asked about, on `anyone_plan`.

    `tax_id` and the address stand in its remittances.
    """

    id: str
    name: str
    phone: str
    member_id_pattern: str
    anyone_prefix: str = ""
    anyone_plan: str = ""
    one_service_type: bool = False
    down: bool = False
    months_back: int | None = None
    months_ahead: int | None = None
    tax_id: str = "999999999"
    line1: str = "1 SANDBOX PLAZA"
    city: str = "SPRINGFIELD"
    state: str = "IL"
    postal_code: str = "62701"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a plan pays. Amounts are dollars a year or a visit, coinsurance the patient's part of one."""

    id: str
    name: str
    insurance_type: str
    deductible: dict[str, Decimal]
    out_of_pocket: dict[str, Decimal]
    office_visit_copay: Decimal
    mental_health_copay: Decimal
    coinsurance: Decimal
    out_of_network_coinsurance: Decimal | None = None
    group_number: str = ""
    mental_health_only: bool = False
    authorization_needed: bool = False
    visit_limit: int | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """`birth_date` is missing only in what an inquiry says of someone."""

    last_name: str
    first_name: str
    birth_date: date | None
    sex: str
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class OtherCoverage:
    """Another payer this one knows of. `role` is NM101: PRP, SEP, TTP, or PR when no rank is said."""

    payer: Payer
    member_id: str
    role: str
    begins: date
    ends: date | None = None
    insurance_type: str = ""

    def is_active_on(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, kw_only=True)
class CarveOut:
    """Mental health is with `payer`; the answer says so by EB*U (`contact`) or inside EB*1 (`benefit`)."""

    payer: Payer
    told_as: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Dependent:
    person: Person
    relationship: str
    other_coverage: tuple[OtherCoverage, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Member:
    """One policy: its holder, its plan, from when to when."""

    payer: Payer
    member_id: str
    person: Person
    plan: Plan
    begins: date
    ends: date | None = None
    deductible_met: Decimal = Decimal(0)
    out_of_pocket_met: Decimal = Decimal(0)
    any_name: bool = False
    carve_out: CarveOut | None = None
    other_coverage: tuple[OtherCoverage, ...] = ()
    dependents: tuple[Dependent, ...] = ()

    def is_active_on(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, repr=False)
class Book:
    """All of them, by the ids an inquiry carries."""

    payers: dict[str, Payer]
    plans: dict[str, Plan]
    members: dict[tuple[str, str], Member]

    def member(self, payer: Payer, member_id: str, asked: Person) -> Member | None:
        """The policy of this id; in the payer's range for anyone, a policy of the person asked about.

        An id with an ending is a further id of the same policy.
        """
        known = self.members.get((payer.id, split_outcome(member_id)[0]))
        if known is not None:
            return replace(known, member_id=member_id)
        if not payer.anyone_prefix or not member_id.startswith(payer.anyone_prefix):
            return None
        plan = self.plans[payer.anyone_plan]
        return Member(payer=payer, member_id=member_id, person=asked, plan=plan, begins=date(2020, 1, 1))


def load_book(path: Path = SHIPPED) -> Book:
    """Read the file. KeyError, TypeError or ValueError say what a file of one's own gets wrong."""
    text = path.read_text("utf-8")
    content = json.loads(text, object_pairs_hook=_without_separators)
    payers = {entry["id"]: _payer(entry) for entry in content["payers"]}
    plans = {entry["id"]: _plan(entry) for entry in content["plans"]}
    people = {entry["id"]: _person(entry) for entry in content["people"]}
    members = [_member(entry, payers, plans, people) for entry in content["members"]]
    return Book(payers, plans, {(member.payer.id, member.member_id): member for member in members})


def _without_separators(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, value in pairs:
        if isinstance(value, str) and key != "member_id_pattern" and _SEPARATORS.search(value):
            raise ValueError(f"{key} holds an X12 separator")
    return dict(pairs)


def _payer(entry: dict[str, Any]) -> Payer:
    return Payer(**{**entry, "member_id_pattern": with_endings(entry["member_id_pattern"])})


def _plan(entry: dict[str, Any]) -> Plan:
    money = ("office_visit_copay", "mental_health_copay", "coinsurance", "out_of_network_coinsurance")
    figures: dict[str, Any] = {name: Decimal(entry[name]) for name in money if name in entry}
    for name in ("deductible", "out_of_pocket"):
        figures[name] = {kind: Decimal(value) for kind, value in entry[name].items()}
    return Plan(**{**entry, **figures})


def _person(entry: dict[str, Any]) -> Person:
    rest = {key: value for key, value in entry.items() if key not in {"id", "address", "birth_date"}}
    return Person(**rest, **entry["address"], birth_date=date.fromisoformat(entry["birth_date"]))


def _member(
    entry: dict[str, Any], payers: dict[str, Payer], plans: dict[str, Plan], people: dict[str, Person]
) -> Member:
    carve_out = entry.get("carve_out")
    member = Member(
        payer=payers[entry["payer"]],
        member_id=entry["member_id"],
        person=people[entry["person"]],
        plan=plans[entry["plan"]],
        begins=date.fromisoformat(entry["begins"]),
        ends=_optional_day(entry.get("ends")),
        deductible_met=Decimal(entry.get("deductible_met", "0")),
        out_of_pocket_met=Decimal(entry.get("out_of_pocket_met", "0")),
        any_name=entry.get("any_name", False),
        other_coverage=_other_coverage(entry, payers),
    )
    dependents = tuple(
        Dependent(
            person=people[one["person"]],
            relationship=one["relationship"],
            other_coverage=_other_coverage(one, payers),
        )
        for one in entry.get("dependents", [])
    )
    told = CarveOut(payer=payers[carve_out["payer"]], told_as=carve_out["told_as"]) if carve_out else None
    return replace(member, dependents=dependents, carve_out=told)


def _other_coverage(entry: dict[str, Any], payers: dict[str, Payer]) -> tuple[OtherCoverage, ...]:
    return tuple(
        OtherCoverage(
            payer=payers[one["payer"]],
            member_id=one["member_id"],
            role=one["role"],
            begins=date.fromisoformat(one["begins"]),
            ends=_optional_day(one.get("ends")),
            insurance_type=one.get("insurance_type", ""),
        )
        for one in entry.get("other_coverage", [])
    )


def _optional_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
