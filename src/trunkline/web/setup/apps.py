"""The OAuth apps of the server: registered, changed and removed, and who let them in. For who runs the server alone."""

from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http.oauth.meaning import explained
from trunkline.http.scopes import known_scopes
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists the apps, and who let each into which portal."""
    apps = (await visit.ask("GET", "/apps"))["results"]
    consents = {app["id"]: (await visit.ask("GET", f"/apps/{app['id']}/consents"))["results"] for app in apps}
    return page(
        visit,
        "apps",
        wrong=wrong,
        apps=apps,
        consents=consents,
        names={portal.id: portal.name for portal in visit.portals},
        scopes=explained(known_scopes()),
        chosen=set(visit.sent.get("scope", [])),
        typed=visit.field,
    )


async def create(visit: Visit) -> Response:
    """Registers an app, and shows its secret this once."""
    asked = {
        "name": visit.field("name"),
        "redirectUris": visit.field("redirects").split(),
        "scopes": visit.sent.get("scope", []),
    }
    try:
        made = await visit.ask("POST", "/apps", asked)
    except Refusal as refusal:
        return await show(visit, refusal.message)
    return _once(visit, made)


def _once(visit: Visit, made: dict[str, str]) -> Response:
    return page(visit, "secret", name=made["name"], client=made["clientId"], text=made["clientSecret"])


async def rotate(visit: Visit) -> Response:
    """Makes a new secret, and shows it this once."""
    try:
        return _once(visit, await visit.ask("POST", visit.verb("apps", visit.field("app"), "rotate"), {}))
    except Refusal as refusal:
        return await show(visit, refusal.message)


async def withdraw(visit: Visit) -> Response:
    """Takes back what was allowed to an app in a portal."""

    async def work() -> str:
        query = {"portal": visit.field("portal")}
        await visit.ask("DELETE", visit.verb("apps", visit.field("app"), "consents"), query=query)
        return "The app is out of that portal: all of its tokens for it ended."

    return await done(visit, "apps", show, work)


async def remove(visit: Visit) -> Response:
    """Removes an app with all its tokens."""

    async def work() -> str:
        await visit.ask("DELETE", visit.verb("apps", visit.field("app")))
        return "The app is gone, with all its tokens."

    return await done(visit, "apps", show, work)
