"""The control namespace `/_trunkline/…`, apart from the imitated API.

Health and the explanations of errors answer anyone; the rest asks for the secret that the server wrote into its lock,
and no API token opens it.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline import __version__, errors
from trunkline.clock import Clock
from trunkline.crm.catalog import shipped_types
from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, MalformedBody, RecordNotFound, Refusal
from trunkline.http.body import read_body
from trunkline.http.call import State
from trunkline.http.frame import JSON
from trunkline.http.gate import digest
from trunkline.store.protocol import Store, Token
from trunkline.wire import error

PREFIX = "/_trunkline"
SCOPE = r"^[A-Za-z0-9_.-]+$"
"""What a scope's name may be made of, as crm.objects.contacts.write and e-commerce."""

SECRET = "x-trunkline-secret"


class NewToken(Struct, frozen=True):
    """What `trunkline token create` asks for. Without a portal the default one is meant."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[Annotated[str, Meta(pattern=SCOPE)]], Meta(min_length=1, max_length=200)]
    portal: int | None = None


class Control:
    """The routes of the control namespace."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """The rows of the namespace."""
        return [
            Route(f"{PREFIX}/health", self.health),
            Route(f"{PREFIX}/errors/{{code}}", self.explain),
            Route(f"{PREFIX}/tokens", self.tokens, methods=["GET", "POST"]),
            Route(f"{PREFIX}/tokens/{{app}}", self.revoke, methods=["DELETE"]),
        ]

    async def health(self, request: Request) -> Response:
        """Whether requests are served, and by which version."""
        return _json({"status": "ok", "version": __version__})

    async def explain(self, request: Request) -> Response:
        """What one kind of error means and what to do about it; `links` in full errors lead here."""
        for kind in refusals():
            if error.code(kind) == request.path_params["code"]:
                return _json(explanation(kind))
        return _refused(RecordNotFound(), request)

    async def tokens(self, request: Request) -> Response:
        """Lists the tokens, without their texts, or makes one, whose text is shown this once."""
        try:
            self._state.gate.require_secret(request.headers.get(SECRET))
            if request.method == "POST":
                return await self._create(request)
            return _json({"results": [describe(token) for token in self._state.store.tokens()]})
        except Refusal as refusal:
            return _refused(refusal, request)

    async def _create(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await read_body(request, self._state.settings), type=NewToken)
        except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
            raise MalformedBody(f"Invalid input JSON: {cause}") from cause
        except ClientDisconnect:
            return Response(status_code=400)
        token, text = await issue(self._state.store, self._state.clock, asked)
        self._state.gate.admit(token)
        return _json(describe(token) | {"token": text}, 201)

    async def revoke(self, request: Request) -> Response:
        """Revokes the token of one app, at once and for good."""
        try:
            self._state.gate.require_secret(request.headers.get(SECRET))
            app = request.path_params["app"]
            if not (app.isdigit() and len(app) < 19 and await self._state.store.revoke(int(app))):
                raise RecordNotFound
        except Refusal as refusal:
            return _refused(refusal, request)
        self._state.gate.dismiss(int(app))
        return Response(status_code=204)


async def issue(store: Store, clock: Clock, asked: NewToken) -> tuple[Token, str]:
    """Keeps a new token and returns it with its text, which is nowhere else; raises `InvalidParameter`."""
    portals = store.portals()
    portal = portals[0] if asked.portal is None else asked.portal
    if portal not in portals:
        raise InvalidParameter("body", "portal")
    text = f"pat-local-{clock.secret()}"
    return await store.grant(portal, asked.name, digest(text), asked.scopes), text


def describe(token: Token) -> dict[str, object]:
    """A token as lists show it."""
    shown: dict[str, object] = {
        "app": token.app,
        "portal": token.portal,
        "name": token.name,
        "scopes": list(token.scopes),
        "createdAt": moment(token.created),
    }
    return shown if token.revoked is None else shown | {"revokedAt": moment(token.revoked)}


def known_scopes() -> list[str]:
    """Every scope that some operation of some object type asks for."""
    return sorted({scope for type_ in shipped_types() for scopes in type_.scopes.values() for scope in scopes})


def refusals() -> Iterable[type[Refusal]]:
    """Every kind of error that a client can meet, by status and name."""
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refusal))
    return sorted((kind for kind in kinds if kind.advice), key=lambda kind: (kind.status, error.code(kind)))


def explanation(kind: type[Refusal]) -> dict[str, object]:
    """One kind of error in words, from its own definition."""
    return {
        "code": error.code(kind),
        "status": kind.status,
        "category": kind.category,
        "subCategory": error.sub_category(kind),
        "meaning": " ".join((kind.__doc__ or "").split()),
        "advice": kind.advice,
    }


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, {"content-type": JSON.decode()})


def _refused(refusal: Refusal, request: Request) -> Response:
    body = error.body(refusal, request.scope["correlation_id"])
    return Response(body, refusal.status, {"content-type": JSON.decode()})
