"""The schemas of all messages, from the structs that decode and encode them.

What a struct does not say of itself comes from `trunkline/data/reference/shapes.toml`: the name under which a schema is
published (HubSpot's own where the shape is HubSpot's), and for each field a sentence, or a table of JSON Schema.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import msgspec
from msgspec import Struct, inspect

from trunkline.http.reference.data import shapes
from trunkline.http.reference.prose import plain

Json = dict[str, Any]

PREFIX = "#/components/schemas/"
SCALAR = ["string", "number", "boolean"]


class Schemas:
    """The schemas of the bodies and answers of some operations: `components` holds those of structs, by name."""

    def __init__(self, bodies: Iterable[Any], answers: Iterable[Any]) -> None:
        bodies, answers = list(bodies), list(answers)
        reached = dict.fromkeys(structs([*bodies, *answers]))
        sent = set(structs(bodies))
        given = {_given_name(struct, reached): struct for struct in reached}
        names = {struct: _public_name(struct, reached) for struct in reached}
        self._public = {PREFIX + name: PREFIX + names[struct] for name, struct in given.items()}
        types = [*bodies, *answers]
        made, parts = msgspec.json.schema_components(types, ref_template=PREFIX + "{name}")
        self._made = list(zip(types, made, strict=True))
        self.components: Json = {
            names[struct]: _told(struct, _simple(parts[name], self._public), struct not in sent)
            for name, struct in sorted(given.items(), key=lambda item: names[item[1]])
        }

    def of(self, type_: Any) -> Json:
        """The schema of a body or an answer: a reference to a component, or a list of such."""
        made: Json = next(schema for known, schema in self._made if known == type_)
        return dict(_simple(made, self._public))


def key(struct: type[Struct]) -> str:
    """The name of a struct in `shapes.toml`, as `batch.UpsertBody`."""
    return f"{struct.__module__.rpartition('.')[2]}.{struct.__name__}"


def structs(types: Iterable[Any]) -> Iterator[type[Struct]]:
    """The structs that these types are made of."""
    seen: set[type[Struct]] = set()
    waiting: list[Any] = list(inspect.multi_type_info(types))
    while waiting:
        part = waiting.pop()
        if isinstance(part, inspect.StructType):
            if part.cls in seen:
                continue
            seen.add(part.cls)
            yield part.cls
            waiting.extend(field.type for field in part.fields)
        else:
            waiting.extend(_parts(part))


def _parts(type_: inspect.Type) -> Iterator[inspect.Type]:
    """The types that a union, a list, a map or an annotated type is made of."""
    for name in ("types", "type", "item_type", "item_types", "key_type", "value_type"):
        part = getattr(type_, name, ())
        yield from part if isinstance(part, tuple) else (part,)


def _given_name(struct: type[Struct], all_: Iterable[type[Struct]]) -> str:
    """The name that msgspec gives: the class's, or where two are called so, the module's too."""
    shared = sum(other.__name__ == struct.__name__ for other in all_) > 1
    return f"{struct.__module__}.{struct.__qualname__}" if shared else struct.__name__


def _public_name(struct: type[Struct], all_: Iterable[type[Struct]]) -> str:
    named = shapes().get(key(struct), {}).get("name")
    return str(named) if named else re.sub(r"\W", "", _given_name(struct, all_).rpartition("trunkline.")[2])


def _told(struct: type[Struct], schema: Json, answered: bool) -> Json:
    """A schema with its descriptions; of an answer all members are required but those that may be left out."""
    told = shapes().get(key(struct), {})
    fields: Mapping[str, str | Json] = told.get("fields", {})
    members = {n: _without_default(m) if answered else _proper(m) for n, m in schema["properties"].items()}
    required = _always(struct) if answered else schema["required"]
    return {
        "type": "object",
        "description": told.get("description") or plain(schema.get("description")),
        "properties": {n: m | _said(fields.get(n, {})) for n, m in members.items()},
        **({"required": required} if required else {}),
    }


def _without_default(member: Json) -> Json:
    """What is always sent has no default."""
    return {name: part for name, part in member.items() if name != "default"}


def _said(told: str | Json) -> Json:
    return {"description": told} if isinstance(told, str) else told


def _always(struct: type[Struct]) -> list[str]:
    fields = msgspec.structs.fields(struct)
    return [field.encode_name for field in fields if msgspec.UnsetType not in get_args(field.type)]


def _simple(schema: Any, public: Mapping[str, str]) -> Any:
    """The same, shorter: a choice of plain types as a list of types, no default of null, published names."""
    if isinstance(schema, list):
        return [_simple(part, public) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": public[schema["$ref"]]}
    short = {name: _simple(part, public) for name, part in schema.items() if (name, part) != ("default", None)}
    return _joined(short.pop("anyOf"), short) if "anyOf" in short else short


def _joined(choices: list[Json], rest: Json) -> Json:
    """A choice of plain types as one schema; a whole number is a number."""
    if {"type": "number"} in choices:
        choices = [choice for choice in choices if choice != {"type": "integer"}]
    if all(choice.keys() == {"type"} for choice in choices):
        return rest | {"type": [choice["type"] for choice in choices]}
    return rest | {"anyOf": choices}


def _proper(member: Json) -> Json:
    """A member of what is sent, as it is best sent: not null where it may be left out, a text and no number for it."""
    rest = dict(member)
    if isinstance(rest.get("type"), list):
        types = [type_ for type_ in rest["type"] if type_ != "null"]
        return rest | {"type": "string" if types == SCALAR else types if len(types) > 1 else types[0]}
    if "anyOf" in rest:
        choices: list[Json] = [choice for choice in rest.pop("anyOf") if choice != {"type": "null"}]
        return rest | choices[0]
    return rest
