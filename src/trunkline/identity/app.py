"""An app: what calls the API. A private app belongs to one portal, an OAuth app is installed in many by people."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from trunkline.crm.record import Moment

SCOPE = r"^[A-Za-z0-9_.-]+$"
"""What a scope's name may be made of, as crm.objects.contacts.write and e-commerce."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


class App(Struct, frozen=True, kw_only=True):
    """One app. Without a `client_id` it is a private one, with a token of its own in its `portal`.

    An OAuth app asks for its `scopes`, and for the `optional_scopes` where they can be had; with a `portal` it may
    call that one with its own credentials. `id` is 0 until the store gave it one.
    """

    id: int = 0
    portal: int | None = None
    name: str
    client_id: str | None = None
    redirect_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    optional_scopes: tuple[str, ...] = ()
    created: Moment
    removed: Moment | None = None


def usable_redirect(uri: str) -> bool:
    """Whether an app may have codes sent to a URI: https, or http to this machine, or a scheme of an app's own.

    It must be complete, without a fragment, a user or anything that browsers read in two ways (RFC 9700, 4.1).
    """
    parts = complete(uri)
    if parts is None:
        return False
    host = parts.hostname
    if parts.scheme in ("https", "http"):
        return bool(host) and (parts.scheme == "https" or host in LOOPBACK)
    # A scheme of an app's own has a dot, as a domain read backwards (RFC 8252, 7.1): javascript and data have none.
    return "." in parts.scheme


def complete(uri: str) -> SplitResult | None:
    """The parts of a URI; None for one with a fragment, a user, or anything that is read in two ways."""
    if _CONTROL.search(uri) or "#" in uri or not uri.isascii():
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.username is not None or parts.password is not None else parts


def words(text: str | None) -> tuple[str, ...]:
    """A list of scopes from a text, parted by blanks or commas, each once."""
    return tuple(dict.fromkeys((text or "").replace(",", " ").split()))


def unknown(asked: Iterable[str], had: Sequence[str]) -> tuple[str, ...]:
    """Those of the scopes that are not among others."""
    return tuple(scope for scope in asked if scope not in had)
