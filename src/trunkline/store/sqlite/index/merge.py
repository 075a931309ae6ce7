"""From the staged records to the tables of the index: only what differs is written.

An index that an update does not touch costs it nothing: the rows are compared before they are changed, and each
distinct set of changed columns gets a statement of its own. Words cannot be compared, because the table of words keeps
none; there the journal tells whether a text was written.
"""

from collections.abc import Sequence

import apsw

from trunkline.store.sqlite.index.layout import Column, Layout

GROUP = 60
"""Columns compared at a time: each has a bit of one integer."""


def merge(connection: apsw.Connection, layout: Layout) -> None:
    """Brings the staged records into all tables. The values are staged in the order of columns and then words."""
    gone = _remove(connection, layout)
    for first in range(0, len(layout.columns), GROUP):
        _update(connection, layout, layout.columns[first : first + GROUP])
    added = _add(connection, layout)
    number = len(layout.columns)
    for words in layout.words:
        told = "live AND (fresh OR key IN (SELECT key FROM temp.search_told WHERE words = ?))"
        put_words(connection, layout.words_of(words), len(words.values), number, told, (words.number,))
        number += len(words.values)
    if added != gone:
        grown = (added - gone, layout.slot)
        connection.execute("UPDATE search.size SET records = records + ? WHERE slot = ?", grown)


def _remove(connection: apsw.Connection, layout: Layout) -> int:
    gone = "SELECT key FROM temp.search_row WHERE NOT live"
    connection.execute(f"DELETE FROM search.{layout.table} WHERE key IN ({gone})")
    removed = connection.changes()
    if removed:
        for words in layout.words:
            connection.execute(f"DELETE FROM search.w{layout.words_of(words)} WHERE rowid IN ({gone})")
    return removed


def _update(connection: apsw.Connection, layout: Layout, columns: Sequence[Column]) -> None:
    connection.execute("DELETE FROM temp.search_differing")
    bits = (f"((c.{column.name} IS NOT s.v{column.number}) << {bit})" for bit, column in enumerate(columns))
    connection.execute(
        f"INSERT INTO temp.search_differing SELECT key, mask FROM (SELECT s.key AS key, {' | '.join(bits)} AS mask "
        f"FROM temp.search_row AS s CROSS JOIN search.{layout.table} AS c ON c.key = s.key WHERE s.live) WHERE mask"
    )
    for (mask,) in connection.execute("SELECT DISTINCT mask FROM temp.search_differing").fetchall():
        chosen = [column for bit, column in enumerate(columns) if int(str(mask)) >> bit & 1]
        names = ", ".join(column.name for column in chosen)
        staged = ", ".join(f"s.v{column.number}" for column in chosen)
        connection.execute(
            f"UPDATE search.{layout.table} SET ({names}) = "
            f"(SELECT {staged} FROM temp.search_row AS s WHERE s.key = {layout.table}.key) "
            "WHERE key IN (SELECT key FROM temp.search_differing WHERE mask = ?)",
            (mask,),
        )


def _add(connection: apsw.Connection, layout: Layout) -> int:
    names = "".join(f", {column.name}" for column in layout.columns)
    staged = "".join(f", v{column.number}" for column in layout.columns)
    connection.execute(
        f"INSERT OR IGNORE INTO search.{layout.table} (key{names}) "
        f"SELECT key{staged} FROM temp.search_row WHERE live ORDER BY key"
    )
    return connection.changes()


def put_words(
    connection: apsw.Connection, name: str, count: int, number: int, test: str, values: tuple[int, ...] = ()
) -> None:
    """Puts the words of the staged records that meet a test into a table of words; its values start at `number`."""
    columns = "".join(f", t{column}" for column in range(count))
    staged = "".join(f", v{number + column}" for column in range(count))
    connection.execute(
        f"INSERT OR REPLACE INTO search.w{name} (rowid{columns}) "
        f"SELECT key{staged} FROM temp.search_row WHERE {test} ORDER BY key",
        values,
    )


def put_column(connection: apsw.Connection, layout: Layout, column: Column) -> None:
    """Puts the one staged value of each record into a column that is being filled."""
    connection.execute(
        f"UPDATE search.{layout.table} SET {column.name} = "
        f"(SELECT s.v0 FROM temp.search_row AS s WHERE s.key = {layout.table}.key) "
        "WHERE key IN (SELECT key FROM temp.search_row WHERE live)"
    )
