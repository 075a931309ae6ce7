"""Sees to it that there is a browser for the tests in `tests/browser`; without one they are skipped.

    python tools/browser.py

Takes the Chromium that is there. Else it has Playwright download one into `.venv/browsers`, and where that cannot be,
has Debian's installed when it is root. It never fails: whoever cannot have a browser runs the other tests.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import install
from chromium import BROWSERS, VARIABLE, find

START = 60
DOWNLOAD = 300
"""Seconds that each step may take."""

PACKAGE = "chromium"


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
    if install.ran(command, DOWNLOAD, {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}) and _starts():
        return True
    shutil.rmtree(BROWSERS, ignore_errors=True)
    return False


def _installed() -> bool:
    return install.package(PACKAGE) and _starts()


def _starts() -> bool:
    """Whether there is one now that can be started: a download may lack libraries of the system."""
    program = find()
    return program is not None and install.ran([program, "--version"], START)


if __name__ == "__main__":
    main()
