"""What every clearinghouse adapter keeps, as tests. A new adapter is done when this suite passes.

A test module subclasses `ClearinghouseContract` and gives it a `bench`: the adapter, talking over a real socket to
something that behaves like that clearinghouse and can be told to misbehave.
"""

from tests.clearinghouse.contract_bench import CANARY_MEMBER, Bench
from tests.clearinghouse.contract_claims import ClaimsContract
from tests.clearinghouse.contract_eligibility import EligibilityContract
from tests.clearinghouse.contract_feed import FeedContract

__all__ = ["CANARY_MEMBER", "Bench", "ClearinghouseContract"]


class ClearinghouseContract(EligibilityContract, ClaimsContract, FeedContract):
    """Subclass it as `Test…` and override `bench`."""
