"""The rows of one portal in the file of a store, whoever wrote them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import apsw

from trunkline.store.sqlite.schema import SLOT_BITS

Row = tuple[Any, ...]

_OF_KEY = f"(SELECT portal FROM collection WHERE slot = {{}} >> {SLOT_BITS})"
_OF_SLOT = "(SELECT portal FROM collection WHERE slot = collection)"

OWNERS: Mapping[str, tuple[str, ...]] = {
    "portal": ("id",),
    "collection": ("portal",),
    "record": (_OF_KEY.format("key"),),
    "unique_value": (_OF_SLOT,),
    "change": ("portal",),
    "definition": ("portal",),
    "departed": (_OF_KEY.format("key"), _OF_KEY.format("successor")),
    "association": (_OF_KEY.format("source"), _OF_KEY.format("target")),
    "job": ("portal",),
    "job_chunk": ("portal",),
    "counter": ("portal",),
    "list": ("portal",),
    "list_folder": ("portal",),
    "list_member": ("portal", _OF_KEY.format("record")),
    "note": ("portal",),
    "checkpoint": ("portal",),
    "kept_record": (_OF_KEY.format("key"),),
    "kept_unique_value": (_OF_SLOT,),
    "kept_association": (_OF_KEY.format("source"), _OF_KEY.format("target")),
    "kept_departed": (_OF_KEY.format("key"),),
    "kept_definition": ("portal",),
    "kept_list": ("portal",),
    "kept_list_folder": ("portal",),
    "kept_list_member": ("portal",),
    "app": ("coalesce(portal, ?1)",),
    "person": (),
    "person_portal": ("portal",),
    "credential": ("portal",),
    "event": ("portal",),
}
"""By table, what tells the portals that a row is of; nothing where all rows are the server's own."""


class NotParted(Exception):
    """There is a table of which nobody said here how its rows belong to portals."""


def rows(path: Path, portal: int) -> dict[str, list[Row]]:
    """By table, all rows of a portal, those that are the server's own, and what the search index has of its records.

    Raises `NotParted` with a sentence that says what to add.
    """
    connection = _opened(path)
    found = {}
    for table in _tables(connection):
        if table not in OWNERS:
            raise NotParted(f"Say in tests/isolation/rows.py whose the rows of the table {table} are.")
        test = " OR ".join(f"{owner} = ?1" for owner in OWNERS[table]) or "?1"
        found[table] = sorted(connection.execute(f"SELECT * FROM {table} WHERE {test}", (portal,)), key=repr)
    return found | dict(_indexed(path, slots(path, portal).values()))


def everything(path: Path) -> dict[str, list[Row]]:
    """All rows of the file, by table."""
    connection = _opened(path)
    return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in _tables(connection)}


def slots(path: Path, portal: int) -> dict[str, int]:
    """By object type id, the slots of a portal's collections."""
    found: Any = _opened(path).execute("SELECT type, slot FROM collection WHERE portal = ?", (portal,))
    return dict(found)


def _indexed(path: Path, of: Iterable[int]) -> Iterator[tuple[str, list[Row]]]:
    """What the search index has of some collections."""
    connection = _opened(Path(f"{path}-index"))
    there = set(_tables(connection))
    for table in (f"c{slot}" for slot in of):
        if table in there:
            names = [(name,) for (name,) in connection.execute(f"SELECT name FROM pragma_table_info('{table}')")]
            yield table, names + list(connection.execute(f"SELECT * FROM {table} ORDER BY key"))


def _opened(path: Path) -> apsw.Connection:
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


def _tables(connection: apsw.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [str(name) for (name,) in names]
