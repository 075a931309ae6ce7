"""Every way in which an error can be born, and the one shape that all of them have.

A body is `status`, `message`, `correlationId`, then `errors` or `context`, `links`, `category` where they apply
(behaviour 4.7); the correlation id is the header's; nothing of ours shows through.
"""

import asyncio
import gc
import json
import re
from typing import Any

import httpx
import pytest
from inprocess import client
from server import UNIQUE
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from trunkline.app import build
from trunkline.clock import Clock
from trunkline.crm.warning import MISTAKES
from trunkline.errors import Refusal
from trunkline.http.call import state_of
from trunkline.http.control import refusals
from trunkline.settings import Settings
from trunkline.store.sqlite.store import SqliteStore
from trunkline.wire import error

AT = "2025-04-24T20:01:33Z"
UPSERT = "/crm/v3/objects/calls/batch/upsert"
SEARCH = "/crm/v3/objects/calls/search"
TIE = "/crm/v4/objects/contacts/9/associations"
TIE_3 = "/crm/v3/objects/contacts/9/associations/companies/1"
LABELS = "/crm/v4/associations/contacts/companies/labels"
SPEC = b'{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}'
MEMBERS = ["status", "message", "correlationId", "errors", "context", "links", "category", "subCategory"]
JSON = {"content-type": "application/json"}


