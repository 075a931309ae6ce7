"""How fast records go into files and out of them, and how much memory that takes.

    python benchmarks/export.py --calls 100000 [--exports] [--profile]

Calls are written to one server, exported to CSV, NDJSON and Parquet, and each file is loaded into an empty server. Each
command runs in a process of its own, from its start to its end; the memory is the most that it had at any time.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.calls import BATCH, KEY, Round, body
from benchmarks.forms import PATH
from benchmarks.server import TOKEN, Server

FORMS = ("csv", "ndjson", "parquet")
SOME = f"{KEY},hs_timestamp,hs_call_title,hs_call_status,hs_call_body,hs_call_duration"


def fill(server: Server, calls: int) -> None:
    """Writes so many calls."""
    server.define()
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=60) as client:
        for inputs in Round("new", 0, calls // BATCH, 1).plan():
            client.post(PATH, content=body(inputs)).raise_for_status()


def measure(source: Server, folder: Path, calls: int, *, loads: bool, profile: bool) -> None:
    """Prints a line for each run."""
    for form in FORMS:
        file = folder / f"calls.{form}"
        told(f"export {form}", source, calls, run(source, profile, "export", file, "--from", source.url))
        print(f"{'':34}{file.stat().st_size / calls:10.0f} bytes for each")
        if loads:
            load(file, folder / f"{form}.db", calls, profile)
        for part in (file, *folder.glob(f"{form}.db*")):
            part.unlink()
    file = folder / "some.csv"
    for what, more in (("export csv, 6 properties", ()), ("export csv, 6 with history", ("--history",))):
        arguments = ("export", file, "--from", source.url, "--properties", SOME, *more)
        told(what, source, calls, run(source, profile, *arguments))


def load(file: Path, store: Path, calls: int, profile: bool) -> None:
    """Measures the loading of a file into a server with nothing in it."""
    with Server(store, "full") as target:
        target.define()
        measured = run(target, profile, "load", file, "--to", target.url, "--key", KEY)
        told(f"load {file.suffix[1:]}", target, calls, measured)


def run(server: Server, profile: bool, *arguments: object) -> tuple[float, float, int]:
    """Runs the command: seconds, seconds of the server's processor, and bytes of memory."""
    program = [sys.executable, *(("-m", "cProfile", "-s", "tottime") if profile else ()), "-m", "trunkline"]
    command = [*program, *map(str, arguments), "--token", TOKEN]
    began, served = time.perf_counter(), server.processor()
    process = subprocess.Popen(command, stdout=None if profile else subprocess.DEVNULL, stderr=subprocess.PIPE)
    most = 0
    while process.poll() is None:
        most = max(most, peak(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())
    return seconds, server.processor() - served, most


def peak(pid: int) -> int:
    """Bytes of the most memory that a process had so far."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def told(what: str, server: Server, calls: int, measured: Sequence[float]) -> None:
    """Prints what a run took."""
    seconds, served, most = measured
    print(
        f"{what:34}{calls / seconds:10,.0f} records/s{most / 2**20:8.0f} MiB"
        f"{served / seconds:8.2f} cores of the server{server.memory() / 2**20:8.0f} MiB of it",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--exports", action="store_true", help="load nothing")
    parser.add_argument("--profile", action="store_true", help="print where the commands spend their time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Server(Path(name) / "source.db", "normal") as server:
        fill(server, given.calls)
        measure(server, Path(name), given.calls, loads=not given.exports, profile=given.profile)
