"""Connecting to where an app is told, and to nowhere else: no private address, unless that is allowed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import Literal

import httpx

from trunkline.identity.app import LOOPBACK

Private = Literal["off", "loopback", "on"]

TRANSLATED = IPv6Network("64:ff9b::/96")
"""Addresses that stand for those of IPv4 (RFC 6052)."""


ALONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)


class Forbidden(httpx.TransportError):
    """The target is at an address to which nothing is delivered."""


def allowed_by(setting: Literal["auto", "off", "loopback", "on"], host: str) -> Private:
    """Which private addresses are delivered to by a server that listens on a host."""
    if setting != "auto":
        return setting
    return "loopback" if host in LOOPBACK or _is_loopback(host) else "off"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def may_reach(address: str, private: Private) -> bool:
    """Whether something may be delivered to an address."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        within = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in TRANSLATED:
            within = ip_address(int(ip) & 0xFFFF_FFFF)  # type: ignore[assignment]
        if within is not None:
            return may_reach(str(within), private)
    if ip.is_multicast or ip.is_unspecified:
        return False
    return ip.is_global or private == "on" or (private == "loopback" and ip.is_loopback)


class Ways:
    """Connections to one target: its name is looked up for each request, and only a checked address connected to.

    Each connection has a transport of its own, since one that has several looks at all of them for each request; and
    no client, which would see to redirects, cookies and proxies. The one that was used last is used next, so that there
    are no more than are needed.
    """

    def __init__(self, private: Private, context: Callable[[], ssl.SSLContext]) -> None:
        self._private = private
        self._context = context
        self._address = ""
        self._made: list[httpx.AsyncHTTPTransport] = []
        self._idle: list[httpx.AsyncHTTPTransport] = []

    @asynccontextmanager
    async def sent(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Sends a request, with its answer yet to be read; raises `Forbidden`, and `httpx.TransportError`."""
        host, scheme = request.url.host, request.url.scheme
        self._address = await self._checked(host, request.url.port or (443 if scheme == "https" else 80))
        if self._address != host:
            request.url = request.url.copy_with(host=self._address)
            request.extensions = {**request.extensions, "sni_hostname": host}
        way = self._idle.pop() if self._idle else self._make(scheme)
        try:
            answer = await way.handle_async_request(request)
            try:
                yield answer
            finally:
                await answer.aclose()
        finally:
            self._idle.append(way)

    def _make(self, scheme: str) -> httpx.AsyncHTTPTransport:
        verify = self._context() if scheme == "https" else False
        way = httpx.AsyncHTTPTransport(verify=verify, limits=ALONE, trust_env=False)
        self._made.append(way)
        return way

    async def _checked(self, host: str, port: int) -> str:
        """An address of the target: the one that was used last, while it is one."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
        except OSError as cause:
            raise httpx.ConnectError(f"{host} has no address") from cause
        good = [str(address[0]) for *_, address in found if may_reach(str(address[0]), self._private)]
        if not good:
            raise Forbidden("no address of the target may be delivered to")
        return self._address if self._address in good else good[0]

    async def close(self) -> None:
        """Closes the connections that are kept."""
        for way in self._made:
            await way.aclose()
