"""What is said about a claim or a line beside its codes: contract (CN1) and notes (NTE) of loops 2300 and 2400."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from app.domain.findings import Severity
from app.domain.professional_claims import Contract, Note
from app.x12.claim_elements_837 import Amount, Code, Quantity, Text
from app.x12.claim_segments_837 import ClaimDraft
from app.x12.drafts import basic_code
from app.x12.findings import Fault

PERCENT_RANGE: Final = Fault(
    "percent_range", "IK403 5", Severity.ERROR, "A percentage has at most six digits, three of them decimals."
)
_CONTRACT_TYPES: Final = frozenset("01 02 03 04 05 06 09".split())
_CLAIM_NOTES: Final = frozenset("ADD CER DCP DGN TPO".split())
_LINE_NOTES: Final = frozenset("ADD DCP TPO".split())
_THIRD_PARTY: Final = "TPO"
_NOTHING: Final = Decimal(0)

_TYPE: Final = Code("type_code", _CONTRACT_TYPES.__contains__)
_AMOUNT: Final = Amount("amount", required=False)
_PERCENT: Final = Quantity("percent", least=_NOTHING, digits=6, fault=PERCENT_RANGE, required=False)
_CODE: Final = Text("code", 50, required=False)
_DISCOUNT: Final = Quantity("discount_percent", least=_NOTHING, digits=6, fault=PERCENT_RANGE, required=False)
_VERSION: Final = Text("version", 30, required=False)
_CLAIM_NOTE: Final = Code("code", _CLAIM_NOTES.__contains__)
_LINE_NOTE: Final = Code("code", _LINE_NOTES.__contains__)
_TEXT: Final = Text("text", 80)


def add_contract(draft: ClaimDraft, loop: str, contract: Contract | None, pointer: str) -> None:
    if contract is None:
        return
    draft.put(
        loop,
        "CN1",
        pointer,
        (contract.type_code, _TYPE),
        (contract.amount, _AMOUNT),
        (contract.percent, _PERCENT),
        (contract.code, _CODE),
        (contract.discount_percent, _DISCOUNT),
        (contract.version, _VERSION),
    )


def add_claim_note(draft: ClaimDraft, note: Note | None) -> None:
    if note is not None:
        draft.put("2300", "NTE", "/note", (note.code, _CLAIM_NOTE), (note.text, _TEXT))


def add_line_notes(draft: ClaimDraft, notes: Sequence[Note], pointer: str) -> None:
    """One of the provider's own, additional information or goals, and after it one for a third party."""
    own = [position for position, note in enumerate(notes) if basic_code(note.code) != _THIRD_PARTY]
    third_party = [position for position, note in enumerate(notes) if basic_code(note.code) == _THIRD_PARTY]
    draft.limit(own, 1, pointer, "2400 NTE")
    draft.limit(third_party, 1, pointer, "2400 NTE")
    for position in (*own, *third_party):
        note = notes[position]
        draft.put("2400", "NTE", f"{pointer}/{position}", (note.code, _LINE_NOTE), (note.text, _TEXT))
