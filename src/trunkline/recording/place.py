"""Where a service is."""

import ipaddress

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
