"""A plan on its way into the function `apply`: columns of values, for one batch or for several of one portal."""

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from trunkline.crm.plan import Plan
from trunkline.crm.record import Record
from trunkline.errors import Unauthenticated
from trunkline.footprint import Span
from trunkline.store.postgres.database import Connection
from trunkline.store.postgres.keys import kept
from trunkline.store.protocol import StaleCatalog

APPLY = f"SELECT apply({', '.join(f'${number}' for number in range(1, 30))})"

CONTESTED, STALE, MISSING = "TK001", "TK002", "TK003"
"""What `apply` says: a record is not as the plan found it, the catalog is at another version, the portal is gone."""

Piece = tuple[str, Plan]
"""An object type, and what shall be written of it."""

_encode = msgspec.json.Encoder().encode


class Contested(Exception):
    """Somebody else wrote what the plan counts on, after it was looked up; nothing of the plan was written."""


async def apply(connection: Connection, portal: int, version: int, pieces: Sequence[Piece]) -> int:
    """Writes plans, all or none, and returns the position of the journal after them.

    It writes what the plans say of records and of unique values; what they say beside that is for
    `trunkline.store.postgres.carrying`.

    Raises `Contested`, `StaleCatalog`, `Unauthenticated`, and what the driver raises.
    """
    try:
        return int(await connection.fetchval(APPLY, portal, version, *_columns(pieces)))
    except asyncpg.UniqueViolationError as cause:
        raise Contested(str(cause)) from cause
    except asyncpg.PostgresError as cause:
        if cause.sqlstate == CONTESTED:
            raise Contested(str(cause)) from cause
        if cause.sqlstate == STALE:
            raise StaleCatalog from cause
        if cause.sqlstate == MISSING:
            raise Unauthenticated from cause
        raise


def stretches(pieces: Sequence[Piece], last: int) -> list[list[Span]]:
    """Which stretches of the journal each of some plans wrote that were written as one, up to a position.

    The creates of all of them come first, a row for each plan that has any, then the changes.
    """
    created = [1 if plan.creates else 0 for _, plan in pieces]
    changed = [len(plan.updates) + len(plan.archives) for _, plan in pieces]
    first = last - sum(created) - sum(changed)
    found: list[list[Span]] = [[] for _ in pieces]
    for counts in (created, changed):
        for spans, count in zip(found, counts, strict=True):
            if count:
                spans.append((first + 1, first + count))
            first += count
    return found


def _columns(pieces: Sequence[Piece]) -> list[Sequence[object]]:
    released = [(type_, name, kept(value)) for type_, plan in pieces for name, value in plan.released]
    created = [(type_, record) for type_, plan in pieces for record in plan.creates]
    told = [(type_, plan.now, plan.app, _ids(plan.creates)) for type_, plan in pieces if plan.creates]
    claimed = sorted((type_, key[0], kept(key[1]), id_) for type_, plan in pieces for key, id_ in plan.claimed)
    return [
        *_transposed(released, 3),
        [type_ for type_, _ in created],
        [record.id for _, record in created],
        [_encode(record.properties).decode() for _, record in created],
        [record.created for _, record in created],
        [record.updated for _, record in created],
        [record.app for _, record in created],
        *_transposed(told, 4),
        *_transposed([row for type_, plan in pieces for row in _changed(type_, plan)], 10),
        *_transposed(claimed, 4),
    ]


def _changed(type_: str, plan: Plan) -> Iterable[tuple[object, ...]]:
    """For each record that is there already: what it becomes, and how the journal tells it."""
    for update in plan.updates:
        record, change = update.record, update.change
        properties, detail = _encode(record.properties).decode(), _encode(change.values).decode()
        yield (
            *("update", type_, record.id, change.previous, properties, record.updated, None),
            *(change.at, change.app, detail),
        )
    for record in plan.archives:
        kind = "archive", type_, record.id, record.last_change, None, record.updated, record.archived
        yield (*kind, record.updated, plan.app, "{}")


def _ids(records: Iterable[Record]) -> str:
    return _encode([record.id for record in records]).decode()


def _transposed(rows: Sequence[tuple[object, ...]], width: int) -> list[Sequence[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
