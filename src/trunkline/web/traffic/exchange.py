"""One request of the log: what was sent and answered, why, what it changed, and how to send it again."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.bench.exchange import Exchange, Message
from trunkline.crm.warning import MISTAKES
from trunkline.errors import RecordNotFound
from trunkline.stopwatch import STEPS, Step
from trunkline.web.people import named
from trunkline.web.traffic.cause import causes, remarks
from trunkline.web.traffic.content import content
from trunkline.web.traffic.listing import look, phrase
from trunkline.web.traffic.repeat import repeat
from trunkline.web.visit import Visit

MOST_CHANGES = 50
"""Changes that a page shows."""

DONE: Mapping[Step, str] = {
    "auth": "letting it in",
    "read": "receiving its body",
    "decode": "reading the body",
    "check": "checking it",
    "wait": "waiting for a turn",
    "find": "finding records",
    "plan": "planning",
    "apply": "writing",
    "commit": "keeping it",
    "render": "making the answer",
}
"""What the steps of a request are for."""


class Spent(Struct, frozen=True):
    """A step: its name, what it is for, the milliseconds, and how many percent of the request they are."""

    name: str
    what: str
    time: float
    share: float


async def show(visit: Visit) -> Response:
    """Shows a request that the path names."""
    found = await _found(visit)
    if found is None:
        return visit.page("traffic/forgotten.html", status=404, workers=visit.state.settings.workers)
    told, one = found
    return visit.page(
        "traffic/exchange.html",
        one=told,
        look=look(told),
        phrase=phrase(one.status),
        app=(await named(visit, [one.app]))[one.app] if one.app else "nobody",
        causes=causes(one),
        remarks=list(remarks(one)),
        mistakes=MISTAKES,
        steps=_steps(told["steps"], told["duration"]),
        changes=told["changes"][:MOST_CHANGES],
        sides=[("request", "Request", told["request"], content(one.request)), _answer(told, one)],
        unread=_unread(one),
        again=repeat(one, visit.server),
    )


async def save(visit: Visit) -> Response:
    """Sends a body as a file, as it was sent."""
    found, side = await _found(visit), visit.path["side"]
    if found is None or side not in ("request", "answer"):
        raise HTTPException(404)
    message: Message = getattr(found[1], side)
    headers = {
        "content-type": "application/octet-stream",
        "content-disposition": f'attachment; filename="{content(message).file}"',
        "cache-control": "no-store",
    }
    return Response(message.body, 200, headers)


async def _found(visit: Visit) -> tuple[Mapping[str, Any], Exchange] | None:
    """The request that the path names, if the log has it still and the person may see it."""
    try:
        told = await visit.ask("GET", visit.verb("requests", visit.path["id"]))
    except RecordNotFound:
        return None
    log, portal = visit.state.requests, told["portal"]
    one = log.find(visit.path["id"]) if log is not None else None
    may = portal == visit.portal.id or (portal is None and visit.runs)
    return (told, one) if may and one is not None else None


def _unread(one: Exchange) -> bool:
    """Whether the client sent a body that was not received, since the request was refused before."""
    sent = {name.lower(): value for name, value in one.request.headers}
    return not one.request.size and (sent.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in sent)


def _answer(told: Mapping[str, Any], one: Exchange) -> tuple[str, str, Mapping[str, Any], object]:
    return "answer", "Answer", told["answer"], content(one.answer)


def _steps(steps: Mapping[str, float], duration: float) -> Sequence[Spent]:
    """The steps in the order of the line; what took no time that can be told is left out."""
    return [
        Spent(step, DONE[step], steps[step], round(100 * steps[step] / duration, 2) if duration else 0)
        for step in STEPS
        if steps.get(step)
    ]
