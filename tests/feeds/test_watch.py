"""The conditions of filters: which values meet them."""

import pytest

from trunkline.errors import InvalidWebhook
from trunkline.feeds.watch import Condition, Operator, require_conditions


@pytest.mark.parametrize(
    ("operator", "values", "held", "met"),
    [
        ("EQ", ["Paris"], "Paris", True),
        ("EQ", ["Paris"], "paris", False),
        ("EQ", ["Paris"], None, False),
        ("N_EQ", ["Paris"], None, True),
        ("N_EQ", ["Paris"], "Paris", False),
        ("IN", ["a", "b"], "b", True),
        ("NOT_IN", ["a", "b"], "c", True),
        ("NOT_IN", ["a", "b"], "a", False),
        ("CONTAINS", ["ari"], "Paris", True),
        ("STARTS_WITH", ["Par"], "Paris", True),
        ("STARTS_WITH", ["ari"], "Paris", False),
        ("ENDS_WITH", ["ris"], "Paris", True),
        ("IS_EMPTY", [], None, True),
        ("IS_EMPTY", [], "x", False),
        ("IS_NOT_EMPTY", [], "x", True),
        ("GT", ["9"], "10", True),
        ("GT", ["9"], None, False),
        ("GTE", ["10"], "10.0", True),
        ("LT", ["2025-02-01"], "2025-01-31", True),
        ("LTE", ["9"], "10", False),
    ],
)
def test_a_value_meets_a_condition(operator: Operator, values: list[str], held: str | None, met: bool) -> None:
    require_conditions([Condition("city", operator, values)])
    assert Condition("city", operator, values).met(held) is met


@pytest.mark.parametrize(
    "conditions",
    [
        [Condition("city", "EQ", ["x" * 30_000])],
        [Condition("city", "IN", ["x" * 100] * 300)],
        [],
        [Condition("city", "EQ")],
        [Condition("city", "EQ", ["a", "b"])],
        [Condition("city", "IN")],
        [Condition("city", "IS_EMPTY")] * 101,
    ],
)
def test_conditions_that_cannot_be_looked_at_are_refused(conditions: list[Condition]) -> None:
    with pytest.raises(InvalidWebhook):
        require_conditions(conditions)
