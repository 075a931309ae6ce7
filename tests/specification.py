"""HubSpot's OpenAPI as a judge of answers, where a copy of it lies beside the repository.

Where the real service is known to answer otherwise than its specification says, a named relaxation lets that pass.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from trunkline.http.switch import usual

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "specs"
VERSIONS = ("v3", "2025-09", "2026-03", "2026-09")
ALIASES = {
    "calls": ("call", "0-48"),
    "companies": ("company", "0-2"),
    "contacts": ("contact", "0-1"),
    "deals": ("deal", "0-3"),
    "tickets": ("ticket", "0-5"),
}
"""The object types that have documents of their own, each with its other spellings in a path (behaviour 1.24)."""

GENERIC = (
    *(f"crm/{name}.{version}.json" for name in ("custom_objects.424", "objects.424") for version in VERSIONS),
    *(f"crm/properties.145899.{version}.json" for version in VERSIONS),
    *(f"crm/limits_tracking.199890.{version}.json" for version in VERSIONS),
    *(
        f"crm/{name}.{version}.json"
        for name in ("pipelines.145896", "crm_owners.146888", "schemas.145900")
        for version in VERSIONS
    ),
    *(f"crm/associations.130902.{version}.json" for version in ("v4", *VERSIONS[1:])),
    *(f"crm/{n}.{v}.json" for n in ("property_validations.215885", "object_library.196908") for v in VERSIONS),
    *(f"crm/{name}.{version}.json" for name in ("imports.144903", "exports.95922") for version in VERSIONS),
    *(f"crm/lists.144891.{version}.json" for version in VERSIONS),
    "crm/partner_services.424.2026-09.json",
    "crm/associations.120891.v3.json",
    *(f"crm/associations_schema.130902.{version}.json" for version in ("v4", *VERSIONS[1:])),
    "crm/associations_schema.50914.v4.json",
    "crm/associations_schema.120891.v3.json",
    "auth/oauth.155908.v1.json",
    *(f"auth/oauth.279897.{version}.json" for version in ("v3", *VERSIONS[2:])),
    *(f"webhooks/webhooks.147891.{version}.json" for version in VERSIONS),
    "webhooks_journal/webhooks_journal.284944.2026-03.json",
)
"""The documents of what all object types have in common, and of what concerns none."""

UNDESCRIBED = re.compile(
    r"/calling/v1/dispositions|/oauth/v2/private-apps/get/access-token-info|.*/batch/requests(/.*)?"
    r"|/crm/(v3/objects|objects/20\d\d-0[39])/[^/]+/gdpr-delete"
    r"|/crm/v4/objects/[^/]+"
    r"|/account-info/.*|/engagements/v1/.*|/properties/v2/.*|/crm-pipelines/.*"
    r"|/crm/v3/objects/[^/]+/[^/]+/associations/.*"
)
"""Paths that no document describes: old ones that clients call, and batches that are carried out later, ours."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Relaxation:
    """One place where the service is known to differ from its specification; `apply` edits a document."""

    name: str
    source: str
    apply: Callable[[Json], None]


def null_values(document: Json) -> None:
    """Lets property values be null."""
    for schema in _schemas(document).values():
        values = schema.get("properties", {}).get("properties")
        if isinstance(values, dict) and values.get("additionalProperties") == {"type": "string"}:
            values["additionalProperties"] = {"type": ["string", "null"]}


def short_errors(document: Json) -> None:
    """Lets an error inside a 207 do without the members that captures do not show."""
    _not_required(document, "StandardError", {"context", "errors", "links"})


def text_sub_category(document: Json) -> None:
    """Lets the subCategory of an error inside a 207 be a text."""
    for schema in _named(document, "StandardError"):
        schema["properties"]["subCategory"] = {"type": ["string", "object"]}


def no_category(document: Json) -> None:
    """Lets an error do without a category."""
    _not_required(document, "Error", {"category"})


def null_label(document: Json) -> None:
    """Lets the label of an association type be null."""
    for name in ("AssociationSpecWithLabel", "PublicAssociationDefinitionUserConfiguration"):
        for schema in _named(document, name):
            schema["properties"]["label"] = {"type": ["string", "null"]}


