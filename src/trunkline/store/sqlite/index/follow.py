"""Keeping the index up to the journal: small steps of work, one after the other, on one connection.

A step that is interrupted or fails has changed nothing, or leaves what the next one does again: a record is looked at
as it is now, however often, and the position moves last.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import apsw
from msgspec import Struct

from trunkline.crm.catalog import TypeData
from trunkline.store.search.form import Value
from trunkline.store.search.sql import Sql
from trunkline.store.sqlite.connection import MEMORY
from trunkline.store.sqlite.index import content, file, journal
from trunkline.store.sqlite.index.content import Content
from trunkline.store.sqlite.index.layout import Layout

LOG_PAGES = 8_192
"""Pages in the write-ahead log of the index (32 MiB) at which they are moved into the file."""

BUILD = "SELECT key, 1 AS fresh FROM main.record WHERE key > ? AND key <= ? AND archived IS NULL ORDER BY key LIMIT ?"


class Progress(Struct, frozen=True):
    """How far the index has come, for those who wait for it; a new value after each step.

    `position` is that of the journal, `building` says that records which were there before are still taken in, and
    `idle` that there is nothing to do but to follow the journal. Connections to the index are opened anew when
    `generation` changes, because its file or its statistics did.
    """

    position: int
    building: bool
    idle: bool
    layouts: Mapping[int, Layout]
    generation: int


class Follower:
    """Writes the index. Its methods are called from one thread at a time, `interrupt` from any."""

    def __init__(self, connection: apsw.Connection, path: str, types: Iterable[TypeData], *, cache_mb: int) -> None:
        """Opens the index, or makes an empty one; raises `apsw.Error`."""
        self._connection = connection
        self._path = path
        self._cache_mb = cache_mb
        self._opened = 1
        self._pages = 0
        file.prepare(connection, path, cache_mb=cache_mb)
        if path != MEMORY:
            connection.set_wal_hook(self._note)
        self._content = Content(connection, {type_.type_id: type_ for type_ in types})
        self._content.complete()
        self._load()

    def _load(self) -> None:
        row: Any = self._connection.execute("SELECT position, built, goal FROM search.state").fetchall()[0]
        self._position, self._built, self._goal = row
        self._content.load()
        self._publish()

    def _publish(self) -> None:
        idle = self._built is None and self._content.task() is None
        layouts, generation = dict(self._content.layouts), self._opened + self._content.statistics
        self.progress = Progress(self._position, self._built is not None, idle, layouts, generation)

    def _note(self, connection: apsw.Connection, name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def interrupt(self) -> None:
        """Breaks off the step under way."""
        self._connection.interrupt()

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def renew(self) -> None:
        """Throws the index away and starts with an empty one."""
        file.renew(self._connection, self._path, cache_mb=self._cache_mb)
        self._opened += 1
        self._load()

    def aged(self, moment: int) -> int | None:
        """The position up to which all changes are older than a moment; None when all are."""
        return journal.before(self._connection, self._position, moment)

    def widen(self, slot: int, wanted: Iterable[Value]) -> None:
        """Adds values to a collection, to be filled by the steps that follow."""
        with self._whole():
            self._content.widen(slot, wanted, building=self._built is not None)

    def step(self, to: int) -> None:
        """One step: a stretch of the journal, at most to a position, or of the records that were there before it.

        Then one stretch of what else is to be done: to fill or to index a column, to make statistics.
        """
        with self._whole():
            if self._built is not None:
                self._build(self._built)
            elif self._position < to:
                self._follow(journal.end_of(self._connection, self._position, to, content.BATCH))
            if self._built is None and (task := self._content.task()) is not None:
                task()
            if self._pages >= LOG_PAGES:
                self._connection.wal_checkpoint("search", mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._pages = 0

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """What fails leaves nothing in memory that is not in the file."""
        try:
            yield
        except BaseException:
            self._load()
            raise
        self._publish()

    def _build(self, built: int) -> None:
        self._content.stage.take(Sql(BUILD, (built, self._goal, content.BATCH)))
        last = self._content.stage.last()
        self._content.merge(building=True)
        self._connection.execute("UPDATE search.state SET built = ?", (last,))
        self._built = last

    def _follow(self, to: int) -> None:
        stage, after = self._content.stage, self._position
        stage.take(journal.touched(after, to))
        slots = stage.slots()
        for slot in slots:
            layout = self._content.layout(slot, building=False)
            if layout is None:
                continue
            for words in layout.words:
                journal.tell(self._connection, layout, words, after, to)
        self._content.merge(building=False)
        if journal.tells(self._connection, after, to, "erase"):
            self._content.taint(slots)
        if journal.tells(self._connection, after, to, "portal.remove"):
            self._content.part()
        row = (to, file.mark(self._connection, to))
        self._connection.execute("UPDATE search.state SET position = ?, mark = ?", row)
        self._position = to
