"""The SQL of apps, people, credentials and the audit trail: rows from values, and values from rows."""

from collections.abc import Iterable
from typing import Any

import apsw
import msgspec

from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal, Product, Tier, everything

PORTAL = "id, name, created, products, limits, removed"
APP = "id, portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed"
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

_encode = msgspec.json.Encoder().encode
_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_numbers = msgspec.json.Decoder(tuple[int, ...]).decode
_products = msgspec.json.Decoder(dict[Product, Tier]).decode


def portal_of(row: Any) -> Portal:
    """A portal of a row of `PORTAL`."""
    id_, name, created, products, limits, removed = row
    had = everything() if products is None else _products(products)
    return Portal(id=id_, name=name, created=created, products=had, limits=limits, removed=removed)


def products_of(portal: Portal) -> str | None:
    """What is kept of the products that a portal has."""
    return None if portal.products == everything() else _json(portal.products)


def app_of(row: Any) -> App:
    """An app of a row of `APP`."""
    id_, portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed = row
    return App(
        id=id_,
        portal=portal,
        name=name,
        client_id=client_id,
        redirect_uris=_texts(redirect_uris),
        scopes=_texts(scopes),
        optional_scopes=_texts(optional_scopes),
        created=created,
        removed=removed,
    )


def person_of(row: Any) -> Person:
    """A person of a row of `PERSON`, the portals by id."""
    id_, email, portals, password, created, removed = row
    return Person(id=id_, email=email, portals=_numbers(portals), password=password, created=created, removed=removed)


def credential_of(row: Any) -> Credential:
    """A credential of a row of `CREDENTIAL`."""
    digest, kind, app, portal, user, scopes, family, redirect_uri, challenge, created, expires, ended = row
    return Credential(
        digest=digest,
        kind=kind,
        app=app,
        portal=portal,
        user=user,
        scopes=_texts(scopes),
        family=family,
        redirect_uri=redirect_uri,
        challenge=challenge,
        created=created,
        expires=expires,
        ended=ended,
    )


def event_of(row: Any) -> Event:
    """An entry of a row of `EVENT`."""
    at, kind, portal, app, user, address, detail, count, position = row
    return Event(
        at=at,
        kind=kind,
        portal=portal,
        app=app,
        user=user,
        address=address,
        detail=detail,
        count=count,
        position=position,
    )


def put_app(connection: apsw.Connection, app: App) -> int:
    """Keeps a new or changed app and returns its id."""
    lists = _json(app.redirect_uris), _json(app.scopes), _json(app.optional_scopes)
    row = (app.id, app.portal, app.name, app.client_id, *lists, app.created, app.removed)
    return _id(connection.execute(PUT_APP, row))


def put_person(connection: apsw.Connection, person: Person) -> int:
    """Keeps a new or changed person and returns its id; portals that are not there are left out."""
    row = (person.id, person.email, person.password, person.created, person.removed)
    id_ = _id(connection.execute(PUT_PERSON, row))
    connection.execute(UNBIND, (id_,))
    connection.executemany(BIND, [(id_, portal) for portal in person.portals])
    return id_


def put_credentials(connection: apsw.Connection, credentials: Iterable[Credential]) -> None:
    """Keeps new credentials."""
    for one in credentials:
        bound = one.family, one.redirect_uri, one.challenge, one.created, one.expires, one.ended
        row = (one.digest, one.kind, one.app, one.portal, one.user, _json(one.scopes), *bound)
        connection.execute(PUT_CREDENTIAL, row)


def put_events(connection: apsw.Connection, events: Iterable[Event]) -> None:
    """Adds entries to the audit trail."""
    rows = [(e.at, e.kind, e.portal, e.app, e.user, e.address, e.detail, e.count) for e in events]
    connection.executemany(PUT_EVENT, rows)


def _json(value: object) -> str:
    return _encode(value).decode()


def _id(cursor: apsw.Cursor) -> int:
    row: Any = cursor.fetchall()[0]
    return int(row[0])
