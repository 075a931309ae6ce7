"""Where a Chromium is that the tests can drive."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "TRUNKLINE_CHROMIUM"
"""The environment variable that names a Chromium or a Chrome to use."""

BROWSERS = Path(__file__).resolve().parent.parent / ".venv" / "browsers"
"""Where `tools/browser.py` puts one."""

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CACHES = {"darwin": "Library/Caches/ms-playwright", "win32": "AppData/Local/ms-playwright"}
PLACES = (
    "chromium_headless_shell-*/chrome-*/headless_shell",
    "chromium_headless_shell-*/chrome-*/chrome-headless-shell*",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium-*/chrome-win*/chrome.exe",
)

ARGUMENTS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def find() -> str | None:
    """The program: the one that the environment names, Playwright's own, or one on the path; in this order."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    own = (str(path) for folder in _folders() for place in PLACES for path in sorted(folder.glob(place)))
    installed = (shutil.which(command) for command in COMMANDS)
    return next((path for path in (*own, *installed) if path and os.access(path, os.X_OK)), None)


def arguments() -> list[str]:
    """What it is started with. It reaches nothing outside, and root cannot have its sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if root else [])]


def _folders() -> Iterator[Path]:
    yield BROWSERS
    if os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        yield Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"])
    yield Path.home() / CACHES.get(sys.platform, ".cache/ms-playwright")
