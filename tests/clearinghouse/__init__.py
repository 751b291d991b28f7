import pytest

pytest.register_assert_rewrite("tests.clearinghouse.contract", "tests.clearinghouse.published_wire")
