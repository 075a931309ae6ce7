"""What surrounds every request: a correlation id, the headers that every answer has, and the last resort."""

from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trunkline.clock import Clock
from trunkline.errors import Unexpected
from trunkline.http.pages import without_token
from trunkline.wire import error

log = structlog.get_logger(__name__)

JSON = b"application/json;charset=utf-8"

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-credentials", b"false"),
    (b"vary", b"origin"),
)
"""Headers of every answer (behaviour 6.6)."""


class Frame:
    """The outermost layer. It also takes a trailing slash off the path, since real clients send one."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = self._clock.identifier()
        scope["correlation_id"] = correlation_id
        # The router takes this as the sign that somebody turns its 404 and 405 into answers.
        scope["app"] = self
        scope["path"] = scope["path"].rstrip("/") or "/"
        started = False

        async def framed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *_identity(correlation_id), *HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception as cause:
            path = without_token(scope["path"])
            log.error("unexpected failure", correlation_id=correlation_id, path=path, exc_info=cause)
            if not started:
                await _send_unexpected(framed, correlation_id)


def _identity(correlation_id: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers by which a request is found again, here and, under HubSpot's other names, in its tracing."""
    name = correlation_id.encode()
    trace = correlation_id.replace("-", "").upper().encode()
    return (b"x-hubspot-correlation-id", name), (b"x-request-id", name), (b"x-trace", trace)


async def _send_unexpected(send: Send, correlation_id: str) -> None:
    headers: list[tuple[bytes, Any]] = [(b"content-type", JSON)]
    body = error.body(Unexpected(), correlation_id)
    await send({"type": "http.response.start", "status": Unexpected.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
