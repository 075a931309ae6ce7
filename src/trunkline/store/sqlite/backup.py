"""A copy of a file that is served: all of it as it is at one moment, by SQLite's own way of copying pages.

The moment is that of a transaction which only reads. Whoever writes meanwhile is not held up, but the log cannot start
again from its beginning before the copy is done.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.connection import connect
from trunkline.store.sqlite.schema import APPLICATION_ID, require_whole

PAGES = 4_096
"""Pages that are copied at a time: 16 MiB."""


def back_up(path: str, to: Path, told: Callable[[int, int], None]) -> None:
    """Copies a file; what is under the new name is whole, checked, and on the disk.

    `told` is called with the pages that are left and all of them. Raises `StoreRefused` when there is no store, or a
    file under the new name already; `OSError` and `apsw.Error` when it cannot be read or written.
    """
    if not Path(path).is_file():
        raise StoreRefused(f"There is no store at {path}.")
    if to.exists():
        raise StoreRefused(f"{to} is there already.")
    with closing(connect(path)) as source:
        if int(source.pragma("application_id")) != APPLICATION_ID:
            raise StoreRefused(f"{path} is a SQLite file of another program.")
        require_whole(source, path)
        with _appearing(to) as partial, closing(apsw.Connection(str(partial))) as target:
            _copy(source, target, told)
            _check(target)


@contextmanager
def _appearing(to: Path) -> Iterator[Path]:
    """A file that is written under another name, and gets its own once it is on the disk; if it fails it is removed."""
    partial = to.with_name(f"{to.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        _sync(partial)
        partial.rename(to)
        _sync(to.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _copy(source: apsw.Connection, target: apsw.Connection, told: Callable[[int, int], None]) -> None:
    # A copy that is broken off is thrown away, and is synced as a whole at the end.
    target.pragma("synchronous", "off")
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM main.sqlite_schema").fetchall()
    with target.backup("main", source, "main") as copying:
        while not copying.done:
            copying.step(PAGES)
            told(copying.remaining, copying.page_count)
    source.execute("ROLLBACK")
    # One file, without a log beside it; whoever serves it makes one.
    target.pragma("journal_mode", "delete")


def _check(target: apsw.Connection) -> None:
    found = target.pragma("quick_check")
    if found != "ok":
        raise StoreRefused(f"The copy is damaged, and so may be what it was made of: {found}")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
