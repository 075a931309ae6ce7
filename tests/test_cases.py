"""Every wire case, run against a server of its own on each engine.

What a dated version does otherwise is done far from the store, so on PostgreSQL a part of those cases will do.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import checks
from cases.case import Case, Request, dropped, load
from cases.given import STEPS
from cases.runner import PLANNED, SERVED, run, waiting
from cases.versions import dated
from cases.world import Server
from slate import ENGINES

CASES = load()
RECORDED = Path(__file__).resolve().parents[2] / "shared" / "evidence" / "cases.jsonl"


PART = 5
"""One in so many of the cases of the dated versions is run on PostgreSQL."""


def _param(case: Case, engine: str = ENGINES[0]) -> Any:
    reason = waiting(case)
    name = case.id if engine == ENGINES[0] else f"{case.id}-{engine}"
    return pytest.param(engine, case, id=name, marks=[pytest.mark.skip(reason=reason)] if reason else [])


def _dated() -> Iterator[Any]:
    for case in dated(CASES):
        yield _param(case)
        if zlib.crc32(case.id.encode()) % PART == 0:
            yield _param(case, "postgres")


@pytest.mark.parametrize(
    ("engine", "case"), [_param(case, engine) for case in CASES for engine in ENGINES], indirect=["engine"]
)
def test_case(case: Case, trunkline: Server) -> None:
    assert run(case, trunkline) == []


@pytest.mark.parametrize(("engine", "case"), list(_dated()), indirect=["engine"])
def test_case_in_a_dated_version(case: Case, trunkline: Server) -> None:
    assert run(case, trunkline) == []


def test_the_recorded_cases_are_carried_or_dropped_with_a_reason() -> None:
    if not RECORDED.is_file():
        pytest.skip("the recorded cases are not at hand")
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    carried = {case.id: case for case in CASES}
    assert [case["id"] for case in recorded if case["id"] not in carried and not dropped().get(case["id"])] == []
    for case in recorded:
        ours = carried.get(case["id"])
        if ours is not None:
            assert (ours.request.method, ours.expect["status"]) == (case["request"]["method"], case["expect"]["status"])


def test_no_case_is_dropped_and_carried() -> None:
    assert [case.id for case in CASES if case.id in dropped()] == []


def test_every_case_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(case.id for case in CASES).items() if times > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_written_in_the_vocabulary(case: Case) -> None:
    assert case.source
    assert case.confidence in {"recorded", "live-observed", "official", "inferred", "chosen"}
    assert case.needs
    assert (SERVED | PLANNED).issuperset(case.needs)
    assert checks.FIRST & case.expect.keys()
    assert case.expect.keys() <= checks.CHECKS.keys()
    assert {next(iter(step)) for step in case.given} <= STEPS.keys()


def test_a_family_is_served_or_planned_and_some_case_needs_it() -> None:
    assert frozenset() == SERVED & PLANNED
    assert {family for case in CASES for family in case.needs} == SERVED | PLANNED


def test_a_family_that_is_not_served_is_named() -> None:
    case = Case("x", "list", ["read", "telepathy"], Request("GET", "/"), {}, "none", "chosen")
    assert waiting(case) == "not served yet: telepathy"
