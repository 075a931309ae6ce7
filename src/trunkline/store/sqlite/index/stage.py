"""The records of one stretch of work, read from the store in one go and put into the forms that are indexed.

Reading is one statement for each stretch and touches no table of the index, so that the store is looked at briefly:
its write-ahead log cannot start again while somebody reads an older state of it. The stretches are cut by bytes.
"""

from collections.abc import Callable, Iterator, Sequence

import apsw
import msgspec

from trunkline.store.search.form import Value
from trunkline.store.search.sql import Scalar, Sql, joined
from trunkline.store.sqlite.index.form import affinity, derived, doubtful, finished, raw, shaped
from trunkline.store.sqlite.schema import SLOT_BITS

BYTES = 32 * 2**20
"""Size of the records of one stretch, as the store has them."""

ROWS = 50_000
"""Records of one stretch."""

TURN = 500
"""Values that are finished in Python at a time."""

TABLES = """
CREATE TEMP TABLE IF NOT EXISTS search_key (key INTEGER PRIMARY KEY, fresh INTEGER NOT NULL);
CREATE TEMP TABLE IF NOT EXISTS search_told (words INTEGER, key INTEGER, PRIMARY KEY (words, key)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS search_differing (key INTEGER PRIMARY KEY, mask INTEGER NOT NULL);
"""
"""`search_key` has the records to look at, `fresh` where all of them may have changed, else what an update told:
`search_told` the tables of words that it reaches. `search_differing` has the rows of the index that are outdated, with
a bit for each column."""

_encode = msgspec.json.Encoder().encode
_pairs = msgspec.json.Decoder(list[tuple[int, str]]).decode


class Stage:
    """The temporary tables of one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        connection.execute(TABLES)

    def clear(self) -> None:
        """Forgets the records to look at."""
        self._connection.execute("DELETE FROM temp.search_key")
        self._connection.execute("DELETE FROM temp.search_told")

    def take(self, select: Sql) -> None:
        """Takes the records to look at, as rows of `key, fresh`; a key that comes again is fresh if it once is."""
        self.clear()
        self._connection.execute(
            f"INSERT INTO temp.search_key (key, fresh) SELECT key, fresh FROM ({select.text}) WHERE true "
            "ON CONFLICT (key) DO UPDATE SET fresh = max(fresh, excluded.fresh)",
            select.values,
        )

    def slots(self) -> list[int]:
        """The slots of the records to look at."""
        select = f"SELECT DISTINCT key >> {SLOT_BITS} FROM temp.search_key"
        return [int(str(slot)) for (slot,) in self._connection.execute(select)]

    def last(self) -> int | None:
        """The greatest key to look at."""
        return _whole(self._connection.execute("SELECT max(key) FROM temp.search_key").get)

    def stretches(self, slot: int) -> Iterator[tuple[int, int]]:
        """The records of one slot, as pairs of a first and a last key, each small enough to be staged."""
        first, end = slot << SLOT_BITS, (slot + 1) << SLOT_BITS
        select = (
            "SELECT max(key) FROM (SELECT k.key, sum(octet_length(r.properties)) "
            "OVER (ORDER BY k.key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
            "FROM temp.search_key AS k LEFT JOIN main.record AS r ON r.key = k.key "
            "WHERE k.key >= ? AND k.key < ? ORDER BY k.key LIMIT ?) WHERE coalesce(before, 0) <= ?"
        )
        while (last := _whole(self._connection.execute(select, (first, end, ROWS, BYTES)).get)) is not None:
            yield first, last
            first = last + 1

    def load(self, type_id: str, values: Sequence[Value], first: int, last: int) -> None:
        """Stages the records from `first` to `last`: `search_row` gets key, live, fresh and the values v0, v1, …"""
        columns = [f"v{number} {affinity(value)}" for number, value in enumerate(values)]
        names = ["key INTEGER PRIMARY KEY", "live INTEGER NOT NULL", "fresh INTEGER NOT NULL", *columns]
        self._connection.execute("DROP TABLE IF EXISTS temp.search_row")
        self._connection.execute(f"CREATE TEMP TABLE search_row ({', '.join(names)})")
        self._read(type_id, values, first, last)
        for number, value in enumerate(values):
            self._sift(f"v{number}", doubtful(value, f"v{number}"))
            self._finish(f"v{number}", derived(value, type_id))
        self._shape(values)
        for number, value in enumerate(values):
            self._finish(f"v{number}", finished(value))

    def _read(self, type_id: str, values: Sequence[Value], first: int, last: int) -> None:
        live = "r.key IS NOT NULL AND r.archived IS NULL"
        texts = [raw(value, type_id) for value in values]
        cases = [Sql(f"CASE WHEN {live} THEN {text} END", bound) for text, bound in texts]
        columns = joined(", ", [Sql("k.key"), Sql(live), Sql("k.fresh"), *cases])
        self._connection.execute(
            f"INSERT INTO temp.search_row SELECT {columns.text} FROM temp.search_key AS k "
            "LEFT JOIN main.record AS r ON r.key = k.key WHERE k.key >= ? AND k.key <= ? ORDER BY k.key",
            (*columns.values, first, last),
        )

    def _sift(self, column: str, test: str | None) -> None:
        if test is not None:
            self._connection.execute(f"UPDATE temp.search_row SET {column} = CAST({column} AS BLOB) WHERE {test}")

    def _shape(self, values: Sequence[Value]) -> None:
        shapes = [(number, shaped(value, f"v{number}")) for number, value in enumerate(values)]
        changes = [f"v{number} = {shape}" for number, shape in shapes if shape is not None]
        if changes:
            self._connection.execute(f"UPDATE temp.search_row SET {', '.join(changes)} WHERE live")

    def _finish(self, column: str, finish: Callable[[str], Scalar] | None) -> None:
        """Finishes in Python what SQL left over of a column: one text of JSON out and one in for many values."""
        if finish is None:
            return
        select = (
            f"SELECT json_group_array(json_array(key, CAST({column} AS TEXT))) FROM (SELECT key, {column} "
            f"FROM temp.search_row WHERE key > ? AND typeof({column}) = 'blob' ORDER BY key LIMIT {TURN})"
        )
        update = (
            f"UPDATE temp.search_row SET {column} = given.value ->> 1 FROM json_each(?) AS given "
            "WHERE search_row.key = given.value ->> 0"
        )
        key = -1
        while pairs := _pairs(str(self._connection.execute(select, (key,)).get)):
            done = [(key, finish(text)) for key, text in pairs]
            self._connection.execute(update, (_encode(done).decode(),))
            key = pairs[-1][0]


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
