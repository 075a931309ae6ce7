"""Checks on the headers of an answer."""

import re
from collections.abc import Iterator
from typing import Any

from cases.world import Reply, World


def header_equals(expected: dict[str, str], reply: Reply, world: World) -> Iterator[str]:
    """Headers with their exact values."""
    for name, value in expected.items():
        if reply.headers.get(name) != value:
            yield f"{name} is {reply.headers.get(name)!r}, expected {value!r}"


def header_matches(expected: dict[str, str], reply: Reply, world: World) -> Iterator[str]:
    """Headers with a pattern for the whole value."""
    for name, pattern in expected.items():
        if not re.fullmatch(pattern, reply.headers.get(name, "")):
            yield f"{name} is {reply.headers.get(name)!r}, expected {pattern!r}"


def headers_present(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Headers that are there."""
    yield from (f"no {name} among {list(reply.headers)}" for name in expected if name not in reply.headers)


def headers_absent(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Headers that are not there."""
    yield from (f"{name} is {reply.headers[name]!r}" for name in expected if name in reply.headers)


def content_type_regex(expected: str, reply: Reply, world: World) -> Iterator[str]:
    """A pattern that the content type holds."""
    if not re.search(expected, reply.headers.get("Content-Type", "")):
        yield f"the content type is {reply.headers.get('Content-Type')!r}"


def header_equals_body(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """A header, and the member of the body that says the same."""
    header, member = expected
    if reply.headers.get(header) != reply.body[member]:
        yield f"{header} is {reply.headers.get(header)!r}, {member} is {reply.body[member]!r}"


def same_headers(expected: list[str], reply: Reply, world: World) -> Iterator[str]:
    """Headers that all say the same."""
    values = {reply.headers.get(name) for name in expected}
    if len(values) != 1 or None in values:
        yield f"{expected} are {values}"


HEADERS: dict[str, Any] = {
    check.__name__: check
    for check in (
        header_equals,
        header_matches,
        headers_present,
        headers_absent,
        content_type_regex,
        header_equals_body,
        same_headers,
    )
}
"""The checks of this module by name."""
