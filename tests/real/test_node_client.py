"""HubSpot's own client for Node, unmodified, over a socket. One process goes through the steps of `tests/node`."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import nodejs
import pytest
from consenting import CALLBACK
from real.installed import SCOPES, Installed, install
from real.kinds import KEY, KINDS
from server import Server, start

OWN = {
    **{name: name for name in ("companies", "contacts", "deals", "products", "quotes", "tickets")},
    "lineItems": "line_items",
    "commerce.invoices": "invoices",
    **{f"objects.{name}": name for name in ("calls", "communications", "emails", "leads", "meetings", "notes")},
    **{f"objects.{name}": name for name in ("tasks", "taxes")},
    "objects.postalMail": "postal_mail",
    "objects.goals": "goal_targets",
}
"""The classes that the client has for one type each: where they are under `crm`, and the type's plural."""

SECONDS = 120

Came = dict[str, Any]


class Steps:
    """What each step came to."""

    def __init__(self, lines: str) -> None:
        told = [msgspec.json.decode(line) for line in lines.splitlines()]
        self.failed = {line["step"]: line["failed"] for line in told if "failed" in line}
        self.came = {line["step"]: line.get("came") for line in told}

    def of(self, step: str) -> Any:
        """What one step came to; fails with what Node said where it failed."""
        assert step not in self.failed, self.failed[step]
        return self.came[step]


@pytest.fixture(scope="module")
def node() -> str:
    """Node's program; without it or the client for it the test is skipped."""
    found = nodejs.find()
    if found is None:
        pytest.skip(f"no Node found: run tools/node.py, or name one in {nodejs.VARIABLE}")
    if not nodejs.installed():
        pytest.skip("HubSpot's client for Node is not installed: run tools/node.py")
    return found


