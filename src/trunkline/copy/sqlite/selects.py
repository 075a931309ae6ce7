"""The SQL that tells the rows of a file as no engine has them.

Two tables of a connection's own help. `standing` has the collections of the portals that are there. `run` says how far
the positions of a portal's journal are from 1, 2, 3: all are as far `behind` until one of another portal comes between.
"""

from msgspec import Struct

from trunkline.bench.checkpoint import REWIND
from trunkline.copy.notes import COPIED
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

BESIDE = """
DROP TABLE IF EXISTS temp.standing;
DROP TABLE IF EXISTS temp.run;
CREATE TEMP TABLE standing (slot INTEGER PRIMARY KEY, portal INTEGER NOT NULL, type TEXT NOT NULL);
INSERT INTO standing SELECT slot, portal, type FROM main.collection
    WHERE portal IN (SELECT id FROM main.portal WHERE removed IS NULL);
CREATE TEMP TABLE run (
    portal INTEGER NOT NULL, start INTEGER NOT NULL, behind INTEGER NOT NULL, PRIMARY KEY (portal, start)
) WITHOUT ROWID;
"""
JOURNAL = (
    "SELECT portal, position FROM main.change "
    "WHERE portal IN (SELECT id FROM main.portal WHERE removed IS NULL) ORDER BY position"
)
SO_FAR = (
    "SELECT coalesce((SELECT ?2 - behind FROM temp.run WHERE portal = ?1 AND start <= ?2 "
    "ORDER BY start DESC LIMIT 1), 0), "
    "(SELECT start - behind - 1 FROM temp.run WHERE portal = ?1 AND start > ?2 ORDER BY start LIMIT 1)"
)
NEW_RUN = "INSERT INTO run (portal, start, behind) VALUES (?, ?, ?)"

_HERE = "t.portal IN (SELECT id FROM main.portal WHERE removed IS NULL)"


class Select(Struct, frozen=True):
    """How one table is read.

    `columns` are those of the table (`trunkline.copy.table`), in its order, of the tables `of`. Rows are read in the
    order of `key`, which is in the file's own terms where that is not the same; `first` comes before all rows.
    """

    columns: str
    of: str
    key: str
    first: tuple[int | str, ...]
    where: str = ""

    @property
    def page(self) -> str:
        """Selects rows after a key, and behind the columns of each its key."""
        after = f"({self.key}) > ({', '.join('?' * len(self.first))})"
        where = f"{after} AND {self.where}" if self.where else after
        return f"SELECT {self.columns}, {self.key} FROM {self.of} WHERE {where} ORDER BY {self.key} LIMIT ?"

    @property
    def count(self) -> str:
        """Selects how many rows there are."""
        return f"SELECT count(*) FROM {self.of}" + (f" WHERE {self.where}" if self.where else "")


def _rank(position: str, portal: str) -> str:
    behind = f"SELECT behind FROM temp.run AS u WHERE u.portal = {portal} AND u.start <= {position}"
    return f"{position} - ({behind} ORDER BY u.start DESC LIMIT 1)"


def _so_far(position: str, portal: str) -> str:
    """How many changes of a portal there are up to a position, which may be that of another one's, before its last."""
    following = f"SELECT u.start - u.behind - 1 FROM temp.run AS u WHERE u.portal = {portal} AND u.start > {position}"
    found = f"coalesce({_rank(position, portal)}, 0)"
    return f"min({found}, coalesce(({following} ORDER BY u.start LIMIT 1), {position}))"


def _slot(name: str, key: str) -> str:
    return f"CROSS JOIN temp.standing AS {name} ON {name}.slot = {key}"


def _collected(name: str, columns: str, rest: str) -> str:
    return f"main.{name} AS t {_slot('s', f't.{columns} >> {SLOT_BITS}')} {rest}".rstrip()


