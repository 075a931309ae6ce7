"""The events of a portal for an app, from the journal, and what has to be looked up to tell of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from trunkline.bench.checkpoint import Entry
from trunkline.crm.merge import MERGED
from trunkline.crm.record import Record
from trunkline.feeds.event import Event, Known, events
from trunkline.feeds.subscription import Subscription
from trunkline.http.call import State

PAGE = 50
"""Rows of the journal that are read at once."""

PORTION = 4096
"""Characters of rows of which events are made in one go: others are served between."""

FAR = 1000
"""Changes of a record through which its first values are looked for."""

LATER = ("archive", "merge")
"""What is told in another way when the record was merged into another one."""

_ids = msgspec.json.Decoder(list[int]).decode
_values = msgspec.json.Decoder(dict[str, tuple[str | None, str | None]]).decode


Wanted = Mapping[str, Collection[str] | None]
"""By object type the properties whose first values are looked up when a record is created; None for all of them."""


async def told(
    state: State, portal: int, app: int, entries: Sequence[Entry], subscriptions: Sequence[Subscription]
) -> list[Event]:
    """The events that rows of the journal are to an app; raises `Unauthenticated` when the portal was removed."""
    wanted: dict[str, set[str]] = {}
    for one in subscriptions:
        if one.property_name:
            wanted.setdefault(one.type_id, set()).add(one.property_name)
    known = await known_of(state, portal, entries, {one.type_id for one in subscriptions}, wanted)
    return [event for entry in entries for event in events(portal, app, entry, subscriptions, known)]


async def known_of(
    state: State, portal: int, entries: Sequence[Entry], types: Collection[str], wanted: Wanted
) -> Known:
    """What has to be known beside rows of the journal to tell of those that are about records of some types.

    Raises `Unauthenticated` when the portal was removed.
    """
    return Known(
        await state.load(portal),
        await _first(state, portal, entries, wanted),
        await _successors(state, portal, [entry for entry in entries if entry.type in types]),
        _moved(entries),
    )


def portions(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Rows in parts that do not take long; a merge stays with the row before it, which tells what came with it."""
    part: list[Entry] = []
    size = 0
    for entry in entries:
        if size > PORTION and entry.kind != "merge":
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry.detail)
    if part:
        yield part


async def _successors(state: State, portal: int, entries: Sequence[Entry]) -> Mapping[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for entry in entries:
        if entry.kind in LATER and entry.record is not None:
            successor = await state.store.successor(portal, entry.type, entry.record)
            if successor not in (0, entry.record):
                found[entry.type, entry.record] = successor
    return found


def _moved(entries: Sequence[Entry]) -> Mapping[int, int]:
    """How many properties came with a merged record: the row that changed the primary is right before."""
    found: dict[int, int] = {}
    values = 0
    for entry in entries:
        match entry.kind:
            case "update":
                values = len(_values(entry.detail).keys() - {MERGED})
            case "merge":
                found[entry.position] = values
    return found


async def _first(
    state: State, portal: int, entries: Sequence[Entry], wanted: Wanted
) -> Mapping[tuple[str, int], Mapping[str, str]]:
    """The values of new records that somebody wants to hear of: a creation changes them, too."""
    found: dict[tuple[str, int], Mapping[str, str]] = {}
    for entry in entries:
        if entry.kind == "create" and entry.type in wanted:
            for record in await state.store.read(portal, entry.type, _ids(entry.detail)):
                found[entry.type, record.id] = await _created(state, portal, record, wanted[entry.type])
    return found


async def _created(state: State, portal: int, record: Record, names: Collection[str] | None) -> Mapping[str, str]:
    values: dict[str, str | None] = dict(record.properties)
    if record.last_change is not None:
        for change in await state.store.changes(portal, record, FAR):
            values |= {name: old for name, (old, _) in change.values.items()}
    return {name: value for name, value in values.items() if value and (names is None or name in names)}
