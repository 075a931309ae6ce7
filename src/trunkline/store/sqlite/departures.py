"""The SQL of records that go for good: merged into another one, or erased."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from trunkline.crm.record import Record
from trunkline.store.sqlite import associations, kept
from trunkline.store.sqlite.collection import Collection

ERASE = "UPDATE record SET properties = '{}', archived = ?, updated = ?, last_change = ? WHERE key = ?"
DEPART = "INSERT OR REPLACE INTO departed (key, successor) VALUES (?, ?)"
FOLLOW = "UPDATE departed SET successor = ? WHERE successor = ?"
JOIN_AS = (
    "UPDATE OR IGNORE list_member SET record = ?1 WHERE record = ?2",
    "DELETE FROM list_member WHERE record = ?2 AND ?1",
)
"""What was in a list is so as the other record; where that one was in it before, it stays as it is."""

LEAVE = "DELETE FROM list_member WHERE record = ?"
ERASED = 0
"""The successor of an erased record: nobody."""


def load(connection: apsw.Connection) -> dict[int, int]:
    """By row id of each record that went for good, the row id of its successor, or `ERASED`."""
    rows: Any = connection.execute("SELECT key, successor FROM departed")
    return dict(rows)


def merge(connection: apsw.Connection, key: int, successor: int) -> None:
    """Lets one record stand for another, and for those that the other stood for."""
    associations.move(connection, key, successor)
    for statement in JOIN_AS:
        connection.execute(statement, (successor, key))
    connection.execute(FOLLOW, (successor, key))
    connection.execute(DEPART, (key, successor))


@contextmanager
def overwriting(connection: apsw.Connection) -> Iterator[None]:
    """What rows give up meanwhile is overwritten even on pages that are of no more use."""
    connection.pragma("secure_delete", True)
    try:
        yield
    finally:
        connection.pragma("secure_delete", "fast")


def erase(connection: apsw.Connection, collection: Collection, record: Record, position: int) -> None:
    """Blanks a record and what the journal tells of it, whose positions stay."""
    key = collection.key(record.id)
    connection.execute(ERASE, (record.archived, record.updated, position, key))
    earlier = record.last_change
    while earlier is not None:
        blank = "UPDATE change SET detail = '{}' WHERE position = ? RETURNING previous"
        row: Any = connection.execute(blank, (earlier,)).fetchall()[0]
        (earlier,) = row
    associations.cut(connection, key)
    connection.execute(LEAVE, (key,))
    connection.execute(DEPART, (key, ERASED))
    kept.erase(connection, key)
