"""What rows were like at the checkpoints of their portal, and putting them back.

Each table that a checkpoint covers has another beside it, with a row for each of its rows that was changed since a
checkpoint: as it was, or with `there` false where there was none. Triggers fill it (`trunkline.store.postgres.watch`).
All of this is done while nobody else writes in the portal; rows are looked up one by one, whatever a plan was made for.
"""

from collections.abc import Iterable
from typing import NamedTuple

from trunkline.store.postgres.database import Connection


class Covered(NamedTuple):
    """A table that checkpoints cover: its key without the portal, and its other columns."""

    table: str
    key: tuple[str, ...]
    others: tuple[str, ...]


RECORD = Covered("record", ("type", "id"), ("properties", "created", "updated", "app", "archived", "last_change"))
DEFINITION = Covered("definition", ("kind", "type", "name"), ("definition", "last_change"))
LIST = Covered("list", ("id",), ("detail",))
FOLDER = Covered("list_folder", ("id",), ("detail",))
COVERED = (
    RECORD,
    Covered("unique_value", ("type", "property", "value"), ("record",)),
    Covered("association", ("source_type", "source", "target_type", "target", "category", "kind"), ("at", "app")),
    Covered("departed", ("type", "id"), ("successor",)),
    DEFINITION,
    LIST,
    FOLDER,
    Covered("list_member", ("list", "type", "record"), ("at",)),
)


def _first(covered: Covered, columns: str) -> str:
    """Selects what rows were like at the first of the checkpoints from one on."""
    key = ", ".join(covered.key)
    return (
        f"SELECT DISTINCT ON ({key}) {columns} FROM kept_{covered.table} "
        f"WHERE portal = $1 AND era >= $2 ORDER BY {key}, era"
    )


def _remove(covered: Covered) -> str:
    table, key = covered.table, ", ".join(covered.key)
    same = " AND ".join(f"s.{name} = k.{name}" for name in covered.key)
    return (
        f"DELETE FROM {table} AS r USING ({_first(covered, f'{key}, there')}) AS k "
        f"CROSS JOIN LATERAL (SELECT s.ctid FROM {table} AS s WHERE s.portal = $1 AND {same} LIMIT 1) AS found "
        "WHERE r.portal = $1 AND r.ctid = found.ctid AND NOT k.there"
    )


def _put(covered: Covered) -> str:
    key, columns = ", ".join(covered.key), ", ".join((*covered.key, *covered.others))
    return (
        f"INSERT INTO {covered.table} (portal, {columns}) "
        f"SELECT portal, {columns} FROM ({_first(covered, f'portal, there, {columns}')}) AS k WHERE k.there "
        f"ON CONFLICT (portal, {key}) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in covered.others)
    )


def _hand_on(covered: Covered) -> str:
    columns = ", ".join(("there", *covered.key, *covered.others))
    return (
        f"INSERT INTO kept_{covered.table} (portal, era, {columns}) "
        f"SELECT portal, $3::bigint, {columns} FROM kept_{covered.table} WHERE portal = $1 AND era = $2 "
        "ON CONFLICT DO NOTHING"
    )


REMOVE = {covered.table: _remove(covered) for covered in COVERED}
PUT = {covered.table: _put(covered) for covered in COVERED}
COUNT = {covered.table: f"SELECT count(*) FROM ({_first(covered, 'era')}) AS k" for covered in COVERED}
HAND_ON = {covered.table: _hand_on(covered) for covered in COVERED}
DROP = {covered.table: f"DELETE FROM kept_{covered.table} WHERE portal = $1 AND era = $2" for covered in COVERED}
DROP_FROM = {covered.table: f"DELETE FROM kept_{covered.table} WHERE portal = $1 AND era >= $2" for covered in COVERED}
EMPTY = {covered.table: f"DELETE FROM {covered.table} WHERE portal = $1" for covered in COVERED}
TOUCHED = _first(RECORD, "type, id")
ALL = "SELECT type, id FROM record WHERE portal = $1 ORDER BY type, id"
NOTHING = "SELECT keep_nothing($1, $2, $3)"
"""Keeps nothing of a record that was erased; no checkpoint brings it back."""


async def merge(connection: Connection, portal: int, era: int, earlier: int | None) -> None:
    """Has the checkpoint before one keep what that one did; nobody, when there is none before it."""
    for covered in COVERED:
        if earlier is not None:
            await connection.execute(HAND_ON[covered.table], portal, era, earlier)
        await connection.execute(DROP[covered.table], portal, era)


async def drop(connection: Connection, portal: int, era: int) -> None:
    """Drops what was kept for the checkpoints from one on."""
    for covered in COVERED:
        await connection.execute(DROP_FROM[covered.table], portal, era)


async def restore(connection: Connection, portal: int, era: int) -> tuple[dict[Covered, int], dict[str, list[int]]]:
    """Makes all rows what they were at a checkpoint; says how many of each table, and which records by type."""
    touched = _by_type(await connection.fetch(TOUCHED, portal, era))
    counts = {}
    for covered in COVERED:
        counts[covered] = int(await connection.fetchval(COUNT[covered.table], portal, era))
        await connection.execute(REMOVE[covered.table], portal, era)
        await connection.execute(PUT[covered.table], portal, era)
    return counts, touched


async def empty(connection: Connection, portal: int) -> tuple[dict[Covered, int], dict[str, list[int]]]:
    """Removes all rows of a portal; says the same."""
    touched = _by_type(await connection.fetch(ALL, portal))
    counts = {}
    for covered in COVERED:
        told = await connection.execute(EMPTY[covered.table], portal)
        counts[covered] = int(told.rpartition(" ")[2])
    return counts, touched


def _by_type(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for type_, id_ in rows:
        found.setdefault(type_, []).append(id_)
    return found
