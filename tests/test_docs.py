"""Documentation that cannot rot: generated pages are up to date, links lead somewhere, every door is written down."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from server import run

from trunkline import errors
from trunkline.http.control import refusals

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_coverage_page_is_made_without_the_specification_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    coverage = _coverage(monkeypatch)
    monkeypatch.setattr(coverage, "SPECIFICATIONS", tmp_path / "none")
    assert coverage.page() == (ROOT / "docs/reference/coverage.md").read_text()


def test_what_is_not_served_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (ROOT / "docs/differences.md").read_text().partition("## What is not served\n")[2].partition("\n## ")[0]
    reasons = re.findall(r"^\| ([a-z_`, 0-9]+) \|", told, re.MULTILINE)
    assert {name for cell in reasons for name in re.findall(r"`(\w+)`", cell)} == _coverage(
        monkeypatch
    ).missing().keys()


def _coverage(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tool, made anew, since it remembers what the specification is."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    sys.modules.pop("coverage", None)
    return importlib.import_module("coverage")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_error_of_the_tree_is_drawn_and_explained() -> None:
    drawn = set(re.findall(r"─ (\w+)", errors.__doc__ or ""))
    leaves = {kind.__name__ for kind in refusals()}
    assert leaves <= drawn
    assert drawn - leaves <= {"ValidationFailure", "OAuthRefusal"}


def test_every_fact_that_the_code_cites_is_in_the_reference() -> None:
    facts = set(re.findall(r"^\*\*(\d+\.\d+)\*\*", (ROOT / "docs/reference/behaviour.md").read_text(), flags=re.M))
    for module in (ROOT / "src").rglob("*.py"):
        for cited in re.findall(r"\(?behaviour ((?:\d+\.\d+(?:, | to | and )?)+)", module.read_text()):
            missing = set(re.findall(r"\d+\.\d+", cited)) - facts
            assert not missing, f"{module.name} cites {missing}"


def test_every_setting_but_what_is_secret_has_a_flag() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    assert re.findall(r"^\| - \| `(\w+)`", page, re.M) == ["TRUNKLINE_SECRET", "TRUNKLINE_METRICS_TOKEN"]


def test_every_command_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/command-line.md").read_text()
    for line in run("--help").stdout.splitlines():
        found = re.match(r"│ ([a-z]+) ", line)
        if found:
            assert f"trunkline {found[1]}" in page
