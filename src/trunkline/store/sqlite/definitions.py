"""The SQL of the catalog: what a portal defined itself, each definition a row with its JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from trunkline.crm.catalog import Definition, Definitions
from trunkline.crm.link import LinkType
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.property import Group, Property
from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.store.sqlite.rows import TELL

DEFINITIONS = "SELECT kind, type, definition FROM definition WHERE portal = ? ORDER BY kind, type, name"
KEEP = "INSERT OR REPLACE INTO definition (portal, kind, type, name, definition) VALUES (?, ?, ?, ?, ?)"
KINDS: Mapping[type, str] = {Property: "property", Group: "group", Pipeline: "pipeline", LinkType: "link"}
READERS: Mapping[str, Callable[[str], Any]] = {
    kind: msgspec.json.Decoder(type_).decode for type_, kind in KINDS.items()
}
"""What the portal defines, by the word for it in the table."""

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
    found: dict[str, dict[str, list[Any]]] = {kind: {} for kind in KINDS.values()}
    for kind, type_, text in connection.execute(DEFINITIONS, (portal,)):
        found[kind].setdefault(type_, []).append(READERS[kind](text))
    links = [link for some in found["link"].values() for link in some]
    return Definitions(known, found["property"], found["group"], found["pipeline"], links)


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
        name = one.name if isinstance(one, Property | Group) else str(one.id)
        # Both directions of a type of association are defined at once; each is of the type that it starts from.
        of = one.source if isinstance(one, LinkType) else type_id
        connection.execute(KEEP, (portal, KINDS[type(one)], of, name, text))
        connection.execute(TELL, (position, portal, kind, type_id, at, app, None, None, text))
        position += 1
    connection.execute(NEXT_VERSION, (portal,))
    return position
