"""All rules that texts are checked against, by what they are about: for lists, and to name one that is to weigh more or less."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.x12 import claim_fields_reader_837, claim_rules_837, findings, rules_835, rules_837, structure_rules
from app.x12.findings import Fault
from app.x12.rules import Rule

RULE_TABLES: Final[Mapping[str, tuple[Rule, ...]]] = MappingProxyType(
    {
        "837P": (*rules_837.RULES, *claim_rules_837.RULES, *claim_fields_reader_837.RULES),
        "835": rules_835.RULES,
        "structure": structure_rules.RULES,
    }
)
"""By what they are about; a code that stands in two tables means the same in both."""
READING_FAULTS: Final = tuple(value for value in vars(findings).values() if isinstance(value, Fault))
"""What reading finds in any text; the standard's own syntax, so that no rule has to say where it comes from."""
CODES: Final = frozenset(
    {rule.code for table in RULE_TABLES.values() for rule in table} | {fault.code for fault in READING_FAULTS}
)
