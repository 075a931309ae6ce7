"""The real program, started as an operator starts it, and what its process and its file tell from outside."""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import apsw
import httpx

from benchmarks.calls import DEFINITION
from trunkline.settings import Durability

TOKEN = "pat-local-bench"
COMMAND = [sys.executable, "-m", "trunkline", "serve"]
QUICK = 0.5
"""Seconds within which a search is answered that has nothing to wait for."""
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running server. `ready` is the seconds that it took until its ready line; `more` are settings, as variables."""

    def __init__(
        self,
        path: Path | str,
        durability: Durability,
        command: list[str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        settings = {
            "TRUNKLINE_PORT": "0",
            "TRUNKLINE_DATA": str(path),
            "TRUNKLINE_TOKEN": TOKEN,
            "TRUNKLINE_DURABILITY": durability,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
        started = time.perf_counter()
        variables = kept | settings | dict(more or {})
        self._process = subprocess.Popen(command or COMMAND, stdout=subprocess.PIPE, text=True, env=variables)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.ready = time.perf_counter() - started
        if not line.startswith("Trunkline ready on "):
            self.stop()
            raise RuntimeError(f"the server did not start: {line}")
        self.url = line.split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the server and waits until its file is closed."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def define(self) -> None:
        """Makes the unique property."""
        headers = {"authorization": f"Bearer {TOKEN}"}
        url = f"{self.url}/crm/v3/properties/calls"
        httpx.post(url, json=DEFINITION, headers=headers, trust_env=False).raise_for_status()

    def settle(self) -> float:
        """Waits until the search index has taken in all that was written, and returns the seconds that it took."""
        started = time.perf_counter()
        while True:
            asked = time.perf_counter()
            self._search()
            if time.perf_counter() - asked < QUICK:
                return asked - started

    def _search(self) -> None:
        headers = {"authorization": f"Bearer {TOKEN}"}
        url = f"{self.url}/crm/v3/objects/calls/search"
        httpx.post(url, json={"limit": 1}, headers=headers, trust_env=False, timeout=60)

    def processor(self) -> float:
        """Seconds of processor time so far, of all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Bytes of resident memory."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no resident memory in /proc")

    def commits(self) -> int:
        """Transactions committed, modulo 2**32: `iChange` in the header of SQLite's WAL index (walformat.html, 2.1)."""
        with Path(f"{self.path}-shm").open("rb") as file:
            header = file.read(12)
        return int(struct.unpack("=I", header[8:12])[0])


def counts(path: Path) -> tuple[int, int]:
    """How many calls a store has, by the ids it gave, and rows its journal."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        calls = "SELECT coalesce(max(key) - min(key) + 1, 0) FROM record"
        return number(connection, calls), number(connection, "SELECT coalesce(max(position), 0) FROM change")
    finally:
        connection.close()


def number(connection: apsw.Connection, select: str, values: tuple[int, ...] = ()) -> int:
    """The one number that a query finds."""
    return int(cast(int, connection.execute(select, values).fetchall()[0][0]))
