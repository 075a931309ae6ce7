"""Sees to it that there is a browser for the tests in `tests/browser`; without one they are skipped.

    python tools/browser.py

Takes the Chromium that is there. Else it has Playwright download one into `.venv/browsers`, and where that cannot be,
has Debian's installed when it is root. It never fails: whoever cannot have a browser runs the other tests.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from chromium import BROWSERS, VARIABLE, find

START = 60
DOWNLOAD = 300
INSTALL = 600
"""Seconds that each step may take."""

PACKAGE = "chromium"
APT = {"DEBIAN_FRONTEND": "noninteractive"}


def main() -> None:
    """Looks for a browser, installs one if there is none, and says what became of it when that is none."""
    if find():
        return
    if os.environ.get(VARIABLE):
        print(f"The browser tests will be skipped: {VARIABLE} names no program.", flush=True)
        return
    print("No Chromium found: installing one for the tests.", flush=True)
    if not _downloaded() and not _installed():
        print(f"The browser tests will be skipped: no Chromium could be had ({VARIABLE} can name one).", flush=True)


def _downloaded() -> bool:
    """Whether Playwright brought its own. One that does not start is removed, so that none takes it for good."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    if _ran(command, DOWNLOAD, {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}) and _starts():
        return True
    shutil.rmtree(BROWSERS, ignore_errors=True)
    return False


def _installed() -> bool:
    """Whether Debian's package manager brought one; only root can have it do so."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", PACKAGE]
    if not _ran(install, INSTALL, APT):
        # A fresh system has no lists of packages, and old lists name files that are gone.
        _ran(["apt-get", "update", "-qq"], INSTALL, APT)
        _ran(install, INSTALL, APT)
    return _starts()


def _starts() -> bool:
    """Whether there is one now that can be started: a download may lack libraries of the system."""
    program = find()
    return program is not None and _ran([program, "--version"], START)


def _ran(command: list[str], seconds: int, variables: Mapping[str, str] | None = None) -> bool:
    """Whether a command ended well in time. What it says is nobody's concern."""
    try:
        subprocess.run(
            command,
            check=True,
            timeout=seconds,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


if __name__ == "__main__":
    main()
