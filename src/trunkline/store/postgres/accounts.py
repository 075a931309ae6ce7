"""The accounts of a database. A plan is one transaction; of those who spend a credential at once one does."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import asyncpg
from msgspec.structs import replace

from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, Kind
from trunkline.identity.event import Event
from trunkline.identity.moves import Moves
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal
from trunkline.store import identities
from trunkline.store.accounts import AlreadySpent
from trunkline.store.identities import APP, PORTAL
from trunkline.store.postgres.database import Connection, Database, Row
from trunkline.store.postgres.identities import (
    CHANGE_APP,
    CHANGE_PORTAL,
    CREDENTIAL,
    EVENT,
    PERSON,
    change_person,
    new_app,
    new_person,
    put_credentials,
    put_events,
)
from trunkline.store.postgres.news import TELL, News
from trunkline.store.postgres.portals import Portals
from trunkline.store.protocol import Notice, StoreRefused

T = TypeVar("T")

PORTALS = f"SELECT {PORTAL} FROM portal WHERE removed IS NULL ORDER BY id"
ONE_PORTAL = f"SELECT {PORTAL} FROM portal WHERE id = $1 AND removed IS NULL"
APPS = f"SELECT {APP} FROM app ORDER BY id"
ONE_APP = f"SELECT {APP} FROM app WHERE id = $1 AND removed IS NULL"
CLIENT = f"SELECT {APP} FROM app WHERE client_id = $1 AND removed IS NULL"
PEOPLE = f"SELECT {PERSON} FROM person ORDER BY id"
ONE_PERSON = f"SELECT {PERSON} FROM person WHERE id = $1 AND removed IS NULL"
ADDRESSEE = f'SELECT {PERSON} FROM person WHERE lower(email COLLATE "C") = lower($1 COLLATE "C") AND removed IS NULL'
ONE_CREDENTIAL = f"SELECT {CREDENTIAL} FROM credential WHERE digest = $1"
OF_KIND = f"SELECT {CREDENTIAL} FROM credential WHERE kind = $1 ORDER BY position"
OF_APP = f"SELECT {CREDENTIAL} FROM credential WHERE kind = $1 AND app = $2 ORDER BY position"
EVENTS = f"SELECT {EVENT} FROM event WHERE position > $1 ORDER BY position LIMIT $2"
EVENTS_OF = f"SELECT {EVENT} FROM event WHERE portal = $3 AND position > $1 ORDER BY position LIMIT $2"
THERE = tuple(
    f"SELECT id FROM portal WHERE id = ANY ($1::bigint[]) AND removed IS NULL ORDER BY id FOR {lock}"
    for lock in ("SHARE", "NO KEY UPDATE")
)
"""Who removes a portal is waited for, and waits: what ends with it is all there then. The second is to change one."""

GOOD = "ended IS NULL AND (expires IS NULL OR expires > $1)"
SPEND = "UPDATE credential SET ended = $1 WHERE digest = $2 AND ended IS NULL RETURNING digest"
END = f"UPDATE credential SET ended = $1 WHERE digest = ANY ($2::bytea[]) AND {GOOD}"
END_FAMILIES = f"UPDATE credential SET ended = $1 WHERE family = ANY ($2::text[]) AND family <> '' AND {GOOD}"
EXPIRE = "UPDATE credential SET expires = least(expires, $1) WHERE digest = $2 AND ended IS NULL"
FORGET = (
    "DELETE FROM credential WHERE position IN (SELECT position FROM credential WHERE expires < $1 LIMIT $2)",
    "DELETE FROM credential WHERE position IN (SELECT position FROM credential WHERE ended < $1 LIMIT $2)",
)
FORGET_EVENTS = "DELETE FROM event WHERE position IN (SELECT position FROM event WHERE at < $1 LIMIT $2)"

AT_ONCE = 500
"""Rows that are forgotten in one transaction."""


class PostgresAccounts:
    """See `trunkline.store.accounts.Accounts`."""

    def __init__(self, database: Database, now: Callable[[], Moment], news: News, portals: Portals) -> None:
        self._database = database
        self._now = now
        self._news = news
        self._portals = portals

    async def portals(self) -> Sequence[Portal]:
        """Those that are there, by id; the first is the default one."""
        return [identities.portal_of(row) for row in await self._database.fetch(PORTALS)]

    async def portal(self, id_: int) -> Portal | None:
        """One that is there."""
        return await self._one(identities.portal_of, ONE_PORTAL, id_)

    async def found(self, portal: Portal, event: Event) -> Portal:
        """Keeps a new portal, for which the owner decides, too; the event is made the portal's own.

        Like a removal it is done to its end, whether somebody waits for it or not.
        """
        return await asyncio.shield(self._portals.found(portal, event))

    async def remove(self, id_: int, event: Event) -> None:
        """Removes a portal; raises `StoreRefused` when it is not there, or when no other is."""
        await asyncio.shield(self._portals.remove(id_, event))

    async def apps(self) -> Sequence[App]:
        """All apps by id, removed ones included."""
        return [identities.app_of(row) for row in await self._database.fetch(APPS)]

    async def app(self, id_: int) -> App | None:
        """One app, unless it is removed."""
        return await self._one(identities.app_of, ONE_APP, id_)

    async def client(self, client_id: str) -> App | None:
        """The OAuth app of a client id, unless it is removed."""
        return await self._one(identities.app_of, CLIENT, client_id)

    async def register(self, app: App, moves: Moves) -> App:
        """Keeps a new app and gives it an id; credentials and events of the moves are made the app's own."""

        async def work(connection: Connection) -> App:
            await _require(connection, [app.portal or 0])
            kept = replace(app, id=await new_app(connection, app))
            credentials = tuple(replace(one, app=kept.id) for one in moves.credentials)
            events = tuple(replace(event, app=kept.id) for event in moves.events)
            await self._tell(connection)
            await self._carry_out(replace(moves, credentials=credentials, events=events), connection)
            return kept

        return await self._database.write(work)

    async def people(self) -> Sequence[Person]:
        """All people by id, removed ones included; the first is the owner of the server."""
        return [identities.person_of(row) for row in await self._database.fetch(PEOPLE)]

    async def person(self, id_: int) -> Person | None:
        """One person, unless removed."""
        return await self._one(identities.person_of, ONE_PERSON, id_)

    async def addressee(self, email: str) -> Person | None:
        """The person with an e-mail address, in any case, unless removed."""
        return await self._one(identities.person_of, ADDRESSEE, email)

    async def enrol(self, person: Person, event: Event) -> Person:
        """Keeps a new person and gives it an id; the event is made the person's own.

        Raises `StoreRefused` when the address is somebody's.
        """

        async def work(connection: Connection) -> Person:
            with _free(person):
                id_ = await new_person(connection, person)
            kept = identities.person_of(await connection.fetchrow(ONE_PERSON, id_))
            await self._tell(connection)
            await put_events(connection, [replace(event, user=id_)])
            return kept

        return await self._database.write(work)

    async def credential(self, digest: bytes) -> Credential | None:
        """A credential as it stands, ended or expired ones for as long as they are kept."""
        return await self._one(identities.credential_of, ONE_CREDENTIAL, digest)

    async def credentials(self, kind: Kind, app: int = 0) -> Sequence[Credential]:
        """All that are kept of one kind, or of one kind and app, in the order in which they were made."""
        rows = await (self._database.fetch(OF_APP, kind, app) if app else self._database.fetch(OF_KIND, kind))
        return [identities.credential_of(row) for row in rows]

    async def keep(self, moves: Moves) -> None:
        """Carries out a plan, whole or not at all.

        Raises `AlreadySpent`, `StoreFull`, `StoreRefused` when an address is somebody else's, and `Unauthenticated`
        when it is about a portal that is not there. Portals are changed only, but not founded or removed.
        """
        await self._database.write(partial(self._carry_out, moves))

    async def events(self, *, after: int = 0, limit: int = 1000, portal: int | None = None) -> Sequence[Event]:
        """The audit trail from a position on, oldest first."""
        select, bound = (EVENTS, (after, limit)) if portal is None else (EVENTS_OF, (after, limit, portal))
        return [identities.event_of(row) for row in await self._database.fetch(select, *bound)]

    async def forget(self, before: Moment, events_before: Moment) -> None:
        """Removes the credentials that were over before a moment, and older events than another, a few at a time."""
        for delete, moment in (*((delete, before) for delete in FORGET), (FORGET_EVENTS, events_before)):
            while await self._database.call(partial(_delete, delete, moment)) == f"DELETE {AT_ONCE}":
                pass

    async def _carry_out(self, moves: Moves, connection: Connection) -> None:
        now = self._now()
        await _require(connection, _needed(moves), changed=bool(moves.portals))
        for digest in moves.spend:
            if await connection.fetchval(SPEND, now, digest) is None:
                raise AlreadySpent
        if moves.end:
            await connection.execute(END, now, moves.end)
        if moves.end_families:
            await connection.execute(END_FAMILIES, now, moves.end_families)
        if moves.expire:
            await connection.executemany(EXPIRE, [(until, digest) for digest, until in moves.expire])
        await _put(connection, moves)
        if _concerns_others(moves):
            await self._tell(connection)
        await put_events(connection, moves.events)

    async def _tell(self, connection: Connection) -> None:
        await connection.execute(TELL, self._news.text(Notice("accounts")))

    async def _one(self, of: Callable[[Row], T], select: str, key: int | str | bytes) -> T | None:
        row = await self._database.one(select, key)
        return None if row is None else of(row)


