"""Connecting to where an app is told, and to nowhere else: no private address, unless that is allowed."""

import asyncio
import ssl
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import Literal

import httpx

from trunkline.identity.app import LOOPBACK

Private = Literal["off", "loopback", "on"]

TRANSLATED = IPv6Network("64:ff9b::/96")
"""Addresses that stand for those of IPv4 (RFC 6052)."""


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


class Checked(httpx.AsyncBaseTransport):
    """Looks up the name of a target, and connects to an address of it that was checked and to no other.

    One is for the targets of one name: a connection that is kept is used again without looking at the name.
    """

    def __init__(self, private: Private, at_once: int, context: Callable[[], ssl.SSLContext]) -> None:
        self._private = private
        self._limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._context = context
        self._inner: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request; raises `Forbidden`, and `httpx.TransportError` when it cannot be sent."""
        host = request.url.host
        address = await self._address(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        if self._inner is None:
            verify = self._context() if request.url.scheme == "https" else False
            self._inner = httpx.AsyncHTTPTransport(verify=verify, limits=self._limits, trust_env=False)
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": host}
        return await self._inner.handle_async_request(request)

    async def _address(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
        except OSError as cause:
            raise httpx.ConnectError(f"{host} has no address") from cause
        good = [str(address[0]) for *_, address in found if may_reach(str(address[0]), self._private)]
        if not good:
            raise Forbidden("no address of the target may be delivered to")
        return good[0]

    async def aclose(self) -> None:
        """Closes the connections that are kept."""
        if self._inner is not None:
            await self._inner.aclose()
