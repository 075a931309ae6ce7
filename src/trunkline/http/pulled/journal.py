"""The journal of webhooks of one app: the entries of all portals that it reads, one after the other.

An offset says where the last entry was, and which cut of the journal it came after: how far the reader was elsewhere.
A reader that is through with one portal goes on with the next one that has something to tell.
"""

from collections.abc import Sequence

from msgspec import Struct

from trunkline.errors import JournalEntryNotFound
from trunkline.feeds import offset as offsets
from trunkline.feeds.offset import Offset
from trunkline.http.call import State
from trunkline.http.pulled import kept as keeping
from trunkline.http.pulled.kept import KEPT, Kept
from trunkline.http.pulled.reach import Reach
from trunkline.http.pulled.stretch import Bodies, Source, Stretch, source_of
from trunkline.identity.app import App


class Journal(Struct):
    """What an app may read: `portals` are those of which it asks, among those of its `reach`."""

    state: State
    app: App
    kept: Kept
    reach: Reach
    portals: Sequence[int]

    async def earliest(self, count: int) -> list[Offset]:
        """The first entries that are kept."""
        return await self._on({}, 0, None, count)

    async def after(self, sent: str, count: int) -> list[Offset]:
        """The entries that follow one; raises `JournalEntryNotFound` when some that follow are not kept any more."""
        offset = self.found(sent)
        return await self._on(self._ends(offset), offset.cut, offset.portal, count)

    async def latest(self, count: int) -> list[Offset]:
        """The last entries, the newest one last."""
        found: list[Stretch] = []
        ends: dict[int, int] = {}
        for portal in self.portals:
            source, some = await self.source(portal), list[Stretch]()
            ends[portal] = await self.state.store.bench.end(portal)
            async for one in source.backwards():
                some.append(one)
                if len(some) == count:
                    break
            found += some
        found = sorted(found, key=lambda one: (one.at, one.portal, one.end))[-count:]
        for one in reversed(found):
            ends[one.portal] = one.start
        return [await self._offset(ends, one) for one in found]

    def found(self, sent: str) -> Offset:
        """The offset that this app was told; raises `JournalEntryNotFound` for any other."""
        offset = offsets.read(sent, str(self.app.id), self.state.gate.seal)
        if offset is None or offset.portal not in self.portals or (offset.cut and offset.cut not in self.kept.cuts):
            raise JournalEntryNotFound
        return offset

    async def entry(self, sent: str) -> Offset:
        """An entry that is still kept; raises `JournalEntryNotFound`."""
        offset = self.found(sent)
        age = await (await self.source(offset.portal)).age(offset.start, offset.end)
        if age is not None and age <= self.state.clock.now(offset.portal) - KEPT:
            raise JournalEntryNotFound
        return offset

    async def read(self, offset: Offset) -> tuple[Bodies, int]:
        """What an entry tells, and the time of its last change."""
        return await (await self.source(offset.portal)).read(offset.start, offset.end)

    def text(self, offset: Offset) -> str:
        """An offset as the app is told it."""
        return offsets.text(offset, str(self.app.id), self.state.gate.seal)

    async def source(self, portal: int) -> Source:
        """The journal of one portal."""
        return await source_of(self.state, self.app.id, self.kept, self.reach, portal)

    def _ends(self, offset: Offset) -> dict[int, int]:
        """How far a reader is in each portal who was told an offset."""
        before = self.kept.cuts[offset.cut].ends if offset.cut else {}
        return {**before, offset.portal: offset.end}

    async def _on(self, ends: dict[int, int], cut: int, portal: int | None, count: int) -> list[Offset]:
        found: list[Offset] = []
        order = sorted(self.portals, key=lambda one: (one != portal, one))
        while order and len(found) < count:
            one = await self._next(order[0], ends.get(order[0], 0))
            if one is None:
                order.pop(0)
            elif one.portal == portal:
                found.append(Offset(one.portal, one.start, one.end, cut))
            else:
                made = await self._offset(ends, one)
                cut, portal = made.cut, made.portal
                found.append(made)
            if one is not None:
                ends[one.portal] = one.end
        return found

    async def _next(self, portal: int, after: int) -> Stretch | None:
        source = await self.source(portal)
        found = await source.following(after or await source.beginning())
        # Nothing is passed over in silence: who comes too late is told so.
        if found is not None and found.at <= self.state.clock.now(portal) - KEPT:
            raise JournalEntryNotFound
        return found

    async def _offset(self, ends: dict[int, int], one: Stretch) -> Offset:
        """The offset of an entry that comes when a reader is so far in the portals; it is then that far in its own."""
        others = {portal: end for portal, end in ends.items() if portal != one.portal and end}
        cut = await keeping.cut(self.state, self.app, self.kept, others, self.state.clock.now())
        ends[one.portal] = one.end
        return Offset(one.portal, one.start, one.end, cut)


async def journal_of(state: State, app: App, reach: Reach, portals: Sequence[int]) -> Journal:
    """The journal of an app over some of the portals that it may read."""
    return Journal(state, app, await keeping.of(state, app.id), reach, portals)
