"""Where a PostgreSQL is that the tests can run, and as whom."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

VARIABLE = "TRUNKLINE_TEST_POSTGRES"
"""The environment variable with the URL of a running server where the tests may create databases."""

LEAST = 14
"""The oldest PostgreSQL that Trunkline takes."""

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
"""Where those who package it put its programs, which are seldom on the path."""

OWN = Path(__file__).resolve().parent.parent / ".venv" / "postgres"
"""Where `tools/database.py` puts one."""

PROGRAMS = ("postgres", "initdb")
TOLD = re.compile(r"\(PostgreSQL\) (\d+)")
SECONDS = 30


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` with which a program runs as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


def find() -> Path | None:
    """The folder of its programs: on the path, in one of the usual places, newest first, or the tests' own."""
    return next((folder for folder in _folders() if version(folder) >= LEAST), None)


def version(folder: Path, identity: Identity | None = None) -> int:
    """The first number of the version of the server in a folder; 0 for what cannot be started."""
    if not all((folder / name).is_file() for name in PROGRAMS):
        return 0
    try:
        done = subprocess.run(
            [folder / PROGRAMS[0], "--version"],
            **(identity or {}),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    told = TOLD.search(done.stdout)
    return int(told[1]) if told else 0


def identity() -> Identity:
    """Whom a server has to run as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _folders() -> Iterator[Path]:
    on_path = shutil.which(PROGRAMS[0])
    if on_path:
        yield Path(on_path).resolve().parent
    placed = [folder for place in PLACES for folder in Path("/").glob(place.removeprefix("/"))]
    yield from sorted(placed, key=version, reverse=True)
    yield from OWN.glob("*/pginstall/bin")
