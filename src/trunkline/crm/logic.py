"""Looking through the tests of a query (`trunkline.crm.query`): what they ask of values, and of which types."""

from collections.abc import Iterator

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Condition, Every, Exactly, Not, Piece, Query, Recurring, Some, Test, Tied

Leaf = Condition | Piece | Exactly | Recurring
"""What is asked of values."""


def leaves(test: Test, type_: ObjectType) -> Iterator[tuple[ObjectType, Leaf]]:
    """What a test asks of values, each with the type of the records that it is asked of."""
    if isinstance(test, Leaf):
        yield type_, test
    elif isinstance(test, Every | Some):
        for part in test.parts:
            yield from leaves(part, type_)
    elif isinstance(test, Not):
        yield from leaves(test.part, type_)
    elif isinstance(test, Tied):
        yield from leaves(test.test, test.type)


def others(test: Test | None) -> Iterator[ObjectType]:
    """The types whose records a test looks at beside those that are sought."""
    if isinstance(test, Every | Some):
        for part in test.parts:
            yield from others(part)
    elif isinstance(test, Not):
        yield from others(test.part)
    elif isinstance(test, Tied):
        yield test.type
        yield from others(test.test)


def asked(query: Query, type_: ObjectType) -> Iterator[tuple[ObjectType, Leaf]]:
    """All that a query asks of values."""
    for group in query.groups:
        for condition in group:
            yield type_, condition
    if query.test is not None:
        yield from leaves(query.test, type_)
