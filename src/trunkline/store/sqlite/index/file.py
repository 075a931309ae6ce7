"""The file of the index, attached to a connection of the store as the schema `search`; losing it costs only time.

What is deleted from it is written over, since it may be of a person who asked to be forgotten.

It says how far in the journal it has come, and which change it saw there last. A file that is of another format, of
another store, or of a later state of this one (which a backup was put in place of) is thrown away and made anew.
"""

from pathlib import Path
from typing import Any

import apsw
import structlog

from trunkline.store.sqlite.connection import MEMORY

FORMAT = 2
"""Raised with every change of the tables, or of what is put into them (`trunkline.crm.words`, `…derivation`)."""

LOG_SIZE = 64 * 2**20
"""Bytes to which the write-ahead log of the index is cut back once it starts again."""

TABLES = f"""
CREATE TABLE search.state (position INTEGER NOT NULL, mark TEXT NOT NULL, built INTEGER, goal INTEGER NOT NULL);
CREATE TABLE search.layout (slot INTEGER PRIMARY KEY, detail TEXT NOT NULL);
CREATE TABLE search.size (slot INTEGER PRIMARY KEY, records INTEGER NOT NULL);
PRAGMA search.user_version = {FORMAT};
"""
"""`position` is that of the last change that was taken in, `mark` what tells it from others. While an index is made of
records that are there already, `built` is the greatest key it has and `goal` the last one; then `built` is NULL."""

MARK = "SELECT at || ' ' || portal || ' ' || kind || ' ' || coalesce(record, '') FROM main.change WHERE position = ?"

log = structlog.get_logger(__name__)


def place(path: str) -> str:
    """Where the index of a store is."""
    return path if path == MEMORY else f"{path}-index"


def attach(connection: apsw.Connection, path: str, *, cache_mb: int) -> None:
    """Attaches the index of a store for reading, or to make it."""
    connection.execute("ATTACH ? AS search", (place(path),))
    connection.execute(f"PRAGMA search.cache_size = {-1024 * cache_mb}")


def prepare(connection: apsw.Connection, path: str, *, cache_mb: int) -> None:
    """Attaches the index of a store to write to it; a new or unusable one is made empty."""
    try:
        _attach(connection, path, cache_mb)
        fault = _fault(connection)
    except (apsw.NotADBError, apsw.CorruptError) as cause:
        fault = str(cause)
    if fault is None:
        return
    if fault:
        log.warning("the search index is made anew", file=place(path), because=fault)
    renew(connection, path, cache_mb=cache_mb)


def renew(connection: apsw.Connection, path: str, *, cache_mb: int) -> None:
    """Throws the index of a store away and makes an empty one."""
    if connection.execute("SELECT 1 FROM pragma_database_list WHERE name = 'search'").fetchall():
        connection.execute("DETACH search")
    if path != MEMORY:
        for suffix in ("", "-wal", "-shm"):
            Path(place(path) + suffix).unlink(missing_ok=True)
    _attach(connection, path, cache_mb)
    position = int(_one(connection, "SELECT coalesce(max(position), 0) FROM main.change"))
    goal = int(_one(connection, "SELECT coalesce(max(key), 0) FROM main.record"))
    with connection:
        connection.execute(TABLES)
        row = (position, mark(connection, position), 0 if goal else None, goal)
        connection.execute("INSERT INTO search.state (position, mark, built, goal) VALUES (?, ?, ?, ?)", row)


def _attach(connection: apsw.Connection, path: str, cache_mb: int) -> None:
    attach(connection, path, cache_mb=cache_mb)
    connection.execute("PRAGMA search.journal_mode = wal")
    connection.execute("PRAGMA search.synchronous = normal")
    connection.execute("PRAGMA search.secure_delete = on")
    connection.execute(f"PRAGMA search.journal_size_limit = {LOG_SIZE}")


def _fault(connection: apsw.Connection) -> str | None:
    """Why the file cannot be used: "" for one that is new; None when it can."""
    version = int(connection.pragma("user_version", schema="search"))
    if version != FORMAT:
        return f"its format is {version}, not {FORMAT}" if version else ""
    row: Any = connection.execute("SELECT position, mark FROM search.state").fetchall()[0]
    if mark(connection, row[0]) != row[1]:
        return f"the store's change {row[0]} is another one"
    return None


def mark(connection: apsw.Connection, position: int) -> str:
    """What tells the change at a position from others; "" where there is none."""
    row = connection.execute(MARK, (position,)).fetchone()
    return "" if row is None else str(row[0])


def _one(connection: apsw.Connection, select: str) -> Any:
    return connection.execute(select).fetchall()[0][0]
