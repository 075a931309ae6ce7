"""Portals, as the operator makes, changes and removes them."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from trunkline.crm.values import moment
from trunkline.errors import Conflict, RecordNotFound
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.identity.moves import Moves
from trunkline.identity.portal import Enforcement, Portal, Product, Tier, everything
from trunkline.store.protocol import StoreRefused

Id = Annotated[int, Meta(ge=0, le=2**40)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]


class NewPortal(Struct, frozen=True):
    """A portal to make. Without `products` it has all of them, without an id it gets one."""

    name: Name
    id: Id = 0
    products: dict[Product, Tier] | None = None
    limits: Enforcement | None = None


class PortalChange(Struct, frozen=True):
    """What to change of a portal; what is not named stays."""

    name: Name | UnsetType = UNSET
    products: dict[Product, Tier] | UnsetType | None = UNSET
    limits: Enforcement | UnsetType | None = UNSET


async def list_all(asked: Asked) -> Shown:
    """Lists the portals; the first is the default one."""
    return {"results": [described(portal) for portal in await asked.state.accounts.portals()]}


async def create(asked: Asked) -> Shown:
    """Makes a portal."""
    return described(await found(asked, asked.read(NewPortal)))


async def found(asked: Asked, new: NewPortal) -> Portal:
    """Makes a portal; raises `Conflict` for an id that some portal has or had."""
    products = everything() if new.products is None else new.products
    made = Portal(id=new.id, name=new.name, created=asked.state.clock.now(), products=products, limits=new.limits)
    try:
        return await asked.state.accounts.found(made, asked.event("portal.created", detail=new.name))
    except StoreRefused as cause:
        raise Conflict(str(cause)) from cause


async def change(asked: Asked) -> Shown:
    """Changes a portal's name, products or limits."""
    asked_change, known = asked.read(PortalChange), await _portal(asked)
    given = {
        name: value for name in ("name", "products", "limits") if (value := getattr(asked_change, name)) is not UNSET
    }
    if given.get("products", UNSET) is None:
        given["products"] = everything()
    portal = replace(known, **given)
    event = asked.event("portal.changed", portal=portal.id, detail=", ".join(given))
    await asked.state.accounts.keep(Moves(portals=(portal,), events=(event,)))
    asked.state.gate.forget()
    return described(portal)


async def remove(asked: Asked) -> None:
    """Removes a portal with all that is in it, for good."""
    portal = await _portal(asked)
    try:
        await asked.state.accounts.remove(
            portal.id, asked.event("portal.removed", portal=portal.id, detail=portal.name)
        )
    except StoreRefused as cause:
        raise Conflict(str(cause)) from cause
    asked.state.gate.forget()
    asked.state.forget(portal.id)


async def _portal(asked: Asked) -> Portal:
    found = await asked.state.accounts.portal(asked.id)
    if found is None:
        raise RecordNotFound
    return found


def described(portal: Portal) -> dict[str, object]:
    """A portal as lists show it."""
    return {
        "id": portal.id,
        "name": portal.name,
        "domain": portal.domain,
        "products": portal.products,
        "limits": portal.limits,
        "createdAt": moment(portal.created),
    }
