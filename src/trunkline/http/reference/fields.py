"""The fields of a message as nested lists."""

import json
from collections.abc import Iterator
from typing import Any

from trunkline.http.reference.markup import Html, element, filled, joined, prose
from trunkline.language import Say

Json = dict[str, Any]

REQUIRED, ALWAYS = "required", "always"
"""What is said of fields: that they have to be sent, and that they are always answered."""


def fields(say: Say, schema: Json, schemas: Json, mark: str) -> Html:
    """The fields of a message; those of the objects in it can be folded out. `mark` is said of required ones."""
    name = _inner(schema)
    if name is None:
        return element("p", kind(say, schema))
    told = schemas[name]
    is_list = schema.get("type") == "array"
    head = element("p", say("An {kind}.", kind=kind(say, schema)), class_="note") if is_list else None
    described = element("p", prose(told["description"]), class_="note")
    return joined(head, described, _list(say, told, schemas, mark, (name,)))


def field(say: Say, name: str, schema: Json, mark: str | None, *inside: Html | None) -> Html:
    """One field or parameter, as an item of a list."""
    return element(
        "li",
        element("code", name, class_="name"),
        " ",
        element("span", kind(say, schema), class_="kind"),
        element("span", say(mark), class_=f"mark {mark}") if mark else None,
        element("p", prose(schema.get("description", "")), *_limits(say, schema)),
        *inside,
    )


def _list(say: Say, schema: Json, schemas: Json, mark: str, within: tuple[str, ...]) -> Html:
    """The fields of a schema that stands within others, by their names."""
    required = schema.get("required", [])
    rows = (
        field(say, name, member, mark if name in required else None, _nested(say, member, schemas, mark, within))
        for name, member in schema["properties"].items()
    )
    return element("ul", *rows, class_="fields")


def _nested(say: Say, member: Json, schemas: Json, mark: str, within: tuple[str, ...]) -> Html | None:
    name = _inner(member)
    # A schema that holds itself, as a folder its folders, is told once.
    if name is None or name in within:
        return None
    title = element("summary", filled(say("Fields of {name}"), name=element("code", name)))
    return element("details", title, _list(say, schemas[name], schemas, mark, (*within, name)))


def _limits(say: Say, member: Json) -> Iterator[Html | str]:
    if len(member.get("enum", ())) > 1:
        values = (joined(", " if n else None, element("code", str(value))) for n, value in enumerate(member["enum"]))
        yield joined(" ", filled(say("One of {values}."), values=joined(*values)))
    if "default" in member:
        default = element("code", json.dumps(member["default"]))
        yield joined(" ", filled(say("By default {value}."), value=default))
    if "maximum" in member:
        yield " " + say("From {least} to {most}.", least=member.get("minimum", 0), most=member["maximum"])


def kind(say: Say, schema: Json) -> str:
    """What a value is, in words, as `array of Option`."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return _choice(say, [kind(say, choice) for choice in schema["anyOf"]])
    types = schema.get("type", "string")
    if isinstance(types, list):
        return _choice(say, types)
    if types == "array":
        return say("array of {items}", items=kind(say, schema["items"]))
    if types == "object" and "additionalProperties" in schema:
        return say("map of {items}", items=kind(say, schema["additionalProperties"]))
    return f"{types} ({schema['format']})" if "format" in schema else str(types)


def _choice(say: Say, kinds: list[str]) -> str:
    return say("{some} or {last}", some=", ".join(kinds[:-1]), last=kinds[-1])


def _inner(schema: Json) -> str | None:
    """The name of the object that a value is, or consists of."""
    if "$ref" in schema:
        return _name(schema)
    parts = [schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())]
    return next((name for part in parts if isinstance(part, dict) and (name := _inner(part))), None)


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
