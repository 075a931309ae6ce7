"""The OpenAPI document of the imitated API, made from the route table and the structs of its messages."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from trunkline import __version__
from trunkline.crm.catalog import custom_type, shipped_types
from trunkline.errors import OAuthRefusal, RateLimited, Refusal
from trunkline.http.body import LABELS, Media
from trunkline.http.control import explanation
from trunkline.http.operation import Operation
from trunkline.http.reference import limits, parameters, security
from trunkline.http.reference.clients import node, python
from trunkline.http.reference.data import Answered, Request, abouts, guide, products
from trunkline.http.reference.examples import HERE, NAMES, TOKEN, by_key, curl, examples, key
from trunkline.http.reference.failures import MEETS, WITHIN, failures, partial_failures
from trunkline.http.reference.parameters import may_wait, module
from trunkline.http.reference.prose import first_sentence, plain
from trunkline.http.reference.schemas import Schemas
from trunkline.http.routes import OPERATIONS
from trunkline.wire import error
from trunkline.wire.batch import BatchResponse

Json = dict[str, Any]
Examples = Sequence[tuple[Request, Answered | None]]

CLIENTS: Mapping[str, Callable[[Request, Operation, str], str]] = {
    "Shell": curl,
    "Python": python,
    "JavaScript": node,
}
"""How each example is written: for a shell, in Python and for Node."""

LATER = BatchResponse
"""What a batch answers that is carried out later, even one that otherwise has no answer."""

OAUTH = "OAuth"

TAGS: Mapping[str, tuple[str, str]] = {
    "batches": ("Batches", "Up to 100 records in one request."),
    "records": ("Records", "One record."),
    "later": ("Batches", "Up to 100 records in one request."),
    "lists": ("Records", "One record."),
    "search": ("Search", "Records by what they hold."),
    "associations": ("Associations", "What ties one record to another."),
    "ties": ("Associations", "What ties one record to another."),
    "named": ("Associations", "What ties one record to another."),
    "labels": ("Association types", "In which ways records can be tied, and the labels of a portal's own."),
    "properties": ("Properties", "The definitions of an object type's properties."),
    "groups": ("Property groups", "The groups that properties are shown in."),
    "tokens": (OAUTH, "Access tokens for apps that people let in."),
    "info": (OAUTH, "Access tokens for apps that people let in."),
    "calling": ("Calling", "What belongs to calls alone."),
    "capping": ("Association limits", "How many records a record may be associated with."),
    "usage": ("Limits", "How much of HubSpot's limits a portal uses."),
    "pipelines": ("Pipelines", "The pipelines of an object type, and their stages."),
    "schemas": ("Custom objects", "Object types that a portal defines itself."),
    "owners": ("Owners", "The people to whom records can be assigned."),
    "rules": ("Rules for values", "What a property's values have to conform to, beside its type."),
    "library": ("Object library", "Which object types are in use."),
    "imports": ("Imports", "Files of rows that become records in the background."),
    "exports": ("Exports", "Records that become files in the background."),
    "segments": ("Lists", "Records that belong together: put there by hand, or by filters."),
    "memberships": ("List memberships", "The records in a list, and the lists that a record is in."),
    "folders": ("List folders", "The folders that lists are in."),
    "webhooks": ("Webhooks", "What an app is told of, and where."),
    "watches": ("Webhooks journal: subscriptions", "What an app reads of in the journal of webhooks."),
    "entries": (
        "Webhooks journal: entries",
        "What happened, in order, as far as an app subscribed to it.",
    ),
    "local": ("Webhooks journal: entries of one account", "The same for one account alone."),
    "snapshots": ("Webhooks journal: snapshots", "What records are like now, told in the journal of webhooks."),
    "account": ("Account", "What the token's own account is."),
    "legacy": ("Before version 3", "Properties and pipelines in the shape that older clients read."),
    "engagements": ("Engagements", "Calls and other activities by one id, as older clients have them."),
}
"""By the module of a handler: the tag of its operations, and what is said of the tag."""

MEDIA: Mapping[Media, str] = LABELS

WORDS = ("code", "status", "meaning", "advice")
"""What is said of an error of the authorization server, beside its body: it has no category."""

LIMITED = str(RateLimited.status)

DONE = {
    200: "Done.",
    201: "Created.",
    202: "Taken on, to be carried out later.",
    204: "Done. The answer has no body.",
    207: "Done in part: `errors` tells which inputs failed, and why.",
}
REFUSED = {
    400: "The request cannot be read, or breaks a rule.",
    401: "The token is missing, not known, or not good any more.",
    403: "The token lacks the scope, or the portal the product.",
    404: "There is no such thing.",
    408: "The body did not arrive in time.",
    409: "It is there already.",
    413: "The body is too large.",
    415: "The body is labelled as something else than it has to be.",
    429: "Too many requests.",
    500: "A failure of the server.",
    503: "The server is stopping.",
}

DESCRIPTION = f"""\
HubSpot's CRM API, served by Trunkline. Every operation is here that this server answers, with the statuses, the \
messages and the errors that it really has; the example answers were recorded from it.

