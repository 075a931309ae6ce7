"""Several processes on one PostgreSQL: what one changes the others see, and what one did another does when it dies."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from cluster import Cluster, Postgres
from receiver import receiving
from server import SECONDS, UNIQUE, Server, run, start

SECRET = "a secret of forty characters or so ......"
OPERATOR = {"x-trunkline-secret": SECRET}
AT = "2025-04-24T20:01:33Z"
CALLS = "/crm/v3/objects/calls"
PROPERTIES = "/crm/v3/properties/calls"
LATER = {"prefer": "respond-async"}

JOB = 2_000
"""Inputs of a batch that is carried out later, a hundred at a time."""


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def server(database: str) -> Iterator[Server]:
    """A server with two workers."""
    server = start(database, "--workers", "2", TRUNKLINE_SECRET=SECRET)
    yield server
    assert server.stop() == 0


@contextmanager
def client(server: Server, **told: object) -> Iterator[httpx.Client]:
    """A connection to a worker that tells this of itself, as `leads=True`."""
    deadline = time.monotonic() + SECONDS
    while True:
        with ExitStack() as stack:
            # Those that are not meant stay connected, so that the next one goes elsewhere.
            for _ in range(6):
                one = stack.enter_context(server.client())
                if told.items() <= process(one).items():
                    yield one
                    return
        assert time.monotonic() < deadline, f"no worker is {told}"


def process(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/_trunkline/process", headers=OPERATOR).raise_for_status().json())


def soon(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def input_(key: str, **properties: str) -> dict[str, object]:
    return {"idProperty": "ext_ref", "id": key, "properties": {"hs_timestamp": AT} | properties}


def test_a_property_made_by_one_is_used_by_the_other_at_once(server: Server) -> None:
    with client(server, leads=True) as one, client(server, leads=False) as other:
        assert other.get(f"{PROPERTIES}/ext_ref").status_code == 404
        one.post(PROPERTIES, json=UNIQUE).raise_for_status()
        answer = other.post(f"{CALLS}/batch/upsert", json={"inputs": [input_("A")]})
        assert (answer.status_code, answer.json()["results"][0]["new"]) == (200, True)
        other.post(PROPERTIES, json=UNIQUE | {"name": "late", "hasUniqueValue": False}).raise_for_status()
        soon(lambda: one.get(f"{PROPERTIES}/late").status_code == 200)
        read = one.get(f"{CALLS}/A", params={"idProperty": "ext_ref", "properties": "ext_ref"})
        assert read.json()["properties"]["ext_ref"] == "A"


def test_a_token_that_one_revoked_is_refused_by_the_other(server: Server, database: str) -> None:
    made = run("token", "create", "--name", "n", "--scope", "crm.objects.contacts.read", "--data", database)
    bearer = {"authorization": f"Bearer {made.stdout.strip()}"}
    with client(server, leads=True) as one, client(server, leads=False) as other:
        for worker in (one, other):
            assert worker.get(f"{CALLS}/1", headers=bearer).status_code == 404
        (token,) = one.get("/_trunkline/tokens", headers=OPERATOR).json()["results"]
        one.delete(f"/_trunkline/tokens/{token['app']}", headers=OPERATOR).raise_for_status()
        assert one.get(f"{CALLS}/1", headers=bearer).status_code == 401
        soon(lambda: other.get(f"{CALLS}/1", headers=bearer).status_code == 401)


def test_what_the_command_line_changes_all_of_them_see(server: Server, database: str) -> None:
    number = run("portal", "create", "second", "--data", database).stdout.split()[0]
    options = ["--name", "n", "--portal", number, "--scope", "crm.objects.contacts.read", "--data", database]
    bearer = {"authorization": f"Bearer {run('token', 'create', *options).stdout.strip()}"}
    with client(server, leads=True) as one, client(server, leads=False) as other:
        for worker in (one, other):
            assert worker.get(f"{CALLS}/1", headers=bearer).status_code == 404
        run("portal", "remove", number, "--yes", "--data", database)
        for worker in (one, other):
            soon(lambda worker=worker: worker.get(f"{CALLS}/1", headers=bearer).status_code == 401)  # type: ignore[misc]


def test_a_fault_strikes_at_all_of_them_as_often_as_it_says_in_all(server: Server) -> None:
    with client(server, leads=True) as one, client(server, leads=False) as other:
        faults = "/_trunkline/portals/1000001/faults"
        one.post(faults, json={"kind": "bad-gateway", "after": 2, "count": 3}, headers=OPERATOR).raise_for_status()
        soon(lambda: len(other.get(faults, headers=OPERATOR).json()["results"]) == 1)
        statuses = [each.get(CALLS).status_code for _ in range(4) for each in (other, one)]
        assert statuses == [200, 200, 502, 502, 502, 200, 200, 200]
        for each in (one, other):
            [listed] = each.get(faults, headers=OPERATOR).json()["results"]
            assert (listed["met"], listed["struck"]) == (8, 3)
        other.delete(faults, headers=OPERATOR).raise_for_status()
        one.post(f"{CALLS}/batch/create", json={"inputs": [{"properties": {"hs_timestamp": AT}}]}).raise_for_status()
        asked = [each.get("/_trunkline/requests?method=POST", headers=OPERATOR).json() for each in (one, other)]
        assert [len(answer["results"]) for answer in asked] == [1, 0]
        assert [answer["process"] for answer in asked] == [process(each)["id"] for each in (one, other)]
        for each in (one, other):
            page = each.get("/portal/1000001/requests").raise_for_status().text
            assert "2 processes" in page and f'<span id="process">{process(each)["id"]}</span>' in page


def test_a_job_is_carried_out_once_whoever_took_it_and_whoever_dies(server: Server) -> None:
    server.define()
    leaders = set[int]()
    for turn in range(2):
        inputs = [input_(f"{turn}-{number}") for number in range(JOB)]
        with client(server, leads=False) as follower, client(server, leads=True) as leader:
            answer = follower.post(f"{CALLS}/batch/upsert", json={"inputs": inputs}, headers=LATER)
            path = str(answer.json()["links"]["status"]).removeprefix(server.url)
            soon(lambda path=path: "startedAt" in follower.get(path).json())  # type: ignore[misc]
            pid = process(leader)["id"]
            os.kill(pid, signal.SIGKILL)
            soon(lambda path=path: follower.get(path).json()["status"] == "COMPLETE")  # type: ignore[misc]
            results = follower.get(path).json()["results"]
            assert [result["properties"]["ext_ref"] for result in results] == [one["id"] for one in inputs]
            assert all(result["new"] for result in results)
        leaders.add(pid)
    assert len(leaders) == 2
    expected = {f"{turn}-{number}" for turn in range(2) for number in range(JOB)}
    assert (set(kept := stored(server)), len(kept)) == (expected, len(expected))


def test_news_and_lead_are_there_again_after_the_database_was_restarted(cluster: Cluster) -> None:
    with cluster.database() as database:
        server = start(database, "--workers", "2", TRUNKLINE_SECRET=SECRET)
        server.define()
        with client(server, leads=True) as one, client(server, leads=False) as other:
            for worker in (one, other):
                assert worker.get(f"{PROPERTIES}/ext_ref").status_code == 200
            cluster.restart()
            soon(lambda: {process(one)["leads"], process(other)["leads"]} == {True, False})
            one.post(PROPERTIES, json=UNIQUE | {"name": "late", "hasUniqueValue": False}).raise_for_status()
            soon(lambda: other.get(f"{PROPERTIES}/late").status_code == 200)
            answer = other.post(f"{CALLS}/batch/upsert", json={"inputs": [input_("A")]}, headers=LATER)
            path = str(answer.json()["links"]["status"]).removeprefix(server.url)
            soon(lambda: one.get(path).json()["status"] == "COMPLETE")
        assert server.stop() == 0


def test_servers_with_one_secret_stand_for_one_another(database: str) -> None:
    servers = [start(database, TRUNKLINE_SECRET=secret) for secret in (SECRET, SECRET, SECRET[::-1])]
    links = [_exported(server) for server in servers]
    followed = [
        [httpx.get(link.replace(server.url, another.url), trust_env=False).status_code for another in servers]
        for server, link in zip(servers, links, strict=True)
    ]
    assert followed == [[200, 200, 403], [200, 200, 403], [403, 403, 200]]
    assert [server.stop() for server in servers] == [0, 0, 0]


def _exported(server: Server) -> str:
    """The link to the file of an export."""
    asked = {"exportType": "VIEW", "format": "CSV", "exportName": "n", "objectType": "calls", "objectProperties": []}
    with server.client() as one:
        status = one.post("/crm/v3/exports/export/async", json=asked).raise_for_status().json()["links"]["status"]
        soon(lambda: one.get(status).json()["status"] == "COMPLETE")
        return str(one.get(status).json()["result"])


def stored(server: Server) -> list[str]:
    """The keys of all calls, by id."""
    found: list[str] = []
    after: str | None = "0"
    with server.client() as one:
        while after is not None:
            page = one.get(CALLS, params={"limit": 100, "after": after, "properties": "ext_ref"}).json()
            found += [call["properties"]["ext_ref"] for call in page["results"]]
            after = page.get("paging", {}).get("next", {}).get("after")
    return found


def test_the_one_that_leads_tells_apps_at_once_of_what_the_others_were_asked(server: Server) -> None:
    with receiving() as receiver, client(server, leads=False) as other:
        target = {"targetUrl": receiver.url, "throttling": {"maxConcurrentRequests": 1}}
        other.put("/webhooks/v3/1/settings", json=target).raise_for_status()
        wanted = {"eventType": "contact.creation", "active": True}
        other.post("/webhooks/v3/1/subscriptions", json=wanted).raise_for_status()
        made = other.post("/crm/v3/objects/contacts", json={"properties": {"email": "a@example.com"}}).json()["id"]
        receiver.wait(lambda r: bool(r.taken), seconds=SECONDS)
        assert receiver.taken[0]["objectId"] == int(made)
