"""What a real process tells whoever runs it: the log and what it never holds, readiness at the end, shared measures."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import httpx
import pytest
from server import TOKEN, UNIQUE, Server, attempt, start

from trunkline.gathering import gathering

UPSERT = "/crm/v3/objects/calls/batch/upsert"
AT = "2025-04-24T20:01:33Z"
METRICS_TOKEN = "a-token-for-prometheus"
SECRETS = (TOKEN, METRICS_TOKEN, "guessed-token", "guessed-secret", "private-title", "private-key", "private-query")


def talk(server: Server) -> dict[str, httpx.Response]:
    """Requests that succeed, that are refused and that fail, all with something in them that is nobody's business."""
    properties = {"hs_timestamp": AT, "hs_call_title": "private-title"}
    call = {"idProperty": "ext_ref", "id": "private-key", "properties": properties}
    with server.client() as client:
        client.post("/crm/v3/properties/calls", json=UNIQUE)
        upsert = client.post(
            "/crm/v3/objects/calls/batch/upsert", json={"inputs": [call]}, params={"x": "private-query"}
        )
        found = client.get("/crm/v3/objects/calls/private-key", params={"idProperty": "ext_ref"})
        metrics = client.get("/_trunkline/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"})
        refused = client.get("/crm/v3/objects/calls", headers={"authorization": "Bearer guessed-token"})
        client.get("/_trunkline/tokens", headers={"x-trunkline-secret": "guessed-secret"})
        client.get(f"/oauth/v1/access-tokens/{TOKEN}")
        store = apsw.Connection(str(server.data))
        store.execute("PRAGMA foreign_keys = off; ALTER TABLE unique_value RENAME TO moved")
        store.close()
        failed = client.post(UPSERT, json={"inputs": [call]})
    assert (upsert.status_code, found.status_code, metrics.status_code, refused.status_code) == (200, 200, 200, 401)
    assert failed.status_code == 500
    return {"upsert": upsert, "refused": refused, "failed": failed}


def said(server: Server) -> str:
    """All that a server wrote on standard error, once it is stopped."""
    server.process.terminate()
    _, err = server.process.communicate(timeout=30)
    return str(err)


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_and_no_body_is_ever_logged(form: str, tmp_path: Path) -> None:
    server = start(
        tmp_path / "calls.db", "--log-level", "debug", "--log-format", form, TRUNKLINE_METRICS_TOKEN=METRICS_TOKEN
    )
    secret = json.loads(Path(f"{server.data}.lock").read_text())["secret"]
    talk(server)
    log = said(server)
    assert "unexpected failure" in log
    assert "no such table" in log
    for hidden in (*SECRETS, secret):
        assert hidden not in log


