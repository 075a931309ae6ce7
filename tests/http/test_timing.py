"""`Server-Timing`: every answer of the API says how long its steps took."""

import re

import pytest
from threaded import ThreadedServer

from trunkline.stopwatch import STEPS

UPSERT = "/crm/v3/objects/calls/batch/upsert"
AT = "2025-04-24T20:01:33Z"
CALL = {"idProperty": "ext_ref", "id": "A", "properties": {"hs_timestamp": AT}}


def steps(header: str) -> dict[str, float]:
    """Milliseconds by step."""
    metrics = [re.fullmatch(r"([a-z]+);dur=(\d+\.\d\d)", metric) for metric in header.split(", ")]
    assert all(metrics), header
    return {metric[1]: float(metric[2]) for metric in metrics if metric}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", UPSERT, {"inputs": [CALL]}, 200, STEPS),
        ("POST", UPSERT, {"inputs": [CALL, CALL]}, 400, ("auth", "read", "decode", "check", "render")),
        ("POST", UPSERT, "inputs", 400, ("auth", "read", "check", "render")),
        ("GET", "/crm/v3/objects/calls", None, 200, ("auth", "check", "find", "render")),
        ("GET", "/crm/v3/objects/calls/77", None, 404, ("auth", "check", "find", "render")),
        ("POST", "/crm/v3/objects/calls/search", {}, 200, ("auth", "read", "decode", "check", "find", "render")),
        ("POST", "/crm/v3/objects/calls/batch/archive", {"inputs": []}, 204, ("auth", "read", "decode", "render")),
        ("GET", "/crm/v3/objects/none", None, 400, ("auth", "check", "render")),
    ],
)
def test_an_answer_tells_the_steps_that_its_request_took(
    method: str, path: str, body: object, status: int, told: tuple[str, ...], trunkline: ThreadedServer, engine: str
) -> None:
    # There a batch is written and kept in one call.
    told = tuple(step for step in told if (step, engine) != ("commit", "postgres"))
    trunkline.define()
    with trunkline.client() as client:
        answer = client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    found = steps(answer.headers["server-timing"])
    assert set(found) == {*told, "total"}
    rounding = 0.01 * len(found)
    assert abs(sum(found[step] for step in told) - found["total"]) <= rounding


def test_who_is_not_let_in_is_told_of_nothing_but_that(trunkline: ThreadedServer) -> None:
    with trunkline.client("no such token") as client:
        answer = client.post(UPSERT, json={"inputs": [CALL]})
    assert answer.status_code == 401
    assert set(steps(answer.headers["server-timing"])) == {"auth", "check", "render", "total"}


@pytest.mark.parametrize("path", ["/nope", "/_trunkline/health", "/docs"])
def test_what_is_no_operation_has_no_steps(path: str, trunkline: ThreadedServer) -> None:
    with trunkline.client() as client:
        assert "server-timing" not in client.get(path).headers
