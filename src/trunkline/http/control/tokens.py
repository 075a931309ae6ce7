"""The tokens of private apps, as the operator makes, rotates and revokes them."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from trunkline.crm.values import moment
from trunkline.errors import RecordNotFound
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.http.scopes import known_scopes
from trunkline.identity.app import SCOPE, App
from trunkline.identity.credential import Credential, digest
from trunkline.identity.moves import Moves

HOUR = 3_600_000

Scopes = Annotated[list[Annotated[str, Meta(pattern=SCOPE, max_length=200)]], Meta(max_length=200)]


class NewToken(Struct, frozen=True):
    """A token to make. Without a portal the default one is meant, with `null` for scopes all of them."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
    scopes: Annotated[Scopes, Meta(min_length=1)] | None
    portal: int | None = None


class Rotation(Struct, frozen=True, rename="camel"):
    """How many hours the old secret stays good beside the new one."""

    keep_hours: Annotated[float, Meta(ge=0, le=24 * 30)] = 0


async def list_all(asked: Asked) -> Shown:
    """Lists the tokens, without their texts."""
    held = {held.app: held for held in await asked.state.accounts.credentials("private")}
    apps = [app for app in await asked.state.accounts.apps() if app.client_id is None]
    return {"results": [described(app, held.get(app.id)) for app in apps]}


async def create(asked: Asked) -> Shown:
    """Makes a token, whose text is shown this once."""
    new, accounts, now = asked.read(NewToken), asked.state.accounts, asked.state.clock.now()
    scopes = tuple(known_scopes() if new.scopes is None else new.scopes)
    made = App(portal=await asked.portal(new.portal), name=new.name, scopes=scopes, created=now)
    text, held = _token(asked, made)
    event = asked.event("token.created", portal=held.portal, detail=new.name)
    app = await accounts.register(made, Moves(credentials=(held,), events=(event,)))
    return described(app, held) | {"token": text}


async def rotate(asked: Asked) -> Shown:
    """Makes a new text for a token; the old one ends, at once or after some hours."""
    hours, app = asked.read(Rotation).keep_hours, await _app(asked)
    text, held = _token(asked, app)
    event = asked.event("token.rotated", portal=held.portal, app=app.id)
    await replace_all(asked, held, hours, Moves(credentials=(held,), events=(event,)))
    return described(app, held) | {"token": text}


async def replace_all(asked: Asked, held: Credential, hours: float, moves: Moves) -> None:
    """Keeps a new credential of an app, and lets the older ones of that kind be good for some hours more."""
    now = asked.state.clock.now(held.portal)
    older = [c.digest for c in await asked.state.accounts.credentials(held.kind, held.app) if c.good(now)]
    until = now + round(hours * HOUR)
    moves = (
        replace(moves, expire=tuple((digest, until) for digest in older)) if hours else replace(moves, end=tuple(older))
    )
    await asked.state.accounts.keep(moves)
    asked.state.gate.forget()


async def revoke(asked: Asked) -> None:
    """Revokes a token, at once and for good."""
    app, accounts, now = await _app(asked), asked.state.accounts, asked.state.clock.now()
    held = tuple(c.digest for c in await accounts.credentials("private", app.id))
    event = asked.event("token.revoked", portal=app.portal or 0, app=app.id, detail=app.name)
    await accounts.keep(Moves(apps=(replace(app, removed=now),), end=held, events=(event,)))
    asked.state.gate.forget()
    await asked.state.hooks.forget(app.id)


def _token(asked: Asked, app: App) -> tuple[str, Credential]:
    text = f"pat-local-{asked.state.clock.secret()}"
    held = Credential(
        digest=digest(text),
        kind="private",
        app=app.id,
        portal=app.portal or 0,
        scopes=app.scopes,
        created=asked.state.clock.now(app.portal or 0),
    )
    return text, held


async def _app(asked: Asked) -> App:
    app = await asked.state.accounts.app(asked.id)
    if app is None or app.client_id is not None:
        raise RecordNotFound
    return app


def described(app: App, held: Credential | None) -> dict[str, object]:
    """A token as lists show it."""
    shown: dict[str, object] = {
        "app": app.id,
        "portal": app.portal,
        "name": app.name,
        "scopes": app.scopes,
        "createdAt": moment(app.created),
    }
    if held is not None and held.expires is not None:
        shown["expiresAt"] = moment(held.expires)
    return shown if app.removed is None else shown | {"revokedAt": moment(app.removed)}
