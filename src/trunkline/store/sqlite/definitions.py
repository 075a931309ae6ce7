"""The SQL of the catalog: what a portal defined itself, each definition a row with its JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Catalog, Definition, Definitions, TypeData
from trunkline.crm.link import LinkLimit, LinkType
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.property import Group, Property
from trunkline.crm.record import Moment
from trunkline.crm.rule import Rule
from trunkline.crm.schema import CUSTOM, Schema
from trunkline.crm.team import Team
from trunkline.errors import Unauthenticated, UnknownObjectType
from trunkline.store.sqlite.rows import TELL

DEFINITIONS = "SELECT kind, type, definition FROM definition WHERE portal = ? ORDER BY kind, type, name"
PREVIOUS = "SELECT last_change FROM definition WHERE portal = ? AND kind = ? AND type = ? AND name = ?"
KEEP = "INSERT OR REPLACE INTO definition (portal, kind, type, name, definition, last_change) VALUES (?, ?, ?, ?, ?, ?)"
CHANGE = "SELECT kind, at, app, detail, previous FROM change WHERE position = ?"
KINDS: Mapping[type, str] = {
    Property: "property",
    Group: "group",
    Pipeline: "pipeline",
    LinkType: "link",
    Schema: "schema",
    Team: "team",
    Rule: "rule",
    LinkLimit: "limit",
}
READERS: Mapping[str, Callable[[str], Any]] = {
    kind: msgspec.json.Decoder(type_).decode for type_, kind in KINDS.items()
}
"""What the portal defines, by the word for it in the table."""

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
    found: dict[str, dict[str, list[Any]]] = {kind: {} for kind in KINDS.values()}
    for kind, type_, text in connection.execute(DEFINITIONS, (portal,)):
        found[kind].setdefault(type_, []).append(READERS[kind](text))
    of_all = {"link": "links", "schema": "schemas", "limit": "limits", "team": "teams"}
    lists = {plural: [one for some in found[kind].values() for one in some] for kind, plural in of_all.items()}
    lists["teams"].sort(key=lambda team: int(team.id))
    return Definitions(known, found["property"], found["group"], found["pipeline"], rules=found["rule"], **lists)


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
        name = _name(one)
        # Both directions of a type of association are defined at once; each is of the type that it starts from.
        of = one.source if isinstance(one, LinkType | LinkLimit) else type_id
        key = portal, KINDS[type(one)], of, name
        previous = _last_change(connection, *key)
        connection.execute(KEEP, (*key, text, position))
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


def _name(one: Definition) -> str:
    """What tells a definition from others of its kind."""
    if isinstance(one, Property | Group):
        return one.name
    if isinstance(one, LinkLimit):
        return f"{one.category}-{one.id}"
    return one.type_id if isinstance(one, Schema) else str(one.id)


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
