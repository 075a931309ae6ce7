"""The program as an operator runs it: start, stop, a second start, tokens, and what it says when it cannot."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from server import SECONDS, TOKEN, Server, attempt, launch, run, start

AT = "2025-04-24T20:01:33Z"


def test_ready_line_health_and_clean_stop(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db")
    assert urlsplit(server.url).port
    health = httpx.get(f"{server.url}/_trunkline/health", trust_env=False)
    assert health.json()["status"] == "ok"
    assert server.stop() == 0
    assert not (tmp_path / "calls.db-wal").exists()


def test_a_request_in_flight_is_finished_before_the_stop(trunkline: Server) -> None:
    trunkline.define()
    body = json.dumps({"inputs": [{"idProperty": "ext_ref", "id": "A", "properties": {"hs_timestamp": AT}}]}).encode()
    with socket.create_connection((urlsplit(trunkline.url).hostname, urlsplit(trunkline.url).port)) as connection:
        head = (
            f"POST /crm/v3/objects/calls/batch/upsert HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[:10])
        _until(lambda: _answers(trunkline))
        trunkline.process.terminate()
        _until(lambda: not _answers(trunkline))
        connection.sendall(body[10:])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        assert json.loads(answer.read())["results"][0]["new"]
    # A second signal could meet a process that has stopped listening to signals and is about to end.
    assert trunkline.process.wait(SECONDS) == 0


def _answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/_trunkline/health", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


def test_a_second_server_on_the_same_file_says_so_and_exits(trunkline: Server) -> None:
    second = attempt("serve", "--port", "0", "--data", str(trunkline.data))
    assert second.returncode == 2
    assert "in use by another Trunkline" in second.stderr
    assert trunkline.url in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_in_use_and_settings_that_do_not_fit_are_told_in_one_line(trunkline: Server, tmp_path: Path) -> None:
    port = str(urlsplit(trunkline.url).port)
    for arguments, variables, said in (
        (["--port", port], {}, "Cannot listen on"),
        (["--port", "99999"], {}, "port"),
        ([], {"TRUNKLINE_MAX_BODY": "big"}, "TRUNKLINE_MAX_BODY"),
        (["--durability", "perhaps"], {}, "durability"),
    ):
        failed = attempt("serve", "--data", str(tmp_path / "other.db"), *arguments, **variables)
        assert failed.returncode == 2
        assert said in failed.stderr
        assert len(failed.stderr.splitlines()) == 1


def test_every_option_is_a_variable(tmp_path: Path) -> None:
    process = launch("serve", TRUNKLINE_PORT="0", TRUNKLINE_DATA=":memory:", TRUNKLINE_TOKEN="from-a-variable")
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    server = Server(process, url, ":memory:")
    with server.client("from-a-variable") as client:
        assert client.get("/crm/v3/properties/calls").status_code == 200
    assert server.stop() == 0
    assert not list(tmp_path.iterdir())


def test_tokens_while_the_server_runs_and_while_it_does_not(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"
    before = run("token", "create", "--name", "early", "--scope", "crm.objects.contacts.read", "--data", str(data))
    server = start(data)
    token = server.make_token(["crm.objects.contacts.write", "crm.objects.contacts.read"])
    with server.client(token) as client:
        assert client.get("/crm/v3/objects/calls/1").status_code == 404
    with server.client(before.stdout.strip()) as client:
        assert client.get("/crm/v3/objects/calls/1").status_code == 404
    listed = run("token", "list", "--data", str(data)).stdout.splitlines()
    assert [line.split("\t")[3] for line in listed] == ["early", "test"]
    assert listed[1].split("\t")[4] == "crm.objects.contacts.write crm.objects.contacts.read"
    assert token not in "".join(listed)
    run("token", "revoke", listed[1].split("\t")[0], "--data", str(data))
    with server.client(token) as client:
        assert client.get("/crm/v3/objects/calls/1").status_code == 401
    assert attempt("token", "revoke", "77", "--data", str(data)).returncode == 2
    several = "crm.objects.contacts.read, e-commerce"
    both = server.make_token([several])
    with server.client(both) as client:
        assert client.get("/crm/v3/objects/calls/1").status_code == 404
    server.stop()
    for scope in ("", "a/b"):
        assert attempt("token", "create", "--name", "x", "--scope", scope, "--data", str(data)).returncode == 2
    assert run("token", "list", "--data", str(data)).stdout.splitlines()[1].split("\t")[1] == "revoked"
    assert token.encode() not in data.read_bytes()


def test_the_control_namespace_opens_to_its_secret_only(trunkline: Server) -> None:
    lock = Path(f"{trunkline.data}.lock")
    assert lock.stat().st_mode & 0o077 == 0
    with trunkline.client() as client:
        assert client.get("/_trunkline/tokens").status_code == 401
        assert client.post("/_trunkline/tokens", json={"name": "x", "scopes": ["a"]}).status_code == 401
        secret = {"x-trunkline-secret": json.loads(lock.read_text())["secret"]}
        assert client.get("/_trunkline/tokens", headers=secret).status_code == 200
        bodies: list[object] = [{}, {"name": "x"}, {"name": "", "scopes": ["a"]}, {"name": "x", "scopes": ["A B"]}, []]
        for bad in bodies:
            assert client.post("/_trunkline/tokens", json=bad, headers=secret).status_code == 400


def test_two_clients_that_upsert_one_key_at_once_make_one_record(trunkline: Server) -> None:
    trunkline.define()
    results: list[dict[str, object]] = []
    gate = threading.Barrier(8)

    def send(number: int) -> None:
        gate.wait()
        inputs: list[dict[str, object]] = [
            {"idProperty": "ext_ref", "id": str(key), "properties": {"hs_timestamp": AT, "hs_call_title": str(number)}}
            for key in range(50)
        ]
        results.extend(trunkline.upsert(*inputs).json()["results"])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 400
    assert len({result["id"] for result in results}) == 50
    assert sum(bool(result["new"]) for result in results) == 50


def test_a_client_that_hangs_up_half_way_writes_nothing(trunkline: Server) -> None:
    trunkline.define()
    whole = json.dumps({"inputs": [{"idProperty": "ext_ref", "id": "A", "properties": {"hs_timestamp": AT}}]}).encode()
    for sent in (10, len(whole) - 1):
        with socket.create_connection((urlsplit(trunkline.url).hostname, urlsplit(trunkline.url).port)) as connection:
            head = (
                f"POST /crm/v3/objects/calls/batch/upsert HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n"
            )
            connection.sendall(head.encode() + whole[:sent])
    with trunkline.client() as client:
        gone = client.get("/crm/v3/objects/calls/A", params={"idProperty": "ext_ref"})
    assert gone.status_code == 404
    assert trunkline.upsert(json.loads(whole)["inputs"][0]).json()["results"][0]["new"]
    assert trunkline.stop() == 0


@pytest.mark.parametrize("how", ["announced", "chunked"])
def test_a_body_over_the_limit(tmp_path: Path, how: str) -> None:
    server = start(tmp_path / "calls.db", "--max-body", "2000")
    body = b'{"inputs": [' + b" " * 3000 + b"]}"
    with server.client() as client:
        content = body if how == "announced" else iter([body[:1000], body[1000:]])
        headers = {"content-type": "application/json"}
        answer = client.post("/crm/v3/objects/calls/batch/upsert", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["status"] == "error"
    assert server.stop() == 0


def test_a_body_that_never_comes(tmp_path: Path) -> None:
    server = start(tmp_path / "calls.db", "--body-timeout", "0.2")
    with socket.create_connection((urlsplit(server.url).hostname, urlsplit(server.url).port)) as connection:
        head = f"POST /crm/v3/objects/calls/batch/upsert HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        connection.sendall(head.encode() + b"Content-Length: 100\r\n\r\n{")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 408
        answer.read()
    assert server.stop() == 0
