"""Requests that are broken on purpose: in the bytes of the body, in its JSON, in the query, the headers or the path."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from fuzz.requests import Request, written
from fuzz.terms import ODD

Path = tuple[str | int, ...]

NODES: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**40, "", " ", "\0", "\ud800", [], {}, [[]], [None], {"": None})
"""What takes the place of some value in a body."""

PIECES = (
    b"",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\\ud800",
    b"\\x",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"1e999",
    b"-",
    b"00",
    b"NaN",
    b"nul",
    b"// x\n",
    b" " * 1_000,
    b"[" * 2_000,
    b'{"a":' * 2_000,
)
"""What takes the place of some bytes of a body."""

HEADERS = (
    {"content-type": ""},
    {"content-type": "application/json; charset=utf-16"},
    {"content-type": "Application/JSON;;;"},
    {"content-type": "text/plain"},
    {"content-type": "multipart/form-data"},
    {"content-type": "application/x-www-form-urlencoded"},
    {"content-type": "a" * 1_000},
    {"content-encoding": "gzip"},
    {"accept": "text/html"},
    {"accept": "*/*;q=x"},
    {"accept-encoding": "br"},
    {"x-trunkline-detail": "full"},
    {"authorization": ""},
    {"authorization": "Bearer"},
    {"authorization": "Bearer " + "x" * 5_000},
    {"authorization": "Basic OnB3"},
    {"host": "example.com:99999"},
    {"host": "a b"},
    {"expect": "100-continue"},
    {"x-http-method-override": "DELETE"},
    {"if-match": "*"},
    {"range": "bytes=0-1"},
    {"prefer": "respond-async"},
)

QUERIES = (
    "&&&",
    "=",
    "archived",
    "archived=",
    "archived=TRUE&archived=false",
    "archived=maybe",
    "limit=",
    "limit=-1",
    "limit=1&limit=x",
    "limit=%D9%A1",
    "limit=99999999999999999999",
    "after=%00",
    "after=-1",
    "after=99999999999999999999",
    "idProperty=",
    "idProperty=%ed%a0%80",
    "idProperty=ext_ref&idProperty=email",
    "properties=%ff",
    "properties=,,,",
    "properties=" + "a," * 5_000,
    "propertiesWithHistory=*",
    "associations=butterflies",
    "associations=" + "calls,CALLS," * 1_000,
    "%zz=%",
    "hapikey=x",
)

PARTS = ("", "%00", "%2e%2e", "..%2f", "%ed%a0%80", "%ff", "*", "9" * 300, "{type}", "batch", "search", "groups")
"""What takes the place of some part of a path."""


def damaged(sent: Request, chance: Random) -> Request:
    """The request with one to three damages."""
    kinds = _DAMAGES if sent.content else _DAMAGES[:3]
    for _ in range(chance.randint(1, 3)):
        sent = chance.choice(kinds)(sent, chance)
    return sent


def _headers(sent: Request, chance: Random) -> Request:
    return replace(sent, headers=sent.headers | chance.choice(HEADERS))


def _query(sent: Request, chance: Random) -> Request:
    added = chance.choice(QUERIES)
    return replace(sent, query=f"{sent.query}&{added}" if sent.query else added)


def _path(sent: Request, chance: Random) -> Request:
    parts = sent.path.split("/")
    parts[chance.randrange(1, len(parts))] = chance.choice(PARTS)
    return replace(sent, path="/".join(parts))


def _bytes(sent: Request, chance: Random) -> Request:
    """Some bytes are replaced by others, or the body ends early."""
    first = chance.randint(0, len(sent.content))
    last = first + chance.randint(0, 8)
    piece = chance.choice(PIECES) if chance.random() < 0.7 else chance.randbytes(3)
    rest = sent.content[last:] if chance.random() < 0.8 else b""
    return replace(sent, content=sent.content[:first] + piece + rest)


def _encoding(sent: Request, chance: Random) -> Request:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig"))
    return replace(sent, content=sent.content.decode("utf-8", "replace").encode(encoding))


def _tree(sent: Request, chance: Random) -> Request:
    """One value somewhere in the JSON is replaced, dropped, repeated, or gets a neighbour."""
    try:
        tree = json.loads(sent.content)
    except (ValueError, RecursionError):
        return sent
    place = chance.choice(list(_places(tree))[:500])
    change = chance.choice((_replaced, _dropped, _repeated, _joined))
    return replace(sent, content=written(_changed(tree, place, lambda value: change(value, chance))))


def _places(tree: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(tree, dict | list):
        for key in tree if isinstance(tree, dict) else range(len(tree)):
            yield from _places(tree[key], (*path, key))


def _changed(tree: Any, place: Path, change: Callable[[Any], Any]) -> Any:
    if not place:
        return change(tree)
    tree[place[0]] = _changed(tree[place[0]], place[1:], change)
    return tree


def _replaced(value: Any, chance: Random) -> Any:
    return chance.choice((*NODES, *ODD))


def _dropped(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value:
        value.pop(chance.choice(list(value)))
    return value if isinstance(value, dict) else None


def _repeated(value: Any, chance: Random) -> Any:
    times = chance.choice((2, 6, 19, 101))
    return value * times if isinstance(value, list | str) and len(value) < 1_000 else [value] * times


def _joined(value: Any, chance: Random) -> Any:
    if isinstance(value, dict):
        return {**value, chance.choice(ODD): chance.choice(NODES)}
    return [value, chance.choice(NODES)]


_DAMAGES: tuple[Callable[[Request, Random], Request], ...] = (_headers, _query, _path, _bytes, _tree, _tree, _encoding)
"""The first three need no body."""
