"""The audit trail on its way to the store: what is refused is gathered, so that nobody fills a disk with refusals.

What is granted, changed or revoked is told in the same transaction as it happens (`trunkline.identity.moves`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog
from msgspec.structs import replace

from trunkline.clock import Clock
from trunkline.http.complaint import Complaint
from trunkline.identity.event import Event
from trunkline.identity.moves import Moves
from trunkline.store.accounts import Accounts

PAUSE = 5.0
"""Seconds for which the same events are gathered."""

MOST_GATHERED = 200
"""Different events that are gathered in that time; what else is refused is only counted, by its kind."""

HOUR = 3_600.0
"""Seconds between two removals of what is over."""

DAY = 86_400_000
"""Milliseconds."""

KEPT = 2 * DAY
"""For how long a token that is over is remembered, and its caller told that it expired rather than unknown."""

log = structlog.get_logger(__name__)


class Trail:
    """Gathers events and writes them down now and then, `days` of them."""

    def __init__(self, accounts: Accounts, clock: Clock, days: int) -> None:
        self._accounts = accounts
        self._clock = clock
        self._days = days
        self._gathered: dict[Event, Event] = {}
        self._complaint = Complaint("the audit trail could not be written")

    def note(self, event: Event) -> None:
        """Notes that something happened. Of many different things in a short time only the number is kept."""
        key = replace(event, at=0, count=1)
        if key not in self._gathered and len(self._gathered) >= MOST_GATHERED:
            event = Event(at=event.at, kind=event.kind, detail="more, from many places", count=event.count)
            key = replace(event, at=0, count=1)
        known = self._gathered.get(key)
        self._gathered[key] = event if known is None else replace(known, count=known.count + event.count)

    async def flush(self) -> None:
        """Writes down what was gathered; what cannot be written stays for the next time."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        try:
            await self._accounts.keep(Moves(events=tuple(gathered.values())))
        except BaseException:
            self._regain(gathered.values())
            raise

    def _regain(self, events: Iterable[Event]) -> None:
        """Gathers again what could not be written, before what came meanwhile, within the same bound."""
        since, self._gathered = self._gathered, {}
        for event in (*events, *since.values()):
            self.note(event)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Writes down what is gathered for as long as the block runs, and what is left at its end."""
        task = asyncio.create_task(self._keep(), name="trail")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await self._try()

    async def tidy(self) -> None:
        """Removes each hour what is over, until it is canceled: the work of one process for all."""
        while True:
            now = self._clock.earliest()
            try:
                await self._accounts.forget(now - KEPT, now - self._days * DAY)
            except Exception as cause:
                log.error("what is over could not be removed", exc_info=cause)
            await asyncio.sleep(HOUR)

    async def _keep(self) -> None:
        while True:
            await self._try()
            await asyncio.sleep(PAUSE)

    async def _try(self) -> None:
        try:
            await self.flush()
        except Exception as cause:  # a full disk must not end the trail
            self._complaint.failed(cause)
        else:
            self._complaint.worked()
