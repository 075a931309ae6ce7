"""Where a request comes from, as text, and what counts as one place."""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from typing import Any

PLACE_BITS = 64
"""The part of an IPv6 address that one customer of a network has at least: whoever has one has 2^64 of them."""


def client_address(scope: Mapping[str, Any]) -> str:
    """The address of the client of an ASGI scope; "" where there is none, as on a socket of the file system."""
    client = scope.get("client")
    return plain(str(client[0])) if client else ""


def plain(address: str) -> str:
    """An address as one writes it: one of IPv4 that came through a socket of IPv6 is one of IPv4."""
    parsed = _ipv6(address)
    mapped = parsed.ipv4_mapped if parsed is not None else None
    return str(mapped) if mapped is not None else address


def place(address: str) -> str:
    """What an address is counted by: itself, or the /64 of an IPv6 address. What is no address is counted as it is."""
    parsed = _ipv6(address)
    if parsed is None or parsed.ipv4_mapped is not None:
        return plain(address)
    return str(IPv6Network((int(parsed), PLACE_BITS), strict=False))


def _ipv6(address: str) -> IPv6Address | None:
    if ":" not in address:
        return None
    try:
        return IPv6Address(address)
    except AddressValueError:
        return None
