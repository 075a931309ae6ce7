"""A file that is copied: locked, so that nobody serves it meanwhile."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import apsw

from trunkline.copy.sqlite.rows import SqliteRows
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.lock import ServerLock
from trunkline.store.sqlite.schema import migrate, require_whole


@asynccontextmanager
async def source(path: str) -> AsyncIterator[SqliteRows]:
    """The rows of a file, as long as they are read; raises `StoreRefused`."""
    if not Path(path).is_file():
        raise StoreRefused(f"There is no store at {path}.")
    with alone(path) as connection:
        require_whole(connection, path)
        yield SqliteRows(connection, str(Path(path).resolve()))


@contextmanager
def alone(path: str, *, cache_mb: int = 8) -> Iterator[apsw.Connection]:
    """A connection to a file of the newest schema, with the file locked; raises `StoreRefused`."""
    lock = ServerLock(path)
    lock.acquire()
    try:
        with closing(connect(path, cache_mb=cache_mb, durability="normal")) as connection:
            migrate(connection, path)
            # What is beside the tables grows with the journal.
            connection.pragma("temp_store", "file")
            yield connection
    finally:
        lock.release()
