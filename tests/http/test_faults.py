"""Faults over a real socket: what a client sees of each, what is kept of its work, and what a retry makes of that."""

import asyncio
import socket
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.objects import (
    BatchInputSimplePublicObjectBatchInputUpsert,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectInputForCreate,
)
from idle import idle
from threaded import KNOWN, ThreadedServer
from urllib3.exceptions import ProtocolError

from trunkline.app import build
from trunkline.bench.fault import Fault, KindName
from trunkline.http.control import SECRET
from trunkline.http.severing import Severed

CALLS = "/crm/v3/objects/calls"
CREATE = f"{CALLS}/batch/create"
UPSERT = f"{CALLS}/batch/upsert"
CALL = {"properties": {"hs_timestamp": "2026-03-01T12:00:00Z"}}
KEY = {SECRET: KNOWN}

Json = dict[str, Any]

ANSWERS: list[tuple[Json, int, Json]] = [
    ({"kind": "rate-limit"}, 429, {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
    ({"kind": "daily-limit"}, 429, {"errorType": "RATE_LIMIT", "policyName": "DAILY"}),
    ({"kind": "expired-token"}, 401, {"category": "EXPIRED_AUTHENTICATION"}),
    ({"kind": "server-error"}, 500, {"message": "internal error"}),
]
PAGES = {
    "bad-gateway": "502 Bad Gateway",
    "unavailable": "503 Service Unavailable",
    "gateway-timeout": "504 Gateway Timeout",
    "origin-unknown": "520 Web server is returning an unknown error",
    "origin-timeout": "524 A timeout occurred",
}


@pytest.mark.parametrize(("fault", "status", "told"), ANSWERS)
def test_what_the_service_refuses_has_its_bodies(
    fault: Json, status: int, told: Json, trunkline: ThreadedServer
) -> None:
    add(trunkline, fault)
    with trunkline.client() as client:
        answer = client.post(CREATE, json={"inputs": [CALL]})
        body = answer.json()
        assert (answer.status_code, answer.headers["x-trunkline-fault"]) == (status, fault["kind"])
        assert {name: body[name] for name in told} == told
        assert body["correlationId"] == answer.headers["x-hubspot-correlation-id"]
        assert count(trunkline) == 0


@pytest.mark.parametrize(
    ("kind", "spent", "left"),
    [
        ("rate-limit", ["remaining", "secondly-remaining"], ["daily-remaining"]),
        ("daily-limit", ["daily-remaining"], ["remaining", "secondly-remaining"]),
    ],
)
def test_the_headers_of_a_limit_say_that_nothing_is_left(
    kind: str, spent: list[str], left: list[str], trunkline: ThreadedServer
) -> None:
    add(trunkline, {"kind": kind})
    with trunkline.client() as client:
        headers = client.get(CALLS).headers
    assert [headers[f"x-hubspot-ratelimit-{name}"] for name in spent] == ["0"] * len(spent)
    assert all(int(headers[f"x-hubspot-ratelimit-{name}"]) > 0 for name in left)


def test_the_limit_of_searches_strikes_searches_alone(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "search-limit"})
    with trunkline.client() as client:
        assert client.get(CALLS).status_code == 200
        answer = client.post(f"{CALLS}/search", json={})
    assert (answer.status_code, answer.json()["policyName"]) == (429, "SECONDLY")
    assert "x-hubspot-ratelimit-remaining" not in answer.headers


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(("kind", "title"), PAGES.items())
def test_the_gateway_answers_a_page_and_the_work_is_done_or_not(
    kind: str, title: str, carried_out: bool, trunkline: ThreadedServer
) -> None:
    add(trunkline, {"kind": kind, "carriedOut": carried_out, "method": "POST"})
    with trunkline.client() as client:
        answer = client.post(CREATE, json={"inputs": [CALL]})
    assert answer.status_code == int(title[:3])
    assert f"<title>{title}</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    assert answer.headers["x-trunkline-fault"] == kind
    assert count(trunkline) == carried_out


def test_a_reset_ends_the_connection_without_a_byte(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        raw(trunkline, "GET", CALLS)


def test_an_answer_that_is_cut_has_half_of_what_its_head_announces(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "truncated", "count": 1})
    head, _, body = raw(trunkline, "GET", CALLS).partition(b"\r\n\r\n")
    whole = b'{"results":[]}'
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: %d\r\n" % len(whole) in head.lower() + b"\r\n"
    assert b"x-trunkline-fault: truncated" in head.lower()
    assert body == whole[: len(whole) // 2]
    with trunkline.client() as client:
        assert client.get(CALLS).json() == {"results": []}


def test_a_long_answer_in_pieces_is_cut_in_half(trunkline: ThreadedServer) -> None:
    with trunkline.client() as client:
        for _ in range(3):
            inputs = [{"properties": CALL["properties"] | {"hs_call_body": "x" * 60_000}} for _ in range(30)]
            assert client.post(CREATE, json={"inputs": inputs}).status_code == 201
        path = f"{CALLS}?limit=90&properties=hs_call_body"
        whole = client.get(path).content
        add(trunkline, {"kind": "truncated"})
        _, _, body = raw(trunkline, "GET", path).partition(b"\r\n\r\n")
        assert body == whole[: len(whole) // 2]
        with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
            client.get(path)


def test_nothing_is_left_to_cut_of_an_answer_without_a_body(trunkline: ThreadedServer) -> None:
    with trunkline.client() as client:
        made = client.post(CREATE, json={"inputs": [CALL]}).json()["results"][0]["id"]
    add(trunkline, {"kind": "truncated", "method": "DELETE"})
    head, _, body = raw(trunkline, "DELETE", f"{CALLS}/{made}").partition(b"\r\n\r\n")
    assert (head[:12], body) == (b"HTTP/1.1 204", b"")


def test_a_slow_answer_is_done_long_before_it_comes(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "slow", "seconds": 30, "count": 1})
    with trunkline.client() as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post(CREATE, json={"inputs": [CALL]}, timeout=0.2)
        assert count(trunkline) == 1
    add(trunkline, {"kind": "slow", "seconds": 0.01, "count": 1})
    with trunkline.client() as client:
        answer = client.post(CREATE, json={"inputs": [CALL]})
    assert (answer.status_code, answer.headers["x-trunkline-fault"]) == (201, "slow")


def test_a_late_fault_strikes_a_refusal_too(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "slow", "seconds": 0.01})
    with trunkline.client() as client:
        answer = client.post(UPSERT, json={"inputs": [{"id": ""}]})
    assert (answer.status_code, answer.headers["x-trunkline-fault"]) == (400, "slow")
    assert answer.json()["correlationId"] == answer.headers["x-hubspot-correlation-id"]


def test_a_create_that_is_sent_again_after_a_dropped_answer_makes_a_duplicate(trunkline: ThreadedServer) -> None:
    add(trunkline, {"kind": "commit-then-drop", "count": 1})
    with trunkline.client() as client:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            client.post(CREATE, json={"inputs": [CALL]})
        assert client.post(CREATE, json={"inputs": [CALL]}).status_code == 201
    assert count(trunkline) == 2


def test_an_upsert_that_is_sent_again_after_a_dropped_answer_makes_none(trunkline: ThreadedServer) -> None:
    trunkline.define()
    add(trunkline, {"kind": "commit-then-drop", "count": 1})
    properties = CALL["properties"] | {"ext_ref": "a-1"}
    inputs = [{"id": "a-1", "idProperty": "ext_ref", "properties": properties}]
    with trunkline.client() as client:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            client.post(UPSERT, json={"inputs": inputs})
        again = client.post(UPSERT, json={"inputs": inputs}).json()
    assert [result["new"] for result in again["results"]] == [False]
    assert count(trunkline) == 1


def test_so_it_is_with_the_official_client(trunkline: ThreadedServer) -> None:
    trunkline.define()
    hubspot = HubSpot(access_token=trunkline.token, host=trunkline.url)
    once = SimplePublicObjectInputForCreate(properties=CALL["properties"])
    for attempt in (lambda: hubspot.crm.objects.basic_api.create("calls", once), lambda: upserted(hubspot)):
        add(trunkline, {"kind": "commit-then-drop", "count": 1, "name": "drop"})
        with pytest.raises(ProtocolError, match="without response"):
            attempt()
        attempt()
    assert count(trunkline) == 3


def upserted(hubspot: HubSpot) -> object:
    one = SimplePublicObjectBatchInputUpsert(
        id="a-1", id_property="ext_ref", properties=CALL["properties"] | {"ext_ref": "a-1"}
    )
    batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one])
    return hubspot.crm.objects.batch_api.upsert("calls", batch)


