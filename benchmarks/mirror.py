"""How close the mirror comes to a rate limit, and how fast it copies an account, from server to server.

    python benchmarks/mirror.py --calls 20000 --rate 40

Two servers in processes of their own. Calls are written to one, copied to the other by `pull`, changed there, and sent
on by `forward` at so many requests in ten seconds. The ideal time is the one of all requests in full windows.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.calls import KEY
from benchmarks.server import TOKEN, Server
from trunkline.access import access
from trunkline.mirror.run import Sides, forward, pull

OBJECTS = ("crm.objects.contacts.read", "crm.objects.contacts.write")
SCOPES = [*OBJECTS, "crm.schemas.contacts.read", "crm.schemas.contacts.write"]


class Side:
    """One of the servers, with calls that have a key."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self._operator = access(str(server.path))
        self._http = httpx.Client(
            base_url=server.url, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=60
        )
        server.define()
        self.token = self.control("POST", "/tokens", {"name": "mirror", "scopes": SCOPES})["token"]

    def control(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        """What the control namespace answers."""
        return self._operator.ask(method, path, body)

    def write(self, count: int, title: str) -> None:
        """Creates or changes so many calls."""
        for first in range(0, count, 100):
            values = {"hs_timestamp": "2026-01-01T12:00:00Z", "hs_call_title": title, "hs_call_duration": "61000"}
            inputs = [{"idProperty": KEY, "id": f"D{n}", "properties": values} for n in range(first, first + 100)]
            self._http.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": inputs}).raise_for_status()


async def measure(there: Side, here: Side, folder: str, calls: int, rate: int) -> None:
    """Prints a line for each figure."""

    def sides(most: int) -> Sides:
        return Sides(
            local=here.url,
            local_token=here.token,
            remote=there.url,
            remote_token=there.token,
            ask=here.control,
            state=Path(folder) / "mirror.json",
            keys={"calls": KEY},
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
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "there.db", Path(folder) / "here.db"
        with Server(paths[0], "full") as there, Server(paths[1], "full") as here:
            asyncio.run(measure(Side(there), Side(here), folder, given.calls, given.rate))
