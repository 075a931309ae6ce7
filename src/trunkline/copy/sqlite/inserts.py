"""The SQL that puts the rows of a table into a file, each bound as it is.

`base` is a table of a connection's own: the position of a file's journal that comes before those of a portal.
"""

from trunkline.store.sqlite.schema import SLOT_BITS

BASE = "CREATE TEMP TABLE base (portal INTEGER PRIMARY KEY, start INTEGER NOT NULL)"
OF_BASE = "SELECT start FROM temp.base WHERE portal = ?"
NEW_BASE = "INSERT INTO base (portal, start) VALUES (?, ?)"

HALF_COPIED = "CREATE TABLE copying (name TEXT PRIMARY KEY, detail TEXT NOT NULL) STRICT, WITHOUT ROWID"
PROGRESS = "INSERT OR REPLACE INTO copying (name, detail) VALUES (?, ?)"
PROGRESSES = "SELECT name, detail FROM copying"
WHOLE = "DROP TABLE copying"

EMPTY = ("DELETE FROM person_portal", "DELETE FROM person", "DELETE FROM collection", "DELETE FROM portal")
"""What takes away that with which a new store starts."""

FORGET_SEQUENCE = "DELETE FROM sqlite_sequence WHERE name = ?"
"""SQLite counts by itself while rows come, in a table that has no key."""


def _slot(type_: int) -> str:
    return f"(SELECT slot FROM collection WHERE portal = ?1 AND type = ?{type_})"


def _key(type_: int, id_: int) -> str:
    return f"{_slot(type_)} << {SLOT_BITS} | ?{id_}"


def _position(rank: int) -> str:
    return f"?{rank} + (SELECT start FROM temp.base WHERE portal = ?1)"


def _plain(table: str, columns: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(columns.split(',')))})"


INSERTS = {
    "portal": (
        "INSERT INTO portal (id, name, created, products, limits, removed, catalog_version) "
        "VALUES (?, ?, ?, ?, ?, ?, coalesce(?, 1))"
    ),
    "app": _plain("app", "id, portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed"),
    "person": _plain("person", "id, email, password, created, removed"),
    "person_portal": _plain("person_portal", "person, portal"),
    "credential": _plain(
        "credential",
        "position, digest, kind, app, portal, user, scopes, family, redirect_uri, challenge, created, expires, ended",
    ),
    "event": _plain("event", "position, at, kind, portal, app, user, address, detail, count"),
    "sequence": _plain("sqlite_sequence", "name, seq"),
    "definition": (
        "INSERT INTO definition (portal, kind, type, name, definition, last_change) "
        f"VALUES (?1, ?2, ?3, ?4, ?5, {_position(6)})"
    ),
    "record": (
        "INSERT INTO record (key, properties, created, updated, app, archived, last_change) "
        f"VALUES ({_key(2, 3)}, ?4, ?5, ?6, ?7, ?8, {_position(9)})"
    ),
    "change": (
        "INSERT INTO change (position, portal, kind, type, at, app, record, previous, detail) "
        f"VALUES ({_position(2)}, ?1, ?3, ?4, ?5, ?6, ?7, {_position(8)}, ?9)"
    ),
    "unique_value": (f"INSERT INTO unique_value (collection, property, value, record) VALUES ({_slot(2)}, ?3, ?4, ?5)"),
    "association": (
        "INSERT INTO association (source, target, category, kind, at, app) "
        f"VALUES ({_key(2, 3)}, {_key(4, 5)}, ?6, ?7, ?8, ?9)"
    ),
    "departed": f"INSERT INTO departed (key, successor) VALUES ({_key(2, 3)}, iif(?4 = 0, 0, {_key(2, 4)}))",
    "list": _plain("list", "portal, id, detail"),
    "list_folder": _plain("list_folder", "portal, id, detail"),
    "list_member": (f"INSERT INTO list_member (portal, list, record, at) VALUES (?1, ?2, {_key(3, 4)}, ?5)"),
    "job": _plain("job", "portal, id, kind, asked, state, chunk, chunks, requested, started, completed, progress"),
    "job_chunk": _plain("job_chunk", "portal, job, chunk, inputs, outcome"),
    "counter": _plain("counter", "portal, name, last"),
    "note": _plain("note", "portal, kind, name, detail"),
}

TYPES = {
    "record": ("type",),
    "unique_value": ("type",),
    "association": ("source_type", "target_type"),
    "departed": ("type",),
    "list_member": ("type",),
}
"""The columns of a table that say which collection of the portal a record is in."""

IDS = {"record": "id", "association": "target", "list_member": "record"}
"""The columns with the id of a record for which there has to be room in a row id."""
