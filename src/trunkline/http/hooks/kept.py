"""What is kept of the webhooks of apps, as notes: where each is told, of what, and what signs the requests."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct, field

from trunkline.bench.checkpoint import Note
from trunkline.errors import Unauthenticated
from trunkline.feeds.queue import Place
from trunkline.feeds.subscription import Subscription, Target
from trunkline.http.hooks.log import Deliveries
from trunkline.store.bench import Bench

TARGET = "target"
SECRET = "secret"
SUBSCRIPTION = "subscription"

LEFT = Place(0, left=True)
"""The place of an app in a portal that it is not in."""


class Webhooks(Struct):
    """What is kept of one app: where it is told, its subscriptions by id, and the secret that signs the requests."""

    target: Target | None = None
    secret: str = ""
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    homes: set[int] = field(default_factory=set)

    def active(self) -> list[Subscription]:
        """The subscriptions of which it is told now."""
        return [] if self.target is None else [one for one in self.subscriptions.values() if one.active]


_KINDS: Mapping[str, Any] = {TARGET: Target, SECRET: str, SUBSCRIPTION: Subscription}


class Hooks:
    """The webhooks of all apps. Each is kept with a portal, its home: its own, or the default one.

    `changing` has the lock of those who change something of an app. `changed` is set when something was changed;
    `deliveries` are the newest requests of this process; `behind` says of each app and portal that it tells for how
    many seconds the oldest event waits.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.changing: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.changed = asyncio.Event()
        self.deliveries = Deliveries()
        self.behind: dict[tuple[int, int], Callable[[], float]] = {}

    async def all(self) -> Mapping[int, Webhooks]:
        """What is kept, by app."""
        found: defaultdict[int, Webhooks] = defaultdict(Webhooks)
        for note in await self._bench.notes():
            if note.kind == "webhook":
                _put(found, note)
        return found

    async def of(self, app: int) -> Webhooks:
        """What is kept of one app."""
        return (await self.all()).get(app) or Webhooks()

    async def keep(self, home: int, app: int, what: Target | Subscription | str) -> None:
        """Keeps where an app is told, one of its subscriptions, or the secret that signs."""
        match what:
            case Target():
                name = _name(app, TARGET)
            case Subscription():
                name = _name(app, SUBSCRIPTION, what.id)
            case _:
                name = _name(app, SECRET)
        await self._bench.keep(Note(home, "webhook", name, msgspec.json.encode(what).decode()))
        self.changed.set()

    async def drop(self, app: int, kind: str, id_: int | None = None) -> None:
        """Drops where an app is told, or one of its subscriptions; what is not there is passed over."""
        for home in (await self.of(app)).homes:
            await self._bench.drop(home, "webhook", _name(app, kind, id_))
        self.changed.set()

    async def leave(self, app: int, portal: int) -> None:
        """Keeps that an app is no longer in a portal, if that is there."""
        with suppress(Unauthenticated):
            await self._bench.keep(Note(portal, "reading", str(app), msgspec.json.encode(LEFT).decode()))

    async def forget(self, app: int) -> None:
        """Drops all of an app that is removed."""
        known = await self.of(app)
        for kind in (TARGET, SECRET):
            await self.drop(app, kind)
        for id_ in known.subscriptions:
            await self.drop(app, SUBSCRIPTION, id_)
        for note in await self._bench.notes():
            if note.kind == "journal" and note.name.startswith(f"{app}/"):
                await self._bench.drop(note.portal, note.kind, note.name)


def _name(app: int, kind: str, id_: int | None = None) -> str:
    return f"{app}/{kind}" if id_ is None else f"{app}/{kind}/{id_}"


def _put(found: Mapping[int, Webhooks], note: Note) -> None:
    app, kind = note.name.split("/")[:2]
    known, value = found[int(app)], msgspec.json.decode(note.detail, type=_KINDS[kind])
    known.homes.add(note.portal)
    match value:
        case Target():
            known.target = value
        case Subscription():
            known.subscriptions[value.id] = value
        case _:
            known.secret = value


def by_id(known: Webhooks) -> Sequence[Subscription]:
    """The subscriptions of an app in the order in which they were made."""
    return sorted(known.subscriptions.values(), key=lambda one: one.id)
