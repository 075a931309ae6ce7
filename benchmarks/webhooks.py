"""What webhooks cost the main job, and how far behind the receiver is.

    python benchmarks/webhooks.py --calls 50000

A server in a process of its own, and a receiver in another. Calls are upserted in batches of 100 over some connections,
first while nobody is told, then while an app is told of each creation.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.calls import KEY
from benchmarks.server import TOKEN, Server

CALLS = "/crm/v3/objects/calls/batch/upsert"

RECEIVER = """
import asyncio, json, sys, time

state = {"events": 0, "requests": 0, "last": 0.0}

async def serve(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
        except asyncio.IncompleteReadError:
            return
        length = 0
        for line in head.lower().split(b"\\r\\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        body = await reader.readexactly(length)
        if head.startswith(b"POST"):
            state["events"] += len(json.loads(body))
            state["requests"] += 1
            state["last"] = time.time()
        told = json.dumps(state).encode()
        writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(told) + told)

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


async def write(client: httpx.AsyncClient, first: int, count: int, at_once: int) -> float:
    """Upserts new calls; the seconds that it took."""
    starts = iter(range(first, first + count, 100))
    values = {"hs_timestamp": "2026-01-01T12:00:00Z", "hs_call_title": "a title", "hs_call_duration": "61000"}

    async def work() -> None:
        for start in starts:
            inputs = [{"idProperty": KEY, "id": f"D{n}", "properties": values} for n in range(start, start + 100)]
            (await client.post(CALLS, json={"inputs": inputs})).raise_for_status()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return time.perf_counter() - began


async def measure(url: str, receiver: str, calls: int, at_once: int) -> None:
    """Prints a line for each figure."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        await write(client, 0, 5_000, at_once)
        alone = await write(client, 10_000_000, calls, at_once)
        _tell("new, nobody told", calls / alone, "records/s")
        settings = {"targetUrl": f"{receiver}/hook", "throttling": {"maxConcurrentRequests": 10, "period": "SECONDLY"}}
        (await client.put("/webhooks/v3/1/settings", json=settings)).raise_for_status()
        wanted = {"eventType": "object.creation", "objectTypeId": "0-48", "active": True}
        (await client.post("/webhooks/v3/1/subscriptions", json=wanted)).raise_for_status()
        await asyncio.sleep(2)
        told = await write(client, 20_000_000, calls, at_once)
        ended = time.time()
        _tell("new, an app told", calls / told, "records/s")
        _tell("slower by", 100 * (told / alone - 1), "%")
        state = await _all_told(receiver, calls)
        _tell("told, when the writing ended", max(0.0, state["last"] - ended), "s behind")
        _tell("told in all", state["events"] / (state["last"] - ended + told), "events/s")


async def _all_told(receiver: str, calls: int) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            state = json.loads((await client.get(receiver)).content)
            if state["events"] >= calls:
                return dict(state)
            await asyncio.sleep(0.05)


def _tell(what: str, figure: float, unit: str) -> None:
    print(f"{what:40} {figure:12,.1f} {unit}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "calls.db", "full") as server:
        server.define()
        receiving = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
        assert receiving.stdout is not None
        try:
            receiver = f"http://127.0.0.1:{receiving.stdout.readline().strip()}"
            asyncio.run(measure(server.url, receiver, given.calls, given.connections))
        finally:
            receiving.terminate()
            receiving.wait()
