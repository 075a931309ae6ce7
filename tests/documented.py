"""Our own OpenAPI document as a judge of answers: each is one that it describes, and shows nothing that it does not."""

import copy
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from specification import FORMATS

from trunkline.http.reference.document import document
from trunkline.http.switch import usual

Json = dict[str, Any]
PAGES = (404, 405)
"""Statuses of what is no operation: its answer is a page (behaviour 5.7)."""


@dataclass(frozen=True)
class Operation:
    """One method of one path, and by status its validators."""

    method: str
    template: str
    told: Json
    answers: dict[int, Draft202012Validator | None]

    def fits(self, method: str, path: str) -> bool:
        """Whether a request means this operation."""
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(self.template))
        return method.lower() == self.method and re.fullmatch(f"{pattern}/?", path) is not None


def complaints(method: str, path: str, status: int, body: Any) -> Iterator[str]:
    """Where an answer is not as our document says; `body` is its JSON, or None."""
    path = usual(path)
    fitting = [operation for operation in operations() if operation.fits(method, path)]
    if not fitting:
        if status not in PAGES or body is not None:
            yield f"{method} {path} is not an operation, and answered {status}"
        return
    operation = min(fitting, key=lambda operation: operation.template.count("{"))
    if status not in operation.answers:
        yield f"{method} {operation.template} does not answer {status}, only {sorted(operation.answers)}"
        return
    validator = operation.answers[status]
    if validator is None:
        if body is not None:
            yield f"{method} {operation.template} answers {status} without a body, and has one"
        return
    yield from (f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body))


@functools.cache
def operations() -> tuple[Operation, ...]:
    """The operations of our document."""
    components = closed(copy.deepcopy(document()["components"]))
    return tuple(
        Operation(
            method,
            template,
            told,
            {int(status): _validator(answer, components) for status, answer in told["responses"].items()},
        )
        for template, methods in document()["paths"].items()
        for method, told in methods.items()
    )


def _validator(answer: Json, components: Json) -> Draft202012Validator | None:
    for media in answer.get("content", {}).values():
        schema = {"allOf": [media["schema"]], "components": components}
        return Draft202012Validator(schema, format_checker=FORMATS)
    return None


def closed(schema: Any) -> Any:
    """The same, where objects with named members have no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {name: closed(part) for name, part in schema.items()}
    return (
        inside | {"additionalProperties": False}
        if schema.get("type") == "object" and "properties" in schema
        else inside
    )