def _plain(table: str, columns: str, key: str, *first: int | str, where: str = "") -> Select:
    return Select(columns, f"main.{table} AS t", key, first, where)


SELECTS = {
    "portal": _plain(
        "portal", "id, name, created, products, limits, removed, iif(removed IS NULL, catalog_version, NULL)", "id", 0
    ),
    "app": _plain(
        "app", "id, portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed", "id", 0
    ),
    "person": _plain("person", "id, email, password, created, removed", "id", 0),
    "person_portal": _plain("person_portal", "person, portal", "person, portal", 0, 0),
    "credential": _plain(
        "credential",
        "position, digest, kind, app, portal, user, scopes, family, redirect_uri, challenge, created, expires, ended",
        "position",
        0,
    ),
    "event": _plain("event", "position, at, kind, portal, app, user, address, detail, count", "position", 0),
    "sequence": Select(
        "name, coalesce((SELECT max(seq) FROM main.sqlite_sequence AS q WHERE q.name = t.name), 0)",
        "(SELECT 'app' AS name UNION ALL SELECT 'event' UNION ALL SELECT 'person') AS t",
        "name",
        ("",),
    ),
    "definition": _plain(
        "definition",
        f"portal, kind, type, name, definition, {_rank('t.last_change', 't.portal')}",
        "portal, kind, type, name",
        *(0, "", "", ""),
        where=_HERE,
    ),
    "record": Select(
        f"s.portal, s.type, t.key & {LAST_ID}, t.properties, t.created, t.updated, t.app, t.archived, "
        + _rank("t.last_change", "s.portal"),
        _collected("record", "key", ""),
        "t.key",
        (0,),
    ),
    "change": _plain(
        "change",
        f"portal, {_rank('t.position', 't.portal')}, kind, type, at, app, record, "
        f"iif(t.kind = '{REWIND}', {_so_far('t.previous', 't.portal')}, {_rank('t.previous', 't.portal')}), detail",
        "position",
        0,
        where=_HERE,
    ),
    "unique_value": Select(
        "s.portal, s.type, t.property, t.value, t.record",
        f"main.unique_value AS t {_slot('s', 't.collection')}",
        "t.collection, t.property, t.value",
        (0, "", ""),
    ),
    "association": Select(
        f"s.portal, s.type, t.source & {LAST_ID}, o.type, t.target & {LAST_ID}, t.category, t.kind, t.at, t.app",
        _collected("association", "source", _slot("o", f"t.target >> {SLOT_BITS}")),
        "t.source, t.target, t.category, t.kind",
        (0, 0, 0, 0),
    ),
    "departed": Select(
        f"s.portal, s.type, t.key & {LAST_ID}, t.successor & {LAST_ID}",
        _collected("departed", "key", ""),
        "t.key",
        (0,),
    ),
    "list": _plain("list", "portal, id, detail", "portal, id", 0, 0, where=_HERE),
    "list_folder": _plain("list_folder", "portal, id, detail", "portal, id", 0, 0, where=_HERE),
    "list_member": Select(
        f"t.portal, t.list, s.type, t.record & {LAST_ID}, t.at",
        _collected("list_member", "record", ""),
        "t.portal, t.list, t.record",
        (0, 0, 0),
    ),
    "job": _plain(
        "job",
        "portal, id, kind, asked, state, chunk, chunks, requested, started, completed, progress",
        "portal, id",
        *(0, ""),
        where=_HERE,
    ),
    "job_chunk": _plain(
        "job_chunk", "portal, job, chunk, inputs, outcome", "portal, job, chunk", 0, "", -1, where=_HERE
    ),
    "note": _plain(
        "note",
        "portal, kind, name, detail",
        "portal, kind, name",
        *(0, "", ""),
        where=f"{_HERE} AND t.kind IN ({', '.join(map(repr, COPIED))})",
    ),
    "counter": _plain("counter", "portal, name, last", "portal, name", 0, "", where=_HERE),
}
