"""The figures of the calls of a portal: how many there are in a stretch of time, and how they part."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.cut import Cut, Part, Ranges, Values
from trunkline.crm.operand import OPERANDS
from trunkline.crm.query import Condition, Field, Query, Sort, field
from trunkline.crm.record import Moment
from trunkline.crm.values import Unfit
from trunkline.crm.view import value
from trunkline.store.protocol import Store
from trunkline.web.heading import HAPPENED
from trunkline.web.hour import week
from trunkline.web.span import DAY, Asked, Days, Unit, resolved

DIRECTION, OUTCOME, DURATION, OWNER = "hs_call_direction", "hs_call_disposition", "hs_call_duration", "hubspot_owner_id"

LENGTHS = (-math.inf, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, math.inf)
"""Where durations are parted, in milliseconds."""

MOST_OPTIONS = 20
MOST_OWNERS = 15


class Figures(Struct, frozen=True, kw_only=True):
    """How many calls there are in the `days`, and in each part of them.

    `starts` are the first days of the parts that `times` counts, with the day after the last; the parts of the others
    are called as their cuts call them (`trunkline.crm.cut`).
    """

    days: Days
    unit: Unit
    starts: Sequence[int]
    total: int
    times: Mapping[Part, int]
    directions: Mapping[Part, int]
    outcomes: Mapping[Part, int]
    lengths: Mapping[Part, int]
    owners: Mapping[Part, int]
    hours: Mapping[Part, int]


async def figures(store: Store, portal: int, type_: ObjectType, wanted: Asked, now: Moment) -> Figures | None:
    """Counts; None where there is no call. What is chosen ends with the newest call that is not of a day to come.

    Raises what a search does.
    """
    happened = _field(type_, HAPPENED)
    days = await _days(store, portal, type_, wanted, now)
    if days is None:
        return None
    unit, starts = days.parted()
    first, end = days.ends
    within = Condition(happened, "GTE", (first,)), Condition(happened, "LT", (end,))
    cuts: list[Cut] = [
        Ranges(happened, tuple(start * DAY for start in starts)),
        *(Values(_field(type_, name), MOST_OPTIONS) for name in (DIRECTION, OUTCOME)),
        Ranges(_field(type_, DURATION), LENGTHS),
        Values(_field(type_, OWNER), MOST_OWNERS),
        week(happened),
    ]
    counted = await store.tabulate(type_, portal, Query(groups=(within,)), cuts)
    names = "times", "directions", "outcomes", "lengths", "owners", "hours"
    parts = dict(zip(names, counted.parts, strict=True))
    return Figures(days=days, unit=unit, starts=starts, total=counted.total, **parts)


async def _days(store: Store, portal: int, type_: ObjectType, wanted: Asked, now: Moment) -> Days | None:
    oldest = await _end(store, portal, type_, descending=False)
    newest = await _end(store, portal, type_, descending=True)
    if oldest is None or newest is None:
        return None
    if wanted.choice and wanted.choice != "all":
        tomorrow = (now // DAY + 1) * DAY
        newest = await _end(store, portal, type_, descending=True, before=tomorrow) or newest
    return resolved(wanted, oldest, newest)


async def _end(
    store: Store, portal: int, type_: ObjectType, *, descending: bool, before: Moment | None = None
) -> Moment | None:
    """When the oldest or the newest call happened, of those before a moment."""
    happened = _field(type_, HAPPENED)
    test = Condition(happened, "HAS_PROPERTY") if before is None else Condition(happened, "LT", (before,))
    hits = await store.search(type_, portal, Query(groups=((test,),), sort=Sort(happened, descending), limit=1))
    for record in hits.records:
        try:
            return int(OPERANDS["moment"](value(record, type_, HAPPENED) or ""))
        except Unfit:
            return None
    return None


def _field(type_: ObjectType, name: str) -> Field:
    return field(type_.properties[name])
