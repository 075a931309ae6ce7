"""What the numbers were measured on."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import apsw

PACKAGES = ("trunkline", "apsw", "msgspec", "starlette", "uvicorn", "uvloop", "httptools")


def facts(folder: Path) -> dict[str, str]:
    """Machine, versions and load, by name."""
    return {
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Disk": f"{_file_system(folder)}; a synced write of 4 KiB takes {_sync(folder) * 1000:.2f} ms (median of 200)",
        "Python": platform.python_version(),
        "SQLite": apsw.sqlite_lib_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "Load average at the start": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _file_system(folder: Path) -> str:
    """The type of the file system that holds a folder: that of the longest mount point above it."""
    here = folder.resolve()
    found = ("", "unknown file system")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split()
        if here.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]


def _sync(folder: Path) -> float:
    path = folder / "sync.probe"
    took = []
    with path.open("wb") as file:
        for _ in range(200):
            started = time.perf_counter()
            os.write(file.fileno(), b"x" * 4096)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    path.unlink()
    return median(took)
