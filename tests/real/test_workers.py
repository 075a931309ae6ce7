"""Several processes on one port: start, death, succession and stop. `crew` says why their stores do not matter here."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from server import SECONDS, TOKEN, Server, attempt, environment, ready, start

from trunkline.settings import Settings

SECRET = "a secret of forty characters or so ......"
LEFT = "x-hubspot-ratelimit-daily-remaining"
CREW = Path(__file__).parent / "crew.py"


def crew(**members: Any) -> list[str]:
    """The command line of the program with these settings."""
    shared: dict[str, Any] = {"port": 0, "data": ":memory:", "token": TOKEN, "secret": SECRET, "workers": 2}
    return [sys.executable, str(CREW), msgspec.json.encode(Settings(**shared | members)).decode()]


def told(**members: Any) -> str:
    """What the program says that refuses to serve with these settings."""
    done = subprocess.run(crew(**members), capture_output=True, text=True, env=environment(), timeout=SECONDS * 4)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@contextmanager
def serving(**members: Any) -> Iterator[Server]:
    """A server with several workers."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(crew(**members), stdout=pipe, stderr=pipe, text=True, env=environment())
    server = ready(process, ":memory:")
    try:
        yield server
    finally:
        server.stop()


def test_workers_serve_tls(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    with serving(tls=True, tls_folder=str(folder)) as server:
        trusting = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        found = set[int]()
        while len(found) < 2:
            with httpx.Client(verify=trusting, trust_env=False, timeout=SECONDS) as client:
                answer = client.get(f"{server.url}/_trunkline/process", headers={"x-trunkline-secret": SECRET})
            found.add(answer.raise_for_status().json()["id"])


def process(server: Server) -> int:
    """The worker that answers on a new connection."""
    headers = {"x-trunkline-secret": SECRET}
    answer = httpx.get(f"{server.url}/_trunkline/process", headers=headers, trust_env=False, timeout=SECONDS)
    return int(answer.raise_for_status().json()["id"])


def workers(server: Server, number: int = 2) -> set[int]:
    """All workers, once so many of them answer."""
    deadline = time.monotonic() + SECONDS
    with ThreadPoolExecutor(8) as pool:
        while True:
            seen = set(pool.map(process, [server] * 16))
            if len(seen) == number:
                return seen
            assert time.monotonic() < deadline, f"these answered: {seen}"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def connected(server: Server) -> socket.socket:
    url = urlsplit(server.url)
    return socket.create_connection((url.hostname, url.port), SECONDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_answer_on_one_port_and_finish_their_requests_before_the_stop(number: signal.Signals) -> None:
    body = json.dumps({"inputs": [{"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}}]}).encode()
    head = (
        f"POST /crm/v3/objects/calls/batch/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with serving() as server:
        all_ = workers(server)
        assert server.process.pid not in all_
        with connected(server) as one, connected(server) as other:
            for connection in (one, other):
                connection.sendall(head + body[:10])
            workers(server)
            server.process.send_signal(number)
            until(lambda: refused(server))
            for connection in (one, other):
                connection.sendall(body[10:])
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                assert answer.status == 201
        said, logged = server.process.communicate(timeout=SECONDS)
        assert (server.process.returncode, said, logged) == (0, "", "")
        assert not any(map(lives, all_))


def refused(server: Server) -> bool:
    try:
        connected(server).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_worker_that_is_killed_has_a_successor_while_the_others_go_on() -> None:
    with serving() as server:
        before = workers(server)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        assert process(server) in before - {victim}
        after = workers(server)
        assert len(after - before) == 1
        assert victim not in after
        server.process.terminate()
        _, logged = server.process.communicate(timeout=SECONDS)
        (line,) = map(json.loads, logged.splitlines())
        assert (line["event"], line["process"], line["status"]) == ("a worker ended", victim, -signal.SIGKILL)


def test_requests_are_counted_for_all_together() -> None:
    with serving() as server, ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for _ in range(6)]
        headers = {"x-trunkline-secret": SECRET}
        asked = {client.get("/_trunkline/process", headers=headers).json()["id"] for client in clients}
        assert len(asked) == 2
        left = [int(client.get("/crm/v3/objects/calls").headers[LEFT]) for client in clients * 2]
        assert left == list(range(left[0], left[0] - 12, -1))


def test_nobody_serves_for_long_when_the_one_is_killed_who_started_them() -> None:
    with serving() as server:
        all_ = workers(server)
        server.process.kill()
        until(lambda: not any(map(lives, all_)))
        assert refused(server)


def test_why_a_worker_cannot_be_ready_is_said_once(tmp_path: Path) -> None:
    said = told(data=str(tmp_path / "calls.db"))
    assert said.startswith(f"{tmp_path / 'calls.db'} is in use by another Trunkline")
    assert len(said.splitlines()) == 1


def test_workers_that_die_at_the_start_are_given_up(tmp_path: Path) -> None:
    said = told(data=f"{tmp_path}/\0")
    assert said.endswith("No worker can be started. The last one ended with status 1.\n")


def test_the_secret_is_on_no_command_line() -> None:
    with serving() as server:
        for one in workers(server):
            shown = subprocess.run(["ps", "eww", "-o", "args=", "-p", str(one)], capture_output=True, text=True)
            assert "trunkline.worker" in shown.stdout
            assert SECRET not in shown.stdout


def test_one_process_has_a_file(tmp_path: Path) -> None:
    for data in (str(tmp_path / "calls.db"), ":memory:"):
        failed = attempt("serve", "--port", "0", "--workers", "2", "--data", data)
        assert failed.returncode == 2
        assert "A file is served by one process, so --workers 2 needs a PostgreSQL database" in failed.stderr
        assert not list(tmp_path.iterdir())


def test_a_secret_of_the_operators_opens_the_control_namespace() -> None:
    server = start(":memory:", TRUNKLINE_SECRET=SECRET)
    assert process(server) == server.process.pid
    assert server.stop() == 0


def test_a_secret_that_is_too_short_is_refused_and_not_shown() -> None:
    failed = attempt("serve", "--data", ":memory:", TRUNKLINE_SECRET="unguessable")
    assert failed.returncode == 2
    assert "TRUNKLINE_SECRET: Expected `str` of length >= 32" in failed.stderr
    assert "unguessable" not in failed.stderr


def test_settings_do_not_show_their_secrets() -> None:
    settings = Settings(secret=SECRET, token=TOKEN)
    assert not any(text in f"{settings} {settings!r}" for text in (SECRET, TOKEN))


COUNTED = re.compile(r'trunkline_requests_total{method="GET",route="/crm/v3/objects/{type}",status="2xx"} (\d+)\.0')


def measured(server: Server) -> tuple[int, set[int]]:
    """How many pages of records were read, and which processes are measured, as any of these tells it."""
    answer = httpx.get(f"{server.url}/_trunkline/metrics", headers={"x-trunkline-secret": SECRET}, trust_env=False)
    (counted,) = COUNTED.findall(answer.text) or ["0"]
    return int(counted), {int(pid) for pid in re.findall(r'process_open_fds{pid="(\d+)"}', answer.text)}


def test_any_worker_tells_what_all_of_them_measured() -> None:
    with serving() as server:
        there = workers(server)

        def read(number: int) -> int:
            with server.client() as client:
                return client.get("/crm/v3/objects/calls").status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(read, range(40))) == {200}
        until(lambda: measured(server)[0] == 40)
        assert {measured(server)[0] for _ in range(8)} == {40}
        assert measured(server)[1] == there
        os.kill(min(there), signal.SIGKILL)
        until(lambda: workers(server) != there)
        now = workers(server)
        assert measured(server) == (40, now)


def test_workers_that_are_told_to_stop_go_on_for_a_while_and_say_that_they_are_not_ready() -> None:
    with serving(stop_delay=60.0) as server:
        assert ready_status(server) == 200
        server.process.terminate()
        until(lambda: {ready_status(server) for _ in range(8)} == {503})
        with server.client() as client:
            assert client.get("/crm/v3/objects/calls").status_code == 200


def ready_status(server: Server) -> int:
    return httpx.get(f"{server.url}/_trunkline/ready", trust_env=False).status_code
