"""The requests that were answered lately, as they arrive."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter
from trunkline.web.look import shown
from trunkline.web.people import named
from trunkline.web.traffic.sieve import STATUSES, Sieve, sieve
from trunkline.web.visit import Visit

Told = Mapping[str, Any]
"""A request as the control namespace tells it."""


class Row(Struct, frozen=True):
    """A request on the page: what is known of it, its day if that is not today's, its app's name, and why it failed."""

    told: Told
    day: str
    app: str
    look: str
    why: str


async def show(visit: Visit) -> Response:
    """Shows the newest requests that the address asks for, the newest first."""
    asked = sieve(visit.query)
    return visit.page(
        "traffic/listing.html",
        sieve=asked,
        statuses=STATUSES,
        rows=await _rows(visit, await _listed(visit, asked)),
        apps=await _apps(visit),
        process=await _process(visit),
        workers=visit.state.settings.workers,
        most=visit.state.settings.request_log,
    )


async def news(visit: Visit) -> Response:
    """The same requests as a piece of the page: those after one that it shows, or all anew where that is not known."""
    asked, after = sieve(visit.query), visit.query.get("after", "")
    listed = await _after(visit, asked, after) if after else None
    rows = await _rows(visit, await _listed(visit, asked) if listed is None else listed)
    process = await _process(visit)
    return shown("traffic/news.html", rows=rows, anew=listed is None, process=process, place=visit.place)


async def clear(visit: Visit) -> Response:
    """Forgets the requests of the portal."""
    await visit.ask("DELETE", "/requests", query=_own(visit))
    return visit.to(visit.place("requests", **sieve(visit.query).query()), "The requests are forgotten.")


def look(told: Told) -> str:
    """How a request is marked: `bad`, `good`, or `soft` for what is neither."""
    if told["status"] >= 400 or not told["status"] or told["errorCount"]:
        return "bad"
    return "good" if told["status"] < 300 else "soft"


def phrase(status: int) -> str:
    """A status in words."""
    try:
        return HTTPStatus(status).phrase if status else "no answer"
    except ValueError:
        return ""


def _own(visit: Visit) -> dict[str, object]:
    """Whose requests a person may see: those of the portal, and nobody's if they run the server."""
    return {"portal": visit.portal.id, **({"nobodys": "true"} if visit.runs else {})}


async def _process(visit: Visit) -> int:
    """Which process it is whose requests are shown."""
    number: int = (await visit.ask("GET", "/process"))["id"]
    return number


async def _listed(visit: Visit, asked: Sieve, **more: object) -> Sequence[Told]:
    """The requests, the newest last."""
    found: Sequence[Told] = (await visit.ask("GET", "/requests", query=asked.asked() | _own(visit) | more))["results"]
    return found


async def _after(visit: Visit, asked: Sieve, after: str) -> Sequence[Told] | None:
    """Those after one; None where it is not known any more, or more followed than are shown."""
    try:
        found = await _listed(visit, asked, after=after)
    except InvalidParameter:
        return None
    return found if len(found) < asked.limit else None


async def _rows(visit: Visit, listed: Sequence[Told]) -> list[Row]:
    """The requests as rows, the newest first."""
    today = moment(visit.state.clock.real())[:10]
    apps = await named(visit, (one["app"] for one in listed if one["app"]))
    return [
        Row(
            one,
            "" if one["at"].startswith(today) else one["at"][:10],
            apps.get(one["app"], "nobody"),
            look(one),
            _why(one),
        )
        for one in reversed(listed)
    ]


def _why(told: Told) -> str:
    """The first thing that was wrong, in a few words."""
    if told["error"]:
        head, part, entries = told["error"].partition(": [{")
        return _first(f"[{{{entries}") or head if part else told["error"]
    if told["status"] == 404 and told["route"] is None:
        return "There is no operation at this path."
    return f"There is no {told['method']} at this path." if told["status"] == 405 else ""


def _first(entries: str) -> str:
    """The message of the first of some entries in JSON, as the service puts them into a message."""
    try:
        return msgspec.json.decode(entries, type=list[_Entry])[0].message
    except msgspec.MsgspecError:
        return ""


class _Entry(Struct):
    message: str


async def _apps(visit: Visit) -> Mapping[int, str]:
    """The apps that sent requests to the portal lately."""
    log = visit.state.requests or ()
    return await named(visit, {one.app for one in log if one.app and one.portal == visit.portal.id})
