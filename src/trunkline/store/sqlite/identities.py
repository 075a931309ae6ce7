"""The SQL of apps, people, credentials and the audit trail."""

from collections.abc import Iterable
from typing import Any

import apsw

from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event
from trunkline.identity.person import Person
from trunkline.store.identities import APP, app_row, credential_row, event_row

PERSON = (
    "id, email, (SELECT json_group_array(portal ORDER BY portal) FROM person_portal WHERE person = id), "
    "password, created, removed"
)
CREDENTIAL = "digest, kind, app, portal, user, scopes, family, redirect_uri, challenge, created, expires, ended"
EVENT = "at, kind, portal, app, user, address, detail, count, position"

CHANGE_PORTAL = "UPDATE portal SET name = ?, products = ?, limits = ? WHERE id = ? AND removed IS NULL"
PUT_APP = (
    f"INSERT INTO app ({APP}) VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "portal = excluded.portal, name = excluded.name, client_id = excluded.client_id, "
    "redirect_uris = excluded.redirect_uris, scopes = excluded.scopes, optional_scopes = excluded.optional_scopes, "
    "created = excluded.created, removed = excluded.removed RETURNING id"
)
PUT_PERSON = (
    "INSERT INTO person (id, email, password, created, removed) VALUES (nullif(?, 0), ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET email = excluded.email, password = excluded.password, "
    "created = excluded.created, removed = excluded.removed RETURNING id"
)
UNBIND = "DELETE FROM person_portal WHERE person = ?"
BIND = "INSERT OR IGNORE INTO person_portal (person, portal) SELECT ?, id FROM portal WHERE id = ? AND removed IS NULL"
PUT_CREDENTIAL = f"INSERT INTO credential ({CREDENTIAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
PUT_EVENT = "INSERT INTO event (at, kind, portal, app, user, address, detail, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def put_app(connection: apsw.Connection, app: App) -> int:
    """Keeps a new or changed app and returns its id."""
    return _id(connection.execute(PUT_APP, app_row(app)))


def put_person(connection: apsw.Connection, person: Person) -> int:
    """Keeps a new or changed person and returns its id; portals that are not there are left out."""
    row = (person.id, person.email, person.password, person.created, person.removed)
    id_ = _id(connection.execute(PUT_PERSON, row))
    connection.execute(UNBIND, (id_,))
    connection.executemany(BIND, [(id_, portal) for portal in person.portals])
    return id_


def put_credentials(connection: apsw.Connection, credentials: Iterable[Credential]) -> None:
    """Keeps new credentials."""
    connection.executemany(PUT_CREDENTIAL, map(credential_row, credentials))


def put_events(connection: apsw.Connection, events: Iterable[Event]) -> None:
    """Adds entries to the audit trail."""
    connection.executemany(PUT_EVENT, map(event_row, events))


def _id(cursor: apsw.Cursor) -> int:
    row: Any = cursor.fetchall()[0]
    return int(row[0])
