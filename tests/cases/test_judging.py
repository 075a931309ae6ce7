"""The judges of wire cases, judged: each passes what is right and sees what is wrong."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from cases import checks, invariants
from cases.after import AFTER
from cases.case import Case, Request
from cases.matching import mismatches
from cases.runner import run
from cases.world import Reply, Server, World

from trunkline.recording.kind import is_moment

RECORD: dict[str, Any] = {
    "createdAt": "2025-01-03T09:26:50.490Z",
    "archived": False,
    "new": False,
    "id": "18084920834",
    "properties": {
        "hs_call_body": None,
        "hs_call_title": "Roast",
        "hs_createdate": "2025-01-03T09:26:50.490Z",
        "hs_lastmodifieddate": "2025-01-07T11:10:43.723Z",
        "hs_object_id": "18084920834",
    },
    "propertiesWithHistory": {
        "hs_call_title": [{"value": "Roast", "timestamp": "2025-01-07T11:10:43.723Z", "sourceType": "INTEGRATION"}]
    },
    "updatedAt": "2025-01-07T11:10:43.723Z",
}
LATER = {**RECORD, "id": "18084920835", "properties": {**RECORD["properties"], "hs_object_id": "18084920835"}}
BATCH: dict[str, Any] = {
    "completedAt": "2025-01-09T07:18:05.522Z",
    "startedAt": "2025-01-09T07:18:05.421Z",
    "results": [RECORD, LATER],
    "status": "COMPLETE",
}
ENTRY = '{"isValid":false,"message":"No such","error":"PROPERTY_DOESNT_EXIST","name":"nope"}'
ERROR: dict[str, Any] = {
    "status": "error",
    "message": f"Property values were not valid: [{ENTRY}]",
    "correlationId": "b4c2bed9-bf1f-48a3-949b-256d76b47192",
    "category": "VALIDATION_ERROR",
}
PAGE = {"results": [RECORD], "paging": {"next": {"after": "18084920835", "link": "https://x/calls?after=18084920835"}}}


def reply(body: Any, status: int = 200, path: str = "/crm/v3/objects/calls/batch/upsert", **headers: str) -> Reply:
    """An answer as the wire would carry it, its headers right unless given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    correlation = (
        body.get("correlationId", ERROR["correlationId"]) if isinstance(body, dict) else ERROR["correlationId"]
    )
    usual = {"content-type": "application/json;charset=utf-8", "x-hubspot-correlation-id": str(correlation)}
    text = "" if body is None else json.dumps(body)
    return Reply("POST", path, status, httpx.Headers({**usual, **named}), text, body)


