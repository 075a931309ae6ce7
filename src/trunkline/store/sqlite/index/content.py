"""What the index has of the records, and the work that its parts need: to be made, filled, indexed, measured."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import apsw
import msgspec

from trunkline.crm.catalog import TypeData
from trunkline.errors import Unauthenticated
from trunkline.store.search.form import Value
from trunkline.store.search.sql import Sql
from trunkline.store.sqlite import definitions
from trunkline.store.sqlite.index import merge, tables
from trunkline.store.sqlite.index.layout import Column, Layout, Words, usual
from trunkline.store.sqlite.index.stage import Stage

BATCH = 100_000
"""Records of one step."""

SOON = 1_000
"""Records of a collection from which on statistics are made of it."""

GROWTH = 4
"""Growth after which they are made again."""


class Content:
    """The tables of all collections, on the one connection that writes them.

    `layouts` has those that are searched; those of a portal that was removed are only there to be taken away.
    `statistics` is raised with each change of them that other connections do not notice by themselves.
    """

    def __init__(self, connection: apsw.Connection, types: Mapping[str, TypeData]) -> None:
        self._connection = connection
        self._types = types
        self.statistics = 0
        self.stage = Stage(connection)
        self.load()

    def load(self) -> None:
        """Takes in what the file has."""
        self.layouts = tables.load(self._connection)
        self._gone: dict[int, Layout] = {}
        self.part()

    def part(self) -> None:
        """Parts with the collections of portals that were removed."""
        self._gone |= {slot: self.layouts.pop(slot) for slot in tables.gone(self._connection) if slot in self.layouts}

    def layout(self, slot: int, *, building: bool) -> Layout | None:
        """The tables of a collection, made if they are not there; while many records come they have no indexes.

        None when its portal was removed.
        """
        if slot not in self.layouts:
            type_id = tables.type_of(self._connection, slot)
            if type_id is None:
                return None
            type_ = self._types.get(type_id) or definitions.custom_type(self._connection, slot)
            layout = Layout(slot, type_id) if type_ is None else usual(slot, type_)
            self._change(layout, partial(tables.create, indexed=not building))
        return self.layouts[slot]

    def widen(self, slot: int, wanted: Iterable[Value], *, building: bool) -> None:
        """Adds what is wanted of a collection and not there; raises `Unauthenticated` when its portal was removed."""
        layout = self.layout(slot, building=building)
        if layout is None:
            raise Unauthenticated
        self._change(layout, partial(tables.widen, wanted=wanted))

    def complete(self) -> None:
        """Adds what a newer Trunkline has of its types from the start."""
        for layout in tuple(self.layouts.values()):
            if layout.type in self._types:
                fresh = usual(layout.slot, self._types[layout.type])
                values = [value for part in fresh.parts for value in part.values]
                if any(layout.part(value) is None for value in values):
                    self.widen(layout.slot, values, building=False)

    def merge(self, *, building: bool) -> None:
        """Brings the records that were taken into all tables."""
        for slot in self.stage.slots():
            layout = self.layout(slot, building=building)
            if layout is None:
                continue
            values = [value for part in layout.parts for value in part.values]
            for first, last in self.stage.stretches(slot):
                self.stage.load(layout.type, values, first, last)
                with self._connection:
                    merge.merge(self._connection, layout)
        self.stage.clear()

    def task(self) -> Callable[[], None] | None:
        """The next stretch of what is to be done beside following the journal; None when there is nothing."""
        for gone in self._gone.values():
            return partial(self._dismantle, gone)
        sizes: Any = self._connection.execute("SELECT slot, records FROM search.size")
        records: dict[int, int] = dict(sizes)
        for layout in self.layouts.values():
            if (task := self._task(layout, records[layout.slot])) is not None:
                return task
        return None

    def _task(self, layout: Layout, records: int) -> Callable[[], None] | None:
        for part in layout.parts:
            if part.filled is not None:
                return partial(self._fill, layout, part)
        for column in layout.columns:
            if not column.indexed:
                return partial(self._change, layout, partial(tables.index, column=column))
        if layout.tainted:
            return partial(self._forget, layout, records)
        if records >= max(SOON, GROWTH * layout.analyzed):
            return partial(self._measure, layout, records)
        for words in layout.words:
            if words.loose:
                return partial(self._change, layout, partial(tables.tighten, words=words))
        return None

    def taint(self, slots: Iterable[int]) -> None:
        """Notes that the tables of these collections hold something of a record that was erased."""
        for slot in slots:
            if slot in self.layouts:
                layout = msgspec.structs.replace(self.layouts[slot], tainted=True)
                self._change(layout, tables.save)

    def _forget(self, layout: Layout, records: int) -> None:
        """Removes what tables of words and statistics still hold of records that are gone."""
        for words in layout.words:
            tables.purge(self._connection, layout, words)
        self._measure(msgspec.structs.replace(layout, tainted=False), records)

    def _measure(self, layout: Layout, records: int) -> None:
        self._change(layout, partial(tables.analyze, records=records))
        self.statistics += 1

    def _dismantle(self, gone: Layout) -> None:
        with self._connection:
            left = tables.dismantle(self._connection, gone, BATCH)
        if left is None:
            del self._gone[gone.slot]
        else:
            self._gone[gone.slot] = left

    def _fill(self, layout: Layout, part: Column | Words) -> None:
        select = f"SELECT key, 1 AS fresh FROM search.{layout.table} WHERE key > ? ORDER BY key LIMIT {BATCH}"
        self.stage.take(Sql(select, (part.filled,)))
        end = self.stage.last()
        for first, last in self.stage.stretches(layout.slot):
            self.stage.load(layout.type, part.values, first, last)
            with self._connection:
                if isinstance(part, Column):
                    merge.put_column(self._connection, layout, part)
                else:
                    merge.put_words(self._connection, layout.words_of(part), len(part.values), 0, "live")
        self.stage.clear()
        done = msgspec.structs.replace(part, filled=end)
        if isinstance(done, Words):
            done = msgspec.structs.replace(done, loose=True)
        self._change(layout.replaced(done), tables.save)

    def _change(self, layout: Layout, change: Callable[[apsw.Connection, Layout], Layout]) -> None:
        """Changes a collection's tables, all or nothing, and remembers what it then has."""
        with self._connection:
            self.layouts[layout.slot] = change(self._connection, layout)
