"""How long a test waits for its portal: the first one of a process, and each further one.

    python benchmarks/plugin.py [--runs 7] [--tests 100]

Each run is a new process that has imported pytest, as a test session has. What a further portal takes includes the
removal of the one before, in which each test wrote a few records. Nothing else should run on the machine meanwhile.
"""

import argparse
import json
import statistics
import subprocess
import sys

CODE = """
import json, sys, time
import pytest

def spent(since):
    return (time.perf_counter() - since) * 1000

begun = time.perf_counter()
import trunkline.testing.plugin
plugin = spent(begun)
begun = time.perf_counter()
import trunkline.testing
with trunkline.testing.server(sys.argv[1]) as server:
    portal = server.portal()
    one = portal.__enter__()
    first, further = spent(begun), []
    for _ in range(int(sys.argv[2])):
        one.seed({"records": {"contacts": [{"properties": {"email": f"{n}@example.com"}} for n in range(5)]}})
        begun = time.perf_counter()
        portal.__exit__(None, None, None)
        portal = server.portal()
        one = portal.__enter__()
        further.append(spent(begun))
    portal.__exit__(None, None, None)
print(json.dumps([plugin, first, further]))
"""


def main() -> None:
    """Measures and prints a table; times are milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tests", type=int, default=100)
    asked = parser.parse_args()
    print("| server | plugin imported | first portal, median (worst) | further portal, median (worst) |")
    print("|---|---|---|---|")
    for where in ("thread", "process"):
        runs = [measured(where, asked.tests) for _ in range(asked.runs)]
        plugin, first = [run[0] for run in runs], [run[1] for run in runs]
        further = [one for run in runs for one in run[2]]
        cells = (f"{statistics.median(plugin):.1f}", told(first), told(further))
        print(f"| {where} | {' | '.join(cells)} |")


def measured(where: str, tests: int) -> tuple[float, float, list[float]]:
    """What one process took for the import of the plugin, the first portal, and each further one."""
    command = [sys.executable, "-c", CODE, where, str(tests)]
    plugin, first, further = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return plugin, first, further


def told(times: list[float]) -> str:
    """The median and the worst."""
    return f"{statistics.median(times):.1f} ({max(times):.1f})"


if __name__ == "__main__":
    main()
