"""Files of the journal of webhooks: links that work for a few minutes without a token, and what they lead to.

A link has all that is needed to follow it, and a seal that this server alone can make. What the app may read is looked
up when it is followed.
"""

import hmac
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.errors import JournalEntryNotFound, LinkExpired, Refusal
from trunkline.http.call import Call, State
from trunkline.http.frame import JSON
from trunkline.http.hooks import apps
from trunkline.http.pulled import reach as reaching
from trunkline.http.pulled.journal import journal_of
from trunkline.identity.app import App
from trunkline.wire import error
from trunkline.wire import journal as wire

PATH = "/webhooks-journal/files/{ticket}"

LIFE = 15 * 60 * 1000
"""Milliseconds for which a link is good (chosen: differences)."""

_TICKET = re.compile(r"(\d{1,18})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,18})-([0-9a-f]{64})", re.ASCII)


def link(call: Call, app: App, offset: str, expires: int) -> str:
    """A new link to the file of an entry."""
    text = f"{app.id}-{offset}-{expires}"
    ticket = f"{text}-{call.state.gate.seal(f'entry {text}')}"
    return str(call.request.url.replace(path=PATH.format(ticket=ticket), query=""))


def routes(state: State) -> list[Route]:
    """The route of the links."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await _file(state, request.path_params["ticket"])
        except Refusal as refusal:
            body = error.body(refusal, request.scope["correlation_id"])
            return Response(body, refusal.status, {"content-type": JSON.decode()})
        return Response(body, headers={"cache-control": "no-store", "content-type": JSON.decode()})

    return [Route(PATH, endpoint)]


async def _file(state: State, ticket: str) -> bytes:
    """What a ticket leads to; raises `LinkExpired`."""
    found = _TICKET.fullmatch(ticket)
    if found is None or not hmac.compare_digest(found[4], state.gate.seal(f"entry {ticket[:-65]}")):
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
