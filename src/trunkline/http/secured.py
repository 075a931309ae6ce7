"""TLS around a connection, so that all limits of the intake are those of the connection itself.

The event loop's own TLS tells of a connection only when its handshake is done, and of what waits to be sent only the
part that is not yet encrypted: who never ends a handshake, or reads nothing, would be neither counted nor hung up on.
Here the intake has the connection from its first moment; the cipher is OpenSSL's, as there.
"""

import asyncio
import os
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import Any, cast

MOST_READ = 64 * 1024
"""Bytes that are decrypted at once."""


def context_of(certificate: str) -> ssl.SSLContext:
    """What a server with a certificate and key (PEM) speaks: TLS 1.2 or newer, and HTTP/1.1."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    # It is loaded from a file or not at all; this one is its owner's only and gone at once.
    with NamedTemporaryFile("w", delete=False) as file:
        file.write(certificate)
    try:
        context.load_cert_chain(file.name)
    finally:
        os.unlink(file.name)
    return context


def secured(make: Callable[..., asyncio.Protocol], context: ssl.SSLContext) -> Callable[..., "Secured"]:
    """What makes the same protocols, behind TLS."""
    return lambda *args, **kwargs: Secured(make(*args, **kwargs), context)


class Secured(asyncio.Protocol):
    """What a connection says is decrypted for the protocol `inside`, whose transport encrypts what it writes."""

    def __init__(self, inside: asyncio.Protocol, context: ssl.SSLContext) -> None:
        self._inside = inside
        self._arrived = ssl.MemoryBIO()
        self._leaving = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self._context = context
        self._open = False
        self._reading = True
        self._delivering = False
        self._ended = False
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected; the handshake is yet to come."""
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._inside.connection_made(_Covered(self, self._transport, self._context))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._ended = True
        self._inside.connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes less than it is sent."""
        self._inside.pause_writing()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._inside.resume_writing()

    def eof_received(self) -> bool | None:
        """The client sends no more."""
        return self._inside.eof_received()

    def data_received(self, data: bytes) -> None:
        """Something arrived: a part of the handshake, or what is for the protocol inside."""
        self._arrived.write(data)
        self._advance()

    def write(self, data: bytes) -> None:
        """Encrypts and sends; what is written before the handshake is done goes after it."""
        if not self._open:
            self._early += data
            return
        if self._transport.is_closing():
            return
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view) :]
        self._send()

    def close(self) -> None:
        """Says that no more comes, and closes the connection once all is taken."""
        if self._open and not self._transport.is_closing():
            # The client has yet to say the same, and is not waited for.
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._send()
        self._transport.close()

    def pause(self) -> None:
        """Delivers nothing, and reads no more."""
        self._reading = False
        self._transport.pause_reading()

    def resume(self) -> None:
        """Delivers what has arrived meanwhile, and goes on reading."""
        self._reading = True
        self._transport.resume_reading()
        asyncio.get_running_loop().call_soon(self._advance)

    def _advance(self) -> None:
        if self._ended or self._delivering:
            return
        self._delivering = True
        try:
            if self._open or self._shake_hands():
                self._deliver()
        except ssl.SSLWantReadError:
            self._send()
        except ssl.SSLError:
            # No TLS, none that both speak, or broken: OpenSSL has written why, as far as it can be said.
            self._send()
            self._transport.close()
        finally:
            self._delivering = False

    def _shake_hands(self) -> bool:
        self._tls.do_handshake()
        self._open = True
        self._send()
        if self._early:
            self.write(self._early)
            self._early = b""
        return True

    def _deliver(self) -> None:
        while self._reading and not self._transport.is_closing():
            data = self._tls.read(MOST_READ)
            if not data:
                self._inside.eof_received()
                self.close()
                return
            self._inside.data_received(data)

    def _send(self) -> None:
        if self._leaving.pending:
            self._transport.write(self._leaving.read())


class _Covered(asyncio.Transport):
    """The transport that the protocol inside has."""

    def __init__(self, secured: Secured, outside: asyncio.Transport, context: ssl.SSLContext) -> None:
        super().__init__({"sslcontext": context})
        self._secured = secured
        self._outside = outside

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection; that there is an `sslcontext` tells that it is encrypted."""
        own = super().get_extra_info(name)
        return self._outside.get_extra_info(name, default) if own is None else own

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends some bytes, encrypted."""
        self._secured.write(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Sends some bytes after the other."""
        self._secured.write(b"".join(list_of_data))

    def close(self) -> None:
        """Closes the connection when all is sent."""
        self._secured.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or will be."""
        return self._outside.is_closing()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._outside.abort()

    def pause_reading(self) -> None:
        """Lets nothing more in."""
        self._secured.pause()

    def resume_reading(self) -> None:
        """Lets more in."""
        self._secured.resume()

    def get_write_buffer_size(self) -> int:
        """Bytes that are encrypted and not sent."""
        return self._outside.get_write_buffer_size()
