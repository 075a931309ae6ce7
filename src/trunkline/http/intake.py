"""What arrives on a connection before it is a request: the head, within limits of size and time.

uvicorn reads a head for as long as one comes, and keeps all of it. Here a URL or a head that is larger than any real
one is refused, and so is one that does not end; what is refused here has no correlation id, like any request that is
not HTTP at all.
"""

import asyncio
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_URL = 32 * 1024
LARGEST_HEAD = 64 * 1024
"""Bytes of the URL, and of the URL with all headers (chosen: differences)."""


class _TooLarge(Exception):
    """Stops the parser; the connection is told why by `Intake.send_400_response`."""


class Intake(HttpToolsProtocol):
    """One connection, as uvicorn serves it. `patience` is the seconds in which a head must arrive."""

    patience: ClassVar[float] = 30.0

    _begun = True
    _size = 0
    _timer: asyncio.TimerHandle | None = None
    _status = HTTPStatus.BAD_REQUEST
    url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected, and is to send a head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._begun = True
        self._size = 0

    def on_headers_complete(self) -> None:
        """A head is complete; one that is too large goes no further."""
        self._begun = False
        self._stop_waiting()
        self._require_size(len(self.url) + sum(len(name) + len(value) for name, value in self.headers))
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes arrived. While they belong to a head they are counted, since no header need ever end."""
        if self._begun:
            self._size += len(data)
        super().data_received(data)
        if self._begun and not self.transport.is_closing():
            self._await_more()
            try:
                self._require_size(self._size)
            except _TooLarge:
                self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Says why a request is refused that is none, and hangs up."""
        self._stop_waiting()
        text = (msg if self._status == HTTPStatus.BAD_REQUEST else self._status.phrase).encode()
        head = f"HTTP/1.1 {self._status.value} {self._status.phrase}\r\ncontent-length: {len(text)}\r\n"
        labels = "content-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + labels.encode() + text)
        self.transport.close()

    def _require_size(self, size: int) -> None:
        if len(self.url) > LONGEST_URL:
            self._status = HTTPStatus.REQUEST_URI_TOO_LONG
        elif size > LARGEST_HEAD:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        else:
            return
        raise _TooLarge

    def _await_more(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.patience, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
