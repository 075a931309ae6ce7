"""Starting the real program, as an operator does, and talking to it."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

TOKEN = "pat-local-test"
SECONDS = 30.0
SETTINGS: dict[str, Any] = {"token": TOKEN, "database_connections": 2}
"""Those of a server that has one test to live: a connection to PostgreSQL takes longer to make than that test."""

UNIQUE = {
    "name": "ext_ref",
    "label": "External reference",
    "type": "string",
    "fieldType": "text",
    "groupName": "call",
    "hasUniqueValue": True,
}


class Server:
    """A running `trunkline serve`."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, data: Path | str) -> None:
        self.process = process
        self.url = url
        self.token = TOKEN
        self.portal = 1_000_001
        self.data = data

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client with the server's address and a token; without TLS, whose certificates take long to load."""
        headers = {"authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=SECONDS, trust_env=False, verify=False)

    def make_token(self, scopes: list[str]) -> str:
        """A new token with these scopes, made as an operator makes one."""
        options = [part for scope in scopes for part in ("--scope", scope)]
        return run("token", "create", "--name", "test", *options, "--data", str(self.data)).stdout.strip()

    def define(self, **overrides: object) -> None:
        """Makes a unique property, `ext_ref` unless told otherwise."""
        with self.client() as client:
            client.post("/crm/v3/properties/calls", json=UNIQUE | overrides).raise_for_status()

    def upsert(self, *inputs: dict[str, object], **query: str) -> httpx.Response:
        """Sends one batch."""
        with self.client() as client:
            return client.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": inputs}, params=query)

    def stop(self) -> int:
        """Asks the server to stop and waits until it has; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(SECONDS)
        finally:
            self._close()

    def kill(self) -> None:
        """Ends the process as a power cut would, without a chance to say anything."""
        self.process.kill()
        self.process.wait(SECONDS)
        self._close()

    def _close(self) -> None:
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def start(data: Path | str, *options: str, **variables: str) -> Server:
    """Starts a server on a free port and waits for its ready line; fails with what it said instead."""
    return ready(launch("serve", "--port", "0", "--data", str(data), "--token", TOKEN, *options, **variables), data)


def ready(process: "subprocess.Popen[str]", data: Path | str) -> Server:
    """The server of a process that was started, once it says that it is ready; fails with what it said instead."""
    line = _line(process)
    if not line.startswith("Trunkline ready on "):
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"the server did not start: {line}{out}{err}")
    return Server(process, line.split()[-1], data)


def recorder_line(process: "subprocess.Popen[str]") -> str:
    """The address of a recorder that was launched."""
    line = _line(process)
    assert line.startswith("Trunkline records on "), line
    return line.split()[-1]


def launch(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Starts the command and returns at once."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command(*arguments), stdout=pipe, stderr=pipe, text=True, env=environment(**variables))


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end; fails with what it said when it fails."""
    done = attempt(*arguments, **variables)
    assert done.returncode == 0, f"trunkline {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done


def attempt(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end, whatever that is."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=SECONDS * 4, env=environment(**variables)
    )


def command(*arguments: str) -> list[str]:
    """The command line of the program under test."""
    return [sys.executable, "-m", "trunkline", *arguments]


def environment(**variables: str) -> dict[str, str]:
    """The environment without settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
    return kept | {"PYTHONWARNINGS": "error", "COLUMNS": "200"} | variables


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 0.2)[0]:
            return process.stdout.readline()
    return ""


def records(response: httpx.Response) -> list[dict[str, object]]:
    """The results of a batch."""
    return list(msgspec.json.decode(response.content)["results"])
