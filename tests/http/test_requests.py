"""The log of requests, as the operator reads it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from consenting import Flow, flow
from idle import Idle, idle
from msgspec import to_builtins
from slate import ENGINES

from trunkline.bench.fault import Fault
from trunkline.http.control import SECRET
from trunkline.http.listening import LARGEST

CALLS = "/crm/v3/objects/calls"
CREATE = f"{CALLS}/batch/create"
CALL = {"properties": {"hs_timestamp": "2026-03-01T12:00:00Z"}}
KEY = {SECRET: "secret"}

Json = dict[str, Any]


def run(test: Callable[[Idle], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with idle() as server:
            await server.http.delete("/_trunkline/requests", headers=KEY)
            await test(server)

    asyncio.run(whole())


async def listed(server: Idle, **query: str) -> list[Json]:
    answer = await server.http.get("/_trunkline/requests", params=query, headers=KEY)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


async def shown(server: Idle, answer: httpx.Response) -> Json:
    name = answer.headers["x-hubspot-correlation-id"]
    return dict((await server.http.get(f"/_trunkline/requests/{name}", headers=KEY)).raise_for_status().json())


def test_a_request_is_told_with_its_answer_and_what_it_changed() -> None:
    async def test(server: Idle) -> None:
        made = await server.http.post(f"{CREATE}?a=b", json={"inputs": [CALL, CALL]})
        ids = [result["id"] for result in made.json()["results"]]
        one = await shown(server, made)
        told = {name: one[name] for name in ("method", "path", "route", "status", "portal", "app", "fault")}
        assert told == {
            "method": "POST",
            "path": f"{CREATE}?a=b",
            "route": "/crm/v3/objects/{type}/batch/create",
            "status": 201,
            "portal": 1_000_001,
            "app": 1,
            "fault": None,
        }
        assert one["request"]["body"] == {"inputs": [CALL, CALL]}
        assert ["authorization", "Bearer masked"] in one["request"]["headers"]
        assert one["answer"]["body"] == made.json()
        assert ["x-request-id", one["correlationId"]] in one["answer"]["headers"]
        assert one["answer"]["size"] == len(made.content)
        assert [(change["kind"], change["ids"]) for change in one["changes"]] == [("create", ids)]
        assert [warning["code"] for warning in one["warnings"]] == ["unknown-parameter"]
        assert one["duration"] >= sum(one["steps"].values()) * 0.99 > 0

    run(test)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_each_request_has_the_changes_that_it_made_itself_also_when_many_write_at_once(engine: str) -> None:
    async def test(server: Idle) -> None:
        batches = [{"inputs": [CALL] * number} for number in range(1, 9)]
        made = await asyncio.gather(*(server.http.post(CREATE, json=batch) for batch in batches))
        for answer in made:
            one = await shown(server, answer)
            ids = [result["id"] for result in answer.json()["results"]]
            assert [change["ids"] for change in one["changes"]] == [ids]
        updates = [{"id": result["id"], "properties": {"hs_call_title": "x"}} for result in made[7].json()["results"]]
        changed = await server.http.post(f"{CALLS}/batch/update", json={"inputs": updates})
        assert changed.status_code == 200
        again = await server.http.post(f"{CALLS}/batch/update", json={"inputs": updates})
        assert [(await shown(server, answer))["changeCount"] for answer in (changed, again)] == [8, 0]
        kinds = {change["kind"] for change in (await shown(server, changed))["changes"]}
        assert kinds == {"update"}

    run(test)


@pytest.mark.parametrize(
    ("method", "path", "body", "kinds"),
    [
        ("POST", "/crm/v3/properties/calls/groups", {"name": "g", "label": "G"}, 1),
        ("POST", "/crm/v3/lists", {"name": "l", "objectTypeId": "0-48", "processingType": "MANUAL"}, 1),
        ("GET", CALLS, None, 0),
        ("POST", CREATE, {"inputs": [{"properties": {"nothing": "1"}}]}, 0),
    ],
)
def test_definitions_and_lists_are_changes_too(method: str, path: str, body: object, kinds: int) -> None:
    async def test(server: Idle) -> None:
        one = await shown(server, await server.http.request(method, path, json=body))
        assert len(one["changes"]) == one["changeCount"] == kinds

    run(test)


def test_requests_are_listed_and_filtered_and_forgotten() -> None:
    async def test(server: Idle) -> None:
        for path in (CALLS, f"{CALLS}/1", "/nowhere", CALLS):
            await server.http.get(path)
        await server.http.post(f"{CALLS}/search", json={})
        everything = await listed(server)
        assert [(one["path"], one["status"]) for one in everything] == [
            (CALLS, 200),
            (f"{CALLS}/1", 404),
            ("/nowhere", 404),
            (CALLS, 200),
            (f"{CALLS}/search", 200),
        ]
        assert "request" not in everything[0]
        for query, places in (
            ({"status": "404"}, [1, 2]),
            ({"status": "4xx", "path": "/crm/*"}, [1]),
            ({"method": "post"}, [4]),
            ({"portal": "1000001"}, [0, 1, 3, 4]),
            ({"portal": "1"}, []),
            ({"app": "1", "limit": "2"}, [3, 4]),
            ({"after": everything[2]["correlationId"]}, [3, 4]),
            ({"after": str(everything[2]["number"]), "limit": "1"}, [3]),
        ):
            assert await listed(server, **query) == [everything[place] for place in places], query
        assert (await server.http.delete("/_trunkline/requests", headers=KEY)).status_code == 204
        assert await listed(server) == []

    run(test)


@pytest.mark.parametrize(
    "query",
    [{"status": "9"}, {"status": "200x"}, {"limit": "0"}, {"after": "nobody"}, {"portal": "x"}, {"failed": "1"}],
)
def test_a_filter_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    async def test(server: Idle) -> None:
        answer = await server.http.get("/_trunkline/requests", params=query, headers=KEY)
        assert answer.status_code == 400
        assert (await server.http.get("/_trunkline/requests/nobody", headers=KEY)).status_code == 404

    run(test)


async def token_of(server: Idle, portal: int, *scopes: str) -> dict[str, str]:
    """The header of a new token."""
    asked = {"name": "t", "scopes": scopes, "portal": portal}
    made = (await server.http.post("/_trunkline/tokens", json=asked, headers=KEY)).raise_for_status().json()
    return {"authorization": f"Bearer {made['token']}"}


def test_errors_are_told_with_their_kind_and_where_they_are() -> None:
    async def test(server: Idle) -> None:
        bad = {"properties": CALL["properties"] | {"nothing": "1", "hs_call_duration": "x"}}
        one = await shown(server, await server.http.post(CREATE, json={"inputs": [CALL, bad]}))
        (error,) = one["errors"]
        assert (error["code"], error["in"], one["errorCount"]) == ("INVALID_VALUES", "inputs[1].properties.nothing", 1)
        assert one["error"] == error["message"] == one["answer"]["body"]["message"]
        assert [detail["in"] for detail in error["details"]] == [
            "inputs[1].properties.nothing",
            "inputs[1].properties.hs_call_duration",
        ]
        alright = await shown(server, await server.http.post(CREATE, json={"inputs": [CALL]}))
        assert (alright["errors"], alright["error"], alright["errorCount"]) == ([], None, 0)

    run(test)


def test_each_failed_input_of_a_batch_is_told_apart() -> None:
    async def test(server: Idle) -> None:
        inputs = [CALL | {"objectWriteTraceId": f"t{n}"} for n in range(3)]
        inputs[1] = {"properties": CALL["properties"] | {"nothing": "1"}, "objectWriteTraceId": "t1"}
        inputs.append({"properties": {}, "objectWriteTraceId": "t3"})
        answer = await server.http.post(CREATE, json={"inputs": inputs})
        assert answer.status_code == 207
        one = await shown(server, answer)
        told = [(error["code"], error["position"], error["context"]["objectWriteTraceId"]) for error in one["errors"]]
        assert told == [
            ("INVALID_VALUES", 1, ["t1"]),
            ("MISSING_REQUIRED", 3, ["t3"]),
        ]
        read = await server.http.post(f"{CALLS}/batch/read", json={"inputs": [{"id": "404"}, {"id": "405"}]})
        (error,) = (await shown(server, read))["errors"]
        assert (error["code"], error["context"]) == ("UNKNOWN_RECORD", {"ids": ["404", "405"]})
        assert [one["status"] for one in await listed(server, failed="true")] == [207, 207]

    run(test)


def test_an_error_that_the_client_never_heard_of_is_not_told() -> None:
    async def test(server: Idle) -> None:
        fault = Fault(kind="server-error", name="mine", count=1, carried_out=True)
        await server.state.bench.add(1_000_001, fault)
        answer = await server.http.post(CREATE, json={"inputs": [{"properties": {}}]})
        assert [error["code"] for error in (await shown(server, answer))["errors"]] == ["UNEXPECTED"]

    run(test)


def test_what_failed_and_what_was_warned_of_is_found() -> None:
    async def test(server: Idle) -> None:
        await server.http.get(CALLS)
        await server.http.get(f"{CALLS}?a=b")
        await server.http.get(f"{CALLS}/1")
        await server.http.get("/nowhere")
        assert [one["path"] for one in await listed(server, failed="true")] == [f"{CALLS}/1", "/nowhere"]
        assert [one["path"] for one in await listed(server, warned="true")] == [f"{CALLS}?a=b"]
        assert await listed(server, warned="true", failed="true") == []

    run(test)


def test_what_is_nobodys_is_asked_for_and_forgotten_with_a_portal() -> None:
    async def test(server: Idle) -> None:
        other = (await server.http.post("/_trunkline/portals", json={"name": "o"}, headers=KEY)).json()["id"]
        await server.http.get(CALLS, headers=await token_of(server, other, "crm.objects.contacts.read"))
        await server.http.get(CALLS)
        await server.http.get(CALLS, headers={"authorization": "Bearer nonsense"})
        mine = {"portal": "1000001", "nobodys": "true"}
        assert [one["portal"] for one in await listed(server, **mine)] == [1_000_001, None]
        gone = await server.http.delete("/_trunkline/requests", params={"portal": "1000001"}, headers=KEY)
        assert gone.status_code == 204
        assert [one["portal"] for one in await listed(server)] == [other, None]
        await server.http.delete("/_trunkline/requests", params=mine, headers=KEY)
        assert [one["portal"] for one in await listed(server)] == [other]

    run(test)


def test_a_request_too_many_belongs_to_its_portal() -> None:
    async def test(server: Idle) -> None:
        asked = {"name": "o", "limits": "hubspot"}
        other = (await server.http.post("/_trunkline/portals", json=asked, headers=KEY)).raise_for_status().json()["id"]
        frozen = await server.http.post(f"/_trunkline/portals/{other}/clock", json={"freeze": True}, headers=KEY)
        assert frozen.status_code == 200
        token = await token_of(server, other, "crm.objects.contacts.read")
        sent = [await server.http.post(f"{CALLS}/search", json={}, headers=token) for _ in range(6)]
        assert [answer.status_code for answer in sent] == [200] * 5 + [429]
        found = await listed(server, portal=str(other))
        assert [(one["status"], one["app"] is None) for one in found] == [(200, False)] * 5 + [(429, False)]

    run(test)


def test_a_long_body_is_cut_and_one_that_is_no_json_is_text() -> None:
    async def test(server: Idle) -> None:
        long = await server.http.post(CREATE, content=b'{"inputs": [' + b" " * LARGEST + b"]}")
        assert long.status_code == 201
        one = (await shown(server, long))["request"]
        assert (one["cut"], one["size"], len(one["body"])) == (True, LARGEST + 14, LARGEST)
        broken = await server.http.post(CREATE, content=b"\xff{")
        one = (await shown(server, broken))["request"]
        assert (one["cut"], one["body"]) == (False, "�{")
        exact = await server.http.post(CREATE, content=b"123456789012345678901234567890")
        assert (await shown(server, exact))["request"]["body"] == 123456789012345678901234567890

    run(test)


def test_the_fault_that_struck_is_told() -> None:
    async def test(server: Idle) -> None:
        await server.state.bench.add(1_000_001, Fault(kind="bad-gateway", name="mine", count=1))
        assert (await server.http.get(CALLS)).status_code == 502
        await server.state.bench.add(1_000_001, Fault(kind="commit-then-drop", name="drop", count=1))
        await server.http.post(CREATE, json={"inputs": [CALL]})
        assert [(one["fault"], one["status"], one["changeCount"]) for one in await listed(server)] == [
            ("mine", 502, 0),
            ("drop", 0, 1),
        ]

    run(test)


def test_what_is_known_of_a_portal_goes_with_it() -> None:
    async def test(server: Idle) -> None:
        other = (await server.http.post("/_trunkline/portals", json={"name": "o"}, headers=KEY)).json()["id"]
        asked = {"name": "t", "scopes": ["crm.objects.contacts.read"], "portal": other}
        token = (await server.http.post("/_trunkline/tokens", json=asked, headers=KEY)).json()["token"]
        await server.http.get(CALLS, headers={"authorization": f"Bearer {token}"})
        await server.http.get(CALLS)
        assert [one["portal"] for one in await listed(server)] == [other, 1_000_001]
        await server.http.delete(f"/_trunkline/portals/{other}", headers=KEY)
        assert [one["portal"] for one in await listed(server)] == [1_000_001]

    run(test)


def test_no_request_is_kept_when_none_shall_be() -> None:
    async def test(made: Flow) -> None:
        await made.http.get("/nowhere")
        assert (await made.control("GET", "/requests")).json()["results"] == []
        assert (await made.control("DELETE", "/requests")).status_code == 204

    async def whole() -> None:
        async with flow(request_log=0) as made:
            await test(made)

    asyncio.run(whole())


def test_nothing_that_opens_a_door_is_kept() -> None:
    async def whole() -> None:
        async with flow() as made:
            await made.register()
            code = await made.code()
            token = (await made.exchange(code)).json()
            access, refresh = token["access_token"], token["refresh_token"]
            renewed = (await made.refresh(refresh)).json()["access_token"]
            await made.calls(access)
            await made.http.get(f"/oauth/v1/access-tokens/{access}")
            await made.http.get(f"/oauth/v1/refresh-tokens/{refresh}")
            await made.token("v3", token=access)
            await made.http.post("/oauth/v3/introspect", data={"token": renewed, "client_secret": made.secret})
            await made.http.post(f"/oauth/v9/nowhere?hapikey={made.secret}", json={"client_secret": made.secret})
            await made.http.get(f"{CALLS}?hapikey={made.secret}&access_token={access}")
            await made.http.post("/oauth/v2/private-apps/get/access-token-info", json={"tokenKey": access})
            seen = (await made.control("GET", "/requests")).json()["results"]
            assert len(seen) >= 12
            for one in seen:
                kept = (await made.control("GET", f"/requests/{one['correlationId']}")).text
                cookies = [cookie.value for cookie in made.http.cookies.jar]
                for secret in (code, access, refresh, renewed, made.secret, "csrf", *filter(None, cookies)):
                    assert secret not in kept, (one["path"], secret)

    asyncio.run(whole())


def test_the_control_namespace_itself_is_not_kept() -> None:
    async def test(server: Idle) -> None:
        await server.http.get("/_trunkline/portals", headers=KEY)
        await server.http.get("/_trunkline/health")
        assert await listed(server) == []
        assert to_builtins(list(server.state.requests or ())) == []

    run(test)
