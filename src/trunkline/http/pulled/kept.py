"""What is kept of the journal of webhooks, as notes: the subscriptions of apps, their filters, and how far readers are.

A note is only ever added, or replaced by the same one with its end; so several processes need no lock between them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from trunkline.bench.checkpoint import Note
from trunkline.crm.record import Moment
from trunkline.feeds.offset import CUT_BITS
from trunkline.feeds.watch import Filter, Watch
from trunkline.http.call import State
from trunkline.http.hooks import apps
from trunkline.identity.app import App

KEPT = 3 * 24 * 60 * 60 * 1000
"""Milliseconds for which entries are kept (behaviour 21.1)."""

MOST_CUTS = 1000
"""Cuts of an app; the oldest are forgotten when there are more."""

WATCH, FILTER, CUT = "subscription", "filter", "cut"


class Cut(Struct, frozen=True):
    """How far a reader was in each portal, and when that was kept: what the UUID of an offset has no room for."""

    at: Moment
    ends: Mapping[int, int]


class Kept(Struct):
    """What is kept of one app, each by its number."""

    watches: dict[int, Watch] = field(default_factory=dict)
    filters: dict[int, Filter] = field(default_factory=dict)
    cuts: dict[int, Cut] = field(default_factory=dict)


_DECODERS: Mapping[str, Any] = {
    WATCH: msgspec.json.Decoder(Watch).decode,
    FILTER: msgspec.json.Decoder(Filter).decode,
    CUT: msgspec.json.Decoder(Cut).decode,
}


async def of(state: State, app: int) -> Kept:
    """What is kept of an app."""
    kept = Kept()
    places: Mapping[str, dict[int, Any]] = {WATCH: kept.watches, FILTER: kept.filters, CUT: kept.cuts}
    for note in await state.store.bench.notes():
        if note.kind == "journal":
            owner, what, number = note.name.split("/")
            if int(owner) == app:
                places[what][int(number)] = _DECODERS[what](note.detail)
    return kept


async def add(state: State, app: App, one: Watch | Filter) -> Watch | Filter:
    """Keeps a subscription or a filter under its number, or under the next one that is free."""
    home = await apps.home(state, app)
    while not await state.store.bench.add(_note(home, app.id, one)):
        one = replace(one, id=one.id + 1)
    return one


async def change(state: State, app: App, one: Watch | Filter) -> None:
    """Keeps a subscription or a filter in the place of what it was before."""
    await state.store.bench.keep(_note(await apps.home(state, app), app.id, one))


async def forget(state: State, app: App, kept: Kept, watch: Watch) -> None:
    """Drops a subscription with its filters."""
    home = await apps.home(state, app)
    numbers = [number for number, one in kept.filters.items() if one.watch == watch.id]
    for name in (f"{WATCH}/{watch.id}", *(f"{FILTER}/{number}" for number in numbers)):
        await state.store.bench.drop(home, "journal", f"{app.id}/{name}")


async def cut(state: State, app: App, kept: Kept, ends: Mapping[int, int], now: Moment) -> int:
    """The number of a cut, which is kept if it is new; 0 of one that has nothing. Old ones are forgotten."""
    if not ends:
        return 0
    number, home = _number(ends), await apps.home(state, app)
    while (known := kept.cuts.get(number)) is not None and known.ends != ends:
        number = number % ((1 << CUT_BITS) - 1) + 1
    if known is not None:
        return number
    for old in _old(kept, now):
        kept.cuts.pop(old)
        await state.store.bench.drop(home, "journal", f"{app.id}/{CUT}/{old}")
    made = kept.cuts[number] = Cut(now, dict(ends))
    await state.store.bench.keep(Note(home, "journal", f"{app.id}/{CUT}/{number}", _text(made)))
    return number


def _old(kept: Kept, now: Moment) -> list[int]:
    by_age = sorted(kept.cuts, key=lambda number: kept.cuts[number].at)
    return [n for rank, n in enumerate(by_age) if rank < len(by_age) - MOST_CUTS or kept.cuts[n].at <= now - KEPT]


def _number(ends: Mapping[int, int]) -> int:
    digest = hashlib.blake2b(msgspec.json.encode(sorted(ends.items())), digest_size=8).digest()
    return int.from_bytes(digest) % ((1 << CUT_BITS) - 1) + 1


def _note(home: int, app: int, one: Watch | Filter) -> Note:
    what = WATCH if isinstance(one, Watch) else FILTER
    return Note(home, "journal", f"{app}/{what}/{one.id}", _text(one))


def _text(one: Any) -> str:
    return msgspec.json.encode(one).decode()