ONE = {**BATCH, "results": [RECORD]}
JUDGED: list[tuple[str, Any, Any, Reply]] = [
    ("status", 200, 201, reply(BATCH)),
    ("status_in", [200, 207], [400], reply(BATCH)),
    ("body_contains", {"results": [{}, {"id": "18084920834"}]}, {"results": [{}]}, reply(BATCH)),
    ("body_contains", {"status": "COMPLETE"}, {"status": "PENDING"}, reply(BATCH)),
    ("body_equals", ERROR, {"status": "error"}, reply(ERROR, 400)),
    ("body_empty", False, True, reply(BATCH)),
    ("body_empty", True, False, reply(None, 204)),
    ("body_regex", "COMPLETE", "PENDING", reply(BATCH)),
    ("message_regex", "^Property", "^property", reply(ERROR, 400)),
    ("errors_message_regex", "^Property", "^Nothing", reply({"errors": [ERROR]}, 207)),
    ("errors_message_regex", "^Property", "^Property.*x", reply({"errors": [ERROR, ERROR]}, 207)),
    ("matches", {"results.*.id": r"^\d+$"}, {"results.*.id": "5$"}, reply(BATCH)),
    ("matches", {"results.0.id": "4$"}, {"results.2.id": "4$"}, reply(BATCH)),
    ("equal", ["createdAt", "properties.hs_createdate"], ["createdAt", "updatedAt"], reply(RECORD)),
    ("equal", ["createdAt"], ["createdAt", "missing"], reply(RECORD)),
    ("top_level_keys_exact", sorted(BATCH), ["results", "status"], reply(BATCH)),
    ("top_level_keys_absent", ["errors"], ["status"], reply(BATCH)),
    ("keys_present", ["status"], ["errors"], reply(BATCH)),
    ("key_order", list(ERROR), sorted(ERROR), reply(ERROR, 400)),
    ("absent", ["results.0.url"], ["results.0.new"], reply(BATCH)),
    ("embedded", [{"name": "nope"}], [{"name": "other"}], reply(ERROR, 400)),
    ("embedded", [{}], [], reply({"errors": [ERROR]}, 207)),
    ("result_count", 2, 1, reply(BATCH)),
    ("results", {"18084920834": {"new": False}}, {"18084920834": {"new": True}}, reply(ONE)),
    ("results", {"18084920834": {}}, {"A1": {}}, reply(ONE)),
    ("in_order", ["18084920834", "18084920835"], ["18084920835", "18084920834"], reply(BATCH)),
    ("property_names", list(RECORD["properties"]), ["hs_object_id"], reply(RECORD)),
    ("result_properties_present", ["hs_call_body"], ["hs_timestamp"], reply(BATCH)),
    ("result_properties_absent", ["hs_timestamp"], ["hs_call_body"], reply(BATCH)),
    ("result_properties_null", ["hs_call_body"], ["hs_call_title"], reply(BATCH)),
    ("history", {"hs_call_title": ["Roast"]}, {"hs_call_title": ["Roast", "Raw"]}, reply(RECORD)),
    ("ascending_ids", True, False, reply(BATCH)),
    ("ascending_ids", False, True, reply({**BATCH, "results": [LATER, RECORD]})),
    ("descending", "hs_createdate", "hs_object_id", reply(BATCH)),
    ("next_page", "/calls?after={after}", "/calls?limit=10&after={after}", reply(PAGE)),
    ("header_equals", {"x-a": "1"}, {"x-a": "2"}, reply(BATCH, x_a="1")),
    ("header_matches", {"x-a": "[0-9]"}, {"x-a": "[a-z]"}, reply(BATCH, x_a="1")),
    ("headers_present", ["X-A"], ["X-B"], reply(BATCH, x_a="1")),
    ("headers_absent", ["X-B"], ["X-A"], reply(BATCH, x_a="1")),
    ("content_type_regex", "json", "html", reply(BATCH)),
    ("warnings", ["no-inputs"], [], reply(BATCH, x_trunkline_warning="no-inputs; nothing is done")),
    ("warnings", [], ["no-inputs"], reply(BATCH)),
    (
        "header_equals_body",
        ["X-HubSpot-Correlation-Id", "correlationId"],
        ["X-HubSpot-Correlation-Id", "status"],
        reply(ERROR, 400),
    ),
    ("same_headers", ["x-a", "x-b"], ["x-a", "x-c"], reply(BATCH, x_a="1", x_b="1", x_c="2")),
    ("same_headers", ["x-a"], ["x-missing"], reply(BATCH, x_a="1")),
]


class Nowhere:
    """A server that is never asked."""

    url = token = ""
    portal = 0

    def client(self) -> httpx.Client:
        """A client without an address."""
        return httpx.Client()

    def make_token(self, scopes: list[str]) -> str:
        """No token."""
        return ""


@pytest.mark.parametrize(("name", "right", "wrong", "answer"), JUDGED)
def test_a_check_tells_right_from_wrong(name: str, right: Any, wrong: Any, answer: Reply) -> None:
    with httpx.Client() as client:
        world = World(Nowhere(), client, None)
        assert list(checks.complaints({name: right}, answer, world)) == []
        assert list(checks.complaints({name: wrong}, answer, world)) != []


def test_every_check_is_tested() -> None:
    assert {name for name, *_ in JUDGED} | AFTER.keys() == checks.CHECKS.keys()


READ = "/crm/v3/objects/calls/{id:A1}"
RIGHT_AFTER: dict[str, Any] = {
    "stored": {"A1": {"hs_call_title": "new", "ext_ref": "A1"}},
    "not_stored": ["A7"],
    "unchanged": ["A2"],
    "updated_at": {"A1": "moved"},
    "readable": {READ: 200},
    "reads": {READ: {"archived": False}},
    "pages": [1],
}
WRONG_AFTER: dict[str, Any] = {
    "stored": {"A1": {"hs_call_title": "old"}},
    "not_stored": ["A1"],
    "unchanged": ["A1"],
    "updated_at": {"A1": "stays"},
    "readable": {READ: 404},
    "reads": {READ: {"archived": True}},
    "pages": [1, 1],
}


