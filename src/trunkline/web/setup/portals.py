"""The portals of the server: made, renamed, given products, and removed. For who runs the server alone."""

from starlette.responses import Response

from trunkline.errors import MalformedBody
from trunkline.identity.portal import PRODUCTS, TIERS
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit

NONE = "none"
"""The choice of a product that a portal has not."""


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists the portals and what each has."""
    return page(
        visit,
        "portals",
        wrong=wrong,
        all=(await visit.ask("GET", "/portals"))["results"],
        products=PRODUCTS,
        tiers=(NONE, *TIERS),
        typed=visit.field,
    )


async def create(visit: Visit) -> Response:
    """Makes a portal, which has all products."""

    async def work() -> str:
        made = await visit.ask("POST", "/portals", {"name": visit.field("name")})
        return f"The portal {made['name']} is made; its number is {made['id']}."

    return await done(visit, "portals", show, work)


async def change(visit: Visit) -> Response:
    """Renames a portal, and says which products it has."""

    async def work() -> str:
        chosen = {name: visit.field(name) for name in PRODUCTS if visit.field(name)}
        products = {name: tier for name, tier in chosen.items() if tier != NONE}
        asked = {"name": visit.field("name")} | ({"products": products} if chosen else {})
        changed = await visit.ask("PATCH", visit.verb("portals", visit.field("portal")), asked)
        return f"The portal {changed['name']} is changed."

    return await done(visit, "portals", show, work)


async def remove(visit: Visit) -> Response:
    """Removes a portal with all that is in it, when its number was typed once more."""

    async def work() -> str:
        if visit.field("again") != visit.field("portal"):
            raise MalformedBody("To remove a portal, type its number.")
        await visit.ask("DELETE", visit.verb("portals", visit.field("portal")))
        return "The portal is gone, with all that was in it."

    response = await done(visit, "portals", show, work)
    gone = visit.field("portal") == str(visit.portal.id) and response.status_code == 303
    return visit.to("/", "The portal is gone, with all that was in it.") if gone else response