def _concerns_others(moves: Moves) -> bool:
    """Whether a plan changes what another process may remember: more than new credentials and the audit trail."""
    return moves != Moves(credentials=moves.credentials, events=moves.events)


def _needed(moves: Moves) -> Iterable[int]:
    """The portals that must be there."""
    yield from (portal.id for portal in moves.portals)
    yield from (app.portal or 0 for app in moves.apps if app.removed is None)
    yield from (one.portal for one in moves.credentials)


async def _require(connection: Connection, portals: Iterable[int], *, changed: bool = False) -> None:
    """Refuses what is about portals that are not there; 0 is none."""
    needed = set(portals) - {0}
    if needed and len(await connection.fetch(THERE[changed], needed)) < len(needed):
        raise Unauthenticated


async def _put(connection: Connection, moves: Moves) -> None:
    for portal in moves.portals:
        row = (portal.name, identities.products_of(portal), portal.limits, portal.id)
        await connection.execute(CHANGE_PORTAL, *row)
    for app in moves.apps:
        await connection.execute(CHANGE_APP, *identities.app_row(app))
    for person in moves.people:
        with _free(person):
            await change_person(connection, person)
    await put_credentials(connection, moves.credentials)


async def _delete(delete: str, moment: Moment, connection: Connection) -> str:
    return await connection.execute(delete, moment, AT_ONCE)


@contextmanager
def _free(person: Person) -> Iterator[None]:
    """Refuses a person with the address of another one."""
    try:
        yield
    except asyncpg.UniqueViolationError as cause:
        raise StoreRefused(f"There is a person with the address {person.email} already.") from cause
