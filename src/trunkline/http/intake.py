"""What arrives on a connection before it is a request, and who may have a connection at all.

uvicorn reads a head for as long as one comes and keeps all of it, makes a request of everything that is sent ahead, and
waits for ever for a client that sends half of something after its first answer. Here all of that has limits. What is
refused here has no correlation id, like any request that is not HTTP at all.
"""

import asyncio
from http import HTTPStatus
from typing import ClassVar, Literal

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from trunkline.http.address import place
from trunkline.http.crowd import Crowd, Verdict
from trunkline.http.frame import JSON
from trunkline.http.outflow import Outflow, drop
from trunkline.http.severing import TRANSPORT

LONGEST_URL = 32 * 1024
LARGEST_HEAD = 64 * 1024
"""Bytes of the URL, and of the URL with all headers (chosen: differences)."""

PIECE = 1024
"""Bytes that are parsed at once, but for those of a body whose length is announced: no more requests are made ahead of
the one that is answered than there is room for."""

PLAIN = b"text/plain; charset=utf-8"
TOO_MANY = b'{"status":"error","message":"There are too many connections. Close some, and try again."}'

Part = Literal["gap", "head", "body"]


class _TooLarge(Exception):
    """Stops the parser; the connection is told why by `Intake.send_400_response`."""


class _Valve(FlowControl):
    """Lets nothing more in while it is `shut`, whoever asks for it."""

    shut = False

    def resume_reading(self) -> None:
        if not self.shut:
            super().resume_reading()

    def turn(self, shut: bool) -> None:
        """Shuts or opens it."""
        if shut != self.shut:
            self.shut = shut
            (self.pause_reading if shut else self.resume_reading)()


class Intake(HttpToolsProtocol):
    """One connection, as uvicorn serves it. The class holds what is true of all, times in seconds.

    `patience` is the time in which what a client began must become a request, `idle_timeout` how long a connection may
    rest between two requests, and `write_timeout` how long a client may take nothing of its answer.
    """

    patience: ClassVar[float] = 30.0
    idle_timeout: ClassVar[float] = 5.0
    write_timeout: ClassVar[float] = 30.0
    refusal_timeout: ClassVar[float] = 1.0
    max_connections: ClassVar[int] = 1000
    max_client_connections: ClassVar[int] = 500
    crowd: ClassVar[Crowd] = Crowd()

    flow: _Valve
    url = b""
    _part: Part = "gap"
    _size = 0
    _due = 0
    _taken = 0
    _ahead = b""
    _status = HTTPStatus.BAD_REQUEST
    _last_words = b""
    _timer: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected, and is to send a head, unless it is one too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.flow = _Valve(self.transport)
        self.timeout_keep_alive = self.idle_timeout  # type: ignore[assignment]
        self._outflow = Outflow(self.transport, self.loop, self.write_timeout)
        self._place = place(self.client[0]) if self.client else ""
        self._verdict: Verdict = self.crowd.enter(self._place, self.max_connections, self.max_client_connections)
        if self._verdict == "admitted":
            self._await_more(self.patience)
        else:
            self._turn_away()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_waiting()
        self._outflow.stop()
        self.crowd.leave(self._place, self._verdict)
        if self._running is not None:
            # uvicorn tells the newest request only, and what answers this one would fail at a transport that is gone.
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived. What a client sends ahead of its answers is kept as bytes, and no more of it is read."""
        if self._verdict != "admitted":
            self._hang_up(_answer(HTTPStatus.SERVICE_UNAVAILABLE, JSON, TOO_MANY))
        elif len(data) > PIECE or self.pipeline or self._ahead:
            self._parse(self._ahead + data)
        elif not self._last_words:
            self._feed(data)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]
        self._stop_waiting()
        self._part = "head"
        self._size = 0

    def on_headers_complete(self) -> None:
        """A head is complete; one that is too large goes no further."""
        self._stop_waiting()
        self._require_size(len(self.url) + sum(len(name) + len(value) for name, value in self.headers))
        super().on_headers_complete()
        self._part = "body"
        self._due += 1
        self._taken = 0

    def on_body(self, body: bytes) -> None:
        """A part of a body arrived."""
        self._taken += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete, and the next one may begin."""
        self._part = "gap"
        self._size = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered. What was sent ahead comes next, and a client that sent half of it is waited for."""
        super().on_response_complete()
        self._due -= 1
        if self.transport.is_closing():
            return
        if self._ahead:
            self._parse(self._ahead)
        if self._due:
            return
        if self._last_words:
            self._hang_up(self._last_words)
        elif self._part != "gap":
            self._await_more(self.patience)

    def send_400_response(self, msg: str) -> None:
        """Says why a request is refused that is none, and hangs up, after what was asked before is answered."""
        self._stop_waiting()
        text = msg if self._status == HTTPStatus.BAD_REQUEST else self._status.phrase
        self._last_words = _answer(self._status, PLAIN, text.encode())
        if self._part == "body" and self._due:
            # The newest request is the one that broke: it will never be whole, and these words are its answer.
            self._due -= 1
            if self.pipeline:
                self.pipeline.popleft()
        if not self._due:
            self._hang_up(self._last_words)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _should_upgrade_to_ws(self) -> bool:
        """Never: a connection that another protocol takes over would not be counted off any more."""
        return False

    def _parse(self, data: bytes) -> None:
        """Parses bytes until a request has to wait for another one's answer, and keeps the others unread."""
        start = 0
        while start < len(data) and not (self.pipeline or self._last_words or self.transport.is_closing()):
            end = start + max(PIECE, self._announced)
            self._feed(data[start:end])
            start = end
        self._ahead = b"" if self._last_words else data[start:]
        self.flow.turn(shut=bool(self._ahead or self._last_words))

    @property
    def _announced(self) -> int:
        """Bytes that are yet to come of a body, as far as its head tells: no other request begins among them."""
        if self._part != "body":
            return 0
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        return int(length) - self._taken if length.isdigit() else 0

    def _feed(self, data: bytes) -> None:
        """Parses some bytes. While they belong to a head they are counted, since no header need ever end."""
        if self._part != "body":
            self._size += len(data)
        super().data_received(data)
        if self._last_words or self.transport.is_closing():
            return
        if not self._due:
            self._await_more(self.patience)
        if self._part != "body":
            try:
                self._require_size(self._size)
            except _TooLarge:
                self.send_400_response("")

    def _require_size(self, size: int) -> None:
        if len(self.url) > LONGEST_URL:
            self._status = HTTPStatus.REQUEST_URI_TOO_LONG
        elif size > LARGEST_HEAD:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        else:
            return
        raise _TooLarge

    def _turn_away(self) -> None:
        """Waits for the request, since a client that is still sending would lose the answer with the connection."""
        self.connections.discard(self)
        if self._verdict == "dropped":
            drop(self.transport)
        else:
            self._await_more(self.refusal_timeout)

    def _hang_up(self, last_words: bytes) -> None:
        self._stop_waiting()
        self.transport.write(last_words)
        self.transport.close()

    def _await_more(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _answer(status: HTTPStatus, content_type: bytes, text: bytes) -> bytes:
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: {len(text)}\r\ncontent-type: "
    return head.encode() + content_type + b"\r\nconnection: close\r\n\r\n" + text
