"""The person at a browser: whether they must sign in, who they are, and that a form came from our own page."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http.call import State
from trunkline.identity.credential import Credential, digest
from trunkline.identity.person import OWNER, Person
from trunkline.wire import oauth as wire

COOKIE = "trunkline_session"
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers of a proxy."""

SESSION = 12 * 3_600_000
"""Milliseconds after which a person signs in again."""


class ForgedForm(Refusal):
    """A form that did not come from a page of this server."""


class Visitor(Struct, frozen=True):
    """A browser: the text of its cookie, and the person who is signed in with it."""

    text: str
    person: Person | None
    credential: Credential | None = None
    local: bool = False


class Visitors:
    """Recognises visitors."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of(self, request: Request) -> Visitor:
        """Who it is. On a server for this machine alone everybody is the owner."""
        text = request.cookies.get(COOKIE) or self._state.clock.secret()
        accounts = self._state.accounts
        if not self.must_sign_in(request):
            return Visitor(text, await accounts.person(OWNER), local=True)
        held = await accounts.credential(digest(text))
        if held is None or held.kind != "session" or not held.good(self._state.clock.now()):
            return Visitor(text, None)
        return Visitor(text, await accounts.person(held.user), held)

    def must_sign_in(self, request: Request) -> bool:
        """Not on a server that listens on loopback, for who calls it by a loopback name, with nobody in between.

        By another name comes who reaches it through a proxy, or a page of somebody else's whose name leads here. A
        proxy may give it a loopback name, too: most tell of themselves, or speak HTTP/1.0, as no browser does.
        """
        settings = self._state.settings
        passed_on = request.scope.get("http_version") == "1.0" or any(name in request.headers for name in PASSED_ON)
        alone = is_loopback(settings.host) and is_loopback(_host(request))
        return settings.sign_in == "always" or passed_on or not alone

    def seal(self, visitor: Visitor) -> str:
        """What a form carries so that it is known to come from a page that this visitor was shown."""
        return self._state.gate.seal(f"form {visitor.text}")

    def require_own(self, request: Request, visitor: Visitor, sealed: str) -> None:
        """Raises `ForgedForm` for a form of another site's, or of another visitor's."""
        origin = request.headers.get("origin")
        same = urlsplit(origin).netloc == request.headers.get("host") if origin is not None else True
        if not same or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise ForgedForm("This form came from another site. Nothing was done.")
        if not hmac.compare_digest(self.seal(visitor).encode(), sealed.encode()):
            raise ForgedForm("This page is out of date. Open it again.")

    def remember(self, response: Response, request: Request, visitor: Visitor) -> Response:
        """The response, with which the browser is known when it comes again."""
        tls = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        response.set_cookie(COOKIE, visitor.text, path="/", secure=tls, httponly=True, samesite="lax")
        return response


def _host(request: Request) -> str:
    """The name that the server was called by; empty for what is none."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether an address or a name leads to this machine, whoever is asked."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def form(body: bytes) -> dict[str, str]:
    """The fields of a page's form."""
    return dict(wire.fields(body))