def assert_canonical(answer: httpx.Response, status: int, category: str | None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    body: dict[str, Any] = json.loads(answer.content)
    assert list(body) == [member for member in MEMBERS if member in body]
    assert body["status"] == "error"
    assert body["message"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", body["correlationId"])
    assert body["correlationId"] == answer.headers["x-hubspot-correlation-id"]
    assert body.get("category") == category
    assert "Traceback" not in answer.text and "trunkline" not in answer.text
    return body


def inputs(*given: object) -> bytes:
    return json.dumps({"inputs": given}).encode()


def input_(**members: object) -> dict[str, object]:
    return {"idProperty": "ext_ref", "id": "A", "properties": {"hs_timestamp": AT}} | members


def filters(*given: object, groups: int = 1) -> bytes:
    return json.dumps({"filterGroups": [{"filters": given}] * groups}).encode()


def filter_(**members: object) -> dict[str, object]:
    return {"propertyName": "hs_call_title", "operator": "EQ", "value": "x"} | members


PIPELINES = "/crm/v3/pipelines/deals"
LISTS = "/crm/v3/lists"
TAKEN = "OBJECT_ALREADY_EXISTS"
HALF = {"probability": "0.5"}


SCHEMAS = "/crm-object-schemas/v3/schemas"


def schema(**members: object) -> bytes:
    """A schema of a custom object without any properties."""
    plain = {"name": "car", "labels": {"singular": "Car", "plural": "Cars"}, "properties": []}
    return json.dumps({**plain, "requiredProperties": [], "associatedObjects": [], **members}).encode()


def list_(**members: object) -> bytes:
    """A list of contacts that would be made but for the members."""
    return json.dumps({"name": "x", "objectTypeId": "0-1", "processingType": "MANUAL"} | members).encode()


def pipeline(*given: object, **members: object) -> bytes:
    """A pipeline of a stage for each metadata that is given, all with one label."""
    stages = [{"label": "x", "displayOrder": 0, "metadata": metadata} | members for metadata in given]
    return json.dumps({"label": "x", "displayOrder": 0, "stages": stages}).encode()


RULES = "/crm/v3/property-validations/calls"
IMPORTS, EXPORT = "/crm/v3/imports", "/crm/v3/exports/export/async"
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}


def form(asked: object) -> bytes:
    """A form that starts an import without files."""
    head = b'--b\r\nContent-Disposition: form-data; name="importRequest"\r\n\r\n'
    return head + json.dumps(asked).encode() + b"\r\n--b--\r\n"


def export(**members: object) -> bytes:
    return json.dumps({"exportType": "VIEW", "format": "CSV", "objectType": "calls"} | members).encode()


BIRTHS: list[tuple[str, str, str, bytes | None, dict[str, str], int, str | None]] = [
    ("not JSON", "POST", UPSERT, b"%inputs=1", {}, 400, None),
    ("truncated", "POST", UPSERT, b'{"inputs": [', {}, 400, None),
    ("empty", "POST", UPSERT, b"", {}, 400, None),
    ("a list", "POST", UPSERT, b"[]", {}, 400, None),
    ("a text", "POST", UPSERT, b'"x"', {}, 400, None),
    ("null", "POST", UPSERT, b"null", {}, 400, None),
    ("inputs a text", "POST", UPSERT, b'{"inputs": "x"}', {}, 400, None),
    ("inputs an object", "POST", UPSERT, b'{"inputs": {}}', {}, 400, None),
    ("an input null", "POST", UPSERT, b'{"inputs": [null]}', {}, 400, None),
    ("an input a number", "POST", UPSERT, b'{"inputs": [1]}', {}, 400, None),
    ("an input empty", "POST", UPSERT, b'{"inputs": [{}]}', {}, 400, None),
    ("an id null", "POST", UPSERT, inputs(input_(id=None)), {}, 400, None),
    ("an id an object", "POST", UPSERT, inputs(input_(id={})), {}, 400, None),
    ("properties null", "POST", UPSERT, inputs(input_(properties=None)), {}, 400, None),
    ("properties a list", "POST", UPSERT, inputs(input_(properties=[])), {}, 400, None),
    ("a value an object", "POST", UPSERT, inputs(input_(properties={"hs_call_title": {}})), {}, 400, None),
    ("a value a list", "POST", UPSERT, inputs(input_(properties={"hs_call_title": []})), {}, 400, None),
    ("an idProperty a list", "POST", UPSERT, inputs(input_(idProperty=[])), {}, 400, None),
    ("a trace id an object", "POST", UPSERT, inputs(input_(objectWriteTraceId={})), {}, 400, None),
    ("deep nesting", "POST", UPSERT, b'{"x":' + b"[" * 100_000, {}, 400, None),
    ("closed deep nesting", "POST", UPSERT, b'{"x":' + b"[" * 9_000 + b"]" * 9_000 + b"}", {}, 400, None),
    ("a lone surrogate", "POST", UPSERT, b'{"inputs":[{"id":"\\ud800","properties":{}}]}', {}, 400, None),
    ("bad UTF-8", "POST", UPSERT, b'{"inputs":[{"id":"\xff","properties":{}}]}', {}, 400, None),
    ("an infinite number", "POST", UPSERT, b'{"inputs":[{"id":1e999,"properties":{}}]}', {}, 400, None),
    ("101 inputs", "POST", UPSERT, inputs(*(input_(id=n) for n in range(101))), {}, 400, "VALIDATION_ERROR"),
    ("a blank id", "POST", UPSERT, inputs(input_(id=" ")), {}, 400, "VALIDATION_ERROR"),
    ("a NUL in an id", "POST", UPSERT, inputs(input_(id="a\0b")), {}, 400, "VALIDATION_ERROR"),
    ("repeated ids", "POST", UPSERT, inputs(input_(), input_()), {}, 400, "VALIDATION_ERROR"),
    ("an unknown idProperty", "POST", UPSERT, inputs(input_(idProperty="x")), {}, 400, "VALIDATION_ERROR"),
    ("a plain idProperty", "POST", UPSERT, inputs(input_(idProperty="hs_call_title")), {}, 400, "VALIDATION_ERROR"),
    ("no idProperty", "POST", UPSERT, inputs(input_(idProperty=None)), {}, 400, "OBJECT_NOT_FOUND"),
    ("nothing required", "POST", UPSERT, inputs(input_(properties={})), {}, 400, "VALIDATION_ERROR"),
    ("a NUL", "POST", UPSERT, inputs(input_(properties={"hs_timestamp": "\0"})), {}, 400, "VALIDATION_ERROR"),
    (
        "an unknown property",
        "POST",
        UPSERT,
        inputs(input_(properties={"hs_timestamp": AT, "x": 1})),
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("no token", "POST", UPSERT, b"{}", {"authorization": ""}, 401, "INVALID_AUTHENTICATION"),
    ("an unknown token", "POST", UPSERT, b"{}", {"authorization": "Bearer x"}, 401, "INVALID_AUTHENTICATION"),
    ("another scheme", "POST", UPSERT, b"{}", {"authorization": "Basic eDp5"}, 401, "INVALID_AUTHENTICATION"),
    ("an unknown type", "POST", "/crm/v3/objects/butterflies/batch/upsert", b"{}", {}, 400, None),
    ("a form", "POST", UPSERT, b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 415, None),
    ("a body too large", "POST", UPSERT, b" " * 2_000_000, {}, 413, "VALIDATION_ERROR"),
    ("no such record", "GET", "/crm/v3/objects/calls/999999999999", None, {}, 404, None),
    ("an id beyond all", "GET", f"/crm/v3/objects/calls/{'9' * 200}", None, {}, 404, None),
    ("no such job", "GET", "/crm/v3/objects/calls/batch/requests/abc", None, {}, 404, None),
    ("an id of letters", "GET", "/crm/v3/objects/calls/abc", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("an id of zero", "GET", "/crm/v3/objects/calls/0", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("a negative id", "DELETE", "/crm/v3/objects/calls/-1", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("a flag that is none", "GET", "/crm/v3/objects/calls/1?archived=maybe", None, {}, 400, "VALIDATION_ERROR"),
    (
        "a read by a plain property",
        "GET",
        "/crm/v3/objects/calls/1?idProperty=hs_call_title",
        None,
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("a read by an unknown one", "GET", "/crm/v3/objects/calls/1?idProperty=x", None, {}, 400, "VALIDATION_ERROR"),
    ("no such property", "GET", "/crm/v3/properties/calls/nope", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("an unknown tie", "PUT", f"{TIE}/contacts/1", b"[" + SPEC + b"]", {}, 400, "VALIDATION_ERROR"),
    ("a tie to nobody", "PUT", f"{TIE}/companies/1", b"[" + SPEC + b"]", {}, 400, "VALIDATION_ERROR"),
    ("a tie without a type", "PUT", f"{TIE}/companies/1", b"[]", {}, 400, "VALIDATION_ERROR"),
    ("a tie to itself", "PUT", f"{TIE}/default/contacts/9", None, {}, 400, "VALIDATION_ERROR"),
    ("a tie by an unknown name", "PUT", f"{TIE_3}/nope", None, {}, 400, "VALIDATION_ERROR"),
    ("a blank label", "POST", LABELS, b'{"name": "a", "label": ""}', {}, 400, "VALIDATION_ERROR"),
    ("a label in use", "POST", LABELS, b'{"name": "a", "label": "primary"}', {}, 409, "OBJECT_ALREADY_EXISTS"),
    ("no such label", "DELETE", f"{LABELS}/9", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("a label of a text", "DELETE", f"{LABELS}/x", None, {}, 400, "VALIDATION_ERROR"),
    (
        "a name in use",
        "POST",
        "/crm/v3/properties/calls",
        json.dumps(UNIQUE).encode(),
        {},
        409,
        "OBJECT_ALREADY_EXISTS",
    ),
    (
        "a bad name",
        "POST",
        "/crm/v3/properties/calls",
        json.dumps(UNIQUE | {"name": "A B"}).encode(),
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("half a definition", "POST", "/crm/v3/properties/calls", b'{"name": "x"}', {}, 400, None),
    (
        "HubSpot's own",
        "PATCH",
        "/crm/v3/properties/calls/hs_call_title",
        b'{"label": "x"}',
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("HubSpot's own again", "DELETE", "/crm/v3/properties/calls/hs_call_title", None, {}, 400, "VALIDATION_ERROR"),
    (
        "a bool without options",
        "POST",
        "/crm/v3/properties/calls",
        json.dumps(UNIQUE | {"name": "b", "type": "bool", "fieldType": "booleancheckbox"}).encode(),
        {},
        400,
        "VALIDATION_ERROR",
    ),
    (
        "a currency without a symbol",
        "POST",
        "/crm/v3/properties/calls",
        json.dumps(UNIQUE | {"name": "c", "currencyPropertyName": "x"}).encode(),
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("a type that is none", "PATCH", "/crm/v3/properties/calls/ext_ref", b'{"type": "x"}', {}, 400, None),
    ("half a batch", "POST", "/crm/v3/properties/calls/batch/create", b'{"inputs": [{}]}', {}, 400, None),
    ("no such group", "GET", "/crm/v3/properties/calls/groups/nope", None, {}, 404, "OBJECT_NOT_FOUND"),
    (
        "a group in use",
        "POST",
        "/crm/v3/properties/calls/groups",
        b'{"name": "call", "label": "x"}',
        {},
        409,
        "OBJECT_ALREADY_EXISTS",
    ),
    (
        "a bad group",
        "POST",
        "/crm/v3/properties/calls/groups",
        b'{"name": "A B", "label": "x"}',
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("half a group", "POST", "/crm/v3/properties/calls/groups", b'{"name": "x"}', {}, 400, None),
    ("a group that holds properties", "DELETE", "/crm/v3/properties/calls/groups/call", None, {}, 400, None),
    ("a search for what is not there", "POST", SEARCH, filters(filter_(propertyName="x")), {}, 400, None),
    ("an operator that is none", "POST", SEARCH, filters(filter_(operator="LIKE")), {}, 400, None),
    ("a filter without a value", "POST", SEARCH, filters(filter_(value=None)), {}, 400, None),
    ("a filter with a blank value", "POST", SEARCH, filters(filter_(value=" ")), {}, 400, None),
    ("a filter without a name", "POST", SEARCH, filters({}), {}, 400, None),
    ("a cursor that is none", "POST", SEARCH, b'{"after": "x"}', {}, 400, None),
    ("6 groups of filters", "POST", SEARCH, filters(filter_(), groups=6), {}, 400, "VALIDATION_ERROR"),
    ("7 filters in a group", "POST", SEARCH, filters(*[filter_()] * 7), {}, 400, "VALIDATION_ERROR"),
    ("20 filters in all", "POST", SEARCH, filters(*[filter_()] * 5, groups=4), {}, 400, "VALIDATION_ERROR"),
    (
        "a long list of values",
        "POST",
        SEARCH,
        filters(filter_(operator="IN", values=["x"] * 1_001)),
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("two sorts", "POST", SEARCH, b'{"sorts": ["hs_object_id", "-hs_createdate"]}', {}, 400, "VALIDATION_ERROR"),
    ("a page beyond all", "POST", SEARCH, b'{"after": 10000}', {}, 400, "VALIDATION_ERROR"),
    ("a page of results too large", "POST", SEARCH, b'{"limit": 201}', {}, 400, "VALIDATION_ERROR"),
    ("a long query", "POST", SEARCH, json.dumps({"query": "x" * 10_001}).encode(), {}, 400, "VALIDATION_ERROR"),
    ("no such pipeline", "GET", "/crm/v3/pipelines/deals/nope", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("no such stage", "GET", "/crm/v3/pipelines/deals/default/stages/nope", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("no stage at all", "POST", PIPELINES, pipeline(), {}, 400, "VALIDATION_ERROR"),
    ("a stage without a probability", "POST", PIPELINES, pipeline({}), {}, 400, None),
    ("two stages alike", "POST", PIPELINES, pipeline(HALF, HALF), {}, 400, "VALIDATION_ERROR"),
    ("a stage of another pipeline", "POST", PIPELINES, pipeline(HALF, stageId="closedwon"), {}, 409, TAKEN),
    ("half a pipeline", "POST", PIPELINES, b'{"label": "x"}', {}, 400, None),
    ("no closed stage", "DELETE", "/crm/v3/pipelines/tickets/0/stages/4", None, {}, 400, "VALIDATION_ERROR"),
    (
        "a state that is none",
        "PATCH",
        "/crm/v3/pipelines/tickets/0/stages/4",
        b'{"metadata": {"ticketState": "x"}}',
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("a schema without a name", "POST", SCHEMAS, schema(name=""), {}, 400, "VALIDATION_ERROR"),
    ("half a schema", "POST", SCHEMAS, b'{"name": "car"}', {}, 400, None),
    ("no such custom object", "DELETE", f"{SCHEMAS}/nope", None, {}, 400, None),
    ("no such association of one", "DELETE", f"{SCHEMAS}/contacts/associations/x", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("no such owner", "GET", "/crm/v3/owners/1", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("no such rule", "GET", f"{RULES}/hs_call_title/rule-type/EMAIL", None, {}, 404, "OBJECT_NOT_FOUND"),
    (
        "a rule of another type",
        "PUT",
        f"{RULES}/hs_call_title/rule-type/DECIMAL",
        b'{"ruleArguments": ["1"]}',
        {},
        400,
        "VALIDATION_ERROR",
    ),
    ("an import without parts", "POST", IMPORTS, b"--b--\r\n", MULTIPART, 400, "VALIDATION_ERROR"),
    ("an import without a form", "POST", IMPORTS, b"{}", {"content-type": "multipart/form-data"}, 400, None),
    ("an import of JSON", "POST", IMPORTS, b"{}", {}, 415, None),
    ("an import of a list", "POST", IMPORTS, form([]), MULTIPART, 400, None),
    ("an import of nothing", "POST", IMPORTS, form({}), MULTIPART, 400, "VALIDATION_ERROR"),
    ("an import in no zone", "POST", IMPORTS, form({"timeZone": "Mars/Base"}), MULTIPART, 400, "VALIDATION_ERROR"),
    ("no such list", "GET", f"{LISTS}/7", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("no such folder of lists", "GET", f"{LISTS}/folders?folderId=7", None, {}, 404, "OBJECT_NOT_FOUND"),
    ("half a list", "POST", LISTS, b'{"name": "x"}', {}, 400, None),
    ("a list of no kind", "POST", LISTS, list_(processingType="STATIC"), {}, 400, "VALIDATION_ERROR"),
    ("a list of no type", "POST", LISTS, list_(objectTypeId="x"), {}, 400, None),
    ("a list without filters", "POST", LISTS, list_(processingType="DYNAMIC"), {}, 400, "VALIDATION_ERROR"),
    ("filters that are none", "POST", LISTS, list_(filterBranch={}), {}, 400, "VALIDATION_ERROR"),
    ("a folder without a name", "POST", f"{LISTS}/folders", b'{"name": " "}', {}, 400, "VALIDATION_ERROR"),
    ("a page of lists below nothing", "POST", f"{LISTS}/search", b'{"count": -1}', {}, 400, "VALIDATION_ERROR"),
    ("many old ids", "POST", f"{LISTS}/idmapping", json.dumps(["1"] * 10_001).encode(), {}, 400, "VALIDATION_ERROR"),
    ("an unknown import", "GET", f"{IMPORTS}/7", None, {}, 404, None),
    ("an import by a word", "POST", f"{IMPORTS}/x/cancel", None, {}, 404, None),
    ("an export of nothing", "POST", EXPORT, b"{}", {}, 400, "VALIDATION_ERROR"),
    ("an export of a list", "POST", EXPORT, export(exportType="LIST"), {}, 400, "VALIDATION_ERROR"),
    ("an export as a sheet", "POST", EXPORT, export(format="XLSX"), {}, 400, "VALIDATION_ERROR"),
    ("an export of no type", "POST", EXPORT, export(objectType="x"), {}, 400, None),
    ("an export of a stranger", "POST", EXPORT, export(objectProperties=["x"]), {}, 400, "VALIDATION_ERROR"),
    ("an unknown export", "GET", f"{EXPORT}/tasks/7/status", None, {}, 403, None),
    ("an unknown export's file", "GET", "/crm/v3/exports/export/7", None, {}, 404, None),
    ("a link of nobody's", "GET", "/exports/1-1-1-" + 64 * "0", None, {}, 403, None),
    ("a link that is none", "GET", "/exports/x", None, {}, 403, None),
]


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "category"), [b[1:] for b in BIRTHS], ids=[b[0] for b in BIRTHS]
)
def test_every_birth_of_an_error(
    method: str, path: str, content: bytes | None, headers: dict[str, str], status: int, category: str | None
) -> None:
    async def test() -> None:
        async with client(max_body=1_000_000) as http:
            assert (await http.post("/crm/v3/properties/calls", json=UNIQUE)).status_code == 201
            sent = {} if content is None else {"content": content}
            answer = await http.request(method, path, headers=JSON | headers, **sent)  # type: ignore[arg-type]
            assert_canonical(answer, status, category)
            probe = await http.get("/crm/v3/objects/calls/A", params={"idProperty": "ext_ref"})
            assert probe.status_code == 404, "something was written"

    asyncio.run(test())


def test_an_unexpected_failure_is_told_by_its_id_alone() -> None:
    async def test() -> None:
        store = SqliteStore(":memory:", Clock())
        await store.open()
        app = build(await state_of(store, Clock(), Settings(token="t"), "secret"))
        headers = {"authorization": "Bearer t"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", headers=headers) as http:
            store._connection.execute("DROP TABLE record")
            with capture_logs([merge_contextvars]) as logs:
                body = assert_canonical(await http.get("/crm/v3/objects/calls/100000000001"), 500, None)
            assert body["message"] == "internal error"
            assert logs[0]["correlation_id"] == body["correlationId"]
            assert "no such table" in str(logs[0]["exc_info"])
        await store.close()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("PUT", "/crm/v3/objects/calls/1", 405), ("GET", UPSERT, 405)]
)
def test_what_is_no_operation_answers_a_page(method: str, path: str, status: int) -> None:
    async def test() -> None:
        async with client() as http:
            answer = await http.request(method, path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "text/html;charset=utf-8"
            assert f"<title>Error {status} " in answer.text
            script = await http.get("/<script>alert(1)</script>")
            assert "<script>" not in script.text

    asyncio.run(test())


def test_full_errors_say_where_and_why() -> None:
    async def test() -> None:
        full = {"x-trunkline-detail": "full"}
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            bad = {"hs_timestamp": AT, "hs_call_status": "ASLEEP"}
            good = {"id": "B", "objectWriteTraceId": "b"}
            batch = {"inputs": [input_(**good), input_(objectWriteTraceId="a", properties=bad)]}
            (one,) = (await http.post(UPSERT, json=batch, headers=full)).json()["errors"]
            assert one["in"] == one["errors"][0]["in"] == "inputs[1].properties.hs_call_status"
            assert one["errors"][0]["code"] == "INVALID_OPTION"
            assert one["id"] and one["subCategory"] == "trunkline.INVALID_VALUES"
            explained = await http.get(one["links"]["explanation"])
            assert explained.json()["category"] == "VALIDATION_ERROR"
            (plain,) = (await http.post(UPSERT, json=batch)).json()["errors"]
            assert list(plain) == ["status", "category", "message", "context"]
            whole = (await http.post(UPSERT, json={"inputs": [input_(properties=bad)]}, headers=full)).json()
            assert whole["in"] == whole["errors"][0]["in"] == "inputs[0].properties.hs_call_status"

    asyncio.run(test())


def test_every_kind_of_warning_is_explained() -> None:
    async def test() -> None:
        async with client() as http:
            for code, mistake in MISTAKES.items():
                answer = await http.get(f"/_trunkline/warnings/{code}")
                assert (answer.json()["code"], answer.json()["advice"]) == (code, mistake.advice)
                assert answer.json()["meaning"].startswith(mistake.does)
            assert (await http.get("/_trunkline/warnings/nope")).status_code == 404

    asyncio.run(test())


def test_every_kind_of_error_is_explained() -> None:
    async def test() -> None:
        async with client() as http:
            for kind in refusals():
                answer = await http.get(f"/_trunkline/errors/{error.code(kind)}")
                assert answer.json()["status"] == kind.status
                assert answer.json()["meaning"] and answer.json()["advice"]
            assert (await http.get("/_trunkline/errors/NOPE")).status_code == 404

    asyncio.run(test())


def test_a_refusal_is_forgotten_once_it_is_told() -> None:
    def kept() -> int:
        gc.collect()
        return sum(isinstance(one, Refusal) for one in gc.get_objects())

    async def test() -> None:
        before = kept()
        async with client() as http:
            for path in ["/crm/v3/objects/calls", "/crm/v3/objects/calls/batch/create", UPSERT] * 20:
                values = {"hs_timestamp": AT, "hs_call_status": "?"}
                body = {"inputs": [{"id": "1", "properties": values}], "properties": values}
                assert (await http.post(path, json=body)).status_code == 400
            # The writer may remember the last one until it writes again.
            assert kept() - before < 5

    asyncio.run(test())