def test_faults_are_listed_with_what_they_did_and_taken_away(trunkline: ThreadedServer) -> None:
    added = add(trunkline, {"kind": "reset", "route": "/crm/v3/objects/{objectType}", "after": 2})
    assert added["name"] == "reset"
    with trunkline.client() as client:
        client.get(CALLS)
        client.get(f"{CALLS}?limit=1")
    [listed] = control(trunkline, "GET").json()["results"]
    assert {name: listed[name] for name in ("kind", "after", "met", "struck", "carriedOut")} == {
        "kind": "reset",
        "after": 2,
        "met": 2,
        "struck": 0,
        "carriedOut": False,
    }
    add(trunkline, {"kind": "reset", "name": "other"})
    assert control(trunkline, "DELETE", "/reset").status_code == 204
    assert control(trunkline, "DELETE", "/reset").status_code == 404
    assert [rule["name"] for rule in control(trunkline, "GET").json()["results"]] == ["other"]
    assert control(trunkline, "DELETE").status_code == 204
    assert control(trunkline, "GET").json() == {"results": []}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "slow"}, "`slow` needs `seconds`"),
        ({"kind": "reset", "route": "/crm/v3/nothing/{type}"}, "route"),
        ({"kind": "earthquake"}, "earthquake"),
        ({}, "kind"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(body: Json, said: str, trunkline: ThreadedServer) -> None:
    answer = control(trunkline, "POST", body=body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


def test_the_faults_of_one_portal_strike_no_other(trunkline: ThreadedServer) -> None:
    with httpx.Client(base_url=f"{trunkline.url}/_trunkline", headers=KEY, trust_env=False, verify=False) as operator:
        other = operator.post("/portals", json={"name": "other"}).json()["id"]
        assert operator.post(f"/portals/{other}/faults", json={"kind": "reset"}).status_code == 201
        assert operator.get("/portals/999/faults").status_code == 404
        token = operator.post(
            "/tokens", json={"name": "t", "scopes": ["crm.objects.contacts.read"], "portal": other}
        ).json()["token"]
        with trunkline.client() as client:
            assert client.get(CALLS).status_code == 200
        with trunkline.client(token) as client, pytest.raises(httpx.ReadError):
            client.get(CALLS)
        assert operator.delete(f"/portals/{other}").status_code == 204
        assert operator.get(f"/portals/{other}/faults").status_code == 404


@pytest.mark.parametrize("kind", ["reset", "truncated", "commit-then-drop"])
def test_who_calls_in_this_process_is_raised_what_would_break_the_connection(kind: KindName) -> None:
    async def test() -> None:
        async with idle() as server:
            portal = (await server.state.accounts.portals())[0].id
            await server.state.bench.add(portal, Fault(kind=kind, count=1))
            transport = httpx.ASGITransport(app=build(server.state))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                with pytest.raises(Severed) as raised:
                    await http.post(CREATE, json={"inputs": [CALL]}, headers=server.http.headers)
            assert raised.value.fault == kind
            assert len((await server.http.get(CALLS)).json()["results"]) == (kind != "reset")

    asyncio.run(test())


def add(trunkline: ThreadedServer, fault: Json) -> Json:
    answer = control(trunkline, "POST", body=fault)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def control(trunkline: ThreadedServer, method: str, path: str = "", body: object = None) -> httpx.Response:
    with httpx.Client(base_url=trunkline.url, headers=KEY, trust_env=False, verify=False) as client:
        return client.request(method, f"/_trunkline/portals/{trunkline.portal}/faults{path}", json=body)


def count(trunkline: ThreadedServer) -> int:
    """How many calls there are; nothing goes wrong any more from here on."""
    control(trunkline, "DELETE")
    with trunkline.client() as client:
        return len(client.get(f"{CALLS}?limit=100").json()["results"])


def raw(trunkline: ThreadedServer, method: str, path: str) -> bytes:
    """All bytes that come until the connection ends."""
    address = httpx.URL(trunkline.url)
    head = f"{method} {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {trunkline.token}\r\n\r\n"
    with socket.create_connection((address.host, address.port or 80), timeout=30) as connection:
        connection.sendall(head.encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))
