"""Files of exports: links that work for a few minutes without a token, and what they lead to.

A link has all that is needed to follow it, and a seal that this server alone can make.
"""

import hmac
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from trunkline.errors import LinkExpired, Refusal
from trunkline.http.call import Call, State
from trunkline.http.exporting import unpack
from trunkline.http.frame import JSON
from trunkline.store.protocol import Job
from trunkline.wire import error
from trunkline.wire.exports import content

PATH = "/exports/{ticket}"

LIFE = 5 * 60 * 1000
"""Milliseconds for which a link is good (behaviour 15.11)."""

AT_ONCE = 10
"""Pieces of a file that are read in one go."""

_TICKET = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})-([0-9a-f]{64})", re.ASCII)


def link(call: Call, job: Job) -> str:
    """A new link to the file of an export that is done."""
    text = f"{job.portal}-{job.id}-{call.now() + LIFE}"
    ticket = f"{text}-{call.state.gate.seal(f'export {text}')}"
    return str(call.request.url.replace(path=PATH.format(ticket=ticket), query=""))


def routes(state: State) -> list[Route]:
    """The route of the links."""

    async def endpoint(request: Request) -> Response:
        try:
            job = await _job(state, request.path_params["ticket"])
        except Refusal as refusal:
            body = error.body(refusal, request.scope["correlation_id"])
            return Response(body, refusal.status, {"content-type": JSON.decode()})
        name = quote(unpack(job.asked).export.name[:200] or "export", safe="")
        headers = {
            "content-disposition": f"attachment; filename=\"export.csv\"; filename*=UTF-8''{name}.csv",
            "cache-control": "no-store",
        }
        return StreamingResponse(_pieces(state, job), headers=headers, media_type="text/csv")

    return [Route(PATH, endpoint)]


async def _job(state: State, ticket: str) -> Job:
    """The export that a ticket leads to; raises `LinkExpired`."""
    found = _TICKET.fullmatch(ticket)
    if found is None or not hmac.compare_digest(found[4], state.gate.seal(f"export {ticket[:-65]}")):
        raise LinkExpired
    job = await state.store.jobs.get(int(found[1]), found[2])
    if int(found[3]) <= state.clock.now(int(found[1])) or job is None or job.state != "COMPLETE":
        raise LinkExpired
    return job


async def _pieces(state: State, job: Job) -> AsyncIterator[bytes]:
    for first in range(0, job.chunk, AT_ONCE):
        for kept in await state.store.jobs.some_outcomes(job.portal, job.id, first, AT_ONCE):
            yield content(kept)
