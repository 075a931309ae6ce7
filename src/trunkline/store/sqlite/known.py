"""What the store knows by heart of its file, so that no write has to look it up."""

from collections.abc import Iterable
from typing import Any

import apsw

from trunkline.crm.engagement import type_ids
from trunkline.errors import Unauthenticated
from trunkline.store.sqlite import departures
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.numbers import Numbers
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

STANDING = "SELECT slot, portal, type FROM collection WHERE portal IN (SELECT id FROM portal WHERE removed IS NULL)"
OF_PORTAL = "SELECT slot, portal, type FROM collection WHERE portal = ?"
ENROL = (
    "INSERT INTO collection (portal, type) SELECT id, ?1 FROM portal AS p WHERE removed IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM collection WHERE portal = p.id AND type = ?1)"
)
"""Not `INSERT OR IGNORE`, which would use up a slot for each row that is there."""

ENROL_CUSTOM = (
    "INSERT INTO collection (portal, type) SELECT ?1, ?2 "
    "WHERE NOT EXISTS (SELECT 1 FROM collection WHERE portal = ?1 AND type = ?2)"
)


class Known:
    """The collections of the portals that are there, and what comes next.

    `next_id` has the next record id of each slot, `departed` the successor of each record that went for good, by row
    id; `position` is that of the next row of the journal.
    """

    def __init__(self) -> None:
        self.portals: set[int] = set()
        self.collections: dict[tuple[int, str], Collection] = {}
        self.next_id = Numbers(type_ids())
        self.departed: dict[int, int] = {}
        self.position = 1

    def load(self, connection: apsw.Connection) -> None:
        """Takes in what the file has."""
        self.learn(_collections(connection.execute(STANDING)))
        for slot in [collection.slot for collection in self.collections.values()]:
            ends = (slot << SLOT_BITS, (slot + 1) << SLOT_BITS)
            last = number(connection, "SELECT max(key) FROM record WHERE key > ? AND key < ?", *ends)
            self.next_id[slot] = max(self.next_id[slot], (last & LAST_ID) + 1)
        self.departed = departures.load(connection)
        self.position = number(connection, "SELECT max(position) FROM change") + 1

    def learn(self, made: Iterable[Collection]) -> None:
        """Takes in new collections."""
        for collection in made:
            self.portals.add(collection.portal)
            self.collections[collection.portal, collection.type] = collection
            self.next_id.add(collection)

    def forget(self, portal: int) -> None:
        """Knows nothing of a portal any more."""
        self.portals.discard(portal)
        gone = [collection for collection in self.collections.values() if collection.portal == portal]
        slots = {collection.slot for collection in gone}
        for collection in gone:
            del self.collections[portal, collection.type]
            self.next_id.drop(collection)
        self.departed = {key: to for key, to in self.departed.items() if key >> SLOT_BITS not in slots}

    def require(self, portal: int) -> None:
        """Raises `Unauthenticated` when a portal is not there."""
        if portal not in self.portals:
            raise Unauthenticated

    def collection(self, portal: int, type_id: str) -> Collection:
        """A portal's records of one type; raises `Unauthenticated` when the portal is not there."""
        try:
            return self.collections[portal, type_id]
        except KeyError:
            raise Unauthenticated from None


def collections(connection: apsw.Connection, portal: int) -> list[Collection]:
    """The collections of one portal."""
    return _collections(connection.execute(OF_PORTAL, (portal,)))


def _collections(rows: Iterable[Any]) -> list[Collection]:
    return [Collection(slot, portal, type_) for slot, portal, type_ in rows]


def enrol(connection: apsw.Connection, types: Iterable[str]) -> None:
    """Gives all portals that are there the collections of these object types."""
    for type_id in types:
        connection.execute(ENROL, (type_id,))


def enrol_custom(connection: apsw.Connection, portal: int, type_id: str) -> None:
    """Gives a portal the collection of a custom object, unless it is there."""
    connection.execute(ENROL_CUSTOM, (portal, type_id))


def number(connection: apsw.Connection, select: str, *arguments: int) -> int:
    """The one number that a query answers; 0 for none."""
    found: Any = connection.execute(select, arguments).fetchall()[0][0]
    return int(found or 0)
