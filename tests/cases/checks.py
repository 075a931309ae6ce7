"""The checks that a case's `expect` is written in: what one answer must be.

A check takes what is expected, the reply and the world, and yields a complaint for everything that is otherwise.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from cases.after import AFTER
from cases.headers import HEADERS
from cases.matching import look, mismatches
from cases.world import Reply, World

Check = Callable[[Any, Reply, World], Iterator[str]]


def complaints(expect: dict[str, Any], reply: Reply, world: World) -> Iterator[str]:
    """Everything in which a reply is not as expected; with another status, the rest is not looked at."""
    for names in (FIRST & expect.keys(), expect.keys() - FIRST):
        found = [
            f"{name}: {complaint}" for name in sorted(names) for complaint in CHECKS[name](expect[name], reply, world)
        ]
        yield from found
        if found:
            return


def status(expected: int, reply: Reply, world: World) -> Iterator[str]:
    """The HTTP status."""
    if reply.status != expected:
        yield f"{reply.status}, expected {expected}: {reply.text[:600]}"


def warnings(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """The codes of the warnings, in order; a case that does not say has none."""
    told = [line.partition(";")[0] for line in reply.headers.get_list("x-trunkline-warning")]
    if told != expected:
        yield f"{reply.headers.get_list('x-trunkline-warning')}, expected {expected}"


def status_in(expected: list[int], reply: Reply, world: World) -> Iterator[str]:
    """The HTTP status is one of these, where the source leaves it open."""
    if reply.status not in expected:
        yield f"{reply.status}, expected one of {expected}: {reply.text[:600]}"


def body_contains(expected: Any, reply: Reply, world: World) -> Iterator[str]:
    """The JSON holds at least this; lists have just these elements, in any order."""
    yield from mismatches(world.fill(expected), reply.body)


def body_equals(expected: Any, reply: Reply, world: World) -> Iterator[str]:
    """The JSON holds just this; lists match in any order."""
    yield from mismatches(world.fill(expected), reply.body, exact=True)


def body_empty(expected: bool, reply: Reply, world: World) -> Iterator[str]:
    """The body has no byte."""
    if (reply.text == "") != expected:
        yield f"the body is {reply.text[:200]!r}"


def body_regex(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """A pattern that the text of the body holds somewhere."""
    if not re.search(expected, reply.text):
        yield f"nothing like {expected!r} in {reply.text[:200]!r}"


def message_regex(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """A pattern that the message of the error holds."""
    yield from matches({"message": expected}, reply, world)


def errors_message_regex(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """A pattern that the message of every partial error holds."""
    yield from matches({"errors.*.message": expected}, reply, world)


def matches(expected: dict[str, str], reply: Reply, world: World) -> Iterator[str]:
    """By dotted path, a pattern for every text there, of which there must be one."""
    for path, pattern in world.fill(expected).items():
        found = look(reply.body, path)
        if not found:
            yield f"nothing at {path}: {reply.text[:300]}"
        for value in found:
            if not isinstance(value, str) or not re.search(pattern, value):
                yield f"{path}: {value!r} does not match {pattern!r}"


def equal(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Dotted paths that all lead to the same value."""
    values = [value for path in expected for value in look(reply.body, path)]
    if len(values) != len(expected) or any(value != values[0] for value in values):
        yield f"{expected} are {values}"


