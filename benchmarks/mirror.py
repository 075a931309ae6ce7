"""How close the mirror comes to a rate limit, and how fast it copies an account, from server to server.

    python benchmarks/mirror.py --calls 20000 --rate 40

Two servers in processes of their own. Calls are written to one, copied to the other by `pull`, changed there, and sent
on by `forward` at so many requests in ten seconds. The ideal time is the one of all requests in full windows.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from trunkline.mirror.run import Sides, forward, pull

FIXED = "pat-local-benchmark"
SECRET = "a secret of more than thirty-two characters"
SCOPES = [
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
]
REF = {"name": "dialer_id", "label": "Dialer id", "type": "string", "fieldType": "text", "groupName": "callinformation"}


class Server:
    """A server in a process of its own."""

    def __init__(self, folder: str) -> None:
        command = [
            sys.executable,
            "-m",
            "trunkline",
            "serve",
            "--port",
            "0",
            "--data",
            f"{folder}/calls.db",
            "--token",
            FIXED,
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"TRUNKLINE_SECRET": SECRET}
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        headers = {"authorization": f"Bearer {FIXED}"}
        self.http = httpx.Client(base_url=self.url, headers=headers, trust_env=False, verify=False, timeout=60)
        self.post("/crm/v3/properties/calls", REF | {"hasUniqueValue": True})
        self.token = self.control("POST", "/tokens", {"name": "mirror", "scopes": SCOPES})["token"]

    def control(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        """What the control namespace answers."""
        answer = self.http.request(method, f"/_trunkline{path}", json=body, headers={"x-trunkline-secret": SECRET})
        return dict(json.loads(answer.raise_for_status().content or b"{}"))

    def post(self, path: str, body: object) -> None:
        """Sends a request that has to succeed."""
        self.http.post(path, json=body).raise_for_status()

    def write(self, count: int, title: str) -> None:
        """Creates or changes so many calls."""
        for first in range(0, count, 100):
            values = {"hs_timestamp": "2026-01-01T12:00:00Z", "hs_call_title": title, "hs_call_duration": "61000"}
            inputs = [
                {"idProperty": "dialer_id", "id": f"D{n}", "properties": values} for n in range(first, first + 100)
            ]
            self.post("/crm/v3/objects/calls/batch/upsert", {"inputs": inputs})

    def stop(self) -> None:
        """Stops it."""
        self._process.terminate()
        self._process.wait()


async def measure(there: Server, here: Server, folder: str, calls: int, rate: int) -> None:
    """Prints a line for each figure."""

    def sides(most: int) -> Sides:
        return Sides(
            local=here.url,
            local_token=here.token,
            remote=there.url,
            remote_token=there.token,
            ask=here.control,
            state=Path(folder) / "mirror.json",
            keys={"calls": "dialer_id"},
            rate=most,
        )

    there.write(calls, "first")
    began = time.perf_counter()
    await pull(sides(1_000_000), ("calls",))
    _tell("pull", calls / (time.perf_counter() - began), "records/s")
    await forward(sides(1_000_000))
    here.write(calls, "second")
    began = time.perf_counter()
    await forward(sides(1_000_000))
    _tell("forward without a limit", calls / (time.perf_counter() - began), "records/s")
    here.write(calls, "third")
    began = time.perf_counter()
    await forward(sides(rate))
    took, requests = time.perf_counter() - began, calls / 100 + 1
    ideal = 10 * ((requests - 1) // rate)
    _tell(f"forward at {rate} requests in 10 s", calls / took, "records/s")
    _tell("of what the limit allows", 100 * ideal / took, "%")


def _tell(what: str, figure: float, unit: str) -> None:
    print(f"{what:40} {figure:12,.1f} {unit}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        servers = Server(one), Server(other)
        try:
            asyncio.run(measure(*servers, other, given.calls, given.rate))
        finally:
            for server in servers:
                server.stop()
