"""Ways to part the records that a query finds, so that they can be counted (`trunkline.store.protocol`)."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from trunkline.crm.query import Field


class Values(Struct, frozen=True):
    """By the value of a field of kind `exact`, None for those without one.

    The `most` frequent ones are counted; of equally frequent ones those that come first, None before all others.
    """

    field: Field
    most: int = 100


class Ranges(Struct, frozen=True):
    """By where a number or a moment lies: from each of the ascending bounds up to the next, without it.

    A range is called by its lower bound. What lies below the first bound, or is not below the last, is not counted;
    these two may be infinite.
    """

    field: Field
    bounds: tuple[float, ...]


class Cycle(Struct, frozen=True):
    """By where a moment lies in a cycle of `length` steps of `step` milliseconds, such as the hours of a week.

    Steps are called by their numbers from 0 on. A cycle began with 1970, on a Thursday.
    """

    field: Field
    step: int
    length: int


Cut: TypeAlias = Values | Ranges | Cycle

Part: TypeAlias = str | float | None
"""What a part is called by."""


class Counted(Struct, frozen=True):
    """How many records there are in all, and by each way to part them how many are in each part; empty ones are left
    out."""

    total: int
    parts: Sequence[Mapping[Part, int]]
