"""The tokens of a portal: made, shown once, changed for new ones, and revoked."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http.oauth.meaning import explained
from trunkline.http.scopes import known_scopes
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit

HOURS = (0, 1, 24, 168)
"""Hours that an old text may stay good beside the new one."""


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists the tokens of the portal, without their texts."""
    tokens = await _own(visit)
    return page(
        visit,
        "tokens",
        wrong=wrong,
        live=[one for one in tokens if "revokedAt" not in one],
        ended=[one for one in tokens if "revokedAt" in one],
        scopes=explained(known_scopes()),
        chosen=set(visit.sent.get("scope", [])),
        all=len(known_scopes()),
        typed=visit.field("name"),
        hours=HOURS,
    )


async def _own(visit: Visit) -> list[Mapping[str, Any]]:
    """The tokens of this portal, and of no other."""
    return [one for one in (await visit.ask("GET", "/tokens"))["results"] if one["portal"] == visit.portal.id]


async def create(visit: Visit) -> Response:
    """Makes a token, and shows its text this once."""
    scopes = None if visit.field("all") else visit.sent.get("scope", [])
    asked = {"name": visit.field("name"), "scopes": scopes, "portal": visit.portal.id}
    try:
        made = await visit.ask("POST", "/tokens", asked)
    except Refusal as refusal:
        return await show(visit, refusal.message)
    return _once(visit, made)


async def rotate(visit: Visit) -> Response:
    """Makes a new text for a token, and shows it this once."""
    app = await _app(visit)
    kept = visit.field("hours")
    hours = int(kept) if kept in map(str, HOURS) else 0
    return _once(visit, await visit.ask("POST", f"/tokens/{app}/rotate", {"keepHours": hours}))


async def revoke(visit: Visit) -> Response:
    """Revokes a token."""
    app = await _app(visit)

    async def work() -> str:
        await visit.ask("DELETE", f"/tokens/{app}")
        return "The token is revoked: who still sends it is refused."

    return await done(visit, "tokens", show, work)


async def _app(visit: Visit) -> int:
    """The app whose token the form names; raises a 404 for one that is not of this portal."""
    wanted = visit.field("app")
    for one in await _own(visit):
        if str(one["app"]) == wanted and "revokedAt" not in one:
            return int(one["app"])
    raise HTTPException(404)


def _once(visit: Visit, made: Mapping[str, Any]) -> Response:
    return page(visit, "token", name=made["name"], text=made["token"])
