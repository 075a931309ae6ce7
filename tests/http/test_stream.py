"""The stream of what is written: live, from where a client stopped, of one portal or type, to who may see it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from threaded import KNOWN, ThreadedServer

from trunkline.http.control import SECRET

CALLS = "/crm/v3/objects/calls"
STREAM = "/_trunkline/changes"
Event = dict[str, Any]


@contextmanager
def listening(url: str, query: str = "", **headers: str) -> Iterator[Iterator[Event]]:
    """The events of a stream, the one that opens it first."""
    asked = {SECRET: KNOWN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with (
        httpx.Client(base_url=url, trust_env=False, timeout=10, verify=False) as client,
        client.stream("GET", STREAM + query, headers=asked) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Event]:
    event: Event = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line:
            yield event
            event = {}
        elif name:
            event[name] = json.loads(value) if name == "data" else value


def write(url: str, title: str, path: str = CALLS) -> None:
    """A new record."""
    headers = {"authorization": "Bearer pat-local-test"}
    values = {"hs_timestamp": "2026-01-01T12:00:00Z", "hs_call_title": title} if path == CALLS else {"email": title}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, verify=False) as client:
        client.post(path, json={"properties": values}).raise_for_status()


def test_what_is_written_is_told_at_once_and_from_where_a_client_stopped(trunkline: ThreadedServer) -> None:
    write(trunkline.url, "before")
    with listening(trunkline.url) as events:
        opened = next(events)
        assert "data" not in opened
        threading.Timer(0.2, write, (trunkline.url, "a")).start()
        event = next(events)
        assert (event["event"], event["data"]["objectType"], event["data"]["portal"]) == ("create", "calls", 1_000_001)
        seen = event["id"]
    write(trunkline.url, "b")
    write(trunkline.url, "c")
    with listening(trunkline.url, last_event_id=seen) as events:
        next(events)
        later = [next(events) for _ in range(2)]
        ids = [event["data"]["ids"] for event in (event, *later)]
        assert len({one for some in ids for one in some}) == 3
    with listening(trunkline.url, "?after=1000001:0") as events:
        next(events)
        assert [next(events)["data"]["kind"] for _ in range(4)] == ["create"] * 4


def test_a_stream_of_one_type(trunkline: ThreadedServer) -> None:
    with listening(trunkline.url, "?type=contacts&portal=1000001") as events:
        next(events)
        write(trunkline.url, "a")
        write(trunkline.url, "a@example.com", "/crm/v3/objects/contacts")
        assert next(events)["data"]["objectType"] == "contacts"


@pytest.mark.parametrize(
    ("query", "secret", "status"),
    [
        ("", "", 401),
        ("", "wrong", 401),
        ("?portal=17", KNOWN, 404),
        ("?type=nothings", KNOWN, 400),
        ("?after=5", KNOWN, 400),
        ("?portal=x", KNOWN, 400),
    ],
)
def test_who_may_not_listen_or_asks_for_nothing(
    trunkline: ThreadedServer, query: str, secret: str, status: int
) -> None:
    with httpx.Client(base_url=trunkline.url, trust_env=False, verify=False) as client:
        assert client.get(STREAM + query, headers={SECRET: secret}).status_code == status
