"""Whole runs: which records, what happens on the way, and what is left when one is cut off."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from export.conftest import Export, fill, lines, many, told
from pyarrow import parquet
from server import command, environment
from sides import Side
from typer.testing import CliRunner, Result

from trunkline.cli import app
from trunkline.load.stopped import Stopped


def ids(file: Path) -> list[str]:
    return [one["id"] for one in lines(file)]


def run(side: Side, *arguments: str | Path) -> Result:
    token = side.http.headers["authorization"].partition(" ")[2]
    every = ("export", *map(str, arguments), "--from", side.url)
    return CliRunner().invoke(app, every, env={"TRUNKLINE_TOKEN": token})


def test_all_pages_each_record_once(side: Side, tmp_path: Path) -> None:
    many(side, 250)
    result = run(side, tmp_path / "calls.ndjson")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("250 records; ")
    assert ids(tmp_path / "calls.ndjson") == [one["id"] for one in told(side)]
    assert [path.name for path in tmp_path.iterdir()] == ["calls.ndjson"]
    assert (tmp_path / "calls.ndjson").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("limit", [1, 99, 100, 101, 250, 251])
def test_no_more_than_the_limit(side: Side, export: Export, tmp_path: Path, limit: int) -> None:
    many(side, 250)
    assert export(tmp_path / "calls.ndjson", limit=limit).records == min(limit, 250)
    assert ids(tmp_path / "calls.ndjson") == [one["id"] for one in told(side)][:limit]


def test_an_empty_account_makes_a_file_without_records(side: Side, tmp_path: Path) -> None:
    for ending in ("csv", "ndjson", "parquet"):
        result = run(side, tmp_path / f"calls.{ending}", "--properties", "hs_call_title")
        assert (result.exit_code, result.stdout.split(";")[0]) == (0, "0 records")
    rows = [parquet.read_table(tmp_path / "calls.parquet").num_rows, len(lines(tmp_path / "calls.ndjson"))]
    assert rows == [0, 0]
    assert (tmp_path / "calls.csv").read_text().splitlines() == [
        '"id","createdAt","updatedAt","archived","archivedAt","hs_call_title"'
    ]


def test_the_archived_records_and_not_the_live_ones(side: Side, tmp_path: Path) -> None:
    fill(side, ("a", "b", "c"))
    (_, gone, _) = told(side)
    side.post("/crm/v3/objects/calls/batch/archive", {"inputs": [{"id": gone["id"]}]})
    assert run(side, tmp_path / "gone.ndjson", "--archived").exit_code == 0
    (one,) = lines(tmp_path / "gone.ndjson")
    assert (one["id"], one["archived"], bool(one["archivedAt"])) == (gone["id"], True, True)
    assert run(side, tmp_path / "live.csv").stdout.startswith("2 records")


def test_standard_output_has_the_records_and_nothing_else(side: Side) -> None:
    fill(side, ("a", "b"))
    result = run(side, "-", "--format", "ndjson", "--properties", "hs_call_title")
    assert [line[:6] for line in result.stdout.splitlines()] == ['{"id":'] * 2
    assert result.stderr.startswith("2 records; ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("calls.xlsx",), "say what to write with --format csv, ndjson, parquet"),
        (("-",), "say what to write with --format"),
        (("-", "--format", "parquet"), "written to a file only"),
        (("calls.csv", "--properties", "hs_call_title,nobody"), "calls have no property nobody"),
        (("calls.csv", "--properties", ","), "write names, parted by commas"),
        (("calls.csv", "--type", "nothings"), "refuses GET /crm/v3/properties/nothings (400)"),
        (("nowhere/calls.csv",), "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told(
    side: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(side, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_it_is_told_how_to_have_it(side: Side, tmp_path: Path) -> None:
    lacking = "import sys; sys.modules['pyarrow'] = None; from trunkline.cli import app; app()"
    arguments = ["export", str(tmp_path / "calls.parquet"), "--from", side.url, "--token", "x"]
    done = subprocess.run([sys.executable, "-c", lacking, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'trunkline[parquet]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["rate-limit", "server-error", "bad-gateway", "reset", "truncated"])
def test_what_passes_on_the_way_is_waited_out(side: Side, export: Export, tmp_path: Path, kind: str) -> None:
    many(side, 450)
    for name, after in (("objects", 1), ("properties", 0)):
        rule = {"kind": kind, "name": name, "route": f"/crm/v3/{name}/{{type}}", "count": 2, "after": after}
        side.control("POST", "/portals/1000001/faults", rule)
    export(tmp_path / "calls.ndjson")
    assert ids(tmp_path / "calls.ndjson") == [one["id"] for one in told(side)]
    struck = side.control("GET", "/portals/1000001/faults")["results"]
    assert [one["struck"] for one in struck] == [2, 2]


def test_a_run_that_stops_leaves_the_file_that_was_there(side: Side, export: Export, tmp_path: Path) -> None:
    many(side, 250)
    file = tmp_path / "calls.csv"
    file.write_text("yesterday's")
    side.control(
        "POST",
        "/portals/1000001/faults",
        {"kind": "expired-token", "route": "/crm/v3/objects/{type}", "after": 2},
    )
    with pytest.raises(Stopped, match="refuses the token"):
        export(file)
    assert file.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["calls.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize(("sent", "left"), [(signal.SIGKILL, ["calls.csv.partial"]), (signal.SIGINT, [])])
def test_what_is_cut_off_is_never_taken_for_a_whole_file(
    side: Side, tmp_path: Path, sent: signal.Signals, left: list[str]
) -> None:
    many(side, 450)
    # Three requests are the properties and two pages: the next one waits for ten seconds.
    token = side.http.headers["authorization"].partition(" ")[2]
    options = ["--from", side.url, "--token", token, "--rate", "3"]
    program = command("export", str(tmp_path / "calls.csv"), *options)
    process = subprocess.Popen(program, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    partial = tmp_path / "calls.csv.partial"
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until and not (partial.exists() and partial.stat().st_size):
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    assert sorted(path.name for path in tmp_path.iterdir()) == left
    if sent is signal.SIGINT:
        assert (process.returncode, said) == (2, "trunkline: Interrupted.\n")
