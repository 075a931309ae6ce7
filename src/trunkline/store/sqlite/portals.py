"""Founding portals, and the moment in which one is gone; what it leaves behind is taken away by `removal`."""

from collections.abc import Callable, Sequence

import apsw
from msgspec.structs import replace

from trunkline.crm.record import Moment
from trunkline.identity.event import Event
from trunkline.identity.portal import Portal
from trunkline.store.identities import DEFAULT_PORTAL, OWNER_EMAIL, products_of
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite import identities
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.known import Known, collections, enrol, number
from trunkline.store.sqlite.rows import TELL
from trunkline.store.sqlite.writer import Writer

FOUND = (
    "INSERT INTO portal (id, name, created, products, limits) "
    "SELECT coalesce(nullif(?5, 0), coalesce(max(id), 0) + 1), ?1, ?2, ?3, ?4 FROM portal RETURNING id"
)
BIND_OWNER = (
    "INSERT INTO person_portal (person, portal) SELECT id, ? FROM person "
    "WHERE id = (SELECT min(id) FROM person) AND removed IS NULL"
)
EVER = "SELECT count(*) FROM portal WHERE id = ?"
THERE = "SELECT count(*) FROM portal WHERE id = ? AND removed IS NULL"
OTHERS = "SELECT count(*) FROM portal WHERE id <> ? AND removed IS NULL"
REMOVE = (
    "UPDATE portal SET removed = ?1 WHERE id = ?2",
    "UPDATE credential SET ended = ?1 WHERE portal = ?2 AND ended IS NULL",
    "UPDATE app SET removed = ?1 WHERE portal = ?2 AND client_id IS NULL AND removed IS NULL",
    "UPDATE app SET portal = NULL WHERE portal = ?2 AND client_id IS NOT NULL AND ?1",
    "DELETE FROM person_portal WHERE portal = ?2 AND ?1",
    "UPDATE job SET state = 'CANCELED', completed = max(?1, requested, coalesce(started, 0)) "
    "WHERE portal = ?2 AND completed IS NULL",
)
"""From one moment to the next nobody reaches the portal. An OAuth app stays, since others may have it installed."""


class Portals:
    """The coming and going of portals; it keeps what the store knows by heart in step.

    `removed` is told the position of the journal at which a portal is gone.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        writer: Writer,
        known: Known,
        now: Callable[[], Moment],
        types: Sequence[str],
        removed: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._known = known
        self._now = now
        self._types = types
        self._removed = removed

    async def found(self, portal: Portal, event: Event) -> Portal:
        """Keeps a new portal, with the collections of all types; one without an id gets one that none ever had."""

        def work() -> list[Collection]:
            row = (portal.name, portal.created, products_of(portal), portal.limits, portal.id)
            if number(self._connection, EVER, portal.id):
                raise StoreRefused(f"There is, or was, a portal {portal.id}.")
            id_ = int(str(self._connection.execute(FOUND, row).fetchall()[0][0]))
            enrol(self._connection, self._types)
            self._connection.execute(BIND_OWNER, (id_,))
            identities.put_events(self._connection, [replace(event, portal=id_)])
            return collections(self._connection, id_)

        made = await self._writer.submit(work)
        self._known.learn(made)
        return replace(portal, id=made[0].portal, removed=None)

    async def remove(self, id_: int, event: Event) -> None:
        """Lets a portal be gone and tells the journal.

        That row stays when all others of the portal go, so that no position is given twice. Raises `StoreRefused`
        when there is no such portal, or no other.
        """

        def work() -> int:
            if not number(self._connection, THERE, id_):
                raise StoreRefused(f"There is no portal {id_}.")
            if not number(self._connection, OTHERS, id_):
                raise StoreRefused(f"Portal {id_} is the last one: create another before it is removed.")
            now, position = self._now(), self._known.position
            for statement in REMOVE:
                self._connection.execute(statement, (now, id_))
            self._connection.execute(TELL, (position, id_, "portal.remove", "", now, 0, None, None, "{}"))
            identities.put_events(self._connection, [replace(event, portal=id_)])
            self._known.position += 1
            return position

        position = await self._writer.submit(work)
        self._known.forget(id_)
        self._removed(position)


def prepare(connection: apsw.Connection, now: Moment, types: Sequence[str]) -> None:
    """Gives a new file its default portal and its owner, who decides for all, and every portal its collections."""
    if not connection.execute("SELECT 1 FROM portal").fetchall():
        default = (DEFAULT_PORTAL, "default", now)
        connection.execute("INSERT INTO portal (id, name, created) VALUES (?, ?, ?)", default)
    enrol(connection, types)
    if not connection.execute("SELECT 1 FROM person").fetchall():
        connection.execute("INSERT INTO person (email, created) VALUES (?, ?)", (OWNER_EMAIL, now))
        all_ = "INSERT INTO person_portal (person, portal) SELECT o.id, p.id FROM person AS o, portal AS p"
        connection.execute(f"{all_} WHERE p.removed IS NULL")
