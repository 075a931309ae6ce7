"""Telling one app of what happens in one portal, from where it was told last."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import msgspec
import structlog
from msgspec import Struct

from trunkline.bench.checkpoint import Note, standing
from trunkline.errors import Unauthenticated
from trunkline.feeds.queue import Item, Parked, Place, Queue
from trunkline.feeds.subscription import Subscription
from trunkline.http.call import State
from trunkline.http.complaint import Complaint
from trunkline.http.hooks.log import Delivery
from trunkline.http.hooks.sender import Sender
from trunkline.http.hooks.source import PAGE, portions, told

LOOK = 1.0
"""Seconds after which what other processes wrote, and what has become due, is looked for."""

KEEP = 1.0
"""Seconds between two times that the place is kept; what was told since is told again after a crash."""

log = structlog.get_logger(__name__)

_place = msgspec.json.Decoder(Place).decode


class Slots(Struct):
    """How many more requests to an app may be under way at once."""

    free: int


class Teller:
    """Tells one app of one portal. `subscriptions` and `sender` are put in anew when the app's settings change.

    `slots` is shared by all portals of the app: so many requests may be under way at once.
    """

    def __init__(self, state: State, app: int, portal: int, sender: Sender, slots: Slots) -> None:
        self.subscriptions: Sequence[Subscription] = ()
        self.sender = sender
        self.slots = slots
        self._state = state
        self._app = app
        self._portal = portal
        self._queue = Queue()
        self._wanted: set[int] = set()
        self._read = self._looked = 0
        self._rewinds: list[tuple[int, int]] = []
        self._restored: set[tuple[int, int, int]] = set()
        self._kept: Place | None = None
        self._kept_at = 0.0
        self._stirred = asyncio.Event()
        self._flights: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Tells until it is canceled, or until the portal is removed; the place is kept at the end."""
        complaint = Complaint("an app could not be told of changes")
        begun = False
        self._state.hooks.behind[self._app, self._portal] = self._behind
        try:
            while True:
                level = self._state.tide.level
                try:
                    if not begun:
                        await self._begin()
                        begun = True
                    if not await self._state.breath.counted(self._turn()):
                        await self._pause(level)
                    complaint.worked()
                except Unauthenticated:
                    return
                except Exception as cause:
                    complaint.failed(cause)
                    await asyncio.sleep(LOOK)
                await self._state.breath.rest()
        finally:
            del self._state.hooks.behind[self._app, self._portal]
            await self._end(begun=begun)

    def _behind(self) -> float:
        """Seconds for which the oldest event waits that is yet to be told."""
        oldest = self._queue.oldest
        return 0.0 if oldest is None else max(0.0, (self._state.clock.now(self._portal) - oldest) / 1000)

    async def _begin(self) -> None:
        """Takes up where the app was told last; one that never was is told from its oldest subscription on."""
        end = await self._state.store.bench.end(self._portal)
        notes = await self._state.store.bench.notes()
        name = str(self._app)
        kept = [n.detail for n in notes if (n.portal, n.kind, n.name) == (self._portal, "reading", name)]
        if kept:
            place = _place(kept[0])
            place = Place(end) if place.left else place
        else:
            place = Place(min((one.since.get(self._portal, end) for one in self.subscriptions), default=end))
        oldest = min((one.since.get(self._portal, 0) for one in self.subscriptions), default=0)
        self._read = self._looked = max(place.after, oldest)
        await self._restore(place.parked)

    async def _restore(self, parked: Sequence[Parked]) -> None:
        """Puts back the events that waited, unless they were undone meanwhile."""
        bench = self._state.store.bench
        if not parked:
            return
        first, last = parked[0].position - 1, await bench.end(self._portal)
        stretches = standing(first, last, await bench.rewinds(self._portal, first))
        rows = {
            position: entry
            for position in {one.position for one in parked}
            if any(after < position <= to for after, to in stretches)
            for entry in await bench.journal(self._portal, position - 1, position, 1)
        }
        events = await told(self._state, self._portal, self._app, [*rows.values()], self.subscriptions)
        known = {event.key: event for event in events}
        for one in parked:
            if one.key in known:
                self._queue.restore(known[one.key], one)
        self._restored = {one.key for one in parked}

    async def _turn(self) -> bool:
        """Reads a page of the journal or sends one request, and says whether there was something to do."""
        if self._state.bench.doubtful:
            await self._state.bench.refresh()
        wanted = {one.id for one in self.subscriptions}
        if wanted != self._wanted:
            self._wanted = wanted
            self._queue.retain(wanted)
        busy = await self._fill() or self._launch()
        now = asyncio.get_running_loop().time()
        if now - self._kept_at >= KEEP:
            self._kept_at = now
            await self._keep()
        return busy

    async def _fill(self) -> bool:
        """Reads a page of the journal, if there is room for it and one to read; what was undone is forgotten.

        When it has read none, nothing was undone that it does not know of.
        """
        bench, portal = self._state.store.bench, self._portal
        end = await bench.end(portal)
        if end > self._looked:
            new = await bench.rewinds(portal, self._looked)
            self._looked = max(end, *(position for position, _ in new), 0)
            self._rewinds = [one for one in self._rewinds if one[0] > self._read] + list(new)
            for position, to in new:
                self._queue.drop(to, position)
        if self._queue.full:
            return False
        for first, last in standing(self._read, end, self._rewinds):
            self._read = max(self._read, first)
            if self._read < last:
                await self._read_on(last)
                return True
        self._read = max(self._read, end)
        return False

    async def _read_on(self, last: int) -> None:
        entries = await self._state.store.bench.journal(self._portal, self._read, last, PAGE)
        for some in portions(entries):
            events = await told(self._state, self._portal, self._app, some, self.subscriptions)
            self._queue.add(event for event in events if event.key not in self._restored)
            self._read = some[-1].position
            await self._state.breath.rest()
        if len(entries) < PAGE:
            self._read = last

    def _launch(self) -> bool:
        """Sends what is due by one request, if one more may be under way, and says whether it did."""
        items = self._queue.take(self._state.clock.now(self._portal)) if self.slots.free else None
        if not items:
            return False
        self.slots.free -= 1
        flight = asyncio.create_task(self._state.breath.counted(self._fly(items)))
        self._flights.add(flight)
        flight.add_done_callback(partial(self._landed, self.slots))
        return True

    def _landed(self, slots: Slots, flight: asyncio.Task[None]) -> None:
        slots.free += 1
        self._flights.discard(flight)
        self._stirred.set()
        if not flight.cancelled() and (cause := flight.exception()) is not None:
            log.error("a request to an app failed", app=self._app, portal=self._portal, exc_info=cause)

    async def _fly(self, items: Sequence[Item]) -> None:
        attempt = items[0].attempt
        bodies = [{**item.event.body, "attemptNumber": attempt} if attempt else item.event.body for item in items]
        try:
            delivery = await self.sender.send(self._portal, self._app, attempt, bodies)
        except BaseException:
            self._queue.land(items)
            raise
        self._settle(items, delivery)

    def _settle(self, items: Sequence[Item], delivery: Delivery) -> None:
        if delivery.state == "delivered":
            self._queue.told(items)
        elif not self._queue.failed(items, self._state.clock.now(self._portal), answered=delivery.answer is not None):
            delivery = msgspec.structs.replace(delivery, state="given-up")
        self._state.hooks.deliveries.add(delivery)
        self._state.measures.told(delivery.state)

    async def _keep(self) -> None:
        """Keeps the place, if it is another one than before."""
        place = self._queue.place(self._read)
        if place != self._kept:
            note = Note(self._portal, "reading", str(self._app), msgspec.json.encode(place).decode())
            await self._state.store.bench.keep(note)
            self._kept = place

    async def _pause(self, level: int) -> None:
        """Waits for a commit since the tide stood at a level, for the end of a request, or for a second."""
        waits = [asyncio.create_task(self._state.tide.wait(LOOK, level)), asyncio.create_task(self._stirred.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._stirred.clear()

    async def _end(self, *, begun: bool) -> None:
        """Lets go of the requests that are under way: their events are told again."""
        for flight in self._flights:
            flight.cancel()
        if begun:
            with suppress(Exception):
                await self._keep()
