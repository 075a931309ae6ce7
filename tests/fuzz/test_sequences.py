"""Sequences of made-up and of damaged requests for every row of the route table, each with ids of earlier answers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from fuzz import aftermath
from fuzz.bodies import Maker
from fuzz.damage import damaged
from fuzz.effort import seeds
from fuzz.ground import furnish
from fuzz.requests import Line, Request, made_up
from fuzz.terms import Known
from threaded import ThreadedServer

from trunkline.http.routes import OPERATIONS

LENGTH = 300
"""Requests of one sequence."""

CONNECTIONS = 4

ODDITIES = (0.0, 0.0, 0.02, 0.2)
"""How likely a value makes no sense, of the requests that are tried equally often."""

DAMAGED = 0.3
"""How many of the requests are damaged as well."""

ENDING = re.compile(r"merge|gdpr-delete|/archive")
ROWS = [row for row in OPERATIONS for _ in range(1 if row.method == "DELETE" or ENDING.search(row.path) else 4)]
"""The operations, as often as they are asked: those that take something away less often than the others."""


@pytest.mark.parametrize("seed", seeds(6))
def test_no_sequence_breaks_anything(seed: int, trunkline: ThreadedServer) -> None:
    furnish(trunkline)
    known = _run(trunkline, Random(seed), LENGTH)
    _assert_whole(trunkline, known.jobs)


@pytest.mark.parametrize("seed", seeds(2))
def test_no_sequences_side_by_side_break_anything(seed: int, trunkline: ThreadedServer) -> None:
    """The same on several connections at once, so that definitions change and records go while others use them."""
    furnish(trunkline)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        runs = [threads.submit(_run, trunkline, Random(f"{seed}.{n}"), LENGTH // 3) for n in range(CONNECTIONS)]
    _assert_whole(trunkline, [job for run in runs for job in run.result().jobs])


def _run(server: ThreadedServer, chance: Random, length: int) -> Known:
    known = Known()
    with server.client() as client:
        line = Line(client)
        for _ in range(length):
            known.learn(line.send(_next(chance, known)))
    return known


def _assert_whole(server: ThreadedServer, jobs: Iterable[str]) -> None:
    with server.client() as client:
        aftermath.settle(client, jobs)
        assert list(aftermath.complaints(client)) == []


def _next(chance: Random, known: Known) -> Request:
    sent = made_up(chance.choice(ROWS), Maker(chance, known, chance.choice(ODDITIES)))
    return damaged(sent, chance) if chance.random() < DAMAGED else sent


def test_sequences_reach_what_they_are_for(trunkline: ThreadedServer) -> None:
    """Were all requests refused at the door, the sequences would prove nothing."""
    furnish(trunkline)
    chance, known = Random(0), Known()
    succeeded: dict[str, int] = defaultdict(int)
    with trunkline.client() as client:
        line = Line(client)
        for row in [row for row in OPERATIONS if row.verb is not None] * 20:
            answer = line.send(made_up(row, Maker(chance, known, 0.0)))
            known.learn(answer)
            succeeded[f"{row.method} {row.api}{row.path}"] += answer.status < 300
    never = sorted(name for name, count in succeeded.items() if not count)
    assert len(never) < 0.1 * len(succeeded), never
