import pytest

pytest.register_assert_rewrite(
    "tests.clearinghouse.contract_claims",
    "tests.clearinghouse.contract_eligibility",
    "tests.clearinghouse.contract_feed",
    "tests.clearinghouse.published_wire",
)
