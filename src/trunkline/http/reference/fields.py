"""The fields of a message as nested lists."""

import json
from collections.abc import Iterator
from typing import Any

from trunkline.http.reference.markup import Html, element, joined, prose

Json = dict[str, Any]


def fields(schema: Json, schemas: Json, mark: str) -> Html:
    """The fields of a message; those of the objects in it can be folded out. `mark` is said of required ones."""
    name = _inner(schema)
    if name is None:
        return element("p", kind(schema))
    told = schemas[name]
    head = element("p", "An ", kind(schema), ".", class_="note") if schema.get("type") == "array" else None
    return joined(head, element("p", prose(told["description"]), class_="note"), _list(told, schemas, mark, (name,)))


def field(name: str, schema: Json, mark: str | None, *inside: Html | None) -> Html:
    """One field or parameter, as an item of a list."""
    return element(
        "li",
        element("code", name, class_="name"),
        " ",
        element("span", kind(schema), class_="kind"),
        element("span", mark, class_=f"mark {mark}") if mark else None,
        element("p", prose(schema.get("description", "")), *_limits(schema)),
        *inside,
    )


def _list(schema: Json, schemas: Json, mark: str, within: tuple[str, ...]) -> Html:
    """The fields of a schema that stands within others, by their names."""
    required = schema.get("required", [])
    rows = (
        field(name, member, mark if name in required else None, _nested(member, schemas, mark, within))
        for name, member in schema["properties"].items()
    )
    return element("ul", *rows, class_="fields")


def _nested(member: Json, schemas: Json, mark: str, within: tuple[str, ...]) -> Html | None:
    name = _inner(member)
    # A schema that holds itself, as a folder its folders, is told once.
    if name is None or name in within:
        return None
    title = element("summary", "Fields of ", element("code", name))
    return element("details", title, _list(schemas[name], schemas, mark, (*within, name)))


def _limits(member: Json) -> Iterator[Html | str]:
    if len(member.get("enum", ())) > 1:
        yield " One of "
        for number, value in enumerate(member["enum"]):
            yield joined(", " if number else None, element("code", str(value)))
        yield "."
    if "default" in member:
        yield joined(" By default ", element("code", json.dumps(member["default"])), ".")
    if "maximum" in member:
        yield f" From {member.get('minimum', 0)} to {member['maximum']}."


def kind(schema: Json) -> str:
    """What a value is, in words, as `array of Option`."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(kind(choice) for choice in schema["anyOf"])
    types = schema.get("type", "string")
    if isinstance(types, list):
        return ", ".join(types[:-1]) + f" or {types[-1]}"
    if types == "array":
        return f"array of {kind(schema['items'])}"
    if types == "object" and "additionalProperties" in schema:
        return f"map of {kind(schema['additionalProperties'])}"
    return f"{types} ({schema['format']})" if "format" in schema else str(types)


def _inner(schema: Json) -> str | None:
    """The name of the object that a value is, or consists of."""
    if "$ref" in schema:
        return _name(schema)
    parts = [schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())]
    return next((name for part in parts if isinstance(part, dict) and (name := _inner(part))), None)


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