@pytest.fixture(scope="module")
def app(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The server of all steps, and an app on it. Every type has a unique property."""
    app = install(tmp_path_factory.mktemp("node") / "records.db")
    with app.server.client() as http:
        for kind in KINDS:
            group = http.get(f"/crm/v3/properties/{kind}/groups").json()["results"][0]["name"]
            unique = {"name": KEY, "label": KEY, "type": "string", "fieldType": "text", "hasUniqueValue": True}
            http.post(f"/crm/v3/properties/{kind}", json={**unique, "groupName": group}).raise_for_status()
    yield app
    app.server.stop()


@pytest.fixture(scope="module")
def strict(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that enforces HubSpot's rate limits."""
    server = start(tmp_path_factory.mktemp("strict") / "records.db", "--limits", "hubspot")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def run(node: str, app: Installed, strict: Server) -> "subprocess.CompletedProcess[str]":
    """The process, once it has gone through all steps."""
    ground = {
        "url": app.server.url,
        "strict": strict.url,
        "token": app.server.token,
        "own": OWN,
        "kinds": {name: {"words": kind.words, "needed": kind.needed} for name, kind in KINDS.items()},
        "app": {"id": app.id, "secret": app.secret, "callback": CALLBACK, "code": app.code()},
    }
    return subprocess.run(
        [node, "run.js"],
        cwd=Path(nodejs.STEPS),
        input=json.dumps(ground),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def steps(run: "subprocess.CompletedProcess[str]") -> Steps:
    assert run.returncode == 0, run.stderr
    return Steps(run.stdout)


def one(model: str, words: str) -> list[Any]:
    """A record as a step shows it: the client's class, its words, and whether its time was decoded."""
    return [model, words, True]


RECORD, UPSERTED = "SimplePublicObject", "SimplePublicUpsertObject"
BATCH = "BatchResponseSimplePublicObject"
PAGE = "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"
FOUND = "CollectionResponseWithTotalSimplePublicObjectForwardPaging"
WHOLE = "SimplePublicObjectWithAssociations"
LIFE: Came = {
    "create": {"status": 201, "model": RECORD, "shown": one(RECORD, "first")},
    "get": {"status": 200, "model": WHOLE, "shown": one(WHOLE, "first")},
    "update": {"status": 200, "model": RECORD, "shown": one(RECORD, "other")},
    "batch.create": {"status": 201, "model": BATCH, "shown": [one(RECORD, "one"), one(RECORD, "two")]},
    "batch.update": {"status": 200, "model": BATCH, "shown": [one(RECORD, "other")]},
    "batch.upsert": {
        "status": 200,
        "model": "BatchResponseSimplePublicUpsertObject",
        "shown": [[*one(UPSERTED, "upserted"), False], [*one(UPSERTED, "upserted"), True]],
    },
    "batch.read": {"status": 200, "model": BATCH, "shown": [one(RECORD, "other")] * 2},
    "batch.read of some": {
        "status": 207,
        "model": f"{BATCH}WithErrors",
        "shown": [[one(RECORD, "other")], "OBJECT_NOT_FOUND"],
    },
    "search": {"status": 200, "model": FOUND, "shown": [1, [one(RECORD, "other")]]},
    "page": {"status": 200, "model": PAGE, "shown": [1, "string"]},
    "batch.archive": {"status": 204},
    "archive": {"status": 204},
    "gone": 404,
}
"""What the records of every type go through."""

UPSERTS = "BatchResponseSimplePublicUpsertObject"
TIED = "BatchResponseLabelsBetweenObjectPair"
TIES = "BatchResponsePublicAssociationMultiWithLabel"
LABELS = "CollectionResponseAssociationSpecWithLabelNoPaging"
NAMED = [[True, "contact_to_company_unlabeled"]]
WRONG = {"status": "error", "category": "VALIDATION_ERROR", "context": {"objectWriteTraceId": ["D"]}}
EXPECTED: Came = {
    "calls.upsert": [
        {"status": 200, "model": UPSERTS, "news": [["not met", "new"]] * 2, "times": True, "errors": []},
        {
            "status": 200,
            "model": UPSERTS,
            "news": [["met", "not new"], ["not met", "new"]],
            "times": True,
            "errors": [],
        },
        {
            "status": 207,
            "model": f"{UPSERTS}WithErrors",
            "news": [["met", "not new"]],
            "times": True,
            "errors": [WRONG],
        },
    ],
    "calls.pages": {"met": True, "once": True, "more": 210},
    "calls.history": {"values": ["two", "one"], "body": None, "models": [["ValueWithTimestamp", True]] * 2},
    "calls.merge": {"status": 200, "lastname": "kept", "same": True},
    "calls.plain": {"status": 201, "title": "plain", "listed": 1},
    "associations.single": {
        "tied": [201, "LabelsBetweenObjectPair"],
        "again": [200, "BatchResponsePublicDefaultAssociation"],
        "page": [200, "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging", [[True, [[279, None]]]]],
        "shown": NAMED,
        "cut": 204,
        "after": 0,
    },
    "associations.batch": {
        "tied": [201, TIED],
        "some": [207, f"{TIED}WithErrors", "COMPANY=7 is not valid"],
        "usual": [200, "BatchResponsePublicDefaultAssociation"],
        "read": [200, TIES, [True]],
        "none": [207, f"{TIES}WithErrors", "OBJECT_NOT_FOUND"],
        "named": [200, "BatchResponsePublicAssociationMulti", NAMED],
        "cut": 204,
    },
    "associations.labels": {
        "made": [200, LABELS],
        "tied": ["Works at"],
        "changed": 204,
        "listed": True,
        "plain": True,
        "removed": 204,
    },
    "definitions.properties": {
        "group": [201, "PropertyGroup"],
        "create": [201, "Property"],
        "update": [200, "Property"],
        "get": [200, "Property", "Other", [["Option", "a"]]],
        "list": [200, "CollectionResponsePropertyNoPaging", True],
        "batch": [201, "BatchResponseProperty"],
        "many": [200, "BatchResponseProperty", ["node_three", "node_two"]],
        "gone": [204, None],
        "archive": [204, None],
        "groups": True,
        "regroup": [200, "PropertyGroup"],
        "ungroup": [204, None],
    },
    "definitions.pipelines": {
        "create": [201, "Pipeline"],
        "update": [200, "Pipeline"],
        "get": "Other",
        "list": ["Sales Pipeline", "Other"],
        "stage": [201, "PipelineStage"],
        "restage": [200, "PipelineStage"],
        "stages": ["Uno", "Two", "Three"],
        "unstage": [204, None],
        "replace": [200, "Pipeline"],
        "archive": [204, None],
    },
    "definitions.owners": {
        "page": [200, "CollectionResponsePublicOwnerForwardPaging"],
        "owner": ["PublicOwner", True],
        "one": [200, "PublicOwner"],
        "same": True,
    },
    "oauth.tokens": {
        "first": [200, "TokenResponseIF", 1800],
        "again": [200, "TokenResponseIF"],
        "other": True,
        "made": True,
        "about": [1_000_001, "access", ["oauth", *SCOPES]],
        "root": [True, "refresh"],
        "over": 204,
        "late": [400, "BAD_REFRESH_TOKEN"],
    },
}
"""What the other steps come to."""

JUDGED = {"objects.places", "objects.own", "objects.generic", "calls.errors", "calls.patience"}
"""The steps that have a test of their own."""

ERRORS = {
    "missing": (404, None, "resource not found"),
    "unknown": (400, "VALIDATION_ERROR", "Property values were not valid"),
    "twice": (400, "VALIDATION_ERROR", "Duplicate IDs found in batch input: [A]. IDs must be unique"),
    "stranger": (401, "INVALID_AUTHENTICATION", "Authentication credentials not found"),
}


def test_no_step_is_left_unjudged(steps: Steps) -> None:
    assert set(steps.came) == EXPECTED.keys() | JUDGED


@pytest.mark.parametrize("step", EXPECTED)
def test_a_step_comes_to_what_it_should(step: str, steps: Steps) -> None:
    assert steps.of(step) == EXPECTED[step]


def test_no_type_of_the_client_is_left_out(steps: Steps) -> None:
    # Feedback is only read by the client, and of deal splits it has two batches that are not served.
    others = {"objects", "objects.feedbackSubmissions", "objects.dealSplits"}
    assert set(steps.of("objects.places")) == {*OWN, *others, "associations", "associations.v4", "properties"}


@pytest.mark.parametrize("place", OWN)
def test_a_type_by_its_own_classes(place: str, steps: Steps) -> None:
    assert steps.of("objects.own")[place] == LIFE


@pytest.mark.parametrize("plural", KINDS)
def test_a_type_by_the_classes_for_all_types(plural: str, steps: Steps) -> None:
    assert steps.of("objects.generic")[plural] == LIFE


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_its_code_and_its_body(name: str, steps: Steps) -> None:
    code, category, message = ERRORS[name]
    error = steps.of("calls.errors")[name]
    assert (error["kind"], error["code"]) == ("ApiException", code)
    assert error["body"].get("category") == category
    assert message in error["body"]["message"]
    assert error["body"]["correlationId"] == error["named"]


def test_the_client_waits_where_it_is_told_that_it_is_too_fast(
    steps: Steps, run: "subprocess.CompletedProcess[str]"
) -> None:
    assert steps.of("calls.patience") == [0] * 11
    assert "Request failed with status code [429], will retry" in run.stderr
