"""The log of requests: what it keeps, what it lets go of, and what it finds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trunkline.bench.exchange import OVERHEAD, Exchange, Exchanges, Message, Sought

ROOM = 10 * (OVERHEAD + 100)
ONE = Exchange(
    number=0,
    correlation_id="a",
    at=0,
    method="POST",
    path="/crm/v3/objects/calls/batch/upsert",
    query="",
    template="/crm/v3/objects/{type}/batch/upsert",
    status=429,
    portal=1,
    app=7,
    duration=1,
    steps={},
    request=Message((), b"", 0),
    answer=Message((), b"", 0),
)


@pytest.mark.parametrize(
    ("members", "fits"),
    [
        ({}, True),
        ({"portal": 1}, True),
        ({"portal": 2}, False),
        ({"app": 7}, True),
        ({"app": 8}, False),
        ({"status": "429"}, True),
        ({"status": "4xx"}, True),
        ({"status": "42"}, False),
        ({"status": "5xx"}, False),
        ({"status": "0"}, False),
        ({"method": "POST"}, True),
        ({"method": "GET"}, False),
        ({"path": "/crm/v3/objects/calls/*"}, True),
        ({"path": "*/search"}, False),
        ({"portal": 1, "status": "4xx", "method": "GET"}, False),
    ],
)
def test_what_is_asked_for(members: dict[str, Any], fits: bool) -> None:
    assert Sought(**members).fits(ONE) == fits


def test_a_connection_that_was_cut_has_the_status_0() -> None:
    assert Sought(status="0").fits(replace(ONE, status=0))


@given(st.integers(1, 6), st.lists(st.integers(0, ROOM + 1), max_size=20))
def test_only_the_newest_are_kept_for_which_there_is_room(most: int, sizes: list[int]) -> None:
    log = Exchanges(most, ROOM)
    added = []
    for size in sizes:
        one = _one(log, size)
        added.append(one)
        log.add(one)
        kept = list(log)
        assert kept == added[len(added) - len(kept) :]
        assert len(kept) <= most
        assert sum(each.size for each in kept) <= ROOM
        older = added[: len(added) - len(kept)]
        assert not older or len(kept) == most or sum(each.size for each in (older[-1], *kept)) > ROOM


def test_the_newest_are_told_or_the_next_after_one() -> None:
    log = Exchanges(100, ROOM * 100)
    for number in range(1, 11):
        log.add(replace(_one(log, 0), correlation_id=f"id{number}", portal=number % 2))
    assert _numbers(log, Sought(), 3) == [8, 9, 10]
    assert _numbers(log, Sought(portal=1), 3) == [5, 7, 9]
    assert _numbers(log, Sought(), 3, 2) == [3, 4, 5]
    assert _numbers(log, Sought(), 3, 10) == []
    found = log.find("id4")
    assert found is not None
    assert found.number == 4
    assert log.find("id11") is None


def test_what_is_let_go_of_leaves_its_room() -> None:
    log = Exchanges(100, ROOM)
    for portal in range(4):
        log.add(replace(_one(log, ROOM // 10), portal=portal))
    log.clear(2)
    assert [one.portal for one in log] == [0, 1, 3]
    log.clear()
    assert list(log) == []
    for _ in range(9):
        log.add(_one(log, 100))
    assert len(list(log)) == 9
    assert next(iter(log)).number == 5


def _one(log: Exchanges, size: int) -> Exchange:
    return replace(ONE, number=log.number(), request=Message((), bytes(size), size))


def _numbers(log: Exchanges, sought: Sought, limit: int, after: int | None = None) -> list[int]:
    return [one.number for one in log.some(sought, limit, after)]
