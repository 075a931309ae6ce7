"""Where a service is."""

import ipaddress
import socket

import httpx

from trunkline.load.stopped import Stopped


def place_of(text: str, option: str) -> httpx.URL:
    """The URL of a service; raises `Stopped` that names the option unless it is http or https, a host and no more."""
    try:
        url = httpx.URL(text.rstrip("/"))
    except httpx.InvalidURL as cause:
        raise Stopped(f"{option} {text}: {cause}.") from cause
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise Stopped(f"{option} {text}: write a URL such as https://api.hubapi.com.")
    return url


def is_this_machine(url: httpx.URL) -> bool:
    """Whether a URL leads to this machine and no other."""
    try:
        return ipaddress.ip_address(url.host.strip("[]")).is_loopback
    except ValueError:
        return url.host == "localhost"


def require_elsewhere(url: httpx.URL, port: int) -> None:
    """Raises `Stopped` when a URL leads to this machine and the port on which its requests would come from."""
    own = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = socket.getaddrinfo(url.host, own, type=socket.SOCK_STREAM) if own == port else []
    except OSError:
        return
    if any(ipaddress.ip_address(address[0]).is_loopback for *_, address in found):
        raise Stopped(f"{url} leads back here, as by a hosts file: nobody would ever answer.")
