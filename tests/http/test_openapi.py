"""The OpenAPI document: valid, complete, served to anyone, and true of the server."""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import documented
import httpx
import nodejs
import pytest
from inprocess import client
from jsonschema import Draft202012Validator
from msgspec import Struct
from openapi_spec_validator import OpenAPIV31SpecValidator
from server import TOKEN
from threaded import KNOWN, ThreadedServer

from trunkline.errors import OAuthRefusal
from trunkline.http.body import FORM
from trunkline.http.control import refusals
from trunkline.http.oauth.consent import AUTHORIZE
from trunkline.http.operation import Operation
from trunkline.http.reference import limits, parameters
from trunkline.http.reference.data import abouts, answers, guide, products, shapes
from trunkline.http.reference.document import LATER, MEDIA, document, prepare
from trunkline.http.reference.examples import HERE, NAMES, UUID, by_key, examples
from trunkline.http.reference.failures import (
    ANY,
    MEETS,
    TO_OPERATORS,
    WITHIN,
    failures,
    partial_failures,
    traits,
)
from trunkline.http.reference.prose import first_sentence, plain
from trunkline.http.reference.schemas import key as shape_key
from trunkline.http.reference.schemas import structs
from trunkline.http.routes import OPERATIONS
from trunkline.wire import error

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SPECIFICATIONS = ROOT.parent / "shared" / "specs"
VERSIONS = ("v3", "2025-09", "2026-03", "2026-09")


def operations() -> list[tuple[str, str, Json]]:
    return [(m.upper(), path, told) for path, methods in document()["paths"].items() for m, told in methods.items()]


