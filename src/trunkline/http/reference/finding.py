"""What the search box of the pages looks through: of each operation its path, its title and its fields."""

from collections.abc import Iterator
from typing import Any

from trunkline.http.reference.chapter import schema
from trunkline.http.reference.edition import Edition
from trunkline.http.reference.entries import Entry, entries, link

Json = dict[str, Any]


def index(edition: Edition, name: str) -> list[Json]:
    """The operations of a version: address, method, path, title, chapter, and the names of their fields."""
    whole = edition.document
    return [
        {
            "url": f"{link(name, tag)}#{entry.anchor}",
            "method": entry.method,
            "path": entry.path,
            "title": entry.told["summary"],
            "chapter": edition.say(tag),
            "fields": " ".join(dict.fromkeys(_fields(entry, whole["components"]))),
        }
        for tag, of_tag in entries(whole, name).items()
        for entry in of_tag
    ]


def _fields(entry: Entry, components: Json) -> Iterator[str]:
    for reference in entry.told["parameters"]:
        yield components["parameters"][reference["$ref"].rpartition("/")[2]]["name"]
    successes = [response for status, response in entry.told["responses"].items() if status < "300"]
    for message in (entry.told.get("requestBody", {}), *successes):
        if "content" in message:
            yield from _members(schema(message), components["schemas"], set())


def _members(part: Any, schemas: Json, seen: set[str]) -> Iterator[str]:
    """The names of the members of a schema, and of those within it."""
    if isinstance(part, list):
        for each in part:
            yield from _members(each, schemas, seen)
    elif isinstance(part, dict):
        name = part.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from schemas[name]["properties"]
            yield from _members(list(schemas[name]["properties"].values()), schemas, seen)
        yield from _members([value for key, value in part.items() if key != "$ref"], schemas, seen)
