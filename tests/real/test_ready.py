"""The line for programs: where a server is, what opens it, and that it ends with who started it."""

import json
import os
import select
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from server import SECONDS, TOKEN, attempt, command, environment

from trunkline import __version__

SERVE = ("serve", "--port", "0", "--ready", "json")


def begun(*options: str, stdin: Any = subprocess.PIPE, **variables: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    given = command(*SERVE, *options)
    return subprocess.Popen(given, stdin=stdin, stdout=pipe, stderr=pipe, text=True, env=environment(**variables))


def line_of(process: "subprocess.Popen[str]") -> Any:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], SECONDS)[0]
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return json.loads(line)


def status(told: Any, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(f"{told['url']}/crm/v3/objects/calls", headers=headers, trust_env=False).status_code


def test_a_program_is_told_all_that_it_needs_and_closes_its_input_to_stop_the_server() -> None:
    with begun("--data", ":memory:") as process:
        told = line_of(process)
        assert told["pid"] == process.pid
        assert (told["portal"], told["version"], told["authority"]) == (1_000_001, __version__, None)
        assert status(told, told["token"]) == 200
        assert status(told, TOKEN) == 401
        portals = httpx.get(
            f"{told['url']}/_trunkline/portals", headers={"x-trunkline-secret": told["secret"]}, trust_env=False
        )
        assert [portal["id"] for portal in portals.json()["results"]] == [told["portal"]]
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (0, "")
    assert told["secret"] not in err
    assert told["token"] not in err


def test_what_was_set_is_told() -> None:
    secret = "s" * 32
    with begun("--data", ":memory:", "--token", TOKEN, TRUNKLINE_SECRET=secret) as process:
        told = line_of(process)
        assert (told["token"], told["secret"]) == (TOKEN, secret)
        process.communicate(timeout=SECONDS)


def test_secrets_are_new_with_each_run() -> None:
    seen = []
    for _ in range(2):
        with begun("--data", ":memory:") as process:
            seen.append(line_of(process))
            process.communicate(timeout=SECONDS)
    assert len({told["token"] for told in seen}) == len({told["secret"] for told in seen}) == 2


def test_the_portal_is_the_one_that_the_token_opens(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"portals": [{"id": 7, "name": "first"}]}')
    data = str(tmp_path / "calls.db")
    assert attempt("seed", str(seed), "--data", data).returncode == 0
    with begun("--data", data) as process:
        assert line_of(process)["portal"] == 7
        process.communicate(timeout=SECONDS)


def test_an_input_that_is_a_socket_ends_too() -> None:
    ours, its = socket.socketpair()
    with ours, begun("--data", ":memory:", stdin=its) as process:
        its.close()
        line_of(process)
        ours.sendall(b"anything")
        ours.close()
        assert process.wait(SECONDS) == 0


def test_an_input_that_is_nothing_is_not_heeded() -> None:
    with begun("--data", ":memory:", stdin=subprocess.DEVNULL) as process:
        told = line_of(process)
        assert status(told, told["token"]) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_the_server_of_a_program_that_was_killed_ends(tmp_path: Path) -> None:
    # The shell in between is killed, and its end of the pipe is closed by nobody else.
    starter = "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); time.sleep(600)"
    serve = command(*SERVE, "--data", ":memory:")
    with subprocess.Popen(
        [serve[0], "-c", starter, *serve], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        told = line_of(process)
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == "", "the server has its output open for as long as it lives"
    with pytest.raises(httpx.ConnectError):
        status(told, told["token"])


def test_tls_is_told_with_whom_to_trust(tmp_path: Path) -> None:
    with begun("--data", ":memory:", "--tls", "--tls-folder", str(tmp_path / "tls")) as process:
        told = line_of(process)
        assert told["url"].startswith("https://")
        assert Path(told["authority"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
        process.communicate(timeout=SECONDS)


def test_another_form_is_refused() -> None:
    done = attempt("serve", "--ready", "yaml")
    assert done.returncode == 2
    assert "yaml is neither of text and json" in done.stderr


def test_a_server_for_all_addresses_tells_one_that_can_be_called() -> None:
    with begun("--data", ":memory:", "--host", "0.0.0.0") as process:
        assert line_of(process)["url"].startswith("http://127.0.0.1:")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(SECONDS) == 0