@pytest.mark.parametrize(("expect", "wrong"), [(RIGHT_AFTER, set()), (WRONG_AFTER, set(AFTER))])
def test_the_checks_that_ask_again_tell_right_from_wrong(expect: Any, wrong: set[str], trunkline: Server) -> None:
    case = Case(
        id="probe",
        area="batch_upsert",
        needs=["upsert"],
        given=[{"record": "A1", "properties": {"hs_call_title": "old"}}, {"record": "A2"}, {"tick": True}],
        request=Request(
            "POST",
            "/crm/v3/objects/calls/batch/upsert",
            body={"inputs": [{"id": "A1", "idProperty": "ext_ref", "properties": {"hs_call_title": "new"}}]},
        ),
        expect={"status": 200, **expect},
        source="none",
        confidence="chosen",
    )
    assert expect.keys() == AFTER.keys()
    assert {complaint.partition(":")[0] for complaint in run(case, trunkline)} == wrong


@pytest.mark.parametrize("answer", [reply(BATCH), reply(ERROR, 400), reply(None, 204)])
def test_an_answer_as_it_should_be_breaks_no_invariant(answer: Reply) -> None:
    assert list(invariants.complaints(answer)) == []


def changed(**members: Any) -> Reply:
    """A batch of one record, of which some members are otherwise."""
    return reply({**BATCH, "results": [{**RECORD, **members}]})


@pytest.mark.parametrize(
    ("invariant", "answer"),
    [
        ("correlation", reply(BATCH, x_hubspot_correlation_id="7")),
        ("correlation", reply(ERROR, 400, x_hubspot_correlation_id="00000000-0000-7000-8000-000000000000")),
        ("content_type", reply(BATCH, content_type="application/json; charset=utf-8")),
        ("content_type", replace(reply(None, 404, content_type="text/plain"), text="no")),
        ("content_type", replace(reply(None, 400, content_type="text/html"), text="<html>")),
        ("error_order", reply(dict(sorted(ERROR.items())), 400)),
        ("moments", reply({**BATCH, "startedAt": "2025-01-09T07:18:05.000Z"})),
        ("moments", changed(createdAt="2025-01-03T09:26:50.49Z")),
        ("moments", changed(properties={"hs_timestamp": "1745524893000"})),
        ("batch_times", reply({**BATCH, "startedAt": "2025-01-09T07:18:06Z"})),
        ("identity", changed(id="A1")),
        ("identity", changed(id="18084920835")),
        ("identity", changed(updatedAt="2025-01-07T11:10:43.724Z")),
        ("identity", changed(createdAt="2025-01-08T09:26:50.490Z", properties={})),
        ("values", changed(properties={"price": 920})),
        ("values", changed(properties={"price": "1", "name": "a"})),
    ],
)
def test_an_invariant_sees_what_is_broken(invariant: str, answer: Reply) -> None:
    assert invariant in {complaint.partition(":")[0] for complaint in invariants.complaints(answer)}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2025-02-18T09:12:17Z", True),
        ("2025-02-18T09:12:17.006Z", True),
        ("2025-02-18T09:12:17.000Z", False),
        ("2025-02-18T09:12:17.6Z", False),
        ("2025-02-18T09:12:17+00:00", False),
        ("2025-02-18", False),
    ],
)
def test_a_moment_is_written_in_one_way(text: str, is_one: bool) -> None:
    assert is_moment(text) is is_one


@pytest.mark.parametrize(
    ("expected", "actual", "matches"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ({"a": True}, {"a": 1}, False),
        ([1, 2], [2, 1], True),
        ([1, 1], [1, 2], False),
        ([{}, {"a": 1}], [{"a": 1}, {"a": 2}], True),
        ([{"a": 1}, {"a": 1}], [{"a": 1}, {"a": 2}], False),
        ([{}], [], False),
        ("<id>", "12", True),
        ("<id>", "012", False),
        ("<id>", 12, False),
        ("<empty>", None, True),
        ("<empty>", "x", False),
        ("<text>", "", False),
        ("<uuid>", "b4c2bed9-bf1f-48a3-949b-256d76b47192", True),
        ("<uuid>", "b4c2bed9", False),
        ("<time>", "2025-02-18T09:12:17Z", True),
    ],
)
def test_expectations_are_compared(expected: Any, actual: Any, matches: bool) -> None:
    assert (list(mismatches(expected, actual)) == []) is matches


def test_placeholders_and_repeats_are_resolved() -> None:
    with httpx.Client() as client:
        world = World(Nowhere(), client, None, {"A1": {"id": "12"}})
        filled = world.fill({"id": "{id:A1}", "n": "{number:A1}", "x": {"$repeat": 2, "$item": {"k": "k-{n}"}}})
        assert filled == {"id": "12", "n": 12, "x": [{"k": "k-1"}, {"k": "k-2"}]}
        assert world.fill(r"\{portalId={portal}, \d{2}") == r"\{portalId=0, \d{2}"
        assert world.fill({"$text": "ab", "$times": 2}) == "abab"
