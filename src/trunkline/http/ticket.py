"""Links that work for a while without a token: all that is needed to follow one stands in it, under a seal of ours."""

import hmac
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.errors import LinkExpired, Refusal
from trunkline.http.call import Call, State
from trunkline.http.frame import JSON
from trunkline.wire import error

PLACE = "{ticket}"
"""What stands in the path of a kind of links for the ticket."""

_SEAL = re.compile(r"(.*)-([0-9a-f]{64})", re.ASCII | re.DOTALL)


def link(call: Call, path: str, kind: str, text: str) -> str:
    """The address of a new link; nothing of another kind is taken for it."""
    ticket = f"{text}-{call.state.gate.seal(f'{kind} {text}')}"
    return str(call.request.url.replace(path=path.replace(PLACE, ticket), query=""))


def opened(state: State, kind: str, ticket: str) -> str:
    """The text of a link of a kind that this server made; raises `LinkExpired` for any other."""
    found = _SEAL.fullmatch(ticket)
    if found is None or not hmac.compare_digest(found[2], state.gate.seal(f"{kind} {found[1]}")):
        raise LinkExpired
    return found[1]


def route(path: str, follow: Callable[[str], Awaitable[Response]]) -> Route:
    """The route of a kind of links; what `follow` raises for a ticket is told as the API tells it."""

    async def endpoint(request: Request) -> Response:
        try:
            return await follow(request.path_params["ticket"])
        except Refusal as refusal:
            body = error.body(refusal, request.scope["correlation_id"])
            return Response(body, refusal.status, {"content-type": JSON.decode()})

    return Route(path, endpoint)
