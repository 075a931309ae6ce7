"""Faults under load on PostgreSQL: what was acknowledged is there, nothing twice, and clients see no wrong answer.

The clients do what a dialer does: what is answered with a 5xx, or not at all, they send again until it is acknowledged.
"""

import http.client
import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from cluster import Cluster
from server import SECONDS, Server, start

CLIENTS = 4
BATCH = 20
FAULTS = 4
"""Faults in one test, each after some load."""

AT = "2025-04-24T20:01:33Z"
PATH = "/crm/v3/objects/calls/batch/upsert"


class Dialer(threading.Thread):
    """A client that upserts batches, some of them new and some of them again, and sends each until it is acknowledged.

    All calls of a batch have the same title, so a batch by half would show. Two dialers share their keys, so that each
    key is written by both.
    """

    def __init__(self, url: str, token: str, name: str, stop: threading.Event) -> None:
        super().__init__(name=name)
        self._host = urlsplit(url).netloc
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._stop_ = stop
        self.acknowledged: list[tuple[str, str]] = []
        self.ids: dict[str, str] = {}
        self.statuses: set[int] = set()
        self.failures = 0
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            for group, title, body in self._batches():
                if self._stop_.is_set():
                    return
                self._send(body)
                self.acknowledged.append((group, title))
        except BaseException as cause:
            self.fault = cause

    def _batches(self) -> Iterator[tuple[str, str, bytes]]:
        chance = random.Random(self.name)
        for number in range(1_000_000):
            group = f"{self.name[0]}{chance.randrange(number // 2 + 1)}"
            title = f"{self.name}-{number}"
            properties = {"hs_timestamp": AT, "hs_call_title": title}
            keys = [f"{group}/{place}" for place in range(BATCH)]
            inputs = [{"idProperty": "ext_ref", "id": key, "properties": properties} for key in keys]
            yield group, title, msgspec.json.encode({"inputs": inputs})

    def _send(self, body: bytes) -> None:
        """Sends a batch until it is acknowledged."""
        deadline = time.monotonic() + SECONDS
        while not self._acknowledged(body):
            assert time.monotonic() < deadline, f"nothing was acknowledged for {SECONDS} s; statuses {self.statuses}"
            self.failures += 1
            time.sleep(0.02)

    def _acknowledged(self, body: bytes) -> bool:
        connection = http.client.HTTPConnection(self._host, timeout=SECONDS)
        try:
            connection.request("POST", PATH, body, self._headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.statuses.add(answer.status)
        if answer.status != 200:
            assert answer.status >= 500, f"{answer.status}: {content!r}"
            return False
        results = msgspec.json.decode(content)["results"]
        assert len(results) == BATCH
        for result in results:
            key = result["properties"].get("ext_ref")
            if key:
                assert self.ids.setdefault(key, result["id"]) == result["id"], "a key has changed its record"
        return True


def restart(cluster: Cluster, url: str, server: Server) -> None:
    """An operator restarts the database server."""
    cluster.restart()


def crash(cluster: Cluster, url: str, server: Server) -> None:
    """The database server dies and comes back."""
    cluster.kill()
    time.sleep(0.2)
    cluster.start()


def cut(cluster: Cluster, url: str, server: Server) -> None:
    """All connections to the database are cut, several times."""
    for _ in range(5):
        cluster.cut(url)
        time.sleep(0.05)


def kill_worker(cluster: Cluster, url: str, server: Server) -> None:
    """One of the processes that serve dies."""
    os.kill(random.choice(workers(server)), signal.SIGKILL)


def workers(server: Server) -> list[int]:
    """The processes that serve, waited for until there are two."""
    deadline = time.monotonic() + SECONDS
    while True:
        pid = server.process.pid
        children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        serving = [one for one in children if "trunkline" in Path(f"/proc/{one}/cmdline").read_text()]
        if len(serving) >= 2:
            return serving
        assert time.monotonic() < deadline, f"{pid} has the children {children}"
        time.sleep(0.05)


@pytest.mark.parametrize("fault", [restart, crash, cut, kill_worker])
def test_what_was_acknowledged_survives(fault: Callable[[Cluster, str, Server], None], cluster: Cluster) -> None:
    with cluster.database() as url:
        server = start(url, "--workers", "2")
        drain = threading.Thread(target=_drained, args=(server,))
        drain.start()
        try:
            server.define()
            dialers = _under_load(server, lambda: fault(cluster, url, server))
        finally:
            server.process.terminate()
            assert server.process.wait(SECONDS) == 0
            drain.join()
            server.stop()
        assert all(dialer.statuses <= {200, 500, 502, 503} for dialer in dialers)
        assert sum(len(dialer.acknowledged) for dialer in dialers) > CLIENTS * FAULTS
        _check(cluster, url, dialers)


def _drained(server: Server) -> None:
    """What a server tells of its trouble is more than a pipe holds, and who writes into a full one waits."""
    assert server.process.stderr is not None
    for _ in server.process.stderr:
        pass


def _under_load(server: Server, fault: Callable[[], None]) -> list[Dialer]:
    chance, stop = random.Random(20_261_130), threading.Event()
    dialers = [Dialer(server.url, server.token, f"{'ab'[n % 2]}{n}", stop) for n in range(CLIENTS)]
    for dialer in dialers:
        dialer.start()
    for _ in range(FAULTS):
        time.sleep(chance.uniform(0.3, 0.8))
        before = [len(dialer.acknowledged) for dialer in dialers]
        fault()
        _wait_until_served(dialers, before)
    stop.set()
    for dialer in dialers:
        dialer.join()
        if dialer.fault is not None:
            raise dialer.fault
    return dialers


def _wait_until_served(dialers: list[Dialer], before: list[int]) -> None:
    """Until more was acknowledged to each of the dialers."""
    deadline = time.monotonic() + SECONDS
    while any(len(dialer.acknowledged) <= least for dialer, least in zip(dialers, before, strict=True)):
        assert time.monotonic() < deadline, "the dialers are not served again"
        for dialer in dialers:
            if dialer.fault is not None:
                raise dialer.fault
        time.sleep(0.02)


def _check(cluster: Cluster, url: str, dialers: list[Dialer]) -> None:
    with cluster.connected(url) as connection:
        connection.execute("SET search_path = trunkline")
        rows = connection.execute("SELECT id, properties FROM record").fetchall()
        held = connection.execute("SELECT value, record FROM unique_value WHERE property = 'ext_ref'").fetchall()
        journal = connection.execute("SELECT count(*), min(position), max(position) FROM change").fetchall()[0]
        head = connection.execute("SELECT position FROM head").fetchall()
        told = connection.execute("SELECT detail FROM change WHERE kind = 'update'").fetchall()
    kept = {id_: msgspec.json.decode(text, type=dict[str, str]) for id_, text in rows}
    stored = {values["ext_ref"]: values["hs_call_title"] for values in kept.values()}
    assert len(stored) == len(kept), "a key has two records"
    assert {key: kept[id_]["ext_ref"] for key, id_ in held} == {key: key for key in stored}
    assert journal[1:] == (1, journal[0]), "a position is missing, or was given twice"
    assert head == [(journal[0],)]
    _check_titles(stored, [msgspec.json.decode(detail) for (detail,) in told], dialers)


def _check_titles(stored: dict[str, str], told: list[dict[str, list[str]]], dialers: list[Dialer]) -> None:
    """Each acknowledged title is what a key has, or what it had before somebody wrote the next one."""
    titles: dict[str, set[str]] = defaultdict(set)
    for key, title in stored.items():
        titles[key.rpartition("/")[0]].add(title)
    assert all(len(some) == 1 for some in titles.values()), "a batch is there by half"
    ever = set(stored.values()) | {title for change in told for title in change.get("hs_call_title", ())}
    acknowledged = {title for dialer in dialers for _, title in dialer.acknowledged}
    assert acknowledged <= ever, "an acknowledged write is gone"
