"""The examples, run as a reader runs them: the right code passes, and each planted bug is found by the test for it."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from server import environment

DIALER = Path(__file__).resolve().parent.parent.parent / "examples" / "dialer"
SECONDS = 120
FOUND = {
    "duplicate": "test_an_answer_that_gets_lost_makes_no_duplicate",
    "lost-row": "test_a_call_that_is_not_taken_is_told",
    "seconds": "test_a_call_is_in_the_timeline_at_the_time_it_began",
    "expired-token": "test_a_token_that_expired_is_renewed",
    "impatient": "test_a_rate_limit_is_waited_for",
}
"""The test that finds each bug."""


def failed(folder: Path, *options: str) -> set[str]:
    """Runs the example's tests; says which of them failed, and fails itself when not all of them ran."""
    report = folder / "report.xml"
    # Whether the entry point is installed or not, the plugin is the one of these sources.
    plugins = (
        "-p",
        "no:trunkline",
        "-p",
        "trunkline.testing.plugin",
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
    )
    command = [sys.executable, "-m", "pytest", "-q", *plugins, f"--junit-xml={report}", *options]
    variables = environment()
    del variables["PYTHONWARNINGS"]
    done = subprocess.run(
        command, cwd=DIALER, env=variables, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    assert done.returncode in (os.EX_OK, 1), done.stdout + done.stderr
    cases = ElementTree.parse(report).findall(".//testcase")
    assert {case.get("name") for case in cases} == set(FOUND.values())
    assert not any(case.find("error") is not None or case.find("skipped") is not None for case in cases), done.stdout
    return {str(case.get("name")) for case in cases if case.find("failure") is not None}


def test_the_right_dialer_passes(tmp_path: Path) -> None:
    assert failed(tmp_path) == set()


@pytest.mark.parametrize("bug", FOUND)
def test_a_planted_bug_is_found_by_the_test_for_it(bug: str, tmp_path: Path) -> None:
    assert failed(tmp_path, "--bug", bug) == {FOUND[bug]}


def test_every_planted_bug_is_tried_and_told() -> None:
    names = subprocess.run(
        [sys.executable, "-c", "import buggy; print(*buggy.BUGS)"],
        cwd=DIALER,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert names == list(FOUND)
    told = (DIALER / "README.md").read_text()
    assert all(f"| `{name}` |" in told for name in names)
