"""Code lists that need no word of the domain: what transaction sets are called, and the lists of 005010X221A1 (835).

They are apart from `codes` so that reading a remittance loads nothing of eligibility. As there, a code that is missing is
kept and reported as information.
"""

from typing import Final

TRANSACTION_NAMES: Final = {
    "270": "eligibility inquiry",
    "271": "eligibility answer",
    "276": "claim status request",
    "277": "claim status answer",
    "278": "services review",
    "820": "premium payment",
    "834": "enrolment",
    "835": "remittance",
    "837": "claim",
    "997": "functional acknowledgment",
    "999": "implementation acknowledgment",
}
"""ST01."""

CLAIM_STATUSES: Final = frozenset("1 2 3 4 19 20 21 22 23 25".split())
"""CLP02."""

PAYMENT_METHODS: Final = frozenset("ACH BOP CHK FWT NON".split())
"""BPR04."""

REMITTANCE_FILING_CODES: Final = frozenset("12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ".split())
"""CLP06: fewer than SBR09 has."""

REMITTANCE_GROUPS: Final = frozenset("CO OA PI PR".split())
"""CAS01 of an 835; CR is a group of the 837 only (RFI 1147)."""
