"""Whether the server lives, and whether it is ready for requests: for those who start it, and send others to it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from trunkline import __version__
from trunkline.http.call import State
from trunkline.http.control.reply import json
from trunkline.store.protocol import StoreRefused

PATIENCE = 3.0
"""Seconds that the store has to say that it is ready."""

GOOD_FOR = 1.0
"""Seconds for which an answer of the store counts: anybody may ask, as often as they like."""

STOPPING = "The server is stopping."
SLOW = "The store does not answer."
BROKEN = "The store cannot be used."

log = structlog.get_logger(__name__)


async def health(request: Request) -> Response:
    """Tells that the server is up, and its version."""
    return json({"status": "ok", "version": __version__})


def readiness(state: State) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that tells whether the server takes requests: 200, or 503 with the reason."""
    knowledge = _Knowledge(state)

    async def ready(request: Request) -> Response:
        reason = STOPPING if state.stopping.is_set() else await knowledge.reason()
        if reason is None:
            return json({"status": "ready"})
        return json({"status": "error", "message": reason}, 503)

    return ready


class _Knowledge:
    """What is known of the store. All who ask at once, or shortly after, are told of one look at it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._turn = asyncio.Lock()
        self._looked = float("-inf")
        self._reason: str | None = None

    async def reason(self) -> str | None:
        """Why the store is not ready; None when it is."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if now - self._looked >= GOOD_FOR:
                self._reason = await self._look()
                self._looked = asyncio.get_running_loop().time()
            return self._reason

    async def _look(self) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._state.store.ready()
        except StoreRefused as cause:
            return str(cause)
        except TimeoutError:
            return SLOW
        except Exception as cause:
            log.error("the store cannot be used", exc_info=cause)
            return BROKEN
        return None