The commands take the token from the variable `{TOKEN}`. On an empty server that has carried out the commands of \
`x-prepare` once, each of them works as it stands; elsewhere other record ids are needed. What has to do \
with apps takes its parts from variables, too: {", ".join(f"`{name}` is {what}" for name, what in NAMES.items())}.
"""


@cache
def document() -> Json:
    """The whole document, with `HERE` for the server's address."""
    answered = [row.answer for row in OPERATIONS if row.answer is not None]
    bodies = [row.body for row in OPERATIONS if row.body is not None]
    schemas = Schemas(bodies, [*answered, LATER, error.Error, error.OAuthError])
    paths: dict[str, Json] = {}
    for row in OPERATIONS:
        for version, path in row.paths():
            paths.setdefault(path, {})[row.method.lower()] = _operation(row, version, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trunkline",
            "version": __version__,
            "summary": "HubSpot's CRM API on your own machine",
            "description": DESCRIPTION,
        },
        "servers": [{"url": HERE}],
        "externalDocs": {"url": f"{HERE}/docs", "description": "The same, to read"},
        "security": security.required(),
        "tags": _tags(),
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "parameters": parameters.components(OPERATIONS),
            "headers": limits.components(),
            "securitySchemes": security.schemes(),
        },
        "x-prepare": prepare("v3"),
        "x-errors": dict(sorted((error.code(kind), _explained(kind)) for kind in {*MEETS, *WITHIN})),
    }


def prepare(version: str) -> list[str]:
    """The commands that make what the examples work on."""
    rows = by_key(OPERATIONS)
    return [curl(request, rows[request.operation], version) for request in guide().prepare]


def _tags() -> list[Json]:
    named = dict(TAGS.get(module(row), (module(row).capitalize(), "")) for row in OPERATIONS)
    return [{"name": name, "description": description} for name, description in named.items()]


def _explained(kind: type[Refusal]) -> Json:
    told: Json = explanation(kind) | {"meaning": plain(kind.__doc__)}
    if not issubclass(kind, OAuthRefusal):
        return told
    return {name: told[name] for name in WORDS} | {"body": {"status": kind.fault, "error": kind.error}}


def _operation(row: Operation, version: str, schemas: Schemas) -> Json:
    tag, _ = TAGS.get(module(row), (module(row).capitalize(), ""))
    about = abouts().get(key(row))
    shown = list(examples(row, version))
    described = {
        "operationId": f"{anchor(row)}-{version}".replace("-", "_"),
        "summary": first_sentence(row.handler.__doc__),
        "description": about.purpose.strip() if about else plain(row.handler.__doc__),
        "tags": [tag],
        "parameters": parameters.references(row),
        "responses": _responses(row, version, schemas, shown),
        "x-version": version,
        "x-required-scopes": required_scopes(row),
        "x-codeSamples": [sample for request, _ in shown for sample in _samples(request, row, version)],
        "x-examples": [_sent(request) for request, _ in shown],
    }
    if row.verb is None:
        described["security"] = []
    if row.body is not None:
        content = _content(schemas.of(row.body), _bodies(shown, row.media), row.media)
        described["requestBody"] = {"required": True} | content
    if needed := products_of(row):
        described["x-hubspot-product-tier-requirements"] = needed
    return described


def _samples(request: Request, row: Operation, version: str) -> Iterator[Json]:
    """A request as a command and as programs, under one label."""
    for language, write in CLIENTS.items():
        yield {"lang": language, "label": request.title, "source": write(request, row, version)}


