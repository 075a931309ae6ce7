"""Files of exports: links that work for a few minutes without a token, and what they lead to.

They are tickets (`trunkline.http.ticket`).
"""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from trunkline.errors import LinkExpired
from trunkline.http import ticket
from trunkline.http.call import Call, State
from trunkline.http.exporting import unpack
from trunkline.store.protocol import Job
from trunkline.wire.exports import content

PATH = "/exports/{ticket}"

LIFE = 5 * 60 * 1000
"""Milliseconds for which a link is good (behaviour 15.11)."""

AT_ONCE = 10
"""Pieces of a file that are read in one go."""

KIND = "export"

_EXPORT = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,18})", re.ASCII)


def link(call: Call, job: Job) -> str:
    """A new link to the file of an export that is done."""
    return ticket.link(call, PATH, KIND, f"{job.portal}-{job.id}-{call.now() + LIFE}")


def routes(state: State) -> list[Route]:
    """The route of the links."""

    async def follow(sent: str) -> Response:
        job = await _job(state, ticket.opened(state, KIND, sent))
        name = quote(unpack(job.asked).export.name[:200] or "export", safe="")
        headers = {
            "content-disposition": f"attachment; filename=\"export.csv\"; filename*=UTF-8''{name}.csv",
            "cache-control": "no-store",
        }
        return StreamingResponse(_pieces(state, job), headers=headers, media_type="text/csv")

    return [ticket.route(PATH, follow)]


async def _job(state: State, text: str) -> Job:
    """The export that a link leads to; raises `LinkExpired`."""
    found = _EXPORT.fullmatch(text)
    if found is None:
        raise LinkExpired
    job = await state.store.jobs.get(int(found[1]), found[2])
    if int(found[3]) <= state.clock.now(int(found[1])) or job is None or job.state != "COMPLETE":
        raise LinkExpired
    return job


async def _pieces(state: State, job: Job) -> AsyncIterator[bytes]:
    for first in range(0, job.chunk, AT_ONCE):
        for kept in await state.store.jobs.some_outcomes(job.portal, job.id, first, AT_ONCE):
            yield content(kept)
