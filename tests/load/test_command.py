"""The commands, as a user types them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from load.standin import StandIn, refusal
from typer import Typer
from typer.testing import CliRunner, Result

from trunkline.load.command import load
from trunkline.sample import sample

app = Typer()
app.command()(load)
app.command()(sample)


def run(*arguments: str | Path, **variables: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=variables)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text("call_key,hs_call_title\nA,one\nB,two\n")
    return path


def loading(service: StandIn, file: Path) -> tuple[str | Path, ...]:
    return "load", file, "--to", f"{service.url}/", "--id-property", "call_key"


def test_all_rows_in_is_0(service: StandIn, calls: Path) -> None:
    result = run(*loading(service, calls), TRUNKLINE_TOKEN="from-the-environment")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 rows read: 2 created, 0 updated, 0 rejected; ")
    assert set(service.tokens) == {"Bearer from-the-environment"}
    assert [path.name for path in calls.parent.iterdir()] == ["calls.csv"]


def test_some_rejected_is_1_with_a_file(service: StandIn, calls: Path) -> None:
    service.judge = lambda given: "no" if given["id"] == "A" else None
    result = run(*loading(service, calls))
    rejects = calls.parent / "calls.csv.rejects.csv"
    assert result.exit_code == 1
    assert result.stdout.startswith(f"2 rows read: 1 created, 0 updated, 1 rejected (see {rejects}); ")
    assert rejects.read_text().splitlines() == ["line,reason,call_key,hs_call_title", "2,no,A,one"]


def test_the_rejects_file_may_be_elsewhere(service: StandIn, calls: Path, tmp_path: Path) -> None:
    service.judge = lambda given: "no"
    run(*loading(service, calls), "--rejects", tmp_path / "bad.csv")
    assert len((tmp_path / "bad.csv").read_text().splitlines()) == 3


def test_a_rejects_file_of_an_earlier_run_is_pointed_out(service: StandIn, calls: Path) -> None:
    old = calls.with_name("calls.csv.rejects.csv")
    old.write_text("old")
    result = run(*loading(service, calls))
    assert (result.exit_code, old.read_text()) == (0, "old")
    assert f"{old} is from an earlier run" in result.stderr


def test_stopped_is_2_and_may_be_run_again(service: StandIn, calls: Path) -> None:
    service.faults.append((401, {}, refusal("who are you")))
    result = run(*loading(service, calls))
    assert result.exit_code == 2
    assert "refuses the token (401): who are you" in result.stderr
    assert "Running the same command again is safe" in result.stderr
    assert result.stdout.startswith("2 rows read: 0 created, 0 updated, 0 rejected, 2 not confirmed; ")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_ends_with_counts(service: StandIn, calls: Path) -> None:
    service.gate.clear()
    command = "import typer; from trunkline.load.command import load; app = typer.Typer(); app.command()(load); app()"
    arguments = [sys.executable, "-c", command, *map(str, loading(service, calls)[1:])]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert service.arrived.wait(30)
        process.send_signal(signal.SIGINT)
        service.gate.set()
        said, complained = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith("2 rows read: 2 created, 0 updated, 0 rejected; ")
    assert "trunkline: Interrupted." in complained


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--timezone", "Nowhere/Land"), "there is no such time zone"),
        (("--timezone", "../etc"), "there is no such time zone"),
        (("--map", "nothing"), "COLUMN=PROPERTY"),
        (("--to", "localhost:8000"), "write a URL such as"),
        (("--to", "ftp://localhost"), "write a URL such as"),
        (("--format", "ndjson", "--map", "x=y"), "no property y"),
    ],
)
def test_what_cannot_be_done_is_2(service: StandIn, calls: Path, options: tuple[str, ...], said: str) -> None:
    result = run(*loading(service, calls), *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert service.upserts == []


def test_the_file_to_load_is_never_overwritten(service: StandIn, calls: Path) -> None:
    before = calls.read_text()
    result = run(*loading(service, calls), "--rejects", calls)
    assert (result.exit_code, calls.read_text()) == (2, before)


def test_options_reach_the_run(service: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("ref;start;note\nA;2025-01-06 07:00:00;x\n")
    del service.properties["call_key"]
    wishes = ("--map", "ref=call_key", "--map", "note=")
    result = run(*loading(service, path), *wishes, "--create-property", "--timezone", "Europe/Paris", "--format", "csv")
    assert result.exit_code == 0
    assert service.upserts[0][0]["properties"] == {"hs_timestamp": "2025-01-06T06:00:00.000Z"}


@pytest.mark.parametrize("kind", ["csv", "ndjson", "asterisk", "twilio"])
def test_a_sample_goes_in_whole(service: StandIn, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sample"
    assert run("sample", "--out", path, "--calls", "250", "--format", kind).stdout == f"250 calls written to {path}\n"
    result = run(*loading(service, path))
    assert (result.exit_code, len(service.records)) == (0, 250)
    assert {given["properties"]["hs_call_direction"] for inputs in service.upserts for given in inputs} == {
        "INBOUND",
        "OUTBOUND",
    }


def test_a_sample_that_cannot_be_written_is_2(tmp_path: Path) -> None:
    result = run("sample", "--out", tmp_path / "no" / "folder")
    assert result.exit_code == 2
    assert "No such file" in result.stderr
