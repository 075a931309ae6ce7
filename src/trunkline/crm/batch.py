"""A batch as it was asked for: plain data, which can be carried out as a whole or in parts, now or later."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

from msgspec import Struct

from trunkline.crm.archive import record_numbers
from trunkline.crm.catalog import ObjectType
from trunkline.crm.check import (
    LARGEST_BATCH,
    LARGEST_WITH_HISTORY,
    require_addresses,
    require_distinct_keys,
    require_size,
    require_unique,
)
from trunkline.errors import TooManyHistories

Operation = Literal["create", "read", "update", "upsert", "archive"]

LARGEST_LATER = 10_000
"""Inputs of one batch that is carried out later."""


class Batch(Struct, frozen=True, kw_only=True):
    """What one app asks to be done with many records of one object type.

    `type` is a type id; `inputs` are `NewInput`s for a create, `Input`s for an update or upsert, and the ids as texts
    for a read or an archive. `names` and `past` are the properties to show, with their histories; `archived` and
    `id_property` say which records a read means; `full` asks for fuller errors. With `each` every input stands for
    itself: none that fails takes others along. `first` is the position of the first input in what the client sent, and
    `done` the records that the inputs before it reached.
    """

    operation: Operation
    portal: int
    app: int
    type: str
    inputs: Sequence[Any]
    names: Sequence[str] = ()
    past: Sequence[str] = ()
    archived: bool = False
    id_property: str | None = None
    full: bool = False
    each: bool = False
    first: int = 0
    done: Collection[int] = ()


def check_whole(batch: Batch, type_: ObjectType, largest: int = LARGEST_BATCH) -> None:
    """The checks of a batch as a whole, before any input is looked at; raises the first that fails."""
    require_size(len(batch.inputs), largest)
    if batch.past and largest == LARGEST_BATCH and len(batch.inputs) > LARGEST_WITH_HISTORY:
        raise TooManyHistories(LARGEST_WITH_HISTORY)
    if batch.operation in ("update", "upsert"):
        require_addresses(batch.inputs, type_, batch.portal)


def check_later(batch: Batch, type_: ObjectType) -> None:
    """All checks that would refuse a batch as a whole, for one that is carried out later: then it is too late."""
    check_whole(batch, type_, LARGEST_LATER)
    match batch.operation:
        case "update" | "upsert":
            require_distinct_keys(batch.inputs, type_)
        case "read" if batch.id_property is not None:
            require_unique(batch.id_property, None, type_, batch.portal)
        case "archive":
            record_numbers(batch.inputs)
