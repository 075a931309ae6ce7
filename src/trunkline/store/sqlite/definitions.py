"""The SQL of the catalog: what a portal defined itself, each definition a row with its JSON."""

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Catalog, Definition, Definitions, TypeData
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.record import Moment
from trunkline.crm.schema import CUSTOM
from trunkline.errors import Unauthenticated, UnknownObjectType
from trunkline.store.definitions import KINDS, READERS, assembled, key
from trunkline.store.sqlite.rows import TELL

DEFINITIONS = "SELECT kind, type, definition FROM definition WHERE portal = ? ORDER BY kind, type, name"
PREVIOUS = "SELECT last_change FROM definition WHERE portal = ? AND kind = ? AND type = ? AND name = ?"
KEEP = "INSERT OR REPLACE INTO definition (portal, kind, type, name, definition, last_change) VALUES (?, ?, ?, ?, ?, ?)"
CHANGE = "SELECT kind, at, app, detail, previous FROM change WHERE position = ?"
VERSION = "SELECT catalog_version FROM portal WHERE id = ? AND removed IS NULL"
COLLECTION = "SELECT portal, type FROM collection WHERE slot = ?"
NEXT_VERSION = "UPDATE portal SET catalog_version = catalog_version + 1 WHERE id = ?"


def version(connection: apsw.Connection, portal: int) -> int:
    """The version of a portal's catalog; raises `Unauthenticated` when the portal is not there (any more)."""
    rows: list[Any] = connection.execute(VERSION, (portal,)).fetchall()
    if not rows:
        raise Unauthenticated
    return int(rows[0][0])


def load(connection: apsw.Connection, portal: int) -> Definitions:
    """All that a portal defined itself, archived ones included, and the version of its catalog.

    The version is read first: should the rest be newer, a write that relies on it is merely planned once more.
    """
    known = version(connection, portal)
    return assembled(known, ((str(k), str(t), str(text)) for k, t, text in connection.execute(DEFINITIONS, (portal,))))


def keep(
    connection: apsw.Connection,
    portal: int,
    type_id: str,
    made: Sequence[Definition],
    told: tuple[str, Moment, int],
    position: int,
) -> int:
    """Keeps definitions, one more version of the catalog, and tells the journal from `position` on.

    `told` is the kind of change, when, and by which app. Returns the first position that is free then.
    """
    kind, at, app = told
    for one in made:
        text = msgspec.json.encode(one).decode()
        of = key(one, type_id)
        previous = _last_change(connection, portal, *of)
        connection.execute(KEEP, (portal, *of, text, position))
        connection.execute(TELL, (position, portal, kind, type_id, at, app, None, previous, text))
        position += 1
    connection.execute(NEXT_VERSION, (portal,))
    return position


def _last_change(connection: apsw.Connection, portal: int, kind: str, type_id: str, name: str) -> int | None:
    rows: list[Any] = connection.execute(PREVIOUS, (portal, kind, type_id, name)).fetchall()
    return rows[0][0] if rows else None


def pipeline_changes(
    connection: apsw.Connection, portal: int, type_id: str, id_: str, limit: int
) -> list[PipelineChange]:
    """The changes of a pipeline, newest first: a walk along its links, of at most `limit` rows."""
    found: list[PipelineChange] = []
    position = _last_change(connection, portal, KINDS[Pipeline], type_id, id_)
    while position is not None and len(found) < limit:
        row: Any = connection.execute(CHANGE, (position,)).fetchall()[0]
        kind, at, app, text, position = row
        found.append(PipelineChange(kind, at, app, READERS[KINDS[Pipeline]](text)))
    return found


def custom_type(connection: apsw.Connection, slot: int) -> TypeData | None:
    """The custom object of a collection, with its own properties as they are now; None where there is none such."""
    rows: list[Any] = connection.execute(COLLECTION, (slot,)).fetchall()
    if not rows or not rows[0][1].startswith(CUSTOM):
        return None
    portal, type_id = rows[0]
    try:
        type_ = Catalog(portal, load(connection, portal)).type(type_id)
    except (Unauthenticated, UnknownObjectType):
        return None
    return msgspec.structs.replace(type_.data, properties=tuple(type_.properties.values()))
