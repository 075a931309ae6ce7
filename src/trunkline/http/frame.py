"""What surrounds every request: a correlation id, the headers that every answer has, and the last resort."""

from logging import DEBUG, WARNING
from typing import Any

import structlog
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from trunkline.bench.exchange import Exchanges
from trunkline.clock import Clock
from trunkline.errors import Unexpected
from trunkline.http.gate import NOBODY, Caller
from trunkline.http.listening import Listener
from trunkline.http.measuring import Measures
from trunkline.http.pages import without_token
from trunkline.http.severing import SEVERED, STRUCK
from trunkline.stopwatch import Stopwatch, start, stop
from trunkline.wire import error

log = structlog.get_logger(__name__)

JSON = b"application/json;charset=utf-8"

OWN = "/_trunkline"
"""Where the control namespace is."""

UNKEPT = (OWN, "/portal", "/web/", "/face/")
"""How paths begin of which no request is kept: those of the operator, and of the pages that show what is kept."""

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-credentials", b"false"),
    (b"vary", b"origin"),
)
"""Headers of every answer (behaviour 6.6)."""


class Frame:
    """The outermost layer. It also takes a trailing slash off the path, since real clients send one."""

    def __init__(
        self, app: ASGIApp, clock: Clock, measures: Measures | None = None, requests: Exchanges | None = None
    ) -> None:
        self._app = app
        self._clock = clock
        self._measures = measures or Measures()
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["correlation_id"] = self._clock.identifier()
        # The router takes this as the sign that somebody turns its 404 and 405 into answers.
        scope["app"] = self
        scope["path"] = scope["path"].rstrip("/") or "/"
        watch = Stopwatch(self._clock.ticks)
        listener = None
        if self._requests is not None and not scope["path"].startswith(UNKEPT) and scope["path"] != "/":
            listener = Listener(scope, self._clock.real())
            receive = listener.hearing(receive)
        running, bound = start(watch), bind_contextvars(correlation_id=scope["correlation_id"])
        try:
            status = await self._serve(scope, receive, send, listener)
            self._tell(scope, status, watch, listener)
            if SEVERED in scope:
                raise scope[SEVERED]
        finally:
            if listener is not None:
                listener.stop()
            reset_contextvars(**bound)
            stop(running)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, listener: Listener | None) -> int:
        """Has the request answered, and returns with which status; 0 when the client hung up."""
        status, marks = 0, [*_identity(scope["correlation_id"]), *HEADERS]

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *marks]
            if listener is not None:
                listener.sent(message)
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception as cause:
            log.error("unexpected failure", path=without_token(scope["path"]), exc_info=cause)
            if not status:
                await _send_unexpected(framed, scope["correlation_id"])
        return status

    def _tell(self, scope: Scope, status: int, watch: Stopwatch, listener: Listener | None) -> None:
        """Measures the request, keeps it, and writes a line that has no more of its path than the route's template."""
        spent = self._clock.ticks() - watch.began
        route = scope.get("route")
        template = route.path if isinstance(route, Route) else None
        self._measures.answered(template, scope["method"], status, spent / 1e9)
        self._measures.spent(watch.spent)
        if listener is not None and self._requests is not None:
            listener.tell(self._requests, status, template, spent, watch)
        level = WARNING if status >= 500 else DEBUG
        if log.is_enabled_for(level):
            log.log(level, "request", **_line(scope, template, status, spent, watch))


def _line(scope: Scope, template: str | None, status: int, spent: int, watch: Stopwatch) -> dict[str, object]:
    """What the log has of a request; durations are milliseconds."""
    caller: Caller = scope.get("caller", NOBODY)
    fault = {STRUCK: scope[STRUCK]} if STRUCK in scope else {}
    return {
        "method": scope["method"],
        "route": template,
        "status": status,
        "portal": caller.portal or None,
        "app": caller.app or None,
        "duration": round(spent / 1e6, 2),
        "steps": {step: round(time / 1e6, 2) for step, time in watch.spent.items()},
        **fault,
    }


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
