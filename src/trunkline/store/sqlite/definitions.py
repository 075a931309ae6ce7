"""The SQL of the catalog: the property definitions and groups that a portal made itself, and their versions."""

from collections.abc import Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.property import Group, Property
from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.store.protocol import Definitions
from trunkline.store.sqlite.rows import TELL

PROPERTIES = "SELECT type, definition FROM property WHERE portal = ? ORDER BY type, name"
GROUPS = "SELECT type, definition FROM property_group WHERE portal = ? ORDER BY type, name"
KEEP_PROPERTY = "INSERT OR REPLACE INTO property (portal, type, name, definition) VALUES (?, ?, ?, ?)"
KEEP_GROUP = "INSERT OR REPLACE INTO property_group (portal, type, name, definition) VALUES (?, ?, ?, ?)"
VERSION = "SELECT catalog_version FROM portal WHERE id = ? AND removed IS NULL"
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
    custom: dict[str, list[Property]] = {}
    groups: dict[str, list[Group]] = {}
    for type_, text in connection.execute(PROPERTIES, (portal,)):
        custom.setdefault(type_, []).append(msgspec.json.decode(text, type=Property))
    for type_, text in connection.execute(GROUPS, (portal,)):
        groups.setdefault(type_, []).append(msgspec.json.decode(text, type=Group))
    return Definitions(known, custom, groups)


def keep(
    connection: apsw.Connection,
    portal: int,
    type_id: str,
    made: Sequence[Property | Group],
    told: tuple[str, Moment, int],
    position: int,
) -> int:
    """Keeps definitions or groups, one more version of the catalog, and tells the journal from `position` on.

    `told` is the kind of change, when, and by which app. Returns the first position that is free then.
    """
    kind, at, app = told
    for one in made:
        text = msgspec.json.encode(one).decode()
        insert = KEEP_GROUP if isinstance(one, Group) else KEEP_PROPERTY
        connection.execute(insert, (portal, type_id, one.name, text))
        connection.execute(TELL, (position, portal, kind, type_id, at, app, None, None, text))
        position += 1
    connection.execute(NEXT_VERSION, (portal,))
    return position
