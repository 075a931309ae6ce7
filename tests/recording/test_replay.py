"""What is sent to a service, with which ids, and what is not."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from trunkline.load.stopped import Stopped
from trunkline.recording.case import Case, Request
from trunkline.recording.replay import Outcome, Replay
from trunkline.recording.report import Report

Asked = list[tuple[str, str, Any]]


def case(method: str, path: str, body: Any = None, answer: Any = None, status: int = 200, **members: Any) -> Case:
    request = Request(method, path) if body is None else Request(method, path, body=body)
    expect = {"status": status} | ({} if answer is None else {"body_equals": answer})
    return Case(f"{method} {path}", "recorded", [], request, expect, "recorded", "recorded", **members)


class Service:
    """What gives one answer after the other, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)
        self.asked: Asked = []
        self.authorizations: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.raw_path.decode(), body))
        self.authorizations.append(request.headers.get("authorization"))
        answer = next(self._answers)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def replayed(service: Callable[[httpx.Request], httpx.Response], *cases: Case, **members: Any) -> list[Outcome]:
    with httpx.Client(transport=httpx.MockTransport(service), base_url="http://service.test") as client:
        return list(Replay(client, "t", **{"writes": True} | members).run(cases))


def test_an_id_of_an_answer_stands_for_the_recorded_one_from_then_on() -> None:
    calls, contacts = "/crm/v3/objects/calls", "/crm/v3/objects/contacts"
    many = "/crm/v4/associations/calls/contacts/batch/create"
    service = Service({"id": "71"}, {"id": "81"}, {"id": "72"}, *[{}] * 6)
    outcomes = replayed(
        service,
        case("POST", contacts, {}, {"id": "1001"}),
        case("POST", calls, {}, {"id": "1001"}),
        case("POST", calls, {"associations": [{"to": {"id": "1001"}}]}, {"id": "1002"}),
        case("GET", f"{calls}/1001?archived=false", answer={}),
        case("GET", f"{contacts}/1001", answer={}),
        case("PUT", "/crm/v4/objects/calls/1002/associations/default/contacts/1001", answer={}),
        case("POST", f"{calls}/batch/read", {"inputs": [{"id": "1001"}, {"id": "1002"}], "limit": 1002}, {}),
        case("POST", many, {"inputs": [{"from": {"id": "1001"}, "to": {"id": "1001"}}]}, {}),
        case("GET", f"{calls}?after=1002&properties=a%2Cb", answer={}),
    )  # fmt: skip
    assert [outcome.differences for outcome in outcomes] == [[]] * 9
    assert service.asked[2:] == [
        ("POST", calls, {"associations": [{"to": {"id": "71"}}]}),
        ("GET", f"{calls}/81?archived=false", None),
        ("GET", f"{contacts}/71", None),
        ("PUT", "/crm/v4/objects/calls/72/associations/default/contacts/71", None),
        ("POST", f"{calls}/batch/read", {"inputs": [{"id": "81"}, {"id": "72"}], "limit": 1002}),
        ("POST", many, {"inputs": [{"from": {"id": "81"}, "to": {"id": "71"}}]}),
        ("GET", f"{calls}?after=72&properties=a%2Cb", None),
    ]  # fmt: skip


def test_a_token_is_sent_unless_the_client_had_none_or_was_refused() -> None:
    refused = case("GET", "/x", status=401)
    refused.request.headers = {"Authorization": "Bearer masked-0123456789ab"}
    service = Service({}, httpx.Response(401), httpx.Response(401))
    replayed(service, case("GET", "/x"), case("GET", "/x", status=401, given=[{"no_token": True}]), refused)
    assert service.authorizations == ["Bearer t", None, "Bearer masked-0123456789ab"]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/crm/v3/objects/calls", True),
        ("POST", "/crm/v3/objects/calls/search", True),
        ("POST", "/crm/v3/objects/calls/batch/read?archived=true", True),
        ("POST", "/crm/v3/objects/calls", False),
        ("POST", "/crm/v3/objects/calls/batch/upsert", False),
        ("PUT", "/crm/v3/objects/calls/search", False),
        ("PATCH", "/crm/v3/objects/calls/1", False),
        ("DELETE", "/crm/v3/objects/calls/1", False),
    ],
)
def test_nothing_is_changed_unless_that_is_allowed(method: str, path: str, sent: bool) -> None:
    service = Service({})
    [outcome] = replayed(service, case(method, path), writes=False)
    assert (bool(service.asked), "--allow-writes" in outcome.skipped) == (sent, not sent)


