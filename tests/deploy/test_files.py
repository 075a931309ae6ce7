"""The files beside the image: linted by the programs for it, and about the metrics that there are."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from cluster import Postgres
from deploy.rehearsal import DEPLOY, ROOT, stages
from psycopg.conninfo import conninfo_to_dict
from server import environment, launch, ready

from trunkline.http.measure import MEASURES

GIVEN = {"POSTGRES_PASSWORD": "a password: with $igns", "TRUNKLINE_METRICS_TOKEN": "a-token-for-the-metrics"}
HOW_TO = ROOT / "docs" / "how-to" / "watch-a-server.md"


def program(name: str) -> str:
    """A program of the environment that the tests run in."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is only installed on Linux")
    return found


def ran(*command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in environment().items() if name not in GIVEN}
    return subprocess.run(
        command, cwd=DEPLOY, env=kept | variables, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def composed() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_dockerfile_is_linted() -> None:
    done = ran(program("hadolint"), "--failure-threshold", "style", "Dockerfile")
    assert done.returncode == 0, done.stdout


def test_the_other_files_are_linted() -> None:
    rules = "{extends: default, rules: {document-start: disable, line-length: {max: 120}}}"
    done = ran(program("yamllint"), "--strict", "--config-data", rules, ".")
    assert done.returncode == 0, done.stdout


def test_the_composition_is_one_that_compose_takes() -> None:
    done = ran(program("docker-compose"), "--file", "compose.yaml", "config", "--quiet", **GIVEN)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", list(GIVEN))
def test_a_secret_that_is_not_given_is_asked_for(name: str) -> None:
    given = {known: value for known, value in GIVEN.items() if known != name}
    done = ran(program("docker-compose"), "--file", "compose.yaml", "config", "--quiet", **given)
    assert done.returncode != 0
    assert name in done.stderr


def test_what_is_mounted_is_there_and_every_image_has_a_version() -> None:
    whole = composed()
    for name, service in whole["services"].items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in whole["volumes"]
        assert "build" in service or ":" in service["image"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_prometheus_is_told_where_and_how_to_ask() -> None:
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    whole = composed()
    port = stages()[-1].last("EXPOSE").value
    assert job["static_configs"] == [{"targets": [f"server:{port}"]}]
    assert "server" in whole["services"]
    assert job["metrics_path"] == "/_trunkline/metrics"
    (secret,) = whole["services"]["prometheus"]["secrets"]
    assert job["authorization"] == {"credentials_file": f"/run/secrets/{secret}"}
    assert whole["secrets"][secret] == {"environment": "TRUNKLINE_METRICS_TOKEN"}


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return list(group["rules"])


ENDINGS = {"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}


def asked() -> Iterator[str]:
    """Every expression of the alerts, and of the how-to's table."""
    yield from (rule["expr"] for rule in rules())
    table = HOW_TO.read_text().partition("| question | ask |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| [^|]+ \| `(.*)` \|$", table, re.MULTILINE)
    assert len(rows) > 5
    yield from rows


@pytest.mark.parametrize("expression", list(asked()))
def test_what_prometheus_is_asked_can_be_asked_and_is_there(expression: str) -> None:
    promql_parser.parse(expression)
    names = set(re.findall(r"\b(?:trunkline|process)_\w+", expression))
    ours = {measure.name: measure for measure in MEASURES}
    for name in names:
        measure = ours.get(re.sub("_(total|bucket|sum|count)$", "", name))
        if measure is None:
            assert name in {"process_open_fds", "process_max_fds"}
            continue
        assert name.removeprefix(measure.name) in ENDINGS[measure.kind]
    labels = set(re.findall(r"(\w+)=~?\"", expression)) - {"job"}
    assert labels <= {label for name in ours for label in ours[name].labels}


def test_the_alerts_are_told_of_one_by_one() -> None:
    text = HOW_TO.read_text()
    for rule in rules():
        assert f"`{rule['alert']}`" in text


def test_the_server_of_the_composition_runs_on_its_database(postgres: Postgres) -> None:
    """With what compose gives it, but another address; a password has no place in the one that it is given."""
    given = composed()["services"]["server"]["environment"]
    with postgres.database() as url:
        parts = conninfo_to_dict(url)
        assert given["TRUNKLINE_DATA"] == "postgresql://trunkline@database/trunkline"
        data = f"postgresql://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"
        fixed = {name: value for name, value in given.items() if not value.startswith("$")}
        variables = fixed | {
            "TRUNKLINE_DATA": data,
            "PGPASSWORD": str(parts["password"]),
            "TRUNKLINE_METRICS_TOKEN": GIVEN["TRUNKLINE_METRICS_TOKEN"],
            "TRUNKLINE_WORKERS": "2",
            "TRUNKLINE_STOP_DELAY": "0",
            "TRUNKLINE_PORT": "0",
        }
        server = ready(launch("serve", **variables), data)
        try:
            answer = httpx.get(f"{server.url}/_trunkline/ready", trust_env=False, timeout=30)
            assert answer.json() == {"status": "ready"}
            headers = {"authorization": f"Bearer {GIVEN['TRUNKLINE_METRICS_TOKEN']}"}
            metrics = httpx.get(f"{server.url}/_trunkline/metrics", headers=headers, trust_env=False, timeout=30)
            assert 'trunkline_pool_connections{state="open"}' in metrics.text
        finally:
            assert server.stop() == 0
