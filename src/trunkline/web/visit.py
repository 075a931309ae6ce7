"""One visit of a person to a page: who they are, which portal the page is about, and how an answer is made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode

import msgspec
from msgspec import Struct
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from trunkline.crm.catalog import Catalog, ObjectType, TypeData
from trunkline.errors import RecordNotFound, Refusal, UnknownObjectType
from trunkline.http.call import Call, Handler, State
from trunkline.http.control.asked import Asked
from trunkline.http.control.table import VERBS, Verb
from trunkline.http.gate import EVERYTHING, Caller
from trunkline.http.oauth.visitor import Visitor
from trunkline.identity.person import OWNER, Person
from trunkline.identity.portal import Portal
from trunkline.web.counting import Counting
from trunkline.web.form import Fields
from trunkline.web.look import NOWHERE, shown
from trunkline.web.place import home

TOLD = "trunkline_told"
"""The cookie that carries a sentence to the page that is shown next."""

LONGEST_TOLD = 1000
"""Characters of such a sentence."""


SECTIONS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("overview", "Overview", ()),
    ("calls", "Calls", ("records", "calls")),
    ("traffic", "Traffic", ("requests",)),
    ("workbench", "Workbench", ("workbench",)),
    ("setup", "Setup", ("setup",)),
)
"""What each page leads to."""


class Visit(Struct, frozen=True, kw_only=True):
    """A request for a page, by somebody who may see it.

    `portal` is the one that the page is about, `portals` are those that the person may see, `sent` the fields of a
    form, `seal` what a form of this page carries, `counting` what was counted of all portals.
    """

    state: State
    request: Request
    visitor: Visitor
    person: Person
    portal: Portal
    portals: Sequence[Portal]
    seal: str
    counting: Counting
    sent: Fields = {}

    @property
    def sections(self) -> Sequence[tuple[str, str, Sequence[str]]]:
        """The pages that each page leads to: their names, their titles and the steps to them."""
        return SECTIONS

    @property
    def kinds(self) -> Sequence[TypeData]:
        """The object types of the portal, whose catalog was loaded, by what they are called."""
        known = (type_.data for type_ in self.state.catalog(self.portal.id).types)
        return sorted(known, key=lambda data: data.labels["plural"].casefold())

    @property
    def query(self) -> QueryParams:
        """The query of the page's address."""
        return self.request.query_params

    @property
    def path(self) -> Mapping[str, Any]:
        """The places in the page's path."""
        return self.request.path_params

    @property
    def runs(self) -> bool:
        """Whether it is who runs the server, and may do what is not about one portal alone."""
        return self.person.id == OWNER

    @property
    def app(self) -> int:
        """What stands for the person where changes name an app: nothing else is below zero."""
        return -self.person.id

    def field(self, name: str) -> str:
        """The first value that the form sent under a name, without space around it; empty where there is none."""
        return self.sent.get(name, [""])[0].strip()

    async def catalog(self) -> Catalog:
        """The newest catalog of the portal."""
        return await self.state.load(self.portal.id)

    async def type(self, usual: str = "") -> ObjectType:
        """The object type that the path names, or the usual one where it names none; raises a 404."""
        try:
            return (await self.catalog()).type(self.path.get("type", usual))
        except UnknownObjectType as cause:
            raise HTTPException(404) from cause

    @property
    def server(self) -> str:
        """Where this server is, as the person's browser knows it."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def place(self, *steps: object, **query: object) -> str:
        """The address of a page of the portal, as `visit.place("records", "calls")`."""
        return home(self.portal.id, *steps, **query)

    @staticmethod
    def verb(*steps: object) -> str:
        """The path of a verb of the control namespace; a step may hold anything."""
        return "/" + "/".join(quote(str(step), safe="") for step in steps)

    async def ask(self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None) -> Any:
        """What a verb of the control namespace answers (`trunkline.http.control.table`), as plain data.

        Raises what it raises, and a 404 where there is no such verb.
        """
        verb, params = _verb(method, path)
        scope = {**self.request.scope, "path_params": params, "query_string": urlencode(query or {}).encode()}
        asked = Asked(self.state, Request(scope), b"" if body is None else msgspec.json.encode(body), self.person.id)
        return await verb.work(asked)

    async def call(
        self, handler: Handler, body: object = None, query: Mapping[str, object] | None = None, **path: str
    ) -> Any:
        """What an operation of the API answers to the person, who may do all of them in this portal, as plain data.

        Raises what it raises.
        """
        await self.catalog()
        caller = Caller(self.portal.id, self.app, frozenset((EVERYTHING,)), self.person.id)
        request = Request({**self.request.scope, "path_params": path, "query_string": urlencode(query or {}).encode()})
        sent = b"" if body is None else msgspec.json.encode(body)
        answer = await handler(Call(self.state, caller, path, request, sent, False, 200, 207, []))
        if answer.body is None:
            return None
        return msgspec.json.decode(answer.body if isinstance(answer.body, bytes) else b"".join(answer.body))

    def page(self, name: str, /, *, status: int = 200, media: str = NOWHERE, **context: object) -> Response:
        """The page of a template, which also shows what every page does (`trunkline.web.look.shown`)."""
        told = unquote(self.request.cookies.get(TOLD, ""))[:LONGEST_TOLD]
        common = {"visit": self, "portal": self.portal, "place": self.place, "csrf": self.seal, "told": told}
        response = shown(name, status=status, media=media, **common, **context)
        if told:
            response.delete_cookie(TOLD, path="/portal")
        return response

    def to(self, place: str, told: str = "") -> Response:
        """Sends the browser on to another page after a form, where it is told a sentence."""
        response = Response(status_code=303, headers={"location": place, "cache-control": "no-store"})
        if told:
            text = quote(told[:LONGEST_TOLD])
            response.set_cookie(TOLD, text, max_age=60, path="/portal", httponly=True, samesite="strict")
        return response

    async def done(
        self, place: str, again: Callable[[str], Awaitable[Response]], work: Callable[[], Awaitable[str]]
    ) -> Response:
        """Does what a form asks, and tells the sentence that `work` returns at a place.

        What is refused is told where it was asked, by `again`, which is given the reason.
        """
        try:
            told = await work()
        except Refusal as refusal:
            return await again(refusal.message)
        return self.to(place, told)


def _verb(method: str, path: str) -> tuple[Verb, dict[str, str]]:
    """The verb that a path means, and what is in its places."""
    steps = path.split("/")
    for verb in VERBS:
        places = verb.path.split("/")
        pairs = list(zip(places, steps, strict=False))
        if verb.method == method and len(places) == len(steps) and all(a == b or a[:1] == "{" for a, b in pairs):
            return verb, {a[1:-1]: unquote(b) for a, b in pairs if a[:1] == "{"}
    raise RecordNotFound
