"""What was measured, as Prometheus fetches it."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http.call import State
from trunkline.http.control.asked import admit
from trunkline.http.control.reply import refused
from trunkline.http.measuring import CONTENT_TYPE
from trunkline.http.sampling import sample
from trunkline.identity.credential import digest

HEADERS = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}


def metrics(state: State) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that tells what was measured, to who has the control secret or the token for just this."""

    async def show(request: Request) -> Response:
        try:
            if not _has_token(state, request):
                await admit(state, request, "metrics")
        except Refusal as refusal:
            return refused(refusal, request)
        await sample(state)
        return Response(await asyncio.to_thread(state.measures.text), headers=HEADERS)

    return show


def _has_token(state: State, request: Request) -> bool:
    """Whether the request has the token that the operator set; without one, nobody has it."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    token = state.settings.metrics_token
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(digest(text.strip()), digest(token))
