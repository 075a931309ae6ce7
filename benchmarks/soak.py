"""A long mixed load on one server, with faults that are made on purpose, to see what creeps.

    .venv/bin/python benchmarks/soak.py [--minutes 60] [--data FILE or postgresql://…]

In one portal clients upsert, read, search and tie without pause, some of them meeting faults that were set for it; an
app is told by webhooks, a stream is followed, and another portal is filled and reset again and again. Every ten seconds
it notes the server's memory, what the readers were told, and what failed that no fault explains. It ends with status 1
when something did, when a write that was acknowledged is not there, or when the memory of the last quarter is more than
a tenth above that of the one before.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.calls import KEY
from benchmarks.measure import ROOT
from benchmarks.server import TOKEN, Server

CALLS = "/crm/v3/objects/calls"
SECRET = "s" * 40
FAULT = "x-trunkline-fault"
KEYS = 200_000
"""Keys that upserts choose from: most of them change what is there already, in the end."""

GROWTH = 1.1
"""Times the mean memory of the third quarter that of the fourth may be."""

FAULTS = (
    {"kind": "server-error", "probability": 0.01, "seed": 1},
    {"kind": "rate-limit", "probability": 0.01, "seed": 2},
    {"kind": "commit-then-drop", "probability": 0.005, "seed": 3},
    {"kind": "reset", "probability": 0.005, "seed": 4},
    {"kind": "truncated", "probability": 0.005, "seed": 5},
)
"""What goes wrong on purpose; a connection that ends is always one of them."""


class Soak:
    """The load on one server, and what was seen of it."""

    def __init__(self, server: Server, receiver: str) -> None:
        self._server, self._receiver = server, receiver
        headers = {"authorization": f"Bearer {TOKEN}"}
        limits = httpx.Limits(max_connections=64)
        self._http = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60, trust_env=False, limits=limits)
        self.done: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.acknowledged: dict[str, str] = {}
        self.pending: dict[str, set[str]] = {}
        self.memory: list[int] = []
        self._chance = random.Random(7)
        self._streamed = 0

    async def prepare(self) -> int:
        """Faults, a webhook and another portal; returns the portal's id."""
        settings = {"targetUrl": f"{self._receiver}/hook", "throttling": {"maxConcurrentRequests": 10}}
        (await self._http.put("/webhooks/v3/1/settings", json=settings)).raise_for_status()
        wanted = {"eventType": "object.creation", "objectTypeId": "0-48", "active": True}
        (await self._http.post("/webhooks/v3/1/subscriptions", json=wanted)).raise_for_status()
        made = (await self._http.post("/crm/v3/objects/contacts", json={"properties": {"firstname": "Ada"}})).json()
        self._contact = made["id"]
        other = int((await self._control("POST", "/portals", {"name": "other"}))["id"])
        self._other = str(
            (await self._control("POST", "/tokens", {"name": "other", "scopes": None, "portal": other}))["token"]
        )
        for fault in FAULTS:
            await self._control("POST", "/portals/1000001/faults", fault)
        return other

    async def _control(self, method: str, path: str, body: object) -> dict[str, Any]:
        headers = {"x-trunkline-secret": SECRET}
        answer = await self._http.request(method, f"/_trunkline{path}", json=body, headers=headers)
        return dict(answer.raise_for_status().json())

    async def run(self, seconds: float) -> None:
        """All of it at once, for so long."""
        other, end = await self.prepare(), time.monotonic() + seconds
        works: list[Callable[[], Awaitable[None]]] = [
            *[self._upsert] * 4,
            self._read,
            self._search,
            self._tie,
            lambda: self._reset(other),
        ]
        tasks = [asyncio.create_task(self._again(work, end)) for work in works]
        following = asyncio.create_task(self._follow())
        began = time.monotonic()
        while time.monotonic() < end:
            await asyncio.sleep(min(10, max(0.1, end - time.monotonic())))
            await self._note(time.monotonic() - began)
        await asyncio.gather(*tasks)
        following.cancel()
        await self._verify()
        await self._http.aclose()

    async def _again(self, work: Callable[[], Awaitable[None]], end: float) -> None:
        while time.monotonic() < end:
            try:
                await work()
            except httpx.TransportError:
                self.done["cut off on purpose"] += 1

    async def _ask(self, what: str, method: str, path: str, body: object = None) -> httpx.Response:
        answer = await self._http.request(method, path, json=body)
        self.done[what] += 1
        if answer.status_code >= 400 and FAULT not in answer.headers:
            self.failures[f"{what}: {answer.status_code} {answer.text[:200]}"] += 1
        return answer

    async def _upsert(self) -> None:
        first = self._chance.randrange(0, KEYS, 100)
        title = f"title {self.done['upsert']}"
        keys = [f"K{number}" for number in range(first, first + 100)]
        values = {"hs_timestamp": "2026-01-01T12:00:00Z", "hs_call_title": title, "hs_call_duration": "61000"}
        inputs = [{"idProperty": KEY, "id": key, "properties": values} for key in keys]
        self.pending.setdefault(keys[0], set()).add(title)
        answer = await self._ask("upsert", "POST", f"{CALLS}/batch/upsert", {"inputs": inputs})
        if answer.status_code == 200:
            self.acknowledged[keys[0]] = title

    async def _read(self) -> None:
        ids = [{"id": f"K{self._chance.randrange(KEYS)}"} for _ in range(50)]
        distinct = list({one["id"]: one for one in ids}.values())
        body = {"idProperty": KEY, "properties": ["hs_call_title"], "inputs": distinct}
        await self._ask("read", "POST", f"{CALLS}/batch/read", body)

    async def _search(self) -> None:
        filters = [
            {"propertyName": "hs_call_title", "operator": "EQ", "value": f"title {self._chance.randrange(9999)}"}
        ]
        await self._ask("search", "POST", f"{CALLS}/search", {"filterGroups": [{"filters": filters}], "limit": 10})
        await asyncio.sleep(0.05)

    async def _tie(self) -> None:
        made = await self._ask("create", "POST", CALLS, {"properties": {"hs_timestamp": "2026-01-01T12:00:00Z"}})
        if made.status_code == 201:
            path = f"/crm/v4/objects/calls/{made.json()['id']}/associations/default/contacts/{self._contact}"
            await self._ask("tie", "PUT", path)
        await asyncio.sleep(0.02)

    async def _reset(self, other: int) -> None:
        """Fills another portal and empties it again."""
        headers = {"authorization": f"Bearer {self._other}"}
        inputs = [{"properties": {"hs_timestamp": "2026-01-01T12:00:00Z"}} for _ in range(100)]
        for _ in range(10):
            answer = await self._http.post(f"{CALLS}/batch/create", json={"inputs": inputs}, headers=headers)
            if answer.status_code != 201:
                self.failures[f"other: {answer.status_code}"] += 1
        await self._control("POST", f"/portals/{other}/reset", {})
        listed = (await self._http.get(CALLS, headers=headers)).json()["results"]
        self.done["reset"] += 1
        if listed:
            self.failures["a portal that was reset is not empty"] += 1

    async def _follow(self) -> None:
        headers = {"x-trunkline-secret": SECRET}
        async with self._http.stream("GET", "/_trunkline/changes", headers=headers, timeout=None) as stream:
            async for line in stream.aiter_lines():
                self._streamed += line.startswith("id:")

    async def _note(self, elapsed: float) -> None:
        self.memory.append(self._server.memory())
        async with httpx.AsyncClient(trust_env=False) as client:
            told = json.loads((await client.get(self._receiver)).content)["events"]
        figures = f"{self.memory[-1] / 2**20:6.0f} MiB, told {told:,}, streamed {self._streamed:,}"
        print(f"{elapsed:6.0f} s  {dict(self.done)}  {figures}  failed {self.failures.total()}", flush=True)

    async def _verify(self) -> None:
        """Notes every batch whose calls do not all have one title that was sent, the acknowledged one or a later."""
        await self._control_free()
        for first, title in self.acknowledged.items():
            number = int(first[1:])
            inputs = [{"id": f"K{one}"} for one in range(number, number + 100)]
            body = {"idProperty": KEY, "properties": ["hs_call_title"], "inputs": inputs}
            results = (await self._http.post(f"{CALLS}/batch/read", json=body)).json()["results"]
            titles = {one["properties"]["hs_call_title"] for one in results}
            if len(results) != 100 or len(titles) != 1 or not titles <= self.pending[first] | {title}:
                self.failures["an acknowledged batch is not there as it was sent"] += 1

    async def _control_free(self) -> None:
        headers = {"x-trunkline-secret": SECRET}
        (await self._http.delete("/_trunkline/portals/1000001/faults", headers=headers)).raise_for_status()


def grew(memory: list[int]) -> float:
    """Times the mean memory of the third quarter that of the fourth is."""
    quarter = max(1, len(memory) // 4)
    return mean(memory[-quarter:]) / mean(memory[-2 * quarter : -quarter] or memory[-quarter:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--data", default=None, help="the store, by default a file that is thrown away")
    options = parser.parse_args()
    command = [sys.executable, "-m", "trunkline", "serve"]
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or str(Path(folder) / "calls.db")
        with Server(data, "full", ["env", f"TRUNKLINE_SECRET={SECRET}", *command]) as server:
            server.define()
            receiver = [sys.executable, "-m", "benchmarks.receiver"]
            receiving = subprocess.Popen(receiver, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            assert receiving.stdout is not None
            try:
                soak = Soak(server, receiving.stdout.readline().strip())
                asyncio.run(soak.run(options.minutes * 60))
            finally:
                receiving.terminate()
                receiving.wait()
    for failure, count in soak.failures.items():
        print(f"{count} times {failure}")
    growth = grew(soak.memory)
    print(f"memory of the last quarter: {growth:.3f} times that of the one before")
    sys.exit(1 if soak.failures or growth > GROWTH else 0)


if __name__ == "__main__":
    main()
