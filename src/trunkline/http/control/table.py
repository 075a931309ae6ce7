"""Every verb of the control namespace, on one screen."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.errors import Refusal
from trunkline.http.body import read_body
from trunkline.http.call import State
from trunkline.http.control import (
    apps,
    changes,
    checkpoints,
    clock,
    deliveries,
    faults,
    portals,
    process,
    requests,
    seeds,
    teams,
    tokens,
    trail,
    users,
)
from trunkline.http.control.asked import Asked, admit
from trunkline.http.control.explain import explain, explain_warning
from trunkline.http.control.health import health, readiness
from trunkline.http.control.metrics import metrics
from trunkline.http.control.reply import json, refused
from trunkline.http.control.stream import stream
from trunkline.http.frame import OWN

PREFIX = OWN


class Verb(NamedTuple):
    """What the operator can do: its answer is the JSON of what `work` returns, or none."""

    method: str
    path: str
    work: Callable[[Asked], Awaitable[object]]
    status: int = 200


VERBS = (
    Verb("GET", "/portals", portals.list_all),
    Verb("POST", "/portals", portals.create, 201),
    Verb("PATCH", "/portals/{id}", portals.change),
    Verb("DELETE", "/portals/{id}", portals.remove, 204),
    Verb("GET", "/portals/{id}/clock", clock.show),
    Verb("POST", "/portals/{id}/clock", clock.turn),
    Verb("GET", "/portals/{id}/checkpoints", checkpoints.list_all),
    Verb("POST", "/portals/{id}/checkpoints", checkpoints.create, 201),
    Verb("DELETE", "/portals/{id}/checkpoints/{name}", checkpoints.remove, 204),
    Verb("POST", "/portals/{id}/rewind", checkpoints.rewind),
    Verb("POST", "/portals/{id}/reset", checkpoints.reset),
    Verb("GET", "/portals/{id}/changes", changes.list_all),
    Verb("POST", "/portals/{id}/seed", seeds.plant),
    Verb("POST", "/seed", seeds.plant_all),
    Verb("GET", "/portals/{id}/faults", faults.list_all),
    Verb("POST", "/portals/{id}/faults", faults.add, 201),
    Verb("DELETE", "/portals/{id}/faults", faults.clear, 204),
    Verb("DELETE", "/portals/{id}/faults/{name}", faults.remove, 204),
    Verb("GET", "/tokens", tokens.list_all),
    Verb("POST", "/tokens", tokens.create, 201),
    Verb("POST", "/tokens/{id}/rotate", tokens.rotate, 201),
    Verb("DELETE", "/tokens/{id}", tokens.revoke, 204),
    Verb("GET", "/apps", apps.list_all),
    Verb("POST", "/apps", apps.create, 201),
    Verb("PATCH", "/apps/{id}", apps.change),
    Verb("POST", "/apps/{id}/rotate", apps.rotate, 201),
    Verb("DELETE", "/apps/{id}", apps.remove, 204),
    Verb("GET", "/apps/{id}/consents", apps.consents),
    Verb("DELETE", "/apps/{id}/consents", apps.withdraw, 204),
    Verb("GET", "/apps/{id}/signing", deliveries.signing),
    Verb("GET", "/deliveries", deliveries.list_all),
    Verb("POST", "/deliveries/{id}/redeliver", deliveries.redeliver, 201),
    Verb("GET", "/users", users.list_all),
    Verb("POST", "/users", users.create, 201),
    Verb("PATCH", "/users/{id}", users.change),
    Verb("DELETE", "/users/{id}", users.remove, 204),
    Verb("GET", "/teams", teams.list_all),
    Verb("POST", "/teams", teams.create, 201),
    Verb("PATCH", "/teams/{id}", teams.change),
    Verb("DELETE", "/teams/{id}", teams.remove, 204),
    Verb("GET", "/events", trail.list_all),
    Verb("GET", "/requests", requests.list_all),
    Verb("DELETE", "/requests", requests.clear, 204),
    Verb("GET", "/requests/{correlation_id}", requests.show),
    Verb("GET", "/process", process.show),
)


def control_routes(state: State) -> list[Route]:
    """The routes of the namespace; those of one path are one route, so that other methods are told 405."""
    paths: dict[str, dict[str, Verb]] = {}
    for verb in VERBS:
        paths.setdefault(verb.path, {})[verb.method] = verb
    return [
        Route(f"{PREFIX}/health", health),
        Route(f"{PREFIX}/ready", readiness(state)),
        Route(f"{PREFIX}/metrics", metrics(state)),
        Route(f"{PREFIX}/errors/{{code}}", explain),
        Route(f"{PREFIX}/warnings/{{code}}", explain_warning),
        Route(f"{PREFIX}/changes", stream(state)),
        *(Route(PREFIX + path, _endpoint(state, verbs), methods=list(verbs)) for path, verbs in paths.items()),
    ]


def _endpoint(state: State, verbs: dict[str, Verb]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        verb = verbs["GET" if request.method == "HEAD" else request.method]
        try:
            answer = await verb.work(await _asked(state, request))
        except Refusal as refusal:
            return refused(refusal, request)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(status_code=verb.status) if answer is None else json(answer, verb.status)

    return endpoint


async def _asked(state: State, request: Request) -> Asked:
    await admit(state, request)
    body = await read_body(request, state.settings) if request.method in ("POST", "PATCH") else b""
    return Asked(state, request, body)
