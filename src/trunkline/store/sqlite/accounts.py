"""The accounts of a file. What is read is committed; what is written goes through the writer, a plan at a time."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import apsw
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
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite.identities import (
    CHANGE_PORTAL,
    CREDENTIAL,
    EVENT,
    PERSON,
    put_app,
    put_credentials,
    put_events,
    put_person,
)
from trunkline.store.sqlite.portals import Portals
from trunkline.store.sqlite.writer import Writer

PORTALS = f"SELECT {PORTAL} FROM portal WHERE removed IS NULL ORDER BY id"
ONE_PORTAL = f"SELECT {PORTAL} FROM portal WHERE id = ? AND removed IS NULL"
IS_THERE = "SELECT 1 FROM portal WHERE id = ? AND removed IS NULL"
APPS = f"SELECT {APP} FROM app ORDER BY id"
ONE_APP = f"SELECT {APP} FROM app WHERE id = ? AND removed IS NULL"
CLIENT = f"SELECT {APP} FROM app WHERE client_id = ? AND removed IS NULL"
PEOPLE = f"SELECT {PERSON} FROM person ORDER BY id"
ONE_PERSON = f"SELECT {PERSON} FROM person WHERE id = ? AND removed IS NULL"
ADDRESSEE = f"SELECT {PERSON} FROM person WHERE email = ? AND removed IS NULL"
ONE_CREDENTIAL = f"SELECT {CREDENTIAL} FROM credential WHERE digest = ?"
OF_KIND = f"SELECT {CREDENTIAL} FROM credential WHERE kind = ? ORDER BY position"
OF_APP = f"SELECT {CREDENTIAL} FROM credential WHERE kind = ? AND app = ? ORDER BY position"
EVENTS = f"SELECT {EVENT} FROM event WHERE position > ? ORDER BY position LIMIT ?"
EVENTS_OF = f"SELECT {EVENT} FROM event WHERE portal = ? AND position > ? ORDER BY position LIMIT ?"
GOOD = "ended IS NULL AND (expires IS NULL OR expires > ?1)"
SPEND = "UPDATE credential SET ended = ?1 WHERE digest = ?2 AND ended IS NULL"
END = f"UPDATE credential SET ended = ?1 WHERE digest = ?2 AND {GOOD}"
EXPIRE = "UPDATE credential SET expires = min(coalesce(expires, ?1), ?1) WHERE digest = ?2 AND ended IS NULL"
END_FAMILY = f"UPDATE credential SET ended = ?1 WHERE family = ?2 AND family <> '' AND {GOOD}"
FORGET = (
    "DELETE FROM credential WHERE position IN (SELECT position FROM credential WHERE expires < ? LIMIT ?)",
    "DELETE FROM credential WHERE position IN (SELECT position FROM credential WHERE ended < ? LIMIT ?)",
)
FORGET_EVENTS = "DELETE FROM event WHERE position IN (SELECT position FROM event WHERE at < ? LIMIT ?)"

AT_ONCE = 500
"""Rows that are forgotten in one turn of the writer."""


class SqliteAccounts:
    """See `trunkline.store.accounts.Accounts`."""

    def __init__(
        self,
        connection: apsw.Connection,
        reader: apsw.Connection,
        writer: Writer,
        now: Callable[[], Moment],
        portals: Portals,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._now = now
        self._portals = portals

    async def portals(self) -> Sequence[Portal]:
        """Those that are there, by id; the first is the default one."""
        return [identities.portal_of(row) for row in self._reader.execute(PORTALS)]

    async def portal(self, id_: int) -> Portal | None:
        """One that is there."""
        row = self._one(ONE_PORTAL, id_)
        return None if row is None else identities.portal_of(row)

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
        return [identities.app_of(row) for row in self._reader.execute(APPS)]

    async def app(self, id_: int) -> App | None:
        """One app, unless it is removed."""
        row = self._one(ONE_APP, id_)
        return None if row is None else identities.app_of(row)

    async def client(self, client_id: str) -> App | None:
        """The OAuth app of a client id, unless it is removed."""
        row = self._one(CLIENT, client_id)
        return None if row is None else identities.app_of(row)

    async def register(self, app: App, moves: Moves) -> App:
        """Keeps a new app and gives it an id; credentials and events of the moves are made the app's own."""

        def work() -> App:
            self._require([app.portal or 0])
            kept = replace(app, id=put_app(self._connection, replace(app, id=0)))
            credentials = tuple(replace(one, app=kept.id) for one in moves.credentials)
            events = tuple(replace(event, app=kept.id) for event in moves.events)
            self._carry_out(replace(moves, credentials=credentials, events=events))
            return kept

        return await self._writer.submit(work)

    async def people(self) -> Sequence[Person]:
        """All people by id, removed ones included; the first is the owner of the server."""
        return [identities.person_of(row) for row in self._reader.execute(PEOPLE)]

    async def person(self, id_: int) -> Person | None:
        """One person, unless removed."""
        row = self._one(ONE_PERSON, id_)
        return None if row is None else identities.person_of(row)

    async def addressee(self, email: str) -> Person | None:
        """The person with an e-mail address, in any case, unless removed."""
        row = self._one(ADDRESSEE, email)
        return None if row is None else identities.person_of(row)

    async def enrol(self, person: Person, event: Event) -> Person:
        """Keeps a new person and gives it an id; the event is made the person's own.

        Raises `StoreRefused` when the address is somebody's.
        """

        def work() -> Person:
            self._free(person)
            id_ = put_person(self._connection, replace(person, id=0))
            put_events(self._connection, [replace(event, user=id_)])
            return identities.person_of(self._connection.execute(ONE_PERSON, (id_,)).fetchall()[0])

        return await self._writer.submit(work)

    async def credential(self, digest: bytes) -> Credential | None:
        """A credential as it stands, ended or expired ones for as long as they are kept."""
        row = self._one(ONE_CREDENTIAL, digest)
        return None if row is None else identities.credential_of(row)

    async def credentials(self, kind: Kind, app: int = 0) -> Sequence[Credential]:
        """All that are kept of one kind, or of one kind and app, in the order in which they were made."""
        rows = self._reader.execute(*((OF_APP, (kind, app)) if app else (OF_KIND, (kind,))))
        return [identities.credential_of(row) for row in rows]

    async def keep(self, moves: Moves) -> None:
        """Carries out a plan, whole or not at all.

        Raises `AlreadySpent`, `StoreFull`, `StoreRefused` when an address is somebody else's, and `Unauthenticated`
        when it is about a portal that is not there. Portals are changed only, but not founded or removed.
        """
        await self._writer.submit(lambda: self._carry_out(moves))

    async def events(self, *, after: int = 0, limit: int = 1000, portal: int | None = None) -> Sequence[Event]:
        """The audit trail from a position on, oldest first."""
        select, bound = (EVENTS, (after, limit)) if portal is None else (EVENTS_OF, (portal, after, limit))
        return [identities.event_of(row) for row in self._reader.execute(select, bound)]

    async def forget(self, before: Moment, events_before: Moment) -> None:
        """Removes the credentials that were over before a moment, and older events than another, a few at a time."""
        for delete, moment in (*((delete, before) for delete in FORGET), (FORGET_EVENTS, events_before)):
            while await self._writer.submit(partial(self._delete, delete, moment)):
                pass

    def _delete(self, delete: str, moment: Moment) -> bool:
        self._connection.execute(delete, (moment, AT_ONCE))
        return self._connection.changes() == AT_ONCE

    def _carry_out(self, moves: Moves) -> None:
        """Inside the transaction. What can be refused comes first, so that there is little to undo."""
        now = self._now()
        self._require([portal.id for portal in moves.portals])
        self._require(app.portal or 0 for app in moves.apps if app.removed is None)
        self._require(one.portal for one in moves.credentials)
        for person in moves.people:
            self._free(person)
        for digest in moves.spend:
            if not self._end(SPEND, now, digest):
                raise AlreadySpent
        for digest in moves.end:
            self._end(END, now, digest)
        for family in moves.end_families:
            self._end(END_FAMILY, now, family)
        self._connection.executemany(EXPIRE, [(until, digest) for digest, until in moves.expire])
        self._put(moves)

    def _put(self, moves: Moves) -> None:
        for portal in moves.portals:
            row = (portal.name, identities.products_of(portal), portal.limits, portal.id)
            self._connection.execute(CHANGE_PORTAL, row)
        for app in moves.apps:
            put_app(self._connection, app)
        for person in moves.people:
            put_person(self._connection, person)
        put_credentials(self._connection, moves.credentials)
        put_events(self._connection, moves.events)

    def _end(self, update: str, now: Moment, what: bytes | str) -> int:
        self._connection.execute(update, (now, what))
        return self._connection.changes()

    def _require(self, portals: Iterable[int]) -> None:
        """Refuses what is about portals that are not there; 0 is none."""
        for id_ in set(portals) - {0}:
            if not self._connection.execute(IS_THERE, (id_,)).fetchall():
                raise Unauthenticated

    def _free(self, person: Person) -> None:
        """Refuses a person with the address of another one."""
        select = "SELECT 1 FROM person WHERE email = ? AND id <> ? AND removed IS NULL"
        held = self._connection.execute(select, (person.email, person.id)).fetchall()
        if held and person.removed is None:
            raise StoreRefused(f"There is a person with the address {person.email} already.")

    def _one(self, select: str, key: int | str | bytes) -> Any:
        """The one row of a query, or None."""
        rows = self._reader.execute(select, (key,)).fetchall()
        return rows[0] if rows else None
