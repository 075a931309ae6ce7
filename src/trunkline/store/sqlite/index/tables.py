"""Making and changing the tables of the index (`trunkline.store.sqlite.index.layout`), and remembering what it has."""

from collections.abc import Iterable

import apsw
import msgspec

from trunkline.store.search.form import Form, Value
from trunkline.store.sqlite.index.layout import Column, Layout, Words

HASH_SIZE = 16 * 2**20
"""Bytes of words that FTS5 gathers before it writes a part of its own."""

MERGED = 2_000
"""Pages of a table of words that are merged in one go."""

STANDING = "SELECT slot FROM main.collection WHERE portal IN (SELECT id FROM main.portal WHERE removed IS NULL)"

_encode = msgspec.json.Encoder().encode


def load(connection: apsw.Connection) -> dict[int, Layout]:
    """The layouts of all collections, by slot."""
    rows = connection.execute("SELECT detail FROM search.layout")
    layouts = [msgspec.json.decode(str(detail), type=Layout) for (detail,) in rows]
    return {layout.slot: layout for layout in layouts}


def gone(connection: apsw.Connection) -> list[int]:
    """The slots of layouts whose portal is not there any more."""
    slots = connection.execute(f"SELECT slot FROM search.layout WHERE slot NOT IN ({STANDING})")
    return [int(str(slot)) for (slot,) in slots]


def type_of(connection: apsw.Connection, slot: int) -> str | None:
    """The object type of a collection; None when its portal is not there any more."""
    row = connection.execute(f"SELECT type FROM main.collection WHERE slot = ? AND slot IN ({STANDING})", (slot,))
    return None if (type_ := row.get) is None else str(type_)


def save(connection: apsw.Connection, layout: Layout) -> Layout:
    """Keeps a layout, and returns it."""
    row = (layout.slot, _encode(layout).decode())
    connection.execute("INSERT OR REPLACE INTO search.layout (slot, detail) VALUES (?, ?)", row)
    return layout


def create(connection: apsw.Connection, layout: Layout, *, indexed: bool) -> Layout:
    """Makes the tables of a collection; the indexes, too, where there are no records to come first."""
    connection.execute(f"CREATE TABLE search.{layout.table} (key INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO search.size (slot, records) VALUES (?, 0)", (layout.slot,))
    for column in layout.columns:
        _add_column(connection, layout, column)
        if indexed:
            layout = layout.replaced(_index(connection, layout, column))
    for words in layout.words:
        _add_words(connection, layout, words)
    return save(connection, layout)


def widen(connection: apsw.Connection, layout: Layout, wanted: Iterable[Value]) -> Layout:
    """Adds what is wanted and not there, to be filled.

    A part of the same property that is made otherwise is of a type or a formula which it no longer has: its place is
    taken.
    """
    for value in wanted:
        if layout.part(value) is not None:
            continue
        layout = (_widen_words if value.form == "words" else _widen_columns)(connection, layout, value)
    return save(connection, layout)


def _widen_columns(connection: apsw.Connection, layout: Layout, value: Value) -> Layout:
    old = [c for c in layout.columns if c.value.name == value.name and _alike(c.value.form, value.form)]
    column = Column(old[0].number if old else len(layout.columns), value, 0)
    if old:
        connection.execute(f"DROP INDEX IF EXISTS search.{layout.index_of(column)}")
    else:
        _add_column(connection, layout, column)
    return layout.replaced(column)


def _alike(old: Form, new: Form) -> bool:
    return (old == "present") == (new == "present")


def _widen_words(connection: apsw.Connection, layout: Layout, value: Value) -> Layout:
    old = [words for words in layout.words if [kept.name for kept in words.values] == [value.name]]
    words = Words(old[0].number if old else len(layout.words), (value,), 0)
    if old:
        _drop_words(connection, layout, words)
    _add_words(connection, layout, words)
    return layout.replaced(words)


