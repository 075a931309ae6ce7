"""Stretches of the journal of one portal, and what each tells an app: the entries of its journal of webhooks."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from trunkline.bench.checkpoint import SNAPSHOT, Entry, standing
from trunkline.crm.record import Moment
from trunkline.feeds.event import Known
from trunkline.feeds.occurrence import KINDS, Occurrence, body, covers, occurrences, snapshot
from trunkline.feeds.offset import BLOCK
from trunkline.feeds.watch import TIED, Filter, Watch
from trunkline.http.call import State
from trunkline.http.hooks.source import known_of
from trunkline.http.pulled.kept import KEPT, Kept
from trunkline.http.pulled.past import values_at
from trunkline.http.pulled.reach import Reach, readable

PAGE = BLOCK
"""Rows of the journal that are read at once."""

FARTHEST = 20_000
"""Rows that are looked through for something to tell. An entry that tells of nothing says where to go on."""

Bodies = list[Mapping[str, Any]]


class Stretch(Struct, frozen=True):
    """The entry of a portal after `start` and up to `end`; `at` is the time of its first change."""

    portal: int
    start: int
    end: int
    at: Moment


class Source(Struct):
    """The journal of one portal for an app, with the subscriptions of which it may read."""

    state: State
    app: int
    portal: int
    reach: Reach
    watches: Sequence[Watch]
    filters: Mapping[int, Sequence[Filter]]

    async def beginning(self) -> int:
        """Where a reader begins: with what is still kept, or where the oldest subscription was made, if that is far."""
        first, made = await self.first(), min((one.since for one in self.watches), default=0)
        return made if made - first > FARTHEST else first

    async def first(self) -> int:
        """The position after which the changes are that are still kept."""
        bench, now = self.state.store.bench, self.state.clock.now(self.portal)
        low, high = 0, await bench.end(self.portal)
        while low < high:
            middle = (low + high) // 2
            rows = await bench.journal(self.portal, middle, high, 1)
            if rows and rows[0].at <= now - KEPT:
                low = rows[0].position
            else:
                high = middle
        return low

    async def following(self, after: int) -> Stretch | None:
        """The next entry after a position: the rest of the block that has the next change to tell."""
        end = await self.state.store.bench.end(self.portal)
        looked = 0
        while after < end:
            rows = await self._rows(after, end, PAGE)
            for entry, bodies in await self.told(rows):
                if bodies:
                    return self._block(entry, after, end)
            if len(rows) < PAGE:
                return None
            after, looked = rows[-1].position, looked + len(rows)
            if looked >= FARTHEST:
                return Stretch(self.portal, after, after, rows[-1].at)
        return None

    async def backwards(self) -> AsyncIterator[Stretch]:
        """The entries that tell something, the newest first, as far as they are kept and looked for."""
        end = last = await self.state.store.bench.end(self.portal)
        first = await self.first()
        for _ in range(FARTHEST // BLOCK):
            if last <= first:
                return
            start = max(first, (last - 1) // BLOCK * BLOCK)
            for entry, bodies in await self.told(await self._rows(start, last, BLOCK)):
                if bodies:
                    yield self._block(entry, start, end)
                    break
            last = start

    def _block(self, entry: Entry, after: int, end: int) -> Stretch:
        first = (entry.position - 1) // BLOCK * BLOCK
        return Stretch(self.portal, max(after, first), min(first + BLOCK, end), entry.at)

    async def read(self, start: int, end: int) -> tuple[Bodies, Moment]:
        """What an entry tells, and the time of its last change."""
        rows = await self._rows(start, end, BLOCK)
        told = [one for _, bodies in await self.told(rows) for one in bodies]
        return told, rows[-1].at if rows else self.state.clock.now(self.portal)

    async def age(self, start: int, end: int) -> Moment | None:
        """The time of the first change of an entry; None of one that has none."""
        rows = await self.state.store.bench.journal(self.portal, start, end, 1)
        return rows[0].at if rows else None

    async def _rows(self, after: int, end: int, limit: int) -> Sequence[Entry]:
        """Changes after one position and up to another, but for those that were undone since."""
        bench = self.state.store.bench
        found: list[Entry] = []
        last = await bench.end(self.portal)
        for first, to in standing(after, last, await bench.rewinds(self.portal, after)):
            if first >= end or len(found) >= limit:
                break
            found += await bench.journal(self.portal, first, min(to, end), limit - len(found))
        return found

    async def told(self, rows: Sequence[Entry]) -> list[tuple[Entry, Bodies]]:
        """What each of these changes tells the app."""
        some = [entry for entry in rows if self._may_tell(entry) or await self._is_own(entry)]
        types = {one.wish.type for one in self.watches}
        known = await known_of(self.state, self.portal, some, types, self._wanted())
        teller = _Teller(self, known)
        return [(entry, await teller.tell(entry)) for entry in some]

    async def _is_own(self, entry: Entry) -> bool:
        """Whether a row tells of a snapshot that the app asked for, and may see."""
        own = entry.kind == SNAPSHOT and entry.app == self.app
        return own and await readable(self.state, self.reach, self.portal, entry.type)

    def _may_tell(self, entry: Entry) -> bool:
        actions = KINDS.get(entry.kind, ())
        return any(
            one.there(entry.position)
            and not set(one.wish.actions).isdisjoint(actions)
            and (actions is TIED or one.wish.type == entry.type)
            for one in self.watches
        )

    def _wanted(self) -> Mapping[str, Collection[str] | None]:
        found: dict[str, set[str] | None] = {}
        for wish in (one.wish for one in self.watches):
            if "CREATE" in wish.actions:
                before = found.get(wish.type, set())
                found[wish.type] = None if before is None or not wish.properties else before | set(wish.properties)
        return found


class _Teller(Struct):
    """Tells of changes that are known; what records were like is looked up once for each."""

    source: Source
    known: Known
    past: dict[tuple[str, int, int], Mapping[str, str]] = field(default_factory=dict)

    async def tell(self, entry: Entry) -> Bodies:
        values: Mapping[str, str] = {}
        names: Collection[str] | None = None
        if entry.kind == SNAPSHOT:
            names = snapshot(entry).properties
            values = await self._values(entry, entry.type, entry.record or 0)
        told: Bodies = []
        for one in occurrences(entry, self.known, values):
            if entry.kind == SNAPSHOT:
                told.append(body(self.source.portal, entry, one, names))
            elif watches := [watch for watch in self.source.watches if await self._covers(watch, entry, one)]:
                told.append(body(self.source.portal, entry, one, _names(watches)))
        return told

    async def _covers(self, watch: Watch, entry: Entry, one: Occurrence) -> bool:
        if not covers(watch, entry.position, one):
            return False
        filters = [each for each in self.source.filters.get(watch.id, ()) if each.there(entry.position)]
        if not filters:
            return True
        values = await self._values(entry, one.type, one.id)
        return any(each.met(values) for each in filters)

    async def _values(self, entry: Entry, type_: str, id_: int) -> Mapping[str, str]:
        key = type_, id_, entry.position
        if key not in self.past:
            self.past[key] = await values_at(self.source.state, self.source.portal, type_, id_, entry.position)
        return self.past[key]


def _names(watches: Sequence[Watch]) -> Collection[str] | None:
    """The properties that any of these subscriptions wants to see; None for all."""
    if any(not one.wish.properties for one in watches):
        return None
    return {name for one in watches for name in one.wish.properties}


async def source_of(state: State, app: int, kept: Kept, reach: Reach, portal: int) -> Source:
    """The journal of a portal for an app, as far as that may read it."""
    now = state.clock.now(portal)
    watches = [
        one
        for one in kept.watches.values()
        if one.wish.portal == portal
        and (one.deleted is None or one.deleted > now - KEPT)
        and one.wish.type
        and await readable(state, reach, portal, one.wish.type)
    ]
    filters: dict[int, list[Filter]] = {}
    for each in kept.filters.values():
        filters.setdefault(each.watch, []).append(each)
    return Source(state, app, portal, reach, watches, filters)
