"""Every page for people, on one screen."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from trunkline.errors import Refusal, Unauthenticated
from trunkline.http import face
from trunkline.http.body import read_body
from trunkline.http.call import State
from trunkline.http.oauth.consent import SIGN_IN
from trunkline.http.oauth.visitor import ForgedForm, Visitor, Visitors
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal
from trunkline.web import changes, overview, record, records, workbench
from trunkline.web.counting import Counting
from trunkline.web.form import Fields, fields
from trunkline.web.look import PACKAGE, PARTS, shown
from trunkline.web.place import ROOT, home
from trunkline.web.setup import apps, hooks, mirror, people, pipelines, portals, properties, start, tokens
from trunkline.web.traffic import exchange, listing
from trunkline.web.visit import Visit


class Page(NamedTuple):
    """A page of a portal, or a form on one. `runs` says that it is for who runs the server alone."""

    method: str
    path: str
    work: Callable[[Visit], Awaitable[Response]]
    runs: bool = False


PAGES = (
    Page("GET", "", overview.show),
    Page("GET", "/records/{type}", records.show),
    Page("GET", "/records/{type}/csv", records.export),
    Page("GET", "/records/{type}/{id:number}", record.show),
    Page("POST", "/records/{type}/{id:number}/undo", record.undo),
    Page("GET", "/requests", listing.show),
    Page("GET", "/requests/new", listing.news),
    Page("POST", "/requests/clear", listing.clear),
    Page("GET", "/requests/{id}", exchange.show),
    Page("GET", "/requests/{id}/{side}", exchange.save),
    Page("GET", "/workbench", workbench.show),
    Page("GET", "/workbench/changes", changes.show),
    Page("GET", "/workbench/sure", workbench.sure),
    Page("POST", "/workbench/clock", workbench.turn),
    Page("POST", "/workbench/checkpoint", workbench.mark),
    Page("POST", "/workbench/forget", workbench.forget),
    Page("POST", "/workbench/rewind", workbench.rewind),
    Page("POST", "/workbench/reset", workbench.reset),
    Page("POST", "/workbench/fault", workbench.strike),
    Page("POST", "/workbench/spare", workbench.spare),
    Page("POST", "/workbench/limits", workbench.limit, runs=True),
    Page("POST", "/workbench/seed", workbench.plant),
    Page("GET", "/setup", start.show),
    Page("POST", "/setup/unique", start.define),
    Page("GET", "/setup/tokens", tokens.show),
    Page("POST", "/setup/tokens/new", tokens.create),
    Page("POST", "/setup/tokens/rotate", tokens.rotate),
    Page("POST", "/setup/tokens/revoke", tokens.revoke),
    Page("GET", "/setup/apps", apps.show, runs=True),
    Page("POST", "/setup/apps/new", apps.create, runs=True),
    Page("POST", "/setup/apps/rotate", apps.rotate, runs=True),
    Page("POST", "/setup/apps/withdraw", apps.withdraw, runs=True),
    Page("POST", "/setup/apps/remove", apps.remove, runs=True),
    Page("GET", "/setup/properties", properties.show),
    Page("GET", "/setup/properties/{type}", properties.show),
    Page("POST", "/setup/properties/{type}/new", properties.create),
    Page("POST", "/setup/properties/{type}/archive", properties.archive),
    Page("GET", "/setup/pipelines", pipelines.show),
    Page("GET", "/setup/pipelines/{type}", pipelines.show),
    Page("POST", "/setup/pipelines/{type}/new", pipelines.create),
    Page("POST", "/setup/pipelines/{type}/rename", pipelines.rename),
    Page("POST", "/setup/pipelines/{type}/remove", pipelines.remove),
    Page("POST", "/setup/pipelines/{type}/stage", pipelines.add),
    Page("POST", "/setup/pipelines/{type}/stage/change", pipelines.change),
    Page("POST", "/setup/pipelines/{type}/stage/move", pipelines.move),
    Page("POST", "/setup/pipelines/{type}/stage/remove", pipelines.drop),
    Page("GET", "/setup/webhooks", hooks.show),
    Page("POST", "/setup/webhooks/target", hooks.aim),
    Page("POST", "/setup/webhooks/new", hooks.subscribe),
    Page("POST", "/setup/webhooks/switch", hooks.switch),
    Page("POST", "/setup/webhooks/remove", hooks.unsubscribe),
    Page("POST", "/setup/webhooks/redeliver", hooks.redeliver),
    Page("POST", "/setup/webhooks/secret", hooks.reveal),
    Page("GET", "/setup/mirror", mirror.show),
    Page("GET", "/setup/people", people.show),
    Page("POST", "/setup/people/new", people.enrol, runs=True),
    Page("POST", "/setup/people/change", people.change, runs=True),
    Page("POST", "/setup/people/remove", people.remove, runs=True),
    Page("POST", "/setup/people/team", people.gather),
    Page("POST", "/setup/people/dissolve", people.dissolve),
    Page("GET", "/setup/portals", portals.show, runs=True),
    Page("POST", "/setup/portals/new", portals.create, runs=True),
    Page("POST", "/setup/portals/change", portals.change, runs=True),
    Page("POST", "/setup/portals/remove", portals.remove, runs=True),
)


def web_routes(state: State, visitors: Visitors, counting: Counting) -> list[Route]:
    """The routes of the pages, of what they load, and of the way in."""
    paths: dict[str, dict[str, Page]] = {}
    for page in PAGES:
        paths.setdefault(page.path, {})[page.method] = page
    door = Door(state, visitors, counting)
    shown = [
        Route(f"{ROOT}/{{portal:number}}{path}", door.endpoint(pages), methods=list(pages))
        for path, pages in paths.items()
    ]
    return [Route("/", door.start), Route(ROOT, door.enter), Route("/web/{name}", _part), *shown]


async def _part(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in PARTS:
        raise HTTPException(404)
    return face.part(request, PACKAGE, name)


class Door:
    """Lets people in who may see a page, and shows them why not otherwise."""

    def __init__(self, state: State, visitors: Visitors, counting: Counting) -> None:
        self._state = state
        self._visitors = visitors
        self._counting = counting

    async def start(self, request: Request) -> Response:
        """Leads a browser in. To whoever does not ask for a page this is a path like any other (behaviour 5.7)."""
        if "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        return await self.enter(request)

    async def enter(self, request: Request) -> Response:
        """Leads to the first portal that the visitor may see."""
        visitor = await self._visitors.of(request)
        if visitor.person is None:
            return _signing_in(request)
        portals = await self._portals(visitor.person)
        if not portals:
            return _refused(403, "No portal is yours", "Ask whoever runs this server to let you into one.")
        response = RedirectResponse(home(portals[0].id), 303, {"cache-control": "no-store"})
        return self._visitors.remember(response, request, visitor)

    def endpoint(self, pages: dict[str, Page]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of the pages of one path, by method."""

        async def endpoint(request: Request) -> Response:
            visitor = await self._visitors.of(request)
            if visitor.person is None:
                return _signing_in(request)
            try:
                response = await self._shown(
                    pages["GET" if request.method == "HEAD" else request.method], request, visitor
                )
            except HTTPException as cause:
                response = _refused(cause.status_code, "There is no such page", "It may be of a portal that is gone.")
            except (Refusal, ForgedForm) as refusal:
                response = _refused(refusal.status, "That cannot be done", refusal.message)
            except ClientDisconnect:
                return Response(status_code=400)
            return self._visitors.remember(response, request, visitor)

        return endpoint

    async def _shown(self, page: Page, request: Request, visitor: Visitor) -> Response:
        """What a page's work answers; raises `Unauthenticated` for a page that is not for the visitor."""
        person = visitor.person
        assert person is not None
        portals = await self._portals(person)
        portal = next((one for one in portals if one.id == request.path_params["portal"]), None)
        if portal is None:
            raise HTTPException(404)
        sent = await self._sent(request, visitor) if page.method == "POST" else {}
        visit = Visit(
            state=self._state,
            request=request,
            visitor=visitor,
            person=person,
            portal=portal,
            portals=portals,
            seal=self._visitors.seal(visitor),
            counting=self._counting,
            sent=sent,
        )
        if page.runs and not visit.runs:
            raise Unauthenticated
        return await page.work(visit)

    async def _sent(self, request: Request, visitor: Visitor) -> Fields:
        """The fields of a form that came from a page of ours."""
        sent = fields(await read_body(request, self._state.settings, "form"))
        self._visitors.require_own(request, visitor, sent.get("csrf", [""])[0])
        return sent

    async def _portals(self, person: Person) -> Sequence[Portal]:
        """The portals that a person may see."""
        return [one for one in await self._state.accounts.portals() if person.may_decide_for(one.id)]


def _signing_in(request: Request) -> Response:
    place = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    there = f"?next={quote(place, safe='')}" if request.method == "GET" else ""
    return RedirectResponse(f"{SIGN_IN}{there}", 303, {"cache-control": "no-store"})


def _refused(status: int, title: str, message: str) -> Response:
    return shown("refused.html", status=status, title=title, message=message)
