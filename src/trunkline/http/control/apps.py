"""OAuth apps, as the operator registers, changes and removes them, and takes back what people allowed them."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.http.control.tokens import Rotation, Scopes, replace_all
from trunkline.http.hooks import apps as hooks
from trunkline.identity.app import App, usable_redirect
from trunkline.identity.consent import ALWAYS
from trunkline.identity.credential import Credential, Kind, digest
from trunkline.identity.moves import Moves

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
Redirects = Annotated[list[Annotated[str, Meta(max_length=2000)]], Meta(max_length=50)]

GIVEN: tuple[Kind, ...] = ("code", "access", "refresh")
"""What an app holds because somebody allowed it."""

WITH_SECRETS: tuple[Kind, ...] = ("secret", *GIVEN)


class NewApp(Struct, frozen=True, rename="camel"):
    """An app to register. With a `portal` it may call that one with its own credentials."""

    name: Name
    redirect_uris: Redirects = []
    scopes: Scopes = []
    optional_scopes: Scopes = []
    portal: int | None = None


class AppChange(Struct, frozen=True, rename="camel"):
    """What to change of an app; what is not named stays. What people allowed it before stays as it is."""

    name: Name | UnsetType = UNSET
    redirect_uris: Redirects | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    optional_scopes: Scopes | UnsetType = UNSET


async def list_all(asked: Asked) -> Shown:
    """Lists the apps, without their secrets."""
    apps = await asked.state.accounts.apps()
    return {"results": [described(app) for app in apps if app.client_id and not app.removed]}


async def create(asked: Asked) -> Shown:
    """Registers an app; its client secret is shown this once."""
    new = asked.read(NewApp)
    _require_usable(new.redirect_uris)
    made = App(
        portal=None if new.portal is None else await asked.portal(new.portal),
        name=new.name,
        client_id=asked.state.clock.identifier(),
        redirect_uris=tuple(new.redirect_uris),
        scopes=tuple(dict.fromkeys((ALWAYS, *new.scopes))),
        optional_scopes=tuple(new.optional_scopes),
        created=asked.state.clock.now(),
    )
    text, held = _secret(asked, made)
    moves = Moves(credentials=(held,), events=(asked.event("app.created", detail=new.name),))
    app = await asked.state.accounts.register(made, moves)
    await _sign_with(asked, app, text)
    return described(app) | {"clientSecret": text}


async def change(asked: Asked) -> Shown:
    """Changes an app's name, redirect URIs or scopes."""
    asked_change, known = asked.read(AppChange), await _app(asked)
    names = ("name", "redirect_uris", "scopes", "optional_scopes")
    given = {name: value for name in names if (value := getattr(asked_change, name)) is not UNSET}
    _require_usable(given.get("redirect_uris", []))
    if "scopes" in given:
        given["scopes"] = dict.fromkeys((ALWAYS, *given["scopes"]))
    app = replace(known, **{name: value if name == "name" else tuple(value) for name, value in given.items()})
    event = asked.event("app.changed", app=app.id, detail=", ".join(given))
    await asked.state.accounts.keep(Moves(apps=(app,), events=(event,)))
    return described(app)


async def rotate(asked: Asked) -> Shown:
    """Makes a new client secret; the old one ends, at once or after some hours."""
    hours, app = asked.read(Rotation).keep_hours, await _app(asked)
    text, held = _secret(asked, app)
    event = asked.event("secret.rotated", app=app.id)
    await replace_all(asked, held, hours, Moves(credentials=(held,), events=(event,)))
    await _sign_with(asked, app, text)
    return described(app) | {"clientSecret": text}


async def remove(asked: Asked) -> None:
    """Removes an app with all its tokens."""
    app = await _app(asked)
    ended = tuple([c.digest for kind in WITH_SECRETS for c in await _held(asked, app, kind)])
    gone = replace(app, removed=asked.state.clock.now())
    event = asked.event("app.removed", app=app.id, detail=app.name)
    await asked.state.accounts.keep(Moves(apps=(gone,), end=ended, events=(event,)))
    asked.state.gate.forget()
    await asked.state.hooks.forget(app.id)


async def consents(asked: Asked) -> Shown:
    """Lists who let an app into which portal, with which scopes."""
    given = {c.family: c for c in await _held(asked, await _app(asked), "refresh") if c.good(asked.state.clock.now())}
    return {
        "results": [
            {"portal": c.portal, "user": c.user, "scopes": c.scopes, "createdAt": moment(c.created)}
            for c in given.values()
        ]
    }


async def withdraw(asked: Asked) -> None:
    """Takes back what was allowed to an app, in one portal or in all: all tokens that came of it end."""
    app, portal = await _app(asked), asked.number("portal", 0)
    held = [c for kind in GIVEN for c in await _held(asked, app, kind)]
    ended = tuple(c.digest for c in held if not portal or c.portal == portal)
    event = asked.event("consent.revoked", portal=portal, app=app.id)
    await asked.state.accounts.keep(Moves(end=ended, events=(event,)))
    asked.state.gate.forget()


async def _held(asked: Asked, app: App, kind: Kind) -> Sequence[Credential]:
    return await asked.state.accounts.credentials(kind, app.id)


def _secret(asked: Asked, app: App) -> tuple[str, Credential]:
    text = asked.state.clock.secret()
    return text, Credential(digest=digest(text), kind="secret", app=app.id, created=asked.state.clock.now())


async def _sign_with(asked: Asked, app: App, text: str) -> None:
    """Keeps a client secret, of which else there is a digest alone, to sign what the app is told."""
    await asked.state.hooks.keep(await hooks.home(asked.state, app), app.id, text)


def _require_usable(uris: list[str]) -> None:
    """Raises `InvalidParameter` for a redirect URI that is not to be trusted."""
    for number, uri in enumerate(uris):
        if not usable_redirect(uri):
            raise InvalidParameter("body", f"redirectUris[{number}]")


async def _app(asked: Asked) -> App:
    app = await asked.state.accounts.app(asked.id)
    if app is None or app.client_id is None:
        raise RecordNotFound
    return app


def described(app: App) -> dict[str, object]:
    """An app as lists show it."""
    return {
        "id": app.id,
        "name": app.name,
        "clientId": app.client_id,
        "redirectUris": app.redirect_uris,
        "scopes": app.scopes,
        "optionalScopes": app.optional_scopes,
        "portal": app.portal,
        "createdAt": moment(app.created),
    }
