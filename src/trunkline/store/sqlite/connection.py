"""Opening SQLite as Trunkline uses it: a write-ahead log, foreign keys, and checkpoints that we start ourselves."""

from pathlib import Path
from typing import Literal

import apsw

from trunkline.store.protocol import StoreRefused

MEMORY = ":memory:"


def connect(path: str, *, cache_mb: int = 8, durability: Literal["full", "normal"] = "full") -> apsw.Connection:
    """A connection to the store's file; raises `StoreRefused` when it is no database or cannot be opened.

    `full` syncs the log at each commit, so that an acknowledged write survives power loss. What rows give up is
    overwritten on their pages, which are written anyway, so that an erased value is not found in the file.
    """
    try:
        connection = apsw.Connection(path)
        connection.set_busy_timeout(5_000)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", durability)
        connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("foreign_keys", True)
        # A row that is replaced counts as deleted for the triggers that keep what it was like.
        connection.pragma("recursive_triggers", True)
        connection.pragma("cache_size", -1024 * cache_mb)
        connection.pragma("temp_store", "memory")
        connection.pragma("secure_delete", "fast")
    except (apsw.NotADBError, apsw.CantOpenError, apsw.PermissionsError, apsw.ReadOnlyError) as cause:
        raise StoreRefused(f"{path} cannot be opened as a store: {cause}") from cause
    return connection


def folder_of(path: str) -> Path:
    """The folder that holds the store's file; made if it is not there."""
    folder = Path(path).absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder
