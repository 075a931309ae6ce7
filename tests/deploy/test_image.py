"""The image: what its file promises, and that its steps bring a server that runs."""

import importlib.metadata
import os
import re
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from deploy.rehearsal import ROOT, SECONDS, UID, Instruction, Rehearsal, Stage, as_user, ingredients, python, stages
from server import TOKEN

METRICS = "a-token-for-the-metrics"


@pytest.fixture(scope="module")
def final() -> Stage:
    return stages()[-1]


@pytest.fixture(scope="module")
def image() -> Iterator[Rehearsal]:
    """The image, built; skipped where no package can be had, or no Python that its user may run."""
    program = python()
    if program is None:
        pytest.skip("no Python from 3.11 on with venv that another user may run")
    with tempfile.TemporaryDirectory() as folder:
        _require_registry(program, folder)
        root = Path(folder) / "image"
        root.mkdir()
        for place in (Path(folder), root):
            place.chmod(0o755)
        made = Rehearsal(root, program)
        made.build()
        yield made


def _require_registry(program: str, folder: str) -> None:
    wanted = [program, "-m", "pip", "download", "--no-deps", "--dest", folder, "hatchling"]
    try:
        done = subprocess.run(wanted, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("no package registry answered within two minutes")
    if done.returncode:
        pytest.skip(f"no package registry is reachable: {done.stderr.strip().splitlines()[-1]}")


def test_it_is_nobodys_root_and_keeps_its_data_in_a_volume(final: Stage) -> None:
    assert final.last("USER").value == f"{UID}:{UID}"
    (made,) = [one.value for one in final.all("RUN") if "useradd" in one.value]
    assert f"--uid {UID}" in made
    assert re.search(rf"install --directory --owner {UID} --group {UID} --mode 0700 /data$", made)
    assert final.last("VOLUME").words == ["/data"]
    assert final.variables["TRUNKLINE_DATA"] == "/data/trunkline.db"
    assert final.last("EXPOSE").value == final.variables["TRUNKLINE_PORT"] == "8787"
    assert final.last("STOPSIGNAL").value == "SIGTERM"


def test_it_is_made_in_stages_of_one_python_and_takes_no_more_than_it_needs() -> None:
    first, last = stages()
    assert first.base.split() == [last.base, "AS", "build"]
    assert re.fullmatch(r"python:3\.\d+-slim", last.base)
    assert ingredients() == ["pyproject.toml", "README.md", "constraints.txt", "src"]
    assert [one.words[0] for one in last.all("COPY")] == ["--from=build"]


def test_no_secret_is_in_it() -> None:
    for stage in stages():
        assert not stage.all("ARG")
        for name in stage.variables:
            assert not re.search("TOKEN|SECRET|PASSWORD|KEY", name)


def test_what_is_installed_is_what_is_pinned(image: Rehearsal) -> None:
    pinned = {_plain(name): version for name, version in _pins()}
    (folder,) = (image.root / "opt/trunkline/lib").glob("python*/site-packages")
    there = {_plain(one.name): one.version for one in importlib.metadata.distributions(path=[str(folder)])}
    assert there.pop("trunkline")
    assert {"uvicorn", "apsw", "prometheus-client"} <= set(there)
    assert not {"pytest", "mypy", "ruff", "pip"} & set(there)
    assert there == {name: pinned.get(name) for name in there}


def _pins() -> list[tuple[str, str]]:
    return re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_only_the_user_was_not_made_here(image: Rehearsal) -> None:
    assert len(image.left_out) == 1


@pytest.mark.parametrize("tls", [{}, {"TRUNKLINE_TLS": "true"}], ids=["plain", "tls"])
def test_it_serves_as_its_user_and_stops_when_it_is_told(tls: dict[str, str], image: Rehearsal, final: Stage) -> None:
    given = {"TRUNKLINE_HOST": "127.0.0.1", "TRUNKLINE_PORT": "0", **tls}
    secrets = {"TRUNKLINE_METRICS_TOKEN": METRICS, "TRUNKLINE_TOKEN": TOKEN}
    variables = image.environment(final.variables | given | secrets)
    program = subprocess.Popen(
        [*final.last("ENTRYPOINT").words, *final.last("CMD").words],
        cwd=image.placed(final.last("WORKDIR").value),
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **as_user(),
    )
    try:
        assert program.stdout is not None
        line = program.stdout.readline()
        assert line.startswith("Trunkline ready on "), line + program.communicate(timeout=10)[1]
        url = line.split()[-1]
        assert url.startswith("https:" if tls else "http:")
        if os.geteuid() == 0:
            assert re.search(rf"^Uid:\s+{UID}\s", Path(f"/proc/{program.pid}/status").read_text(), re.MULTILINE)
        with httpx.Client(base_url=url, trust_env=False, verify=False) as client:
            assert client.get("/_trunkline/health").json()["status"] == "ok"
            assert client.get("/_trunkline/ready").json() == {"status": "ready"}
            metrics = client.get("/_trunkline/metrics", headers={"authorization": f"Bearer {METRICS}"})
            assert "trunkline_build_info" in metrics.text
            calls = client.get("/crm/v3/objects/calls", headers={"authorization": f"Bearer {TOKEN}"})
            assert calls.json() == {"results": []}
        port = url.rpartition(":")[2]
        assert _health(image, final, port, tls) == 0
        program.send_signal(getattr(signal, final.last("STOPSIGNAL").value))
        assert program.wait(30) == 0
        assert _health(image, final, port, tls) == 1
    finally:
        program.kill()
        program.communicate()
    data = image.root / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert (data / "trunkline.db").stat().st_uid == data.stat().st_uid


def _health(image: Rehearsal, final: Stage, port: str, tls: dict[str, str]) -> int:
    """The status of the command by which an engine would ask."""
    command = Instruction("CMD", final.last("HEALTHCHECK").value.partition("CMD ")[2]).words
    variables = image.environment(final.variables | {"TRUNKLINE_PORT": port} | tls)
    return subprocess.run(command, env=variables, timeout=SECONDS, capture_output=True, cwd="/", **as_user()).returncode
