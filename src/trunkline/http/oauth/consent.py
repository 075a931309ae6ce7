"""The page on which a person lets an app into a portal, or does not."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl, quote, urlsplit

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trunkline.errors import Refusal
from trunkline.http.body import read_body
from trunkline.http.call import State
from trunkline.http.guard import event
from trunkline.http.number import NUMBER
from trunkline.http.oauth.asking import terms
from trunkline.http.oauth.meaning import explained
from trunkline.http.oauth.pages import leading_to, render
from trunkline.http.oauth.visitor import Visitor, Visitors, form
from trunkline.http.scopes import offered
from trunkline.identity.consent import NO_CODE, NOT_YOURS, REPEATED, Consent, ConsentRefused, consent
from trunkline.identity.credential import Credential
from trunkline.identity.grants import Authority, Known
from trunkline.identity.moves import Moves
from trunkline.identity.portal import Portal

AUTHORIZE = "/oauth/authorize"
SIGN_IN = "/oauth/sign-in"
SIGN_OUT = "/oauth/sign-out"

MOST_FIELDS = 50

Page = Callable[[Request, Visitor], Awaitable[Response]]


class ConsentPages:
    """The routes of the page; the account may be in the path, as in HubSpot's links."""

    def __init__(self, state: State, visitors: Visitors) -> None:
        self._state = state
        self._visitors = visitors

    def routes(self) -> list[Route]:
        """The rows."""
        return [
            Route(path, self._endpoint(page), methods=[method])
            for path in (AUTHORIZE, f"/oauth/{{portal:{NUMBER}}}/authorize")
            for method, page in (("GET", self._show), ("POST", self._decide))
        ]

    def _endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            visitor = await self._visitors.of(request)
            if visitor.person is None:
                place = quote(request.url.path + ("?" + request.url.query if request.url.query else ""), safe="")
                return RedirectResponse(f"{SIGN_IN}?next={place}", 303, {"cache-control": "no-store"})
            try:
                return await page(request, visitor)
            except ClientDisconnect:
                return Response(status_code=400)
            except (ConsentRefused, Refusal) as cause:
                return refused_page(request, str(cause))

        return endpoint

    async def _show(self, request: Request, visitor: Visitor) -> Response:
        asked, portals = await self._asked(request, visitor)
        assert visitor.person is not None
        chosen = request.path_params.get("portal", portals[0].id if len(portals) == 1 else None)
        page = render(
            "consent.html",
            form_action=leading_to(asked.redirect_uri),
            app_name=asked.app.name,
            user_email=visitor.person.email,
            signed_in=not visitor.local,
            sign_out=None if visitor.local else SIGN_OUT,
            portals=portals,
            chosen=chosen,
            scopes=explained(asked.scopes),
            optional=explained(asked.optional),
            csrf=self._visitors.seal(visitor),
            action=f"{request.url.path}?{request.url.query}",
            destination=urlsplit(asked.redirect_uri).netloc or asked.redirect_uri,
        )
        return self._visitors.remember(page, request, visitor)

    async def _decide(self, request: Request, visitor: Visitor) -> Response:
        sent = form(await read_body(request, self._state.settings, "form"))
        self._visitors.require_own(request, visitor, sent.get("csrf", ""))
        asked, portals = await self._asked(request, visitor)
        if sent.get("decision") != "allow":
            return await self._deny(request, asked, visitor)
        for portal in portals:
            if str(portal.id) == sent.get("portal"):
                return await self._allow(request, asked, visitor, portal)
        raise ConsentRefused("Choose the account that the app shall be connected to.")

    async def _allow(self, request: Request, asked: Consent, visitor: Visitor, portal: Portal) -> Response:
        state = self._state
        assert visitor.person is not None
        scopes = offered((*asked.scopes, *asked.optional), portal)
        now, family = state.clock.now(portal.id), state.clock.identifier()
        holder = asked.granted(portal.id, visitor.person.id, now, family, scopes)
        authority = Authority(Known(app=asked.app), terms(state, portal.id))
        place = _location(authority, asked, holder)
        told = event(state, request, "consent.granted", holder, " ".join(holder.scopes))
        await state.accounts.keep(Moves(credentials=tuple(authority.new), events=(told,)))
        return _sent_to(place)

    async def _deny(self, request: Request, asked: Consent, visitor: Visitor) -> Response:
        state = self._state
        authority = Authority(Known(app=asked.app), terms(state, 0))
        place = _location(authority, asked, None)
        told = event(state, request, "consent.denied", detail=asked.app.name)
        state.trail.note(told)
        return _sent_to(place)

    async def _asked(self, request: Request, visitor: Visitor) -> tuple[Consent, Sequence[Portal]]:
        """What the app asks for, and the portals for which the person may answer; raises `ConsentRefused`."""
        try:
            fields = parse_qsl(request.url.query, max_num_fields=MOST_FIELDS)
        except ValueError as cause:
            raise ConsentRefused(REPEATED) from cause
        app = await self._state.accounts.client(dict(fields).get("client_id", ""))
        asked = consent(fields, app)
        wanted, person = request.path_params.get("portal"), visitor.person
        assert person is not None
        portals = [
            portal
            for portal in await self._state.accounts.portals()
            if person.may_decide_for(portal.id) and wanted in (None, portal.id)
        ]
        if not portals:
            raise ConsentRefused(NOT_YOURS)
        return asked, portals


def _location(authority: Authority, asked: Consent, holder: Credential | None) -> str:
    try:
        return authority.authorise(asked.fields, holder)
    except OAuth2Error as cause:
        raise ConsentRefused(NO_CODE) from cause


def _sent_to(place: str) -> Response:
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(status_code=303, headers=headers | {"location": place})


def refused_page(request: Request, message: str, status: int = 400) -> Response:
    """The page for what cannot be granted; it leads nowhere, since nobody knows who asked."""
    return render(
        "refused.html",
        status=status,
        title="Couldn't complete the connection",
        message=message,
        advice="Nothing was connected and nothing was changed.",
        correlation_id=request.scope["correlation_id"],
    )