def test_what_was_not_made_is_not_asked_for() -> None:
    """An id of the recording may be somebody else's here."""
    service = Service(httpx.Response(400, json={"message": "No"}), {})
    outcomes = replayed(
        service, case("POST", "/calls", {}, {"id": "1001"}), case("DELETE", "/calls/1001"), case("GET", "/calls/1002")
    )
    assert [(difference.path, difference.said) for difference in outcomes[0].differences] == [("status", "No")]
    assert "should have made" in outcomes[1].skipped
    assert [path for _, path, _ in service.asked] == ["/calls", "/calls/1002"]


def test_a_masked_secret_is_not_sent_but_the_one_that_stands_for_it() -> None:
    service = Service({"access_token": "CJSP"}, {})
    path = "/oauth/v1/access-tokens/masked-{}"
    outcomes = replayed(
        service,
        case("GET", path.format("ba9876543210")),
        case("POST", "/oauth/v1/token", {}, {"access_token": "masked-0123456789ab"}),
        case("GET", path.format("0123456789ab")),
    )
    assert "a secret that was masked" in outcomes[0].skipped
    assert service.asked[1][1] == "/oauth/v1/access-tokens/CJSP"


def test_a_case_that_the_tests_alone_can_take_is_left_out() -> None:
    own = [
        case("GET", "/x", given=[{"record": "A1"}]),
        Case("x", "x", [], Request("GET", "/x"), {"key_order": []}, "x", "x"),
        case("POST", "/x", note="The body of the request is not kept: it is text/csv."),
    ]
    service = Service()
    assert [bool(outcome.skipped) for outcome in replayed(service, *own)] == [True] * 3


def test_a_service_that_is_busy_is_waited_for() -> None:
    slept: list[float] = []
    busy = httpx.Response(429, headers={"Retry-After": "3"})
    assert replayed(Service(busy, {}), case("GET", "/x"), sleep=slept.append)[0].differences == []
    assert 3.0 in slept
    with pytest.raises(Stopped, match="again and again"):
        replayed(lambda request: busy, case("GET", "/x"), sleep=slept.append)


def test_a_429_that_was_recorded_is_one() -> None:
    assert replayed(Service(httpx.Response(429)), case("GET", "/x", status=429))[0].differences == []


def test_requests_are_apart_as_was_asked() -> None:
    slept: list[float] = []
    replayed(Service({}, {}), case("GET", "/x"), case("GET", "/x"), pause=1000.0, sleep=slept.append)
    assert slept[0] == 0 < 900 < slept[1]


def test_a_search_that_does_not_find_it_yet_is_asked_again() -> None:
    service = Service({"total": 0}, {"total": 1})
    found = case("POST", "/crm/v3/objects/calls/search", {}, {"total": 1})
    assert replayed(service, found, search_wait=60.0, sleep=lambda seconds: None)[0].differences == []


def test_no_answer_ends_the_run() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Stopped, match="gives no answer: refused"):
        replayed(gone, case("GET", "/x"))


@pytest.fixture
def outcomes() -> Iterator[list[Outcome]]:
    service = Service({"a": 1}, {"a": {"b": "x" * 500}})
    yield replayed(
        service,
        case("GET", "/x", answer={"a": 1}),
        case("GET", "/y", answer={"a": 1}),
        case("POST", "/z"),
        writes=False,
    )


def test_people_are_told_in_lines(outcomes: list[Outcome]) -> None:
    report = Report(as_json=False)
    lines = [line for outcome in outcomes for line in report.lines(outcome)]
    assert lines[0] == "GET /y"
    assert lines[1].startswith('  body.a: expected 1, got {"b":"xxx') and lines[1].endswith("…")
    assert lines[2:] == ["POST /z", "  skipped: it changes something; --allow-writes sends it"]
    assert report.summary() == "3 cases: 1 the same, 1 different in 1 field, 1 skipped"


def test_programs_are_told_in_json(outcomes: list[Outcome]) -> None:
    report = Report(as_json=True)
    lines = [json.loads(line) for outcome in outcomes for line in report.lines(outcome)]
    assert [line["case"] for line in lines] == ["GET /x", "GET /y", "POST /z"]
    assert lines[1]["differences"][0]["path"] == "body.a"
    assert json.loads(report.summary()) == {"cases": 3, "same": 1, "different": 1, "differences": 1, "skipped": 1}
