"""The judge of answers is itself judged: what is right passes, what is wrong does not, and no relaxation is idle."""

from typing import Any

import pytest
import specification
from specification import RELAXATIONS, Specification, nullable

UPSERT = "/crm/v3/objects/calls/batch/upsert"
ID = "b4c2bed9-bf1f-48a3-949b-256d76b47192"
RESULT: dict[str, Any] = {
    "createdAt": "2025-01-03T09:26:50.490Z",
    "archived": False,
    "new": False,
    "id": "18084920834",
    "properties": {"hs_object_id": "18084920834"},
    "updatedAt": "2025-01-07T11:10:43.723Z",
}
BATCH: dict[str, Any] = {
    "completedAt": "2025-01-09T07:18:05.522Z",
    "startedAt": "2025-01-09T07:18:05Z",
    "results": [RESULT],
    "status": "COMPLETE",
}
ERROR: dict[str, Any] = {"status": "error", "message": "No", "correlationId": ID, "category": "VALIDATION_ERROR"}
PART: dict[str, Any] = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": "No",
    "context": {},
    "errors": [],
    "links": {},
}
TOKEN: dict[str, Any] = {
    "token_type": "bearer",
    "refresh_token": "r",
    "access_token": "a",
    "hub_id": 1,
    "scopes": ["oauth"],
    "token_use": "access_token",
    "expires_in": 1800,
}
OWN_TOKEN = {key: TOKEN[key] for key in TOKEN if key != "refresh_token"} | {"token_use": "client_credentials"}
REFRESH_TOKEN: dict[str, Any] = {
    "active": True,
    "token": "r",
    "hub_id": 1,
    "user_id": 2,
    "client_id": ID,
    "app_id": 3,
    "scopes": ["oauth"],
    "token_use": "refresh_token",
    "token_type": "Bearer",
}
REFUSED: dict[str, Any] = {
    "status": "BAD_REFRESH_TOKEN",
    "message": "No",
    "error": "invalid_grant",
    "error_description": "No",
}
ROW: dict[str, Any] = {
    "fileId": 101,
    "lineNumber": 2,
    "rowData": ["x"],
    "additionalRowData": [],
    "containsEncryptedProperties": False,
}
TIE: dict[str, Any] = {"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}

SMALL: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/things/{id}": {
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "204": {},
                    "default": {"$ref": "#/components/responses/Error"},
                }
            }
        },
        "/things/best": {
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "string", "nullable": True}}}}
                }
            }
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["at"],
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "many": {"type": "integer", "format": "int32"},
                    "old": {"type": "string", "nullable": True},
                },
            },
            "Error": {"required": ["message"], "properties": {"message": {"type": "string"}}},
        },
        "responses": {"Error": {"content": {"*/*": {"schema": {"$ref": "#/components/schemas/Error"}}}}},
    },
}
NOON = "2025-01-09T12:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "passes"),
    [
        ("GET", "/things/7", 200, {"at": NOON}, True),
        ("GET", "/things/7/", 200, {"at": NOON}, True),
        ("GET", "/things/7", 200, {"at": "2025-01-09T12:00:00.123+02:00", "old": None, "more": 1}, True),
        ("GET", "/things/7", 200, {}, False),
        ("GET", "/things/7", 200, None, False),
        ("GET", "/things/7", 200, {"at": "2025-01-09"}, False),
        ("GET", "/things/7", 200, {"at": "2025-02-30T12:00:00Z"}, False),
        ("GET", "/things/7", 200, {"at": 1736424000000}, False),
        ("GET", "/things/7", 200, {"at": NOON, "old": 1}, False),
        ("GET", "/things/7", 200, {"at": NOON, "many": 2**31 - 1}, True),
        ("GET", "/things/7", 200, {"at": NOON, "many": 2**31}, False),
        ("GET", "/things/7", 201, {"at": NOON}, False),
        ("GET", "/things/7", 204, None, True),
        ("GET", "/things/7", 204, {}, False),
        ("GET", "/things/7", 404, {"message": "none"}, True),
        ("GET", "/things/7", 404, {}, False),
        ("GET", "/things/best", 200, None, True),
        ("GET", "/things/best", 200, "x", True),
        ("GET", "/things/best", 200, {"at": NOON}, False),
        ("POST", "/things/7", 405, None, True),
        ("POST", "/things/7", 405, {"message": "no"}, False),
        ("POST", "/things/7", 200, None, False),
        ("GET", "/things/7/parts", 404, None, True),
        ("GET", "/things/7/parts", 200, None, False),
    ],
)
def test_answers_are_judged(method: str, path: str, status: int, body: Any, passes: bool) -> None:
    assert (list(Specification([("", SMALL)]).complaints(method, path, status, body)) == []) is passes


