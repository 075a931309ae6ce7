"""Taking away what a removed portal leaves behind, in short turns of the writer, while other portals are served.

A portal has its collections for as long as anything of it is left, so a removal that was interrupted goes on when the
file is opened again. What the rows give up is overwritten. Of the journal goes what the search index has followed
already, which would otherwise be made anew; one row stays there, which says that the portal was removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from time import perf_counter
from typing import Any

import apsw
import structlog
from msgspec import Struct

from trunkline.store.sqlite.departures import overwriting
from trunkline.store.sqlite.kept import COVERED
from trunkline.store.sqlite.schema import SLOT_BITS
from trunkline.store.sqlite.writer import Writer

ROWS = 500
"""Rows that go in one turn of the writer, at most."""

BYTES = 2 * 2**20
"""Their size, but for the last row."""

STRETCH = 5_000
"""Positions of the journal that are looked at in one turn: it is not parted by portal."""

RETRY = 1.0
"""Seconds until the next attempt after one that failed, as on a full disk."""

LEFT = "SELECT DISTINCT c.portal FROM collection AS c JOIN portal AS p ON p.id = c.portal WHERE p.removed IS NOT NULL"
SLOTS = "SELECT slot FROM collection WHERE portal = ?"
DONE = "DELETE FROM collection WHERE portal = ?"

log = structlog.get_logger(__name__)


class Part(Struct, frozen=True):
    """One table, the key of its rows, and which of them are meant; `size` is about what a row holds."""

    table: str
    key: tuple[str, ...]
    where: str
    size: str = "100"

    @property
    def find(self) -> str:
        """Selects the sizes and keys of some rows."""
        return f"SELECT {self.size}, {', '.join(self.key)} FROM {self.table} WHERE {self.where} LIMIT ?"

    @property
    def delete(self) -> str:
        """Deletes the row of a key."""
        return f"DELETE FROM {self.table} WHERE {' AND '.join(f'{name} = ?' for name in self.key)}"


_RANGE = "{0} >= ? AND {0} < ?"

OF_SLOT = (
    Part("record", ("key",), _RANGE.format("key"), "octet_length(properties)"),
    Part("association", ("source", "target", "category", "kind"), _RANGE.format("source")),
    Part("departed", ("key",), _RANGE.format("key")),
)
VALUES = Part("unique_value", ("collection", "property", "value"), "collection = ?", "octet_length(value)")
_OF_CHECKPOINT = "era IN (SELECT era FROM checkpoint WHERE portal = ?)"

OF_PORTAL = (
    Part("definition", ("portal", "kind", "type", "name"), "portal = ?", "octet_length(definition)"),
    Part(
        "job_chunk",
        ("rowid",),
        "portal = ?",
        "coalesce(octet_length(inputs), 0) + coalesce(octet_length(outcome), 0)",
    ),
    Part("job", ("portal", "id"), "portal = ?", "octet_length(asked)"),
    Part("counter", ("portal", "name"), "portal = ?"),
    Part("list_member", ("portal", "list", "record"), "portal = ?"),
    Part("list", ("portal", "id"), "portal = ?", "octet_length(detail)"),
    Part("list_folder", ("portal", "id"), "portal = ?", "octet_length(detail)"),
    Part("note", ("portal", "kind", "name"), "portal = ?", "octet_length(detail)"),
    *(Part(covered.kept, ("era", *covered.key), _OF_CHECKPOINT) for covered in COVERED),
    Part("checkpoint", ("era",), "portal = ?"),
)
JOURNAL = Part(
    "change",
    ("position",),
    "position > ? AND position <= ? AND portal = ? AND kind <> 'portal.remove'",
    "octet_length(detail)",
)


class Removal:
    """Works off the removed portals of a file, those that were left of the last time included.

    `followed` waits, for a bounded time, until the search index has followed the journal as it is.
    """

    def __init__(self, connection: apsw.Connection, writer: Writer, followed: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._writer = writer
        self._followed = followed
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._serve(), name="removal")

    def wake(self) -> None:
        """Tells that a portal was removed."""
        self._wake.set()

    async def close(self) -> None:
        """Stops between two turns; before the writer is closed."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _serve(self) -> None:
        while True:
            self._wake.clear()
            try:
                for portal in await self._writer.submit(partial(self._numbers, LEFT)):
                    await self._clear(portal)
            except Exception as cause:  # whatever it is, the next attempt may do better, and nobody waits for it
                log.error("a removed portal is still there in part", exc_info=cause)
                await asyncio.sleep(RETRY)
                continue
            await self._wake.wait()

    async def _clear(self, portal: int) -> None:
        """All that is left of one portal."""
        for part, bounds in _parts(portal, await self._writer.submit(partial(self._numbers, SLOTS, portal))):
            await self._turns(partial(self._piece, part, bounds))
        await self._followed()
        await self._clear_journal(portal)
        await self._writer.submit(lambda: self._connection.execute(DONE, (portal,)))
        log.info("a removed portal is gone from the file", portal=portal)

    async def _clear_journal(self, portal: int) -> None:
        last = (await self._writer.submit(partial(self._numbers, "SELECT coalesce(max(position), 0) FROM change")))[0]
        for after in range(0, last, STRETCH):
            await self._turns(partial(self._piece, JOURNAL, (after, after + STRETCH, portal)))

    async def _turns(self, piece: Callable[[], bool]) -> None:
        """Removes pieces until one was the last, and rests after each for as long as it took."""
        more = True
        while more:
            began = perf_counter()
            more = await self._writer.submit(piece)
            await asyncio.sleep(perf_counter() - began)

    def _piece(self, part: Part, bounds: tuple[int, ...]) -> bool:
        """Removes some rows, and says whether there may be more."""
        keys: list[Any] = []
        size = 0
        for bytes_, *key in self._connection.execute(part.find, (*bounds, ROWS)).fetchall():
            keys.append(key)
            size += int(str(bytes_))
            if size >= BYTES:
                break
        with overwriting(self._connection):
            self._connection.executemany(part.delete, keys)
        return len(keys) == ROWS or size >= BYTES

    def _numbers(self, select: str, *bound: int) -> list[int]:
        return [int(str(number)) for (number,) in self._connection.execute(select, bound)]


def _parts(portal: int, slots: Iterable[int]) -> Iterator[tuple[Part, tuple[int, ...]]]:
    for slot in slots:
        for part in OF_SLOT:
            yield part, (slot << SLOT_BITS, (slot + 1) << SLOT_BITS)
        yield VALUES, (slot,)
    for part in OF_PORTAL:
        yield part, (portal,)
