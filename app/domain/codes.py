"""Code lists of the field in words; the X12 code of each word is a table beside it, for `x12/` to use."""

from enum import StrEnum


class PayerResponsibility(StrEnum):
    """A payer's place in the order of benefits: SBR01 of 2000B and 2320 (P, S, T, A to H)."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    FOURTH = "fourth"
    FIFTH = "fifth"
    SIXTH = "sixth"
    SEVENTH = "seventh"
    EIGHTH = "eighth"
    NINTH = "ninth"
    TENTH = "tenth"
    ELEVENTH = "eleventh"

    @property
    def number(self) -> int:
        """1 for primary to 11 for eleventh."""
        return _NUMBERS[self]

    @property
    def code(self) -> str:
        """SBR01."""
        return "PSTABCDEFGH"[self.number - 1]

    @classmethod
    def from_number(cls, number: int) -> "PayerResponsibility":
        return _RESPONSIBILITIES[number - 1]


_RESPONSIBILITIES = tuple(PayerResponsibility)
_NUMBERS = {rank: number for number, rank in enumerate(_RESPONSIBILITIES, start=1)}


class BenefitClass(StrEnum):
    """What a coverage pays for. `all` collides with both others when ranks are compared (domain rule A3)."""

    ALL = "all"
    MEDICAL = "medical"
    BEHAVIORAL = "behavioral"

    @property
    def span(self) -> tuple[int, int]:
        """The class as a closed range of numbers, so that the database can test classes for overlap."""
        return {"all": (1, 2), "medical": (1, 1), "behavioral": (2, 2)}[self.value]

    def collides_with(self, other: "BenefitClass") -> bool:
        low, high = self.span
        other_low, other_high = other.span
        return low <= other_high and other_low <= high


class Relationship(StrEnum):
    """The patient's relationship to the subscriber: 2320 SBR02, PAT01, INS02 of the 270."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    EMPLOYEE = "employee"
    UNKNOWN = "unknown"
    ORGAN_DONOR = "organ_donor"
    CADAVER_DONOR = "cadaver_donor"
    LIFE_PARTNER = "life_partner"
    OTHER = "other"

    @property
    def code(self) -> str:
        return {
            "self": "18",
            "spouse": "01",
            "child": "19",
            "employee": "20",
            "unknown": "21",
            "organ_donor": "39",
            "cadaver_donor": "40",
            "life_partner": "53",
            "other": "G8",
        }[self.value]


class BenefitsAssigned(StrEnum):
    """Whether benefits are assigned to the provider: CLM08 when the payer is billed, OI03 when it is another payer."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"

    @property
    def code(self) -> str:
        return {"yes": "Y", "no": "N", "not_applicable": "W"}[self.value]


class AcceptsAssignment(StrEnum):
    """CLM07: does the provider take the payer's allowed amount as full payment?"""

    ASSIGNED = "assigned"
    LABORATORY_ONLY = "laboratory_only"
    NOT_ASSIGNED = "not_assigned"

    @property
    def code(self) -> str:
        return {"assigned": "A", "laboratory_only": "B", "not_assigned": "C"}[self.value]


class ReleaseOfInformation(StrEnum):
    """CLM09 = OI06: the consent under which the provider releases data to payers."""

    SIGNED = "signed"
    INFORMED_CONSENT = "informed_consent"

    @property
    def code(self) -> str:
        return {"signed": "Y", "informed_consent": "I"}[self.value]


CLAIM_FILING_CODES = frozenset("11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ".split())
"""SBR09 of 005010X222A1."""

ORIGINAL_MEDICARE_FILING_CODES = frozenset({"MA", "MB"})
"""SBR09 of Original Medicare, Part A and Part B, and of nobody else."""

MEDICARE_SECONDARY_CODES = frozenset("12 13 14 15 16 41 42 43 47".split())
"""SBR05: why Medicare is not primary (005010X222A1; CMS Medicare Secondary Payer manual, chapter 3)."""

US_STATES = frozenset(
    (
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH "
        "OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI UM FM MH PW AA AE AP"
    ).split()
)
"""N402: states, territories and military addresses (USPS Publication 28, appendix B)."""