def _sent(request: Request) -> Json:
    """The parts of a request, for a form that sends it; the body as it is laid out."""
    parts = {name: getattr(request, name) for name in ("path", "query", "headers", "form", "files")}
    given = {name: {key: value.strip() for key, value in part.items()} for name, part in parts.items() if part}
    return {"title": request.title, **given, **({"body": request.body.strip()} if request.body is not None else {})}


def products_of(row: Operation) -> dict[str, str]:
    """The least edition of each product with which HubSpot has an operation, and then those that are asked for here."""
    return {**products().get(row.api or row.root.strip("/"), {}), **row.products}


def anchor(row: Operation) -> str:
    """Where an operation stands on the pages that show it, and its id without a version."""
    return f"{module(row)}-{row.handler.__name__}".replace("_", "-")


def required_scopes(row: Operation) -> dict[str, list[str]]:
    """By object type, the scopes one of which a token needs; by the part of the API where there is no such type."""
    if row.verb is None or row.verb == "any":
        return {row.api or row.root.strip("/"): list(row.scopes)} if row.scopes else {}
    types = [
        type_
        for type_ in (*shipped_types(), custom_type())
        if row.fixed.get("type", type_.plural) in (type_.plural, type_.singular)
    ]
    verbs = [row.verb] if row.also is None else [row.verb, row.also]
    return {type_.plural: [scope for verb in verbs for scope in type_.scopes[verb]] for type_ in types}


def _responses(row: Operation, version: str, schemas: Schemas, shown: Examples) -> Json:
    successes = _successes(row, version, schemas, shown)
    if within := [error.code(kind) for kind in partial_failures(row)]:
        successes[str(row.partial_in(version))]["x-error-codes"] = within
    by_status: dict[int, list[type[Refusal]]] = {}
    for kind in failures(row):
        by_status.setdefault(kind.status, []).append(kind)
    responses = successes | {str(status): _refused(status, kinds, schemas) for status, kinds in by_status.items()}
    for status in {*successes, LIMITED} if row.verb is not None else ():
        responses[status]["headers"] = limits.references(row)
    return responses


def _refused(status: int, kinds: Sequence[type[Refusal]], schemas: Schemas) -> Json:
    """What is answered with the status of an error; the authorization server has a body of its own for its errors."""
    bodies = dict.fromkeys(error.OAuthError if issubclass(kind, OAuthRefusal) else error.Error for kind in kinds)
    choices = [schemas.of(body) for body in bodies]
    return {
        "description": REFUSED.get(status, HTTPStatus(status).phrase),
        "x-error-codes": [error.code(kind) for kind in kinds],
        **_content(choices[0] if len(choices) == 1 else {"oneOf": choices}, {}),
    }


def _successes(row: Operation, version: str, schemas: Schemas, shown: Examples) -> Json:
    schema = None if row.answer is None else schemas.of(row.answer)
    found: dict[int, Json | None] = dict.fromkeys((row.status_in(version), row.partial_in(version)), schema)
    if row.empty:
        found[204] = None
    if HTTPStatus.NO_CONTENT in found:
        # An operation may answer nothing in one version and something in another.
        found[HTTPStatus.NO_CONTENT] = None
    if may_wait(row):
        found[202] = schemas.of(LATER)
    return {
        str(status): {"description": DONE[status]} | _content(schema, _answers(shown, status))
        for status, schema in sorted(found.items())
    }


def _content(schema: Json | None, given: Json, media: Media = "json") -> Json:
    if schema is None:
        return {}
    return {"content": {MEDIA[media]: {"schema": schema} | ({"examples": given} if given else {})}}


def _bodies(shown: Examples, media: Media) -> Json:
    if media != "json":
        return {request.title: {"value": {**request.form, **_files(request)}} for request, _ in shown}
    return {request.title: {"value": json.loads(request.body)} for request, _ in shown if request.body}


def _files(request: Request) -> Json:
    """The field of a form that has a file; more than one file would not be told apart here."""
    return dict.fromkeys(("files",) if request.files else (), next(iter(request.files.values()), ""))


def _answers(shown: Examples, status: int) -> Json:
    return {
        request.title: {"value": answer.body} | _shortened(answer)
        for request, answer in shown
        if answer is not None and answer.status == status
    }


def _shortened(answer: Answered) -> Json:
    if answer.total is None:
        return {}
    results = answer.body if isinstance(answer.body, list) else answer.body["results"]
    cut = {"x-shown": len(results), "x-total": answer.total}
    return {"description": f"The first {len(results)} of {answer.total} results.", **cut}
