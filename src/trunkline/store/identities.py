"""Portals, apps, people, credentials and the audit trail as rows of every engine; what is a list there is JSON."""

from typing import Any

import msgspec

from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal, Product, Tier, everything

DEFAULT_PORTAL = 1_000_001
"""The portal that a new store starts with."""

OWNER_EMAIL = "owner@trunkline.localhost"

PORTAL = "id, name, created, products, limits, removed"
APP = "id, portal, name, client_id, redirect_uris, scopes, optional_scopes, created, removed"

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


def app_row(app: App) -> tuple[Any, ...]:
    """The values of `APP`."""
    lists = _json(app.redirect_uris), _json(app.scopes), _json(app.optional_scopes)
    return (app.id, app.portal, app.name, app.client_id, *lists, app.created, app.removed)


def person_of(row: Any) -> Person:
    """A person of a row of id, e-mail address, portals by id, password, created, removed."""
    id_, email, portals, password, created, removed = row
    return Person(id=id_, email=email, portals=_numbers(portals), password=password, created=created, removed=removed)


def credential_of(row: Any) -> Credential:
    """A credential of a row whose columns are in the order of its members."""
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


def credential_row(one: Credential) -> tuple[Any, ...]:
    """The values of a credential, in the order of its members."""
    bound = one.family, one.redirect_uri, one.challenge, one.created, one.expires, one.ended
    return (one.digest, one.kind, one.app, one.portal, one.user, _json(one.scopes), *bound)


def event_of(row: Any) -> Event:
    """An entry of the audit trail of a row whose columns are in the order of its members."""
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


def event_row(event: Event) -> tuple[Any, ...]:
    """The values of an entry, in the order of its members, without the position."""
    who = event.portal, event.app, event.user
    return (event.at, event.kind, *who, event.address, event.detail, event.count)


def _json(value: object) -> str:
    return _encode(value).decode()
