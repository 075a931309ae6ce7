"""The SQL of apps, people, credentials and the audit trail, which belong to the server; all inside a transaction."""

from collections.abc import Sequence

from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event
from trunkline.identity.person import Person
from trunkline.store.identities import app_row, credential_row, event_row
from trunkline.store.postgres.database import Connection

PERSON = (
    "id, email, (SELECT coalesce(json_agg(portal ORDER BY portal), '[]')::text FROM person_portal WHERE person = id), "
    "password, created, removed"
)
CREDENTIAL = "digest, kind, app, portal, person, scopes, family, redirect_uri, challenge, created, expires, ended"
EVENT = "at, kind, portal, app, person, address, detail, count, position"

CHANGE_PORTAL = "UPDATE portal SET name = $1, products = $2, limits = $3 WHERE id = $4 AND removed IS NULL"
NEW_APP = (
    "INSERT INTO app (portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
)
CHANGE_APP = (
    "UPDATE app SET portal = $2, name = $3, client_id = $4, redirect_uris = $5, scopes = $6, optional_scopes = $7, "
    "created = $8, removed = $9 WHERE id = $1"
)
NEW_PERSON = "INSERT INTO person (email, password, created, removed) VALUES ($1, $2, $3, $4) RETURNING id"
CHANGE_PERSON = "UPDATE person SET email = $2, password = $3, created = $4, removed = $5 WHERE id = $1"
UNBIND = "DELETE FROM person_portal WHERE person = $1"
BIND = (
    "INSERT INTO person_portal (person, portal) "
    "SELECT $1, id FROM portal WHERE id = ANY ($2::bigint[]) AND removed IS NULL ORDER BY id FOR SHARE"
)
"""A portal that is being removed is waited for, so that nobody decides for one that is gone."""

PUT_CREDENTIAL = f"INSERT INTO credential ({CREDENTIAL}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
PUT_EVENT = (
    "INSERT INTO event (at, kind, portal, app, person, address, detail, count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)

IN_ORDER = 0x5452_4B4C_0004
"""The advisory lock of who adds to the audit trail."""

TAKE = "SELECT pg_advisory_xact_lock($1)"


async def new_app(connection: Connection, app: App) -> int:
    """Keeps a new app and returns its id."""
    return int(await connection.fetchval(NEW_APP, *app_row(app)[1:]))


async def new_person(connection: Connection, person: Person) -> int:
    """Keeps a new person and returns its id; portals that are not there are left out."""
    row = (person.email, person.password, person.created, person.removed)
    id_ = int(await connection.fetchval(NEW_PERSON, *row))
    await connection.execute(BIND, id_, person.portals)
    return id_


async def change_person(connection: Connection, person: Person) -> None:
    """Keeps what became of a person; portals that are not there are left out."""
    row = (person.email, person.password, person.created, person.removed)
    await connection.execute(CHANGE_PERSON, person.id, *row)
    await connection.execute(UNBIND, person.id)
    await connection.execute(BIND, person.id, person.portals)


async def put_credentials(connection: Connection, credentials: Sequence[Credential]) -> None:
    """Keeps new credentials."""
    if credentials:
        await connection.executemany(PUT_CREDENTIAL, [credential_row(one) for one in credentials])


async def put_events(connection: Connection, events: Sequence[Event]) -> None:
    """Adds entries to the audit trail, as the last thing that a transaction does.

    Whoever adds some waits for those who did before, so that positions appear in their order: who reads the trail page
    by page would else step over one.
    """
    if events:
        await connection.execute(TAKE, IN_ORDER)
        await connection.executemany(PUT_EVENT, [event_row(event) for event in events])