def long_ids(document: Json) -> None:
    """Lets the id of a record near a limit be as long as ids are."""
    for name in ("AtLimitRecordSample", "NearLimitRecordSample"):
        for schema in _named(document, name):
            schema["properties"]["objectId"] = {"type": "integer", "format": "int64"}


def authorization_errors(document: Json) -> None:
    """Lets the authorization server refuse with a body of its own."""
    schemas = _schemas(document)
    if "TokenInfoResponseBaseIF" in schemas or "TokenResponseIF" in schemas:
        schemas["Error"] = {"anyOf": [schemas["Error"], AUTHORIZATION_ERROR]}


def inactive_token(document: Json) -> None:
    """Lets the introspection tell of a token no more than that it is not active."""
    for schema in _named(document, "TokenInfoResponseBaseIF"):
        if "oneOf" in schema:
            schema["oneOf"].append(INACTIVE)


def undescribed_success(document: Json) -> None:
    """Lets operations succeed of which errors alone are described: a token is given, and one is revoked."""
    for path, methods in document["paths"].items():
        if path.startswith("/oauth/"):
            for operation in methods.values():
                if operation["responses"].keys() == {"default"}:
                    operation["responses"]["200"] = {} if path.endswith("/revoke") else {"content": SOMETHING}


def long_import_times(document: Json) -> None:
    """Lets the time of an import's error be in milliseconds: two versions call it an integer of 32 bits."""
    for schema in _named(document, "PublicImportError"):
        schema["properties"]["createdAt"]["format"] = "int64"


AUTHORIZATION_ERROR: Json = {
    "type": "object",
    "required": ["status", "message", "error", "error_description"],
    "properties": {name: {"type": "string"} for name in ("status", "message", "error", "error_description")},
    "additionalProperties": False,
}
INACTIVE: Json = {
    "type": "object",
    "required": ["active"],
    "properties": {"active": {"const": False}},
    "additionalProperties": False,
}
SOMETHING: Json = {"application/json": {"schema": {"type": "object", "required": ["access_token"]}}}


def _schemas(document: Json) -> Json:
    found: Json = document.get("components", {}).get("schemas", {})
    return found


def _named(document: Json, name: str) -> list[Json]:
    return [_schemas(document)[name]] if name in _schemas(document) else []


def _not_required(document: Json, name: str, members: set[str]) -> None:
    for schema in _named(document, name):
        schema["required"] = [member for member in schema["required"] if member not in members]


RELAXATIONS = (
    Relaxation("a property value may be null", "behaviour 8.3, 9.1", null_values),
    Relaxation("an error in a 207 may lack context, errors and links", "behaviour 1.14", short_errors),
    Relaxation(
        "the subCategory of an error in a 207 may be a text", "recorded: association batches", text_sub_category
    ),
    Relaxation("an error may lack a category", "behaviour 1.25, 3.6, 5.1", no_category),
    Relaxation("the label of an association type may be null", "recorded: lists of associations", null_label),
    Relaxation("a record's id may have more than 32 bits", "behaviour 3.1; int64 in two of four versions", long_ids),
    Relaxation("the authorization server has a body of its own for errors", "behaviour 10.6", authorization_errors),
    Relaxation("of a token that is not active nothing else is told", "behaviour 10.11", inactive_token),
    Relaxation("what is described by its errors alone may succeed", "behaviour 10.10, 10.12", undescribed_success),
    Relaxation("the time of an import's error has 64 bits", "SPEC: versions 3 and 2026-03", long_import_times),
)
"""Relaxations of JSON bodies. That 404 and 405 may be pages (behaviour 5.7) is the case of an answer without JSON."""


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value, re.ASCII):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


FORMATS = FormatChecker(["uuid"])
FORMATS.checks("date-time")(_is_date_time)
FORMATS.checks("int32")(_is_int32)


@dataclass(frozen=True)
class Operation:
    """One method of one path: by status (or "default"), the validator of its JSON, or None where it has no body.

    `subject` is the object type that its document is about, or nothing.
    """

    subject: str
    template: str
    pattern: re.Pattern[str]
    method: str
    answers: dict[str, Draft202012Validator | None]

    @property
    def literalness(self) -> int:
        """How many characters of the template are not in a placeholder."""
        return len(re.sub(r"\{[^}]*\}", "", self.template))