def test_nullable_is_read_as_a_member_too() -> None:
    schema = {"properties": {"nullable": {"type": "boolean"}}}
    assert nullable(schema) == schema


def _hubspot() -> Specification:
    found = specification.hubspot()
    if found is None:
        pytest.skip("HubSpot's OpenAPI is not at hand")
    return found


@pytest.mark.parametrize(
    ("method", "path", "subject", "statuses"),
    [
        ("POST", "/crm/v3/objects/calls/batch/create", "calls", {"201", "207"}),
        ("POST", "/crm/objects/2025-09/calls/batch/create", "calls", {"200"}),
        ("POST", "/crm/objects/2025-09/0-48/batch/create", "calls", {"200"}),
        ("POST", "/crm/objects/2025-09/Call/batch/create", "calls", {"200"}),
        ("POST", "/crm/objects/2025-09/contacts/batch/create", "contacts", {"200"}),
        ("POST", "/crm/objects/2025-09/notes/batch/create", "", {"200"}),
        ("POST", "/crm/objects/2026-03/calls/batch/create", "calls", {"201", "207"}),
        ("POST", "/crm/objects/2026-09/calls/batch/create", "calls", {"201"}),
        ("POST", "/crm/v3/objects/CALL/merge", "", {"200"}),
        ("POST", "/crm/objects/2025-09/calls/gdpr-delete", "calls", {"204"}),
        ("POST", "/crm/v3/objects/contacts/gdpr-delete", "contacts", {"204"}),
        ("GET", "/crm/objects/2026-09/calls/calls", "calls", {"200"}),
        ("GET", "/crm/properties/2025-09/0-48/groups", "", {"200"}),
        ("POST", "/oauth/v1/token", "", {"200"}),
        ("POST", "/oauth/2026-09/token", "", {"200"}),
        ("POST", "/oauth/v3/token/introspect", "", {"200"}),
        ("POST", "/oauth/2026-03/token/revoke", "", {"200"}),
        ("DELETE", "/oauth/v1/refresh-tokens/abc", "", {"204"}),
    ],
)
def test_the_document_of_the_object_type_wins(method: str, path: str, subject: str, statuses: set[str]) -> None:
    found = _hubspot().operation(method, path)
    assert found is not None
    assert (found.subject, found.answers.keys() - {"default"}) == (subject, statuses)


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_a_version_that_cannot_erase_calls_has_no_operation_for_it(version: str) -> None:
    path = "/crm/v3/objects/calls/gdpr-delete" if version == "v3" else f"/crm/objects/{version}/calls/gdpr-delete"
    assert _hubspot().operation("POST", path) is None


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/calling/v1/dispositions", 200),
        ("GET", "/crm/v3/objects/calls/batch/requests/7", 200),
        ("POST", "/oauth/v2/private-apps/get/access-token-info", 200),
    ],
)
def test_what_no_document_describes_is_not_judged(method: str, path: str, status: int) -> None:
    assert list(_hubspot().complaints(method, path, status, {"any": "thing"})) == []
    assert list(_hubspot().complaints("POST", UPSERT, 202, {"any": "thing"})) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", UPSERT, 200, BATCH),
        ("POST", "/crm/objects/2025-09/calls/batch/upsert", 200, {**BATCH, "numErrors": 1, "errors": [PART]}),
        ("POST", "/crm/v3/objects/0-48/batch/upsert", 200, BATCH),
        ("POST", UPSERT, 207, {**BATCH, "numErrors": 1, "errors": [PART]}),
        ("POST", UPSERT, 400, ERROR),
        ("GET", "/crm/v3/objects/calls/1", 200, RESULT),
        ("GET", "/crm/v3/properties/calls", 200, {"results": []}),
        ("DELETE", "/crm/v3/objects/calls/1", 204, None),
        ("POST", "/oauth/v1/token", 200, TOKEN),
        ("POST", "/oauth/v3/token", 200, TOKEN),
        ("POST", "/oauth/2026-03/token", 200, OWN_TOKEN),
        ("POST", "/oauth/2026-09/token", 200, TOKEN),
        ("POST", "/oauth/v1/token", 400, REFUSED),
        ("POST", "/oauth/2026-09/token", 400, REFUSED),
        ("POST", "/oauth/v3/token", 429, ERROR),
        ("POST", "/oauth/v3/token/introspect", 200, REFRESH_TOKEN),
        ("POST", "/oauth/2026-09/token/introspect", 200, REFRESH_TOKEN),
        ("POST", "/oauth/2026-09/token/introspect", 200, {"active": False}),
        ("POST", "/oauth/v3/token/revoke", 200, None),
        ("POST", "/oauth/2026-09/token/revoke", 400, REFUSED),
        ("DELETE", "/oauth/v1/refresh-tokens/abc", 204, None),
    ],
)
def test_what_hubspot_describes_passes(method: str, path: str, status: int, body: Any) -> None:
    assert list(_hubspot().complaints(method, path, status, body)) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", UPSERT, 201, BATCH),
        ("POST", "/crm/objects/2025-09/calls/batch/create", 201, BATCH),
        ("POST", "/crm/objects/2025-09/calls/batch/upsert", 207, {**BATCH, "numErrors": 1, "errors": [PART]}),
        ("POST", "/crm/objects/2026-09/calls/batch/upsert", 200, {**BATCH, "numErrors": "1", "errors": [PART]}),
        ("POST", UPSERT, 200, None),
        ("POST", UPSERT, 200, {**BATCH, "status": "DONE"}),
        ("POST", UPSERT, 200, {**BATCH, "startedAt": "2025-01-09 07:18:05"}),
        ("POST", UPSERT, 200, {key: value for key, value in BATCH.items() if key != "completedAt"}),
        *(
            ("POST", UPSERT, 200, {**BATCH, "results": [{key: RESULT[key] for key in RESULT if key != missing}]})
            for missing in RESULT
        ),
        ("POST", UPSERT, 200, {**BATCH, "results": [{**RESULT, "id": 18084920834}]}),
        ("POST", UPSERT, 200, {**BATCH, "results": [{**RESULT, "properties": {"hs_call_duration": 1}}]}),
        ("POST", "/crm/v3/objects/call/batch/upsert", 200, {**BATCH, "results": [{}]}),
        ("POST", UPSERT, 207, {**BATCH, "numErrors": "1", "errors": [PART]}),
        ("POST", UPSERT, 207, {**BATCH, "numErrors": 1, "errors": [{**PART, "message": None}]}),
        ("POST", UPSERT, 400, {**ERROR, "correlationId": "7"}),
        ("POST", UPSERT, 400, {**ERROR, "context": {"ids": "A1"}}),
        ("POST", UPSERT, 400, {**ERROR, "errors": [{}]}),
        ("GET", "/crm/v3/properties/calls/colour", 200, {"name": "colour"}),
        ("DELETE", "/crm/v3/objects/calls/1", 204, {}),
        ("GET", "/crm/v3/nope", 404, ERROR),
        ("POST", "/oauth/2025-09/token", 200, TOKEN),
        ("POST", "/oauth/v1/token/introspect", 200, REFRESH_TOKEN),
        ("POST", "/oauth/v3/token", 201, TOKEN),
        ("POST", "/oauth/v3/token", 200, {**OWN_TOKEN, "token_use": "access_token"}),
        ("POST", "/oauth/v3/token", 200, {**TOKEN, "hub_id": "1"}),
        ("POST", "/oauth/2026-09/token", 200, {}),
        ("POST", "/oauth/v3/token", 400, {key: REFUSED[key] for key in REFUSED if key != "error"}),
        ("POST", "/oauth/v3/token", 400, {**REFUSED, "secret": "s"}),
        ("POST", "/oauth/v3/token/introspect", 200, {"active": True}),
        ("POST", "/oauth/v3/token/introspect", 200, {"active": False, "hub_id": 1}),
        ("POST", "/oauth/v3/token/introspect", 200, {**REFRESH_TOKEN, "token_use": "refresh"}),
        ("POST", "/oauth/v3/token/revoke", 200, {}),
        ("GET", "/oauth/v1/access-tokens/abc", 200, {"token": "abc"}),
        ("POST", UPSERT, 400, REFUSED),
    ],
)
def test_what_hubspot_does_not_describe_is_refused(method: str, path: str, status: int, body: Any) -> None:
    assert list(_hubspot().complaints(method, path, status, body)) != []