def index(connection: apsw.Connection, layout: Layout, column: Column) -> Layout:
    """Makes the index of a column that is filled, and the statistics of it."""
    layout = layout.replaced(_index(connection, layout, column))
    connection.execute(f"ANALYZE search.{layout.index_of(column)}")
    return save(connection, layout)


def _index(connection: apsw.Connection, layout: Layout, column: Column) -> Column:
    connection.execute(f"CREATE INDEX search.{layout.index_of(column)} ON {layout.table} ({column.name})")
    return msgspec.structs.replace(column, indexed=True)


def analyze(connection: apsw.Connection, layout: Layout, records: int) -> Layout:
    """Makes the statistics by which SQLite chooses an index; then there is also much to merge."""
    connection.execute(f"ANALYZE search.{layout.table}")
    words = tuple(msgspec.structs.replace(part, loose=True) for part in layout.words)
    return save(connection, msgspec.structs.replace(layout, analyzed=records, words=words))


def purge(connection: apsw.Connection, layout: Layout, words: Words) -> None:
    """Removes what is left of records that are gone: FTS5 keeps their words until it merges the parts they are in."""
    name = f"w{layout.words_of(words)}"
    connection.execute(f"INSERT INTO search.{name} ({name}) VALUES ('optimize')")


def tighten(connection: apsw.Connection, layout: Layout, words: Words) -> Layout:
    """Merges a stretch of the parts of a table of words. FTS5 changes less than two rows when it has nothing to do."""
    name = f"w{layout.words_of(words)}"
    before = connection.total_changes()
    connection.execute(f"INSERT INTO search.{name} ({name}, rank) VALUES ('merge', {-MERGED})")
    if connection.total_changes() - before > 1:
        return layout
    return save(connection, layout.replaced(msgspec.structs.replace(words, loose=False)))


def dismantle(connection: apsw.Connection, layout: Layout, rows: int) -> Layout | None:
    """One stretch of taking a collection's tables away; returns what is left of them, None in the end.

    It is done part by part, because all that is given up is overwritten.
    """
    for column in layout.columns:
        if column.indexed:
            connection.execute(f"DROP INDEX search.{layout.index_of(column)}")
            return save(connection, layout.replaced(msgspec.structs.replace(column, indexed=False)))
    if layout.words:
        _drop_words(connection, layout, layout.words[-1])
        return save(connection, msgspec.structs.replace(layout, words=layout.words[:-1]))
    some = f"SELECT key FROM search.{layout.table} LIMIT ?"
    connection.execute(f"DELETE FROM search.{layout.table} WHERE key IN ({some})", (rows,))
    if connection.changes():
        return layout
    connection.execute(f"DROP TABLE search.{layout.table}")
    for table in ("layout", "size"):
        connection.execute(f"DELETE FROM search.{table} WHERE slot = ?", (layout.slot,))
    return None


def _drop_words(connection: apsw.Connection, layout: Layout, words: Words) -> None:
    for letter in "uvw":
        connection.execute(f"DROP TABLE search.{letter}{layout.words_of(words)}")


def _add_column(connection: apsw.Connection, layout: Layout, column: Column) -> None:
    connection.execute(f"ALTER TABLE search.{layout.table} ADD COLUMN {column.name}")


def _add_words(connection: apsw.Connection, layout: Layout, words: Words) -> None:
    """The tokenizer cuts at what is no letter or digit of ASCII; texts come to it cut by `trunkline.crm.words`."""
    name = layout.words_of(words)
    columns = ", ".join(f"t{number}" for number in range(len(words.values)))
    connection.execute(
        f"CREATE VIRTUAL TABLE search.w{name} USING fts5"
        f"({columns}, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii')"
    )
    connection.execute(f"INSERT INTO search.w{name} (w{name}, rank) VALUES ('hashsize', {HASH_SIZE})")
    connection.execute(f"CREATE VIRTUAL TABLE search.v{name} USING fts5vocab(w{name}, row)")
    connection.execute(f"CREATE VIRTUAL TABLE search.u{name} USING fts5vocab(w{name}, instance)")
