"""The coming and going of portals. Another process sees a portal whole, or not at all."""

from collections.abc import Callable

from msgspec.structs import replace

from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.identity.event import Event
from trunkline.identity.person import OWNER
from trunkline.identity.portal import Portal
from trunkline.store.identities import DEFAULT_PORTAL, OWNER_EMAIL, products_of
from trunkline.store.postgres.database import Connection, Database, lock
from trunkline.store.postgres.identities import TAKE, put_events
from trunkline.store.postgres.known import Known
from trunkline.store.postgres.news import TELL, News
from trunkline.store.protocol import Notice, StoreRefused

TURN = 0x5452_4B4C_0003
"""The advisory lock of who founds or removes a portal: one at a time, so that each counts the others."""

FOUND = (
    "INSERT INTO portal (id, name, created, products, limits) "
    "SELECT coalesce(nullif($5, 0), coalesce(max(id), 0) + 1), $1, $2, $3, $4 FROM portal RETURNING id"
)
HEAD = "INSERT INTO head (portal) VALUES ($1)"
BIND_OWNER = (
    "INSERT INTO person_portal (person, portal) SELECT id, $1 FROM person "
    "WHERE id = (SELECT min(id) FROM person) AND removed IS NULL"
)
EVER = "SELECT count(*) FROM portal WHERE id = $1"
OTHERS = "SELECT count(*) FROM portal WHERE id <> $1 AND removed IS NULL"
REMOVE = (
    "UPDATE portal SET removed = $1 WHERE id = $2",
    "UPDATE credential SET ended = $1 WHERE portal = $2 AND ended IS NULL",
    "UPDATE app SET removed = $1 WHERE portal = $2 AND client_id IS NULL AND removed IS NULL",
    "UPDATE job SET state = 'CANCELED', completed = greatest($1, requested, started) "
    "WHERE portal = $2 AND completed IS NULL",
)
LET_GO = (
    "UPDATE app SET portal = NULL WHERE portal = $1 AND client_id IS NOT NULL",
    "DELETE FROM person_portal WHERE portal = $1",
    "DELETE FROM checkpoint WHERE portal = $1",
    "DELETE FROM head WHERE portal = $1",
)
"""From one moment to the next nobody reaches the portal. An OAuth app stays, since others may have it installed."""


class Portals:
    """`removed` is told of a portal that this process removed."""

    def __init__(
        self,
        database: Database,
        known: Known,
        now: Callable[[], Moment],
        news: News,
        removed: Callable[[int], None],
    ) -> None:
        self._database = database
        self._known = known
        self._now = now
        self._news = news
        self._removed = removed

    async def found(self, portal: Portal, event: Event) -> Portal:
        """Keeps a new portal, for which the owner decides, too, and gives it an id that none ever had."""

        async def work(connection: Connection) -> int:
            await connection.execute(TAKE, TURN)
            row = (portal.name, portal.created, products_of(portal), portal.limits, portal.id)
            if await connection.fetchval(EVER, portal.id):
                raise StoreRefused(f"There is, or was, a portal {portal.id}.")
            id_ = int(await connection.fetchval(FOUND, *row))
            await connection.execute(HEAD, id_)
            await connection.execute(BIND_OWNER, id_)
            await connection.execute(TELL, self._news.text(Notice("accounts", id_)))
            await put_events(connection, [replace(event, portal=id_)])
            return id_

        return replace(portal, id=await self._database.write(work), removed=None)

    async def remove(self, id_: int, event: Event) -> None:
        """Lets a portal be gone; its journal goes with it. Raises `StoreRefused` when it is not there, or no other."""

        async def work(connection: Connection) -> None:
            await connection.execute(TAKE, TURN)
            await self._lock(connection, id_)
            now = self._now()
            for statement in REMOVE:
                await connection.execute(statement, now, id_)
            for statement in LET_GO:
                await connection.execute(statement, id_)
            for notice in (Notice("portal", id_), Notice("accounts", id_)):
                await connection.execute(TELL, self._news.text(notice))
            await put_events(connection, [replace(event, portal=id_)])

        await self._database.write(work)
        self._known.forget(id_)
        self._removed(id_)

    async def _lock(self, connection: Connection, id_: int) -> None:
        """Waits for those who write in the portal, if it may go."""
        try:
            await lock(connection, id_)
        except Unauthenticated:
            raise StoreRefused(f"There is no portal {id_}.") from None
        if not await connection.fetchval(OTHERS, id_):
            raise StoreRefused(f"Portal {id_} is the last one: create another before it is removed.")

    async def prepare(self) -> None:
        """Gives a new database its default portal and its owner, who decides for all; others may be at it, too."""
        await self._database.write(lambda connection: _prepare(connection, self._now()))


async def _prepare(connection: Connection, now: Moment) -> None:
    await connection.execute(TAKE, TURN)
    if not await connection.fetchval("SELECT count(*) FROM portal"):
        default = "INSERT INTO portal (id, name, created) VALUES ($1, 'default', $2)"
        await connection.execute(default, DEFAULT_PORTAL, now)
        await connection.execute(HEAD, DEFAULT_PORTAL)
    if not await connection.fetchval("SELECT count(*) FROM person"):
        await connection.execute("INSERT INTO person (id, email, created) VALUES ($1, $2, $3)", OWNER, OWNER_EMAIL, now)
        all_ = "INSERT INTO person_portal (person, portal) SELECT $1, id FROM portal WHERE removed IS NULL"
        await connection.execute(all_, OWNER)