class Specification:
    """The operations of some OpenAPI documents, with relaxations applied; each document comes with its subject.

    Of two operations that a path may mean, that of the object type's own document wins over a generic one, and then
    the one with the more literal template.
    """

    def __init__(
        self, documents: Sequence[tuple[str, Json]], relaxations: tuple[Relaxation, ...] = RELAXATIONS
    ) -> None:
        found = [one for subject, document in documents for one in _operations(subject, document, relaxations)]
        self._operations = sorted(found, key=lambda operation: operation.literalness, reverse=True)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that describes a request best, or None."""
        subject, path = _plainly(path)
        described = [
            operation
            for operation in self._operations
            if operation.method == method.lower()
            and operation.subject in ("", subject)
            and operation.pattern.fullmatch(path)
        ]
        return next((operation for operation in described if operation.subject), next(iter(described), None))

    def complaints(self, method: str, path: str, status: int, body: Any) -> Iterator[str]:
        """Where a JSON body (None for an empty one) is not what the specification says of this answer."""
        path = usual(path)
        if UNDESCRIBED.fullmatch(path) or status == 202:
            return
        operation = self.operation(method, path)
        if operation is None:
            if not (status >= 400 and body is None):
                yield f"{method} {path} is not an operation, and answered {status}"
            return
        key = str(status) if str(status) in operation.answers else "default"
        if key not in operation.answers or (key == "default" and status < 400):
            yield f"{method} {operation.template} does not answer {status}, only {sorted(operation.answers)}"
            return
        yield from _complaints(operation.answers[key], body)


def _plainly(path: str) -> tuple[str, str]:
    """The object type that a path is about, by its plural, or nothing; and the path with the type so spelled."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        for plural, others in ALIASES.items():
            if part.lower() in (plural, *others):
                return plural, "/".join([*parts[:place], plural, *parts[place + 1 :]])
    return "", path


def _complaints(validator: Draft202012Validator | None, body: Any) -> Iterator[str]:
    if validator is None:
        if body is not None:
            yield f"the answer has no body by the specification, and has {str(body)[:200]}"
        return
    for error in validator.iter_errors(body):
        yield f"{error.json_path}: {error.message[:300]}"


def _operations(subject: str, document: Json, relaxations: tuple[Relaxation, ...]) -> Iterator[Operation]:
    document = _relaxed(document, relaxations)
    components = document.get("components", {})
    for template, methods in document["paths"].items():
        for method, operation in methods.items():
            if "responses" in operation:
                answers = {status: _validator(answer, components) for status, answer in operation["responses"].items()}
                yield Operation(subject, template, _pattern(usual(template)), method, answers)


def _relaxed(document: Json, relaxations: tuple[Relaxation, ...]) -> Json:
    relaxed: Json = nullable(document)
    for relaxation in relaxations:
        relaxation.apply(relaxed)
    return relaxed


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts) + "/?")


def _validator(answer: Json, components: Json) -> Draft202012Validator | None:
    if "$ref" in answer:
        answer = components["responses"][answer["$ref"].rpartition("/")[2]]
    for media in answer.get("content", {}).values():
        if "schema" in media:
            schema = {"allOf": [media["schema"]], "components": components}
            return Draft202012Validator(schema, format_checker=FORMATS)
    return None


def nullable(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 with its `nullable` written as JSON Schema has it."""
    if isinstance(schema, list):
        return [nullable(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: nullable(value) for key, value in schema.items()}
    if plain.get("nullable") is not True:
        return plain
    del plain["nullable"]
    return {"anyOf": [plain, {"type": "null"}]}


@functools.cache
def hubspot(relaxations: tuple[Relaxation, ...] = RELAXATIONS) -> Specification | None:
    """HubSpot's own documents, or None where there is no copy of them."""
    if not FOLDER.is_dir():
        return None
    own = [(plural, f"crm/{plural}.424.{version}.json") for plural in ALIASES for version in VERSIONS]
    names = [*own, *(("", name) for name in GENERIC)]
    return Specification([(subject, json.loads((FOLDER / name).read_bytes())) for subject, name in names], relaxations)
