"""Seeds: what portals shall have, as a document says it, with ids and tokens that are the same each time."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from trunkline.errors import Conflict
from trunkline.http.control import portals
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.http.control.tokens import Scopes
from trunkline.http.scopes import known_scopes
from trunkline.http.seeding import Seed, seed
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, digest
from trunkline.identity.moves import Moves
from trunkline.identity.portal import Enforcement, Product, Tier


class SeedToken(Struct, frozen=True, forbid_unknown_fields=True):
    """A token of a portal with a text that is known beforehand; without scopes it has all of them."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
    token: Annotated[str, Meta(min_length=8, max_length=200, pattern="^[!-~]+$")]
    scopes: Scopes | None = None


class Sown(Seed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one portal shall have. With `replace` all that it has before goes."""

    tokens: Sequence[SeedToken] = ()
    replace: bool = False


class SownPortal(Sown, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a portal with an id, which is made if it is not there."""

    id: portals.Id = 0
    name: portals.Name = "seeded"
    products: Mapping[Product, Tier] | None = None
    limits: Enforcement | None = None


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole seed."""

    portals: Annotated[list[SownPortal], Meta(min_length=1, max_length=1000)]


async def plant(asked: Asked) -> Shown:
    """Seeds one portal that is there."""
    return await _plant(asked, await asked.own_portal(), asked.read(Sown))


async def plant_all(asked: Asked) -> Shown:
    """Seeds portals, and makes those that are not there."""
    results = []
    for sown in asked.read(Document).portals:
        results.append(await _plant(asked, await _portal(asked, sown), sown))
    return {"results": results}


async def _portal(asked: Asked, sown: SownPortal) -> int:
    if sown.id in await asked.state.store.portals():
        return sown.id
    products = None if sown.products is None else dict(sown.products)
    return (await portals.found(asked, portals.NewPortal(sown.name, sown.id, products, sown.limits))).id


async def _plant(asked: Asked, portal: int, sown: Sown) -> Shown:
    tokens = [one for one in sown.tokens if not await _is_there(asked, portal, one)]
    if sown.replace:
        await asked.state.store.bench.clear(portal, asked.state.clock.now(portal))
        await asked.state.renew(portal)
    await seed(asked.state, portal, sown)
    for token in tokens:
        await _let_in(asked, portal, token)
    return {
        "portal": portal,
        "properties": {name: len(some) for name, some in sown.properties.items()},
        "records": {name: len(some) for name, some in sown.records.items()},
        "tokens": len(sown.tokens),
    }


async def _is_there(asked: Asked, portal: int, token: SeedToken) -> bool:
    """Whether a portal has a token already; raises `Conflict` when it opens something else, or did so once."""
    held = await asked.state.accounts.credential(digest(token.token))
    fixed = asked.state.settings.token
    if fixed is not None and hmac.compare_digest(fixed, token.token):
        raise Conflict(f"The token {token.name} is the fixed token of the server.")
    if held is not None and (held.portal != portal or held.ended is not None or held.kind != "private"):
        raise Conflict(f"The token {token.name} is not free.")
    return held is not None


async def _let_in(asked: Asked, portal: int, token: SeedToken) -> None:
    now = asked.state.clock.now(portal)
    scopes = tuple(known_scopes() if token.scopes is None else token.scopes)
    held = Credential(digest=digest(token.token), kind="private", app=0, portal=portal, scopes=scopes, created=now)
    event = asked.event("token.created", portal=portal, detail=token.name)
    made = App(portal=portal, name=token.name, scopes=scopes, created=now)
    await asked.state.accounts.register(made, Moves(credentials=(held,), events=(event,)))
    asked.state.gate.forget()
