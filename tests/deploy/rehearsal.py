"""The steps of the Dockerfile, run in a shell: the image's folders are below a temporary one, and no engine is asked.

What only an image has, its user, is left out, and what it is for is done: the program runs as another user where the
tests are run by root.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

UID = 10001
PLACES = re.compile(r"(?<![\w./])/(src|wheels|opt/trunkline|data)(?![\w])")
"""The folders of the image that its steps name."""

PYTHONS = (sys.executable, "python3.13", "python3.12", "python3.11", "python3", "/usr/bin/python3")
SECONDS = 400


class Instruction(NamedTuple):
    """One line of a Dockerfile."""

    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The value as its JSON form, or parted as a shell parts it."""
        if self.value.startswith("["):
            return list(json.loads(self.value))
        return shlex.split(self.value)


class Stage(NamedTuple):
    """What follows one FROM."""

    base: str
    instructions: Sequence[Instruction]

    def all(self, name: str) -> list[Instruction]:
        """The instructions of a name."""
        return [one for one in self.instructions if one.name == name]

    def last(self, name: str) -> Instruction:
        """The instruction of a name that counts."""
        return self.all(name)[-1]

    @property
    def variables(self) -> dict[str, str]:
        """The environment that the stage sets."""
        return dict(pair.split("=", 1) for one in self.all("ENV") for pair in one.words)


def stages() -> list[Stage]:
    """The Dockerfile."""
    with (DEPLOY / "Dockerfile").open("rb") as file:
        parsed: list[dict[str, Any]] = DockerfileParser(fileobj=file).structure
    found: list[tuple[str, list[Instruction]]] = []
    for one in parsed:
        if one["instruction"] == "FROM":
            found.append((one["value"], []))
        elif one["instruction"] != "COMMENT":
            found[-1][1].append(Instruction(one["instruction"], one["value"]))
    return [Stage(base, some) for base, some in found]


def ingredients() -> list[str]:
    """What the build may take from the repository."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*", "all is left out that is not named"
    return [line[1:] for line in lines if line.startswith("!")]


def python() -> str | None:
    """A Python that makes environments, and that the image's user could run, too; None when there is none."""
    probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    for name in PYTHONS:
        found = shutil.which(name)
        if found is None:
            continue
        told = subprocess.run([found, "-c", "import sys; print(sys._base_executable)"], capture_output=True, text=True)
        if _runs([told.stdout.strip(), "-c", probe]):
            return told.stdout.strip()
    return None


def as_user() -> dict[str, Any]:
    """What makes a process the image's user's, where that can be done."""
    return {"user": UID, "group": UID, "extra_groups": []} if os.geteuid() == 0 else {}


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60, cwd="/", **as_user()).returncode == 0
    except OSError:
        return False


class Rehearsal:
    """An image that is none: its folders below `root`, made by the steps of the Dockerfile with another Python."""

    def __init__(self, root: Path, program: str) -> None:
        self.root = root
        self.left_out: list[str] = []
        shims = root / "shims"
        shims.mkdir()
        (shims / "python").write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        (shims / "python").chmod(0o755)
        self._path = f"{shims}:/usr/bin:/bin"

    def build(self) -> None:
        """Makes all stages."""
        for stage in stages():
            folder = self.root
            for one in stage.instructions:
                if one.name == "WORKDIR":
                    folder = Path(self.placed(one.value))
                    folder.mkdir(parents=True, exist_ok=True)
                elif one.name == "COPY":
                    self._copy(one.words, folder)
                elif one.name == "RUN":
                    self._run(one.value, folder, stage.variables)

    def placed(self, text: str) -> str:
        """A text with the folders of the image where they are here."""
        return PLACES.sub(lambda found: str(self.root / found[1]), text)

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process in the image."""
        known = {"PATH": self._path, "HOME": "/nonexistent"}
        return known | {name: self.placed(value).replace("$PATH", self._path) for name, value in variables.items()}

    def _copy(self, words: list[str], folder: Path) -> None:
        if words[0].startswith("--from="):
            assert words[1] == words[2], "one stage's folder is the other's here"
            return
        *sources, target = words
        for source in sources:
            assert source in ingredients(), f"{source} does not get into the build"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, folder / target)

    def _run(self, command: str, folder: Path, variables: Mapping[str, str]) -> None:
        if "useradd" in command:
            self.left_out.append(command)
            data = self.root / "data"
            data.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(data, UID, UID)
            return
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        done = subprocess.run(
            ["/bin/sh", "-ec", self.placed(command)],
            cwd=folder,
            env=kept | self.environment(variables),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
