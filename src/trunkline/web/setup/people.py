"""The people of a portal and its teams. Who gets in, who runs the server decides; teams are the portal's own."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.identity.person import OWNER
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists who decides for the portal, and its teams; to who runs the server, everybody."""
    everybody = (await visit.ask("GET", "/users"))["results"]
    here = [one for one in everybody if one["portals"] == "all" or visit.portal.id in one["portals"]]
    teams = (await visit.ask("GET", "/teams", query={"portal": visit.portal.id}))["results"]
    return page(
        visit,
        "people",
        wrong=wrong,
        people=everybody if visit.runs else here,
        residents=here,
        emails={one["id"]: one["email"] for one in here},
        teams=teams,
        owner=OWNER,
        typed=visit.field,
    )


async def enrol(visit: Visit) -> Response:
    """Makes a person who decides for some portals."""

    async def work() -> str:
        asked = {"email": visit.field("email"), "password": _password(visit), "portals": _numbers(visit, "portal")}
        made = await visit.ask("POST", "/users", asked)
        return f"{made['email']} can sign in now."

    return await done(visit, "people", show, work)


async def change(visit: Visit) -> Response:
    """Says which portals a person decides for, and gives them a new password if one is typed."""

    async def work() -> str:
        password = {"password": _password(visit)} if _password(visit) else {}
        portals = {} if visit.field("person") == str(OWNER) else {"portals": _numbers(visit, "portal")}
        changed = await visit.ask("PATCH", visit.verb("users", visit.field("person")), password | portals)
        return f"{changed['email']} is changed{'; the old password is no longer good' if password else ''}."

    return await done(visit, "people", show, work)


async def remove(visit: Visit) -> Response:
    """Removes a person."""

    async def work() -> str:
        await visit.ask("DELETE", visit.verb("users", visit.field("person")))
        return "The person is gone. What they allowed apps stays allowed."

    return await done(visit, "people", show, work)


async def gather(visit: Visit) -> Response:
    """Makes a team, or changes the one that the form names."""

    async def work() -> str:
        asked = {"portal": visit.portal.id, "name": visit.field("name"), "members": _numbers(visit, "member")}
        if not visit.field("team"):
            made = await visit.ask("POST", "/teams", asked)
            return f"The team {made['name']} is made."
        changed = await visit.ask("PATCH", visit.verb("teams", await _team(visit)), asked)
        return f"The team {changed['name']} is changed."

    return await done(visit, "people", show, work)


async def dissolve(visit: Visit) -> Response:
    """Removes a team of this portal."""

    async def work() -> str:
        await visit.ask("DELETE", visit.verb("teams", await _team(visit)), query={"portal": visit.portal.id})
        return "The team is gone; its people stay."

    return await done(visit, "people", show, work)


async def _team(visit: Visit) -> int:
    """The team that the form names; raises a 404 for one that this portal has not."""
    for team in (await visit.ask("GET", "/teams", query={"portal": visit.portal.id}))["results"]:
        if str(team["id"]) == visit.field("team"):
            return int(team["id"])
    raise HTTPException(404)


def _password(visit: Visit) -> str:
    """What was typed as a password, space and all."""
    return visit.sent.get("password", [""])[0]


def _numbers(visit: Visit, name: str) -> list[int]:
    return [int(text) for text in visit.sent.get(name, ()) if text.isascii() and text.isdigit() and len(text) < 16]
