"""What the payers allow for a procedure: one invented fee schedule for all of them, `fees.json`.

Codes stand there as plain codes, without descriptions; the amounts are nobody's real ones.
"""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

SHIPPED: Final = Path(__file__).with_name("fees.json")

_SHARE_WITHOUT_FEE: Final = Decimal("0.60")
_CENT: Final = Decimal("0.01")


def load_fees(path: Path = SHIPPED) -> dict[str, Decimal]:
    return {code: Decimal(amount) for code, amount in json.loads(path.read_text("utf-8")).items()}


def allowed_amount(fees: Mapping[str, Decimal], procedure: str, charge: Decimal, units: Decimal) -> Decimal:
    """The fee for all units, never more than the charge; 60 % of the charge for a code without a fee.

    `procedure` is SV101: qualifier, code, modifiers. Modifiers change nothing.
    """
    fee = fees.get(procedure.split(":")[1])
    return min(charge, to_cents(charge * _SHARE_WITHOUT_FEE if fee is None else fee * units))


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
