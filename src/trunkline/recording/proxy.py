"""Passing requests on to another service and its answers back, exactly, with a case kept of each."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx
import msgspec
import uvicorn
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trunkline.recording.exchange import Exchange, case_of
from trunkline.recording.mask import Mask
from trunkline.recording.place import is_this_machine
from trunkline.recording.tape import Tape

HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that are for the next machine and no other (RFC 9110, 7.6.1)."""

OWN = HOP | {"host", "content-length", "expect", "accept-encoding"}
READABLE = frozenset({"gzip", "deflate", "identity"})
"""The compressions that a case can be made of; of what a client takes, no other is asked for."""

SECONDS = 300.0
STOP_SECONDS = 10

Headers = list[tuple[bytes, bytes]]


class Proxy:
    """What stands before the service at `upstream` (an ASGI application). `note` is told what could not be kept."""

    def __init__(
        self, upstream: httpx.URL, mask: Mask, tape: Tape, client: httpx.AsyncClient, note: Callable[[str], None]
    ) -> None:
        self._upstream = upstream
        self._mask = mask
        self._tape = tape
        self._client = client
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        incoming = Incoming(scope, receive)
        try:
            answer = await self._pass_on(incoming, await incoming.body())
        except ClientDisconnect:
            return
        except httpx.HTTPError as cause:
            answer = _refusal(f"{self._upstream} gave no whole answer: {str(cause) or type(cause).__name__}")
        await answer(scope, receive, send)

    async def _pass_on(self, incoming: Incoming, body: bytes) -> Response:
        target = incoming.scope["raw_path"].decode("latin-1")
        if query := incoming.scope["query_string"].decode("latin-1"):
            target += f"?{query}"
        url = self._upstream.copy_with(raw_path=(self._upstream.path.rstrip("/") + target).encode("latin-1"))
        request = httpx.Request(incoming.method, url, headers=_forwarded(incoming.headers.raw), content=body)
        response = await self._client.send(request, stream=True)
        try:
            raw = b"".join([piece async for piece in response.aiter_raw()])
        finally:
            await response.aclose()
        self._keep(incoming, target, body, response, raw)
        return _passed_back(response, raw)

    def _keep(self, incoming: Incoming, target: str, body: bytes, response: httpx.Response, raw: bytes) -> None:
        asked = httpx.Headers(incoming.headers.raw)
        exchange = Exchange(
            method=incoming.method,
            target=target,
            headers=asked,
            body=_plain(asked, body),
            status=response.status_code,
            answered=response.headers,
            answer=_plain(response.headers, raw),
        )
        source = f"recorded from {self._upstream}"
        try:
            self._tape.write(case_of(exchange, self._mask, self._tape.count + 1, source))
        except (OSError, RecursionError) as cause:
            # What was asked is done: the client must hear so, whatever becomes of the recording.
            self._note(f"An answer to {incoming.method} is not kept: {cause}")


async def serve(
    upstream: httpx.URL,
    listener: socket.socket,
    mask: Mask,
    tape: Tape,
    ready: Callable[[], None],
    note: Callable[[str], None],
    certificate: Path | None = None,
) -> None:
    """Passes on what comes to a socket until it is told to stop; requests in flight are finished.

    `certificate` is the file of a certificate and its key, if clients come by https.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    trust = not is_this_machine(upstream)
    async with httpx.AsyncClient(timeout=SECONDS, limits=limits, trust_env=trust) as client:
        config = uvicorn.Config(
            Proxy(upstream, mask, tape, client, note),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=certificate,
        )
        await _Server(config, ready).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of a request that are for the service."""
    named = _hops(headers)
    kept = [(name, value) for name, value in headers if name.lower().decode("latin-1") not in named | OWN]
    accepted = b", ".join(value for name, value in headers if name.lower() == b"accept-encoding").decode("latin-1")
    readable = [part for part in accepted.replace(" ", "").split(",") if part.partition(";")[0].lower() in READABLE]
    return [*kept, (b"accept-encoding", (", ".join(readable) or "identity").encode())]


def _passed_back(response: httpx.Response, raw: bytes) -> Response:
    """The answer as it came, but for what was between the proxy and the service only."""
    named = _hops(response.headers.raw)
    answer = Response(raw, response.status_code)
    answer.raw_headers = [
        (name.lower(), value) for name, value in response.headers.raw if name.lower().decode("latin-1") not in named
    ]
    return answer


def _hops(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[str]:
    """The headers that are for the next machine, those among them that `Connection` names."""
    named = b",".join(value for name, value in headers if name.lower() == b"connection").decode("latin-1")
    return HOP | {name.strip().lower() for name in named.split(",")}


def _plain(headers: httpx.Headers, body: bytes) -> bytes:
    """A body without its compression; as it came when that is broken, which is then no JSON."""
    kept = {name: value for name, value in headers.items() if name == "content-encoding"}
    try:
        return httpx.Response(200, headers=kept, content=body).content
    except httpx.DecodingError:
        return body


def _refusal(message: str) -> Response:
    body = msgspec.json.encode({"status": "error", "message": f"{message}.", "category": "PROXY"})
    return Response(body, 502, media_type="application/json")