def top_level_keys_exact(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """The members of the body, in any order."""
    if sorted(reply.body) != sorted(expected):
        yield f"{sorted(reply.body)}, expected {sorted(expected)}"


def top_level_keys_absent(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Members that the body has not."""
    yield from absent(expected, reply, world)


def keys_present(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Members that the body has."""
    yield from (f"no {key!r} among {list(reply.body)}" for key in expected if key not in reply.body)


def key_order(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """The members of the body, in this order and no other."""
    if list(reply.body) != expected:
        yield f"{list(reply.body)}, expected {expected}"


def absent(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Dotted paths that lead nowhere."""
    for path in expected:
        if found := look(reply.body, path):
            yield f"{path} is {found}"


def embedded(expected: list[dict[str, Any]], reply: Reply, world: World) -> Iterator[str]:
    """The entries in the message of refused property values; a list of their own, and JSON (behaviour 4.1)."""
    prefix = "Property values were not valid: "
    message = reply.body["message"] if "message" in reply.body else reply.body["errors"][0]["message"]
    if not message.startswith(prefix):
        yield f"the message is {message!r}"
        return
    entries = json.loads(message.removeprefix(prefix))
    yield from mismatches(expected, entries, "embedded")
    for entry in entries:
        if list(entry)[:4] != ["isValid", "message", "error", "name"]:
            yield f"an entry's members are {list(entry)}"


def result_count(expected: int, reply: Reply, world: World) -> Iterator[str]:
    """How many results there are."""
    if len(reply.body["results"]) != expected:
        yield f"{len(reply.body['results'])} results, expected {expected}"


def results(expected: dict[str, Any], reply: Reply, world: World) -> Iterator[str]:
    """The results by name, each with at least this, and none besides."""
    found = dict(world.named(reply))
    if sorted(found) != sorted(expected) or len(found) != len(reply.records):
        yield f"results for {sorted(found)}, expected {sorted(expected)}: {reply.text[:600]}"
        return
    for name, wanted in world.fill(expected).items():
        yield from mismatches(wanted, found[name], name)


def in_order(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """The names of the results, in this order, and none besides."""
    found = [name for name, _ in world.named(reply)]
    if found != expected:
        yield f"results {found}, expected {expected}: {reply.text[:300]}"


def property_names(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """The names of the properties that every record of the answer shows, and no other."""
    for record in _some(reply):
        if sorted(record["properties"]) != sorted(expected):
            yield f"{sorted(record['properties'])}, expected {sorted(expected)}"


def result_properties_present(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Properties that every record of the answer shows, if as null."""
    for record in _some(reply):
        yield from (f"no {name!r} in {record['properties']}" for name in expected if name not in record["properties"])


def result_properties_absent(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Properties that no record of the answer shows."""
    for record in _some(reply):
        yield from (f"{name!r} in {record['properties']}" for name in expected if name in record["properties"])


def result_properties_null(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Properties that every record of the answer shows as null."""
    for record in _some(reply):
        shown = record["properties"]
        yield from (f"{name!r} is not null in {shown}" for name in expected if shown.get(name, "") is not None)


def history(expected: dict[str, list[str]], reply: Reply, world: World) -> Iterator[str]:
    """By property, the values that every record of the answer had, newest first, each with its time and source."""
    for record in _some(reply):
        for name, values in expected.items():
            entries = record.get("propertiesWithHistory", {}).get(name, [])
            if [entry["value"] for entry in entries] != values:
                yield f"{name} had {[entry['value'] for entry in entries]}, expected {values}"
            yield from (f"no {key} in {e}" for e in entries for key in ("timestamp", "sourceType") if key not in e)


def _some(reply: Reply) -> Iterator[dict[str, Any]]:
    """The records of an answer that must have one."""
    if not reply.records:
        raise AssertionError(f"no record in the answer: {reply.text[:600]}")
    yield from reply.records


def ascending_ids(expected: bool, reply: Reply, world: World) -> Iterator[str]:
    """The records come in the order of their ids."""
    ids = [int(record["id"]) for record in _some(reply)]
    if (ids == sorted(ids)) != expected:
        yield f"the ids are {ids}"


def descending(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """The records come with this property falling."""
    values = [record["properties"][expected] for record in _some(reply)]
    if values != sorted(values, reverse=True):
        yield f"{expected} is {values}"


def next_page(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """The path and query of the link to the next page, `after` being the last id plus one (behaviour 8.1, 8.2)."""
    after = str(int(reply.records[-1]["id"]) + 1)
    paging = reply.body.get("paging", {}).get("next", {})
    if paging.get("after") != after:
        yield f"paging is {paging}, expected after {after}"
    if not re.fullmatch(r"https?://[^/]+" + re.escape(expected.format(after=after)), paging.get("link", "")):
        yield f"the link is {paging.get('link')!r}"


CHECKS: dict[str, Check] = (
    {
        check.__name__: check
        for check in (
            status,
            status_in,
            warnings,
            body_contains,
            body_equals,
            body_empty,
            body_regex,
            message_regex,
            errors_message_regex,
            matches,
            equal,
            top_level_keys_exact,
            top_level_keys_absent,
            keys_present,
            key_order,
            absent,
            embedded,
            result_count,
            results,
            in_order,
            property_names,
            result_properties_present,
            result_properties_absent,
            result_properties_null,
            history,
            ascending_ids,
            descending,
            next_page,
        )
    }
    | HEADERS
    | AFTER
)
"""Every check by the name that a case gives it."""

FIRST = {"status", "status_in"}
"""The checks without which no other makes sense."""
