"""Files of the journal of webhooks: links that work for a few minutes without a token, and what they lead to.

They are tickets (`trunkline.http.ticket`). What the app may read is looked up when one is followed.
"""

import re

from starlette.responses import Response
from starlette.routing import Route

from trunkline.errors import JournalEntryNotFound, LinkExpired
from trunkline.http import ticket
from trunkline.http.call import Call, State
from trunkline.http.frame import JSON
from trunkline.http.hooks import apps
from trunkline.http.pulled import reach as reaching
from trunkline.http.pulled.journal import journal_of
from trunkline.identity.app import App
from trunkline.wire import journal as wire

PATH = "/webhooks-journal/files/{ticket}"

LIFE = 15 * 60 * 1000
"""Milliseconds for which a link is good (chosen: differences)."""

KIND = "entry"

_ENTRY = re.compile(r"(\d{1,18})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,18})", re.ASCII)


def link(call: Call, app: App, offset: str, expires: int) -> str:
    """A new link to the file of an entry."""
    return ticket.link(call, PATH, KIND, f"{app.id}-{offset}-{expires}")


def routes(state: State) -> list[Route]:
    """The route of the links."""

    async def follow(sent: str) -> Response:
        body = await _file(state, ticket.opened(state, KIND, sent))
        return Response(body, headers={"cache-control": "no-store", "content-type": JSON.decode()})

    return [ticket.route(PATH, follow)]


async def _file(state: State, text: str) -> bytes:
    """What a link leads to; raises `LinkExpired`."""
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise LinkExpired
    app = await apps.found(state, int(found[1]))
    if app is None:
        raise LinkExpired
    reach = await reaching.of_app(state, app)
    journal = await journal_of(state, app, reach, list(reach))
    try:
        offset = journal.found(found[2])
    except JournalEntryNotFound as cause:
        raise LinkExpired from cause
    if int(found[3]) <= state.clock.now(offset.portal):
        raise LinkExpired
    bodies, published = await journal.read(offset)
    return wire.encode_file(found[2], bodies, published)
