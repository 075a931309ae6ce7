"""What the operator asks of the control namespace."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from trunkline.errors import InvalidParameter, MalformedBody, RecordNotFound, Unauthenticated
from trunkline.http.call import State
from trunkline.http.guard import event, hold_back
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event, EventKind

T = TypeVar("T")

SECRET = "x-trunkline-secret"
"""The header with the secret that opens the namespace."""

PLAIN = "^[^\\x00-\\x1f\\x7f\\u202a-\\u202e\\u2066-\\u2069]*$"
"""What is shown to people as a name: nothing that breaks a line or turns the text around it."""


class Asked(Struct, frozen=True):
    """A request of the operator's, who proved to be one, or of a person at a page, whose number is in `by`."""

    state: State
    request: Request
    body: bytes
    by: int = 0

    def read(self, kind: type[T]) -> T:
        """The body as what it should be; raises `MalformedBody`."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
            raise MalformedBody(f"Invalid input JSON: {cause}") from cause

    @property
    def id(self) -> int:
        """The number in the path; raises `RecordNotFound` for anything else."""
        text = self.request.path_params["id"]
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise RecordNotFound
        return int(text)

    def number(self, name: str, default: int) -> int:
        """A number in the query; raises `InvalidParameter` for anything else."""
        text = self.request.query_params.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise InvalidParameter("query", name)
        return int(text)

    def event(self, kind: EventKind, *, portal: int = 0, app: int = 0, user: int = 0, detail: str = "") -> Event:
        """An entry of the audit trail about it, which names the person who asked."""
        if self.by:
            detail = f"{detail}, by {self.by}".removeprefix(", ")
        holder = Credential(digest=b"", kind="session", portal=portal, app=app, user=user, created=0)
        return event(self.state, self.request, kind, holder, detail)

    async def own_portal(self) -> int:
        """The portal that the path names; raises `RecordNotFound` when it is not there."""
        if self.id not in await self.state.store.portals():
            raise RecordNotFound
        return self.id

    async def portal(self, id_: int | None) -> int:
        """A portal that is there, the default one if none is named; raises `InvalidParameter`."""
        portals = await self.state.store.portals()
        chosen = portals[0] if id_ is None else id_
        if chosen not in portals:
            raise InvalidParameter("body", "portal")
        return chosen


async def admit(state: State, request: Request, detail: str = "control secret") -> None:
    """Raises `Unauthenticated`, notes it and slows down who knocks, unless the request has the operator's secret."""
    try:
        state.gate.require_secret(request.headers.get(SECRET))
    except Unauthenticated:
        await hold_back(state, request, "request.refused", detail)
        raise


Shown = Mapping[str, object]
