"""What the documents about tests tell a reader to write, run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs
import pytest
import yaml
from deploy.test_files import program
from real.test_documents import blocks, here
from server import Server, environment

PAGES = ("docs/how-to/test-a-dialer-integration.md", "docs/how-to/test-oauth-expiry.md")
LANGUAGES = "docs/how-to/test-from-other-languages.md"
ACTIONS = "docs/how-to/github-actions.md"
COMPOSE = "docs/how-to/docker-compose.md"
SECONDS = 120


def ran(*command: str | Path, folder: Path, **variables: str) -> str:
    """What a program prints, which must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(**variables) | {"PYTHONWARNINGS": ""},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_on_a_page_pass(page: str, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "python")):
        (tmp_path / f"test_{number}.py").write_text(block)
    plugins = ("-p", "no:trunkline", "-p", "trunkline.testing.plugin", "-p", "no:schemathesis", "-W", "error")
    said = ran(sys.executable, "-m", "pytest", "-q", *plugins, folder=tmp_path)
    count = sum(block.count("def test_") for block in blocks(page, "python"))
    assert f"{count} passed" in said


def test_the_members_in_the_readme_are_there() -> None:
    from trunkline.testing.portal import Portal

    (block,) = blocks("README.md", "python")
    named = set(re.findall(r"trunkline\.(\w+)\(", block))
    assert named == {"fail_next", "expect_no_duplicates"}
    assert named <= vars(Portal).keys()


def test_the_tests_in_node_pass(tmp_path: Path) -> None:
    node = nodejs.find() or shutil.which("node")
    if node is None:
        pytest.skip("no Node found: run tools/node.py")
    for block in blocks(LANGUAGES, "js"):
        name = block.splitlines()[0].removeprefix("// ")
        (tmp_path / name).write_text(block)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    said = ran(node, "--test", "--test-reporter=tap", folder=tmp_path, TRUNKLINE=str(_trunkline(tmp_path)))
    assert "# pass 2" in said
    assert "# fail 0" in said


def test_a_server_that_does_not_start_is_told_in_node(tmp_path: Path) -> None:
    node = nodejs.find() or shutil.which("node")
    if node is None:
        pytest.skip("no Node found: run tools/node.py")
    (tmp_path / "hubspot.mjs").write_text(blocks(LANGUAGES, "js")[0])
    (tmp_path / "main.mjs").write_text(
        "import { start } from './hubspot.mjs'; start('false').catch((e) => console.log(e.message));"
    )
    assert ran(node, "main.mjs", folder=tmp_path) == "trunkline did not start\n"


def test_the_class_in_java_starts_a_server_and_ends_it(tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None or not shutil.which("javac"):
        pytest.skip("no Java compiler found")
    (tmp_path / "HubSpot.java").write_text(blocks(LANGUAGES, "java")[0])
    (tmp_path / "Main.java").write_text(
        "class Main { public static void main(String[] given) throws Exception {"
        " try (var there = new HubSpot(given[0])) { var asked = java.net.http.HttpRequest.newBuilder("
        'java.net.URI.create(there.url + "/crm/v3/objects/calls")).header("authorization", "Bearer " + there.token);'
        " System.out.println(java.net.http.HttpClient.newHttpClient().send(asked.build(),"
        " java.net.http.HttpResponse.BodyHandlers.ofString()).statusCode()); } } }"
    )
    ran("javac", "HubSpot.java", "Main.java", folder=tmp_path)
    assert ran(java, "Main", _trunkline(tmp_path), folder=tmp_path) == "200\n"


def test_the_line_on_the_page_has_the_members_that_there_are() -> None:
    from msgspec import json

    from trunkline.ready import Ready, read

    line = blocks(LANGUAGES, "json")[0].strip()
    assert read(line).portal == 1_000_001
    assert list(json.decode(line)) == list(Ready.__struct_fields__)


def test_the_step_of_the_workflow_starts_a_server(tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    workflow = yaml.safe_load(blocks(ACTIONS, "yaml")[1])
    (step,) = (one["run"] for one in workflow["jobs"]["tests"]["steps"] if one.get("name") == "Start HubSpot")
    _trunkline(tmp_path)
    told = tmp_path / "env.txt"
    variables = {"GITHUB_ENV": str(told), "RUNNER_TEMP": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    # The server outlives the step, and would keep open what the step's output is read from.
    shell = ["bash", "-e", "-c", f"exec 2> errors.txt\n{step}\necho $! > pid"]
    subprocess.run(
        shell, cwd=tmp_path, env=environment(**variables), check=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    try:
        env = dict(line.split("=", 1) for line in told.read_text().splitlines())
        assert env.keys() == {"HUBSPOT_URL", "HUBSPOT_TOKEN", "TRUNKLINE_SECRET"}
        secret = {"TRUNKLINE_SECRET": env["TRUNKLINE_SECRET"]}
        listed = ran(tmp_path / "trunkline", "portal", "list", "--data", env["HUBSPOT_URL"], folder=tmp_path, **secret)
        assert "1000001" in listed
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 15)


@pytest.mark.parametrize("number", range(3))
def test_a_workflow_is_one(number: int) -> None:
    workflow: Any = yaml.safe_load(blocks(ACTIONS, "yaml")[number])
    # YAML takes the word `on` for a boolean.
    assert workflow.keys() == {"name", True, "jobs"}
    for step in workflow["jobs"]["tests"]["steps"]:
        assert ("uses" in step) != ("run" in step)


def test_the_composition_is_one_that_compose_takes(tmp_path: Path) -> None:
    (composition,) = blocks(COMPOSE, "yaml")
    (tmp_path / "compose.yaml").write_text(composition)
    ran(program("docker-compose"), "--file", "compose.yaml", "config", "--quiet", folder=tmp_path)
    services = yaml.safe_load(composition)["services"]
    assert services["seed"]["environment"]["TRUNKLINE_SECRET"] == services["hubspot"]["environment"]["TRUNKLINE_SECRET"]


def test_the_fault_for_a_limit_is_added(trunkline: Server, tmp_path: Path) -> None:
    command = blocks("docs/how-to/rehearse-limits.md", "bash")[1]
    ran("bash", "-eu", "-c", here(command, trunkline), folder=tmp_path, TRUNKLINE_DATA=str(trunkline.data))
    with trunkline.client() as client:
        statuses = [client.get("/crm/v3/objects/calls").status_code for _ in range(3)]
    assert statuses == [429, 429, 200]


def _trunkline(folder: Path) -> Path:
    """The command of these sources, as it is called where Trunkline is installed."""
    script = folder / "trunkline"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m trunkline "$@"\n')
    script.chmod(0o755)
    return script