def texts(value: object) -> Iterator[str]:
    """Every text of the document that people read."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("description", "summary", "meaning", "advice") and isinstance(part, str):
                yield part
            elif name not in ("examples", "x-examples", "properties"):
                yield from texts(part)
            elif name == "properties":
                yield from texts(list(part.values()))
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_the_document_has_every_row_in_every_version_and_nothing_else() -> None:
    rows = {(row.method, path, version) for row in OPERATIONS for version, path in row.paths()}
    assert {(method, path, told["x-version"]) for method, path, told in operations()} == rows


def test_every_operation_has_an_id_of_its_own_and_says_what_it_does() -> None:
    ids = Counter(told["operationId"] for _, _, told in operations())
    assert [id_ for id_, times in ids.items() if times > 1 or not re.fullmatch(r"[a-z]\w+", id_)] == []
    for method, path, told in operations():
        assert told["description"], path
        assert re.fullmatch(r"[A-Z][a-z]+ [^.;/]+", told["summary"]), (method, path, told["summary"])
    assert all(tag["description"] for tag in document()["tags"])


def test_nothing_that_people_read_is_empty_or_cites_a_source() -> None:
    assert [text for text in texts(document()) if not text or re.search(r"behaviour \d|differences\)", text)] == []


def shown() -> dict[str, type[Struct]]:
    messages = [message for row in OPERATIONS for message in (row.body, row.answer) if message is not None]
    return {shape_key(struct): struct for struct in structs([*messages, LATER, error.Error, error.OAuthError])}


def test_every_struct_that_is_shown_is_told_in_shapes_and_no_other() -> None:
    assert shapes().keys() == shown().keys()


def test_every_field_is_described_and_no_other() -> None:
    for name, struct in shown().items():
        assert shapes()[name]["fields"].keys() == set(struct.__struct_encode_fields__), name
        assert shapes()[name].keys() <= {"name", "description", "fields"}, name


def test_what_may_be_left_out_of_an_answer_is_not_required() -> None:
    schema = document()["components"]["schemas"]["SimplePublicObject"]
    assert schema["required"] == ["id", "properties", "createdAt", "updatedAt", "archived", "url"]
    assert "status" in document()["components"]["schemas"]["Error"]["required"]


def test_a_body_is_told_as_it_is_best_sent() -> None:
    schemas = document()["components"]["schemas"]
    told = schemas["SimplePublicObjectBatchInputUpsert"]
    assert told["required"] == ["id", "properties"]
    assert told["properties"]["id"]["type"] == told["properties"]["idProperty"]["type"] == "string"
    values = told["properties"]["properties"]["additionalProperties"]
    assert values == {"type": ["string", "number", "boolean", "null"]}
    assert schemas["PropertyCreate"]["properties"]["hidden"]["type"] == "boolean"
    assert schemas["PropertyCreate"]["properties"]["displayOrder"]["type"] == "integer"


def test_every_parameter_is_described_and_no_other() -> None:
    assert {name for row in OPERATIONS for name in parameters.places(row)} == parameters.PATH.keys()
    named = {name for row in OPERATIONS for name in row.query}
    assert {name.rpartition(".")[2] for name in parameters.QUERY} == named
    assert all(one["description"] for one in document()["components"]["parameters"].values())


def test_every_kind_of_error_happens_somewhere() -> None:
    assert set(refusals()) == MEETS.keys() | WITHIN.keys() | set(TO_OPERATORS)
    has = {trait for row in OPERATIONS for trait in traits(row)}
    assert {trait for table in (MEETS, WITHIN) for needs in table.values() for trait in needs} <= has | {ANY}
    assert all(kind.status in MEETS_STATUSES for row in OPERATIONS for kind in (*failures(row), *partial_failures(row)))


MEETS_STATUSES = {int(status) for _, _, told in operations() for status in told["responses"]}


def test_the_scopes_are_those_that_a_token_is_told_to_lack() -> None:
    async def test() -> None:
        async with client() as http:
            asked = {"name": "none", "scopes": ["none"]}
            made = await http.post("/_trunkline/tokens", json=asked, headers={"x-trunkline-secret": "secret"})
            http.headers["authorization"] = f"Bearer {made.json()['token']}"
            for method, path, told in operations():
                place = path.replace("{type}", "calls").replace("{to}", "contacts")
                if not told["x-required-scopes"]:
                    opens = (await http.request(method, place)).status_code == 200 if "security" not in told else True
                    assert opens, path
                    assert told.get("security", []) == [], path
                    continue
                answer = await http.request(method, re.sub(r"\{\w+\}", "1", place))
                assert answer.status_code == 403, path
                lacking = answer.json()["errors"][0]["context"]["requiredGranularScopes"]
                of_type = told["x-required-scopes"]
                wanted = of_type.get("calls") or of_type.get("contacts") or next(iter(of_type.values()))
                assert wanted == lacking, path

    asyncio.run(test())


def test_every_operation_is_told_of_and_no_other() -> None:
    assert abouts().keys() == by_key(OPERATIONS).keys() == answers().keys()
    assert len(by_key(OPERATIONS)) == len(OPERATIONS)


@pytest.mark.parametrize(
    ("row", "version"), [(row, v) for row in OPERATIONS for v in row.versions], ids=lambda x: getattr(x, "path", x)
)
def test_the_example_answers_are_as_the_schemas_say(row: Operation, version: str) -> None:
    given = list(examples(row, version))
    path = dict(row.paths())[version]
    assert given
    for request, answer in given:
        assert answer is not None
        assert answer.status < 300
        assert list(documented.complaints(row.method, path, answer.status, answer.body)) == []
        if request.body is not None:
            # The number of a portal is a variable of the reader's shell, which stands between quotes in the data.
            sent = json.loads(request.body.replace('"$PORTAL_ID"', "1000001"))
            assert list(body_validator(row, path).iter_errors(sent)) == []
        if request.form:
            sent = {**request.form, **({"files": "a file"} if request.files else {})}
            assert list(body_validator(row, path).iter_errors(sent)) == []


def body_validator(row: Operation, path: str) -> Draft202012Validator:
    told = document()["paths"][path][row.method.lower()]["requestBody"]["content"]
    assert list(told) == [MEDIA[row.media]]
    components = documented.closed(json.loads(json.dumps(document()["components"])))
    return Draft202012Validator({"allOf": [told[MEDIA[row.media]]["schema"]], "components": components})


def test_the_recorded_answers_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, "tools/examples.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run(commands: list[str], server: ThreadedServer, **variables: str) -> list[tuple[int, str]]:
    """What a shell prints that is given curls: of each the status and the body."""
    here = (command.replace(HERE, server.url) for command in commands)
    counted = (f"{re.sub('^curl -s', CURL, command, flags=re.MULTILINE)}\n" for command in here)
    environment = {"PATH": "/usr/bin:/bin", "TRUNKLINE_TOKEN": TOKEN, **variables}
    script = "".join(counted)
    done = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = done.stdout.split(MARK)[:-1]
    return [(int(part[-3:]), part[:-3]) for part in parts]


MARK = "\n--- next ---\n"
CURL = r"curl -s --noproxy '*' -w '%{http_code}\\n--- next ---\\n'"


def let_in(server: ThreadedServer, codes: int) -> tuple[dict[str, str], list[str]]:
    """Lets an app in, as a reader would: by name what the commands take from variables, and so many more codes.

    The folder of the tools is to be where modules are looked for.
    """
    tool = importlib.import_module("examples")

    async def connected() -> tuple[dict[str, str], list[str]]:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, verify=False) as http:
            names = await tool.connect(http, KNOWN)
            return names, [await tool.code(http, names["CLIENT_ID"]) for _ in range(codes)]

    return asyncio.run(connected())


def make_ready(server: ThreadedServer, version: str) -> dict[str, str]:
    """Runs the preparations, as a reader would, and waits for the batch among them that is carried out later."""
    commands = prepare(version)
    kept = {found[1]: command for command in commands if (found := re.match(r"export ([A-Z]+)=\$\(", command))}
    own = {"APP_ID": "1", "PORTAL_ID": "1000001"}
    assert [status for status, _ in run([c for c in commands if c not in kept.values()], server, **own)].count(201) > 3
    told = "echo " + " ".join(f"${name}" for name in kept)
    script = "\n".join([*kept.values(), told]).replace(HERE, server.url).replace("curl -s", "curl -s --noproxy '*'")
    environment = {"PATH": "/usr/bin:/bin", "TRUNKLINE_TOKEN": TOKEN, **own}
    said = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, env=environment, check=True)
    names = dict(zip(kept, said.stdout.split(), strict=True))
    assert all(re.fullmatch(UUID, found) for found in names.values())
    with server.client() as http:
        while http.get(f"/crm/v3/objects/calls/batch/requests/{names['JOB']}").json()["status"] != "COMPLETE":
            pass
    return names


Sample = tuple[str, str]
"""An example, and the code that it may take."""

Reply = tuple[int, str]


def run_commands(samples: list[Sample], server: ThreadedServer, names: dict[str, str]) -> list[Reply]:
    return run([f"CODE={code}\n{source}" if code else source for source, code in samples], server, **names)


def run_python(samples: list[Sample], server: ThreadedServer, names: dict[str, str]) -> list[Reply]:
    """What the programs print, all of them run by one interpreter: of each the status and the body."""
    program = "".join(
        f"os.environ['CODE'] = {code!r}\n{source.replace(HERE, server.url)}\nprint({MARK!r}, end='')\n"
        for source, code in samples
    )
    return _printed([sys.executable, "-c", f"import os\n{program}"], names)


def run_node(samples: list[Sample], server: ThreadedServer, names: dict[str, str]) -> list[Reply]:
    """The same by one Node, each program in a block of its own."""
    node = nodejs.find()
    if node is None:
        pytest.skip("no Node found: run tools/node.py")
    program = "".join(
        f"{{ process.env.CODE = {json.dumps(code)};\n{source.replace(HERE, server.url)}\n"
        f"process.stdout.write({json.dumps(MARK)}); }}\n"
        for source, code in samples
    )
    return _printed([node, "--input-type=module", "-e", program], names)


def _printed(command: list[str], names: dict[str, str]) -> list[Reply]:
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment = {**kept, "TRUNKLINE_TOKEN": TOKEN, **names}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    parts = (part.partition(" ") for part in done.stdout.split(MARK)[:-1])
    return [(int(status), text.strip()) for status, _, text in parts]


VARYING = (("id", "properties"), *(("metadata", name) for name in ("engagement", "associations", "metadata")))
"""By a member that is beside them, the members whose own members depend on what was done before."""


def shape(value: object) -> object:
    """What a JSON value is like: the names of its members, what the first of a list is like, and the types.

    Which properties a record shows depends on what was done to it before.
    """
    if isinstance(value, dict):
        shown = [name for one, name in VARYING if {one, name} <= value.keys()]
        return {name: "map" if name in shown else shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    # A label may be null.
    return "str" if value is None else type(value).__name__


RUNS: dict[str, Callable[[list[Sample], ThreadedServer, dict[str, str]], list[Reply]]] = {
    "Shell": run_commands,
    "Python": run_python,
    "JavaScript": run_node,
}
RUN_IN = [*(("Shell", version) for version in VERSIONS), ("Python", "v3"), ("JavaScript", "2026-09")]


@pytest.mark.parametrize(("language", "version"), RUN_IN)
def test_every_example_works_as_shown(
    language: str, version: str, trunkline: ThreadedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    told = [(row, v) for row in OPERATIONS for v in row.versions if v == version or (version == "v3" and v in OLDER)]
    given = [(row, v, *example) for row, v in told for example in examples(row, v)]
    samples = [
        sample["source"]
        for row, v in told
        for sample in document()["paths"][dict(row.paths())[v]][row.method.lower()]["x-codeSamples"]
        if sample["lang"] == language
    ]
    order = range(len(given)) if version in ("v3", "2026-03") else range(len(given) - 1, -1, -1)
    taking = [re.search(r"\bCODE\b", sample) is not None for sample in samples]
    names, codes = let_in(trunkline, sum(taking))
    assert names.keys() == NAMES.keys()
    names |= make_ready(trunkline, version)
    # A code works once, so that each example that takes one needs its own.
    fresh = [(sample, codes.pop() if takes else "") for sample, takes in zip(samples, taking, strict=True)]
    replies = RUNS[language]([fresh[n] for n in order], trunkline, names)
    for n, (status, text) in zip(order, replies, strict=True):
        row, v, request, answer = given[n]
        body = json.loads(text) if text else None
        assert answer is not None
        assert status == answer.status, (request.title, text)
        path = dict(row.paths())[v]
        assert list(documented.complaints(row.method, path, status, body)) == []
        assert shape(body) == shape(answer.body), request.title


OLDER = ("v4", "v2", "v1")


def test_no_command_names_a_token_that_is_not_a_variable() -> None:
    known = {*NAMES, "TRUNKLINE_TOKEN", *(step.keep for step in guide().prepare if step.keep)}
    for method, path, told in operations():
        for sample in told["x-codeSamples"]:
            if sample["lang"] != "Shell":
                taken = set(re.findall(r"environ\[.(\w+).\]|process\.env\.(\w+)", sample["source"]))
                assert {name for pair in taken for name in pair if name} <= known
                assert ("TRUNKLINE_TOKEN" in sample["source"]) is ("security" not in told or "token-info" in path)
                continue
            bearer = '-H "Authorization: Bearer $TRUNKLINE_TOKEN"' in sample["source"]
            assert bearer is ("security" not in told), (method, path)
            taken = set(re.findall(r"\$(\w+)", sample["source"]))
            assert taken <= known


def test_the_document_says_who_may_call() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert document()["security"] == [{"bearer": []}, {"oauth2": []}]
    assert schemes.keys() == {"bearer", "oauth2"}
    code, own = (schemes["oauth2"]["flows"][name] for name in ("authorizationCode", "clientCredentials"))
    assert code["authorizationUrl"] == HERE + AUTHORIZE
    for url in (code["tokenUrl"], code["refreshUrl"], own["tokenUrl"]):
        assert document()["paths"][url.removeprefix(HERE)]["post"]["security"] == []
    needed = {scope for _, _, told in operations() for scopes in told["x-required-scopes"].values() for scope in scopes}
    assert code["scopes"] == own["scopes"]
    assert code["scopes"].keys() == needed
    assert all(code["scopes"].values())


FIRSTS = [(row, next(iter(row.paths()))[1]) for row in OPERATIONS]
"""Each row, and its path in its first version."""


@pytest.mark.parametrize("tag", [tag["name"] for tag in document()["tags"]])
def test_a_token_is_asked_for_just_where_the_document_says_so(tag: str) -> None:
    async def test() -> None:
        async with client() as http:
            del http.headers["authorization"]
            for row, path in FIRSTS:
                told = document()["paths"][path][row.method.lower()]
                if told["tags"] == [tag]:
                    answer = await http.request(row.method, re.sub(r"\{\w+\}", "1", path.replace("{type}", "calls")))
                    assert (answer.status_code == 401) is ("security" not in told), path

    asyncio.run(test())


def test_the_headers_of_the_rate_limits_are_those_that_are_sent() -> None:
    async def test() -> None:
        async with client() as http:
            for row, path in FIRSTS:
                place = re.sub(r"\{\w+\}", "1", path.replace("{type}", "calls").replace("{to}", "contacts"))
                answer = await http.request(row.method, place)
                sent = {name for name in answer.headers if name.startswith(limits.PREFIX.lower())}
                told = document()["paths"][path][row.method.lower()]["responses"]
                successes = [told[status] for status in told if status < "300"]
                for response in [*successes, told["429"]]:
                    assert {name.lower() for name in response.get("headers", {})} == sent, path

    asyncio.run(test())


def test_an_error_of_the_authorization_server_has_a_shape_of_its_own() -> None:
    known = {error.code(kind): kind for kind in refusals()}
    for _, path, told in operations():
        for response in told["responses"].values():
            for code in response.get("x-error-codes", []) if "oauth" in path else []:
                (media,) = response["content"].values()
                shape = "OAuthError" if issubclass(known[code], OAuthRefusal) else "Error"
                assert {"$ref": f"#/components/schemas/{shape}"} in media["schema"].get("oneOf", [media["schema"]])
    explained = document()["x-errors"]["MISMATCHED_REDIRECT"]["body"]
    assert explained == {"status": "MISMATCH_REDIRECT_URI_AUTH_CODE", "error": "invalid_grant"}


def test_the_document_is_served_to_anyone_and_once() -> None:
    async def test() -> None:
        async with client() as http:
            del http.headers["authorization"]
            answer = await http.get("/openapi.json", headers={"host": "calls.example:8080"})
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/json;charset=utf-8"
            assert answer.json()["servers"] == [{"url": "http://calls.example:8080"}]
            assert HERE not in answer.text
            same = {"host": "calls.example:8080", "if-none-match": answer.headers["etag"]}
            again = await http.get("/openapi.json", headers=same)
            assert (again.status_code, again.content) == (304, b"")
            other = await http.get("/openapi.json", headers=same | {"host": "other.example"})
            assert other.status_code == 200

    asyncio.run(test())


@pytest.mark.parametrize("host", ["", "a b", "x'; rm -rf /", '"><script>', "h:port", "$(id)", "[::1]x"])
def test_a_host_that_is_none_is_not_repeated(host: str) -> None:
    async def test() -> None:
        async with client() as http:
            answer = await http.get("/openapi.json", headers={"host": host})
            assert answer.json()["servers"] == [{"url": HERE}]

    asyncio.run(test())


def test_nothing_is_built_before_it_is_asked_for() -> None:
    script = "import sys, trunkline.app; print('trunkline.http.reference.document' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("docstring", "sentence"),
    [
        ("Read one record, by its id.", "Read one record, by its id"),
        ("Archive a property; its values stay.", "Archive a property"),
        ("Tell it (behaviour 1.2). More.", "Tell it"),
        ("Keep 1.5 of it.\n\nMore.", "Keep 1.5 of it"),
        (None, ""),
    ],
)
def test_the_first_sentence(docstring: str | None, sentence: str) -> None:
    assert first_sentence(docstring) == sentence


@pytest.mark.parametrize(
    ("docstring", "prose"),
    [
        ("A (behaviour 5.1 to 5.5).", "A."),
        ("A (text chosen: differences).", "A."),
        ("A (7.6; text chosen) and (b).", "A and (b)."),
        ("A (`TRUNKLINE_MAX_BODY`).\n    B\n    c.\n\n    D.", "A (`TRUNKLINE_MAX_BODY`). B c.\n\nD."),
    ],
)
def test_sources_are_left_out_of_prose(docstring: str, prose: str) -> None:
    assert plain(docstring) == prose


def hubspots(name: str, version: str) -> Json:
    if not SPECIFICATIONS.is_dir():
        pytest.skip("HubSpot's OpenAPI is not at hand")
    found: Json = json.loads((SPECIFICATIONS / f"{name}.{version}.json").read_text())
    return found


THEIRS = [
    *(("crm/calls.424", "objects", version) for version in VERSIONS),
    *(("crm/properties.145899", "properties", version) for version in VERSIONS),
    ("auth/oauth.155908", "oauth", "v1"),
    *(("auth/oauth.279897", "oauth", version) for version in ("v3", "2026-03", "2026-09")),
]
SECRET_QUERY = {"client_secret", "refresh_token"}
"""What the first version of the token endpoint takes in the query, too; a secret does not belong into an address."""


@pytest.mark.parametrize(("name", "api", "version"), THEIRS)
def test_what_hubspot_describes_we_describe(name: str, api: str, version: str) -> None:
    theirs = hubspots(name, version)
    assert dict(products()[api]) == theirs["x-hubspot-product-tier-requirements"]
    ours = {(method, _generic(path)): told for method, path, told in operations()}
    components = document()["components"]["parameters"]
    for path, methods in theirs["paths"].items():
        for method, told in methods.items():
            own = ours[method.upper(), _generic(path)]
            # Of some operations HubSpot describes errors only.
            successes = {status for status in told["responses"] if status < "300"} or {"200"}
            assert successes == {s for s in own["responses"] if s < "300"} - {"202"}, (method, path)
            names = {p["name"] for p in told["parameters"] if p["in"] == "query"}
            given = (components[p["$ref"].rpartition("/")[2]] for p in own["parameters"])
            assert names - SECRET_QUERY <= {p["name"] for p in given if p["in"] == "query"}, (method, path)
            assert _form(told) <= _form(own, document()["components"]), (method, path)


def _form(told: Json, components: Json | None = None) -> set[str]:
    """The fields of a form, but for what proves a client without a secret."""
    schema = told.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {"properties": {}})
    if components is not None and "$ref" in schema:
        schema = components["schemas"][schema["$ref"].rpartition("/")[2]]
    return set(schema["properties"]) - {"client_assertion", "client_assertion_type"}


def _generic(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.replace("/objects/calls", "/objects/{}").replace("03/calls", "03/{}"))