RELAXED: dict[str, tuple[str, str, int, Any]] = {
    "a property value may be null": (
        "POST",
        UPSERT,
        200,
        {**BATCH, "results": [{**RESULT, "properties": {"hs_call_body": None}}]},
    ),
    "an error in a 207 may lack context, errors and links": (
        "POST",
        UPSERT,
        207,
        {**BATCH, "numErrors": 1, "errors": [{key: PART[key] for key in ("status", "category", "message")}]},
    ),
    "the subCategory of an error in a 207 may be a text": (
        "POST",
        UPSERT,
        207,
        {**BATCH, "numErrors": 1, "errors": [{**PART, "subCategory": "crm.associations.INVALID_IDENTIFIER"}]},
    ),
    "an error may lack a category": ("POST", UPSERT, 400, {key: ERROR[key] for key in ERROR if key != "category"}),
    "the label of an association type may be null": (
        "GET",
        "/crm/objects/2025-09/calls/1/associations/contacts",
        200,
        {"results": [{"toObjectId": "2", "associationTypes": [TIE]}]},
    ),
    "the authorization server has a body of its own for errors": ("POST", "/oauth/v3/token", 400, REFUSED),
    "of a token that is not active nothing else is told": (
        *("POST", "/oauth/2026-03/token/introspect", 200),
        {"active": False},
    ),
    "what is described by its errors alone may succeed": ("POST", "/oauth/v3/token/revoke", 200, None),
    "a record's id may have more than 32 bits": (
        "GET",
        "/crm/limits/2026-09/associations/records/0-1/0-2",
        200,
        {
            "limit": 1,
            "totalRecordsNearLimit": 0,
            "nearLimitFromRecordSamples": [],
            "totalRecordsAtLimit": 1,
            "atLimitFromRecordSamples": [{"objectId": 100_000_000_001, "label": "Contact 100000000001"}],
        },
    ),
    "the time of an import's error has 64 bits": (
        "GET",
        "/crm/imports/2026-09/1/errors",
        200,
        {"results": [{"id": "0", "createdAt": 1_745_571_600_000, "errorType": "INVALID_EMAIL", "sourceData": ROW}]},
    ),
}


def test_every_relaxation_is_tested() -> None:
    assert RELAXED.keys() == {relaxation.name for relaxation in RELAXATIONS}


@pytest.mark.parametrize("name", RELAXED)
def test_a_relaxation_is_what_lets_an_answer_pass(name: str) -> None:
    method, path, status, body = RELAXED[name]
    without = specification.hubspot(tuple(relaxation for relaxation in RELAXATIONS if relaxation.name != name))
    assert list(_hubspot().complaints(method, path, status, body)) == []
    assert without is not None
    assert list(without.complaints(method, path, status, body)) != []