def test_each_request_is_a_line_with_its_correlation_id(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--log-level", "debug", TRUNKLINE_METRICS_TOKEN=METRICS_TOKEN)
    answers = talk(server)
    lines = [json.loads(line) for line in said(server).splitlines()]
    by_id: dict[str, list[dict[str, object]]] = {}
    for line in lines:
        by_id.setdefault(line.get("correlation_id", ""), []).append(line)
    (upsert,) = by_id[answers["upsert"].headers["x-hubspot-correlation-id"]]
    assert upsert["level"] == "debug"
    assert upsert["event"] == "request"
    assert upsert["route"] == "/crm/v3/objects/{type}/batch/upsert"
    assert (upsert["method"], upsert["status"]) == ("POST", 200)
    assert (upsert["portal"], upsert["app"]) == (server.portal, 1)
    assert isinstance(upsert["duration"], float)
    assert isinstance(upsert["steps"], dict)
    assert {"auth", "check", "find", "plan", "apply", "commit", "render"} <= set(upsert["steps"])
    (refused,) = by_id[answers["refused"].headers["x-hubspot-correlation-id"]]
    assert (refused["level"], refused["status"], refused["portal"]) == ("debug", 401, None)
    failure, failed = by_id[answers["failed"].headers["x-hubspot-correlation-id"]]
    assert (failure["level"], failure["event"]) == ("error", "unexpected failure")
    assert "no such table" in str(failure["exception"])
    assert (failed["level"], failed["status"]) == ("warning", 500)


def test_by_default_only_what_fails_is_a_line(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", TRUNKLINE_METRICS_TOKEN=METRICS_TOKEN)
    talk(server)
    events = [(line["event"], line["level"]) for line in map(json.loads, said(server).splitlines())]
    assert events == [("unexpected failure", "error"), ("request", "warning")]


def test_what_libraries_log_is_of_the_same_form(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db")
    _, _, address = server.url.partition("//")
    host, _, port = address.partition(":")
    import socket

    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"no request at all\r\n\r\n")
        connection.recv(1000)
    (line,) = [json.loads(line) for line in said(server).splitlines()]
    assert line["level"] == "warning"
    assert line["timestamp"].endswith("Z")


def test_a_server_told_to_stop_goes_on_for_a_while_but_is_not_ready(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--stop-delay", "60")
    with server.client() as client:
        assert client.get("/_trunkline/ready").status_code == 200
        server.process.terminate()
        until(lambda: client.get("/_trunkline/ready").status_code == 503)
        assert client.get("/_trunkline/ready").json()["message"] == "The server is stopping."
        assert client.get("/_trunkline/health").status_code == 200
        assert client.get("/crm/v3/objects/calls").status_code == 200
    assert server.stop() == 0  # told again, it does not wait for the rest of the minute


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TRUNKLINE_METRICS_TOKEN": "short"}, "TRUNKLINE_METRICS_TOKEN"),
        ({"TRUNKLINE_METRICS_TOKEN": "the-very-same-token", "TRUNKLINE_TOKEN": "the-very-same-token"}, "metrics_token"),
        ({"TRUNKLINE_LOG_FORMAT": "xml"}, "TRUNKLINE_LOG_FORMAT"),
    ],
)
def test_settings_that_do_not_fit_are_named_without_a_secret(
    variables: dict[str, str], said: str, tmp_path: Path
) -> None:
    failed = attempt("serve", "--port", "0", "--data", str(tmp_path / "calls.db"), **variables)
    assert failed.returncode == 2
    assert said in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    assert variables.get("TRUNKLINE_METRICS_TOKEN", "no token") not in failed.stderr


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two processes that gather what they measure."""
    with gathering() as place:
        variables = {**place.variables, "TRUNKLINE_METRICS_TOKEN": METRICS_TOKEN}
        one, other = (start(tmp_path / f"{name}.db", **variables) for name in ("one", "other"))
        yield one, other
        one.stop()
        other.stop()


COUNTED = 'trunkline_requests_total{{method="GET",route="/crm/v3/objects/{{type}}",status="2xx"}} {}.0'


def metrics(server: Server) -> str:
    with server.client(METRICS_TOKEN) as client:
        return client.get("/_trunkline/metrics").raise_for_status().text


def test_any_of_several_processes_tells_what_all_of_them_measured(two: tuple[Server, Server]) -> None:
    one, other = two
    for server, times in ((one, 2), (other, 3)):
        with server.client() as client:
            for _ in range(times):
                client.get("/crm/v3/objects/calls").raise_for_status()
    for server in two:
        until(lambda server=server: COUNTED.format(5) in metrics(server))  # type: ignore[misc]
        text = metrics(server)
        assert 'trunkline_request_seconds_count{method="GET",route="/crm/v3/objects/{type}"} 5.0' in text
        pids = set(re.findall(r'process_resident_memory_bytes{pid="(\d+)"}', text))
        assert pids == {str(one.process.pid), str(other.process.pid)}
        assert 'trunkline_jobs_open{kind="batch"} 0.0' in text


def test_a_process_that_is_gone_leaves_what_it_counted(tmp_path: Path) -> None:
    with gathering() as place:
        variables = {**place.variables, "TRUNKLINE_METRICS_TOKEN": METRICS_TOKEN}
        one = start(tmp_path / "one.db", **variables)
        with one.client() as client:
            client.get("/crm/v3/objects/calls").raise_for_status()
        until(lambda: COUNTED.format(1) in metrics(one))
        one.kill()
        place.left(one.process.pid)
        other = start(tmp_path / "other.db", **variables)
        text = metrics(other)
        other.stop()
        assert COUNTED.format(1) in text
        assert f'pid="{one.process.pid}"' not in text
        folder = Path(place.folder)
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
