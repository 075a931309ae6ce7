"""The page on which a person signs in, where a server is not for its own machine alone."""

import asyncio
import re
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.errors import Refusal
from trunkline.http.body import read_body
from trunkline.http.call import State
from trunkline.http.guard import address, event
from trunkline.http.oauth.consent import SIGN_IN, SIGN_OUT, refused_page
from trunkline.http.oauth.pages import render
from trunkline.http.oauth.visitor import SESSION, Visitor, Visitors, form
from trunkline.identity.credential import Credential, digest
from trunkline.identity.moves import Moves
from trunkline.identity.person import LONGEST_PASSWORD, Person, matches

HOME = "/"
"""Where a person goes who came for nothing in particular."""

WITHIN = "%/:?#[]@!$&'()*+,;=~"
"""What may stand in a place as it is."""

MOST_CHECKED = 2
"""Passwords that are checked at once: each takes a processor and 64 MiB for a while."""


class SigningPages:
    """The routes of the page."""

    def __init__(self, state: State, visitors: Visitors) -> None:
        self._state = state
        self._visitors = visitors
        self._turns = asyncio.Semaphore(MOST_CHECKED)

    def routes(self) -> list[Route]:
        """The rows."""
        return [
            Route(SIGN_IN, self.show),
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route(SIGN_OUT, self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Asks for address and password."""
        return await self._page(request, await self._visitors.of(request), email="", failed=False)

    async def _page(self, request: Request, visitor: Visitor, *, email: str, failed: bool) -> Response:
        page = render(
            "sign_in.html",
            status=401 if failed else 200,
            action=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            csrf=self._visitors.seal(visitor),
            email=email,
            failed=failed,
            no_users=not any(one.password and not one.removed for one in await self._state.accounts.people()),
        )
        return self._visitors.remember(page, request, visitor)

    async def sign_in(self, request: Request) -> Response:
        """Lets a person in who knows their password, and shows them what they came for."""
        visitor = await self._visitors.of(request)
        try:
            sent = form(await read_body(request, self._state.settings, "form"))
            self._visitors.require_own(request, visitor, sent.get("csrf", ""))
            person = await self._known(request, sent.get("email", ""), sent.get("password", ""))
        except ClientDisconnect:
            return Response(status_code=400)
        except Refusal as refusal:
            return refused_page(request, refusal.message, refusal.status)
        if person is None:
            return await self._page(request, visitor, email=sent.get("email", ""), failed=True)
        response = _sent_on(request.query_params.get("next", ""))
        return self._visitors.remember(response, request, await self._let_in(request, person, visitor))

    async def _known(self, request: Request, email: str, password: str) -> Person | None:
        """The person, or None after a pause that grows for who tries again and again; raises `TooManyFailures`."""
        person = await self._state.accounts.addressee(email)
        async with self._turns:
            self._state.brake.require(address(request))
            good = await asyncio.to_thread(matches, person, password[:LONGEST_PASSWORD])
        if good:
            return person
        user = person.id if person is not None else 0
        self._state.trail.note(
            event(self._state, request, "sign_in_refused", Credential(digest=b"", kind="session", user=user, created=0))
        )
        await self._state.brake.failed(address(request))
        if user:
            await self._state.brake.failed(f"user {user}")
        return None

    async def _let_in(self, request: Request, person: Person, visitor: Visitor) -> Visitor:
        """The visitor under a new name: the one of before may be known to somebody else."""
        text, now = self._state.clock.secret(), self._state.clock.now()
        held = Credential(digest=digest(text), kind="session", user=person.id, created=now, expires=now + SESSION)
        told = event(self._state, request, "signed_in", held)
        await self._state.accounts.keep(Moves(credentials=(held,), end=_ended(visitor), events=(told,)))
        return Visitor(text, person, held)

    async def sign_out(self, request: Request) -> Response:
        """Forgets who is at this browser."""
        visitor = await self._visitors.of(request)
        try:
            sent = form(await read_body(request, self._state.settings, "form"))
            self._visitors.require_own(request, visitor, sent.get("csrf", ""))
        except ClientDisconnect:
            return Response(status_code=400)
        except Refusal as refusal:
            return refused_page(request, refusal.message, refusal.status)
        if visitor.credential is not None:
            told = event(self._state, request, "signed_out", visitor.credential)
            await self._state.accounts.keep(Moves(end=_ended(visitor), events=(told,)))
        return _sent_on(SIGN_IN)


def _ended(visitor: Visitor) -> tuple[bytes, ...]:
    return (visitor.credential.digest,) if visitor.credential is not None else ()


def _sent_on(place: str) -> Response:
    """To a page of ours, whatever is asked for: nobody is sent elsewhere from here."""
    own = re.match(r"/(oauth/|portal/|docs\b)", place) is not None and place.isprintable() and "\\" not in place
    headers = {"location": quote(place, safe=WITHIN) if own else HOME, "cache-control": "no-store"}
    return Response(status_code=303, headers=headers)
