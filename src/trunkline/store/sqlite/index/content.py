"""What the index has of the records, and the work that its parts need: to be made, filled, indexed, measured."""

from collections.abc import Iterable, Mapping

import apsw
import msgspec

from trunkline.crm.catalog import TypeData
from trunkline.store.sqlite.index import merge, tables
from trunkline.store.sqlite.index.form import Value
from trunkline.store.sqlite.index.layout import Column, Layout, Words, usual
from trunkline.store.sqlite.index.sql import Sql
from trunkline.store.sqlite.index.stage import Stage

BATCH = 100_000
"""Records of one step."""

SOON = 1_000
"""Records of a collection from which on statistics are made of it."""

GROWTH = 4
"""Growth after which they are made again."""


class Content:
    """The tables of all collections, on the one connection that writes them."""

    def __init__(self, connection: apsw.Connection, types: Mapping[str, TypeData]) -> None:
        self._connection = connection
        self._types = types
        self.stage = Stage(connection)
        self.load()

    def load(self) -> None:
        """Takes in what the file has."""
        self.layouts = tables.load(self._connection)

    def layout(self, slot: int, *, building: bool) -> Layout:
        """The tables of a collection, made if they are not there; while many records come they have no indexes."""
        if slot not in self.layouts:
            type_id = str(self._connection.execute("SELECT type FROM main.collection WHERE slot = ?", (slot,)).get)
            type_ = self._types.get(type_id)
            layout = Layout(slot, type_id) if type_ is None else usual(slot, type_)
            with self._connection:
                self._keep(tables.create(self._connection, layout, indexed=not building))
        return self.layouts[slot]

    def widen(self, slot: int, wanted: Iterable[Value]) -> None:
        """Adds what is wanted of a collection and not there."""
        layout = self.layout(slot, building=False)
        with self._connection:
            self._keep(tables.widen(self._connection, layout, wanted))

    def complete(self) -> None:
        """Adds what a newer Trunkline has of its types from the start."""
        for layout in tuple(self.layouts.values()):
            if layout.type in self._types:
                fresh = usual(layout.slot, self._types[layout.type])
                values = [value for part in fresh.parts for value in part.values]
                if any(layout.part(value) is None for value in values):
                    self.widen(layout.slot, values)

    def merge(self, *, building: bool) -> None:
        """Brings the records that were taken into all tables."""
        for slot in self.stage.slots():
            layout = self.layout(slot, building=building)
            values = [value for part in layout.parts for value in part.values]
            for first, last in self.stage.stretches(slot):
                self.stage.load(layout.type, values, first, last)
                with self._connection:
                    merge.merge(self._connection, layout)
        self.stage.clear()

    def task(self) -> tuple[Layout, Column | Words | None] | None:
        """What is to be done beside following the journal: a part to fill or to index, or statistics to make."""
        for layout in self.layouts.values():
            for part in layout.parts:
                if not part.ready:
                    return layout, part
            if self._records(layout) >= max(SOON, GROWTH * layout.analyzed):
                return layout, None
            for words in layout.words:
                if words.loose:
                    return layout, words
        return None

    def tend(self) -> None:
        """Does a stretch of it."""
        match self.task():
            case layout, None:
                records = self._records(layout)
                with self._connection:
                    self._keep(tables.analyze(self._connection, layout, records))
            case layout, Column(filled=None) as column:
                with self._connection:
                    self._keep(tables.index(self._connection, layout, column))
            case layout, Words(filled=None) as words:
                with self._connection:
                    self._keep(tables.tighten(self._connection, layout, words))
            case layout, (Column() | Words()) as part:
                self._fill(layout, part)

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
        with self._connection:
            self._keep(tables.save(self._connection, layout.replaced(done)))

    def forget(self) -> None:
        """Removes what tables of words and statistics still hold of records that are gone."""
        for layout in tuple(self.layouts.values()):
            for words in layout.words:
                name = f"w{layout.words_of(words)}"
                self._connection.execute(f"INSERT INTO search.{name} ({name}) VALUES ('optimize')")
            with self._connection:
                self._keep(tables.analyze(self._connection, layout, self._records(layout)))

    def _records(self, layout: Layout) -> int:
        select = "SELECT records FROM search.size WHERE slot = ?"
        return int(str(self._connection.execute(select, (layout.slot,)).get))

    def _keep(self, layout: Layout) -> None:
        self.layouts[layout.slot] = layout
