"""The kinds of values that a service makes up, told by how they are written and what they are called."""

import re
from collections.abc import Callable, Iterator
from typing import Any

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EPOCH = re.compile(r"\d{13}", re.ASCII)
CUSTOM_TYPE = re.compile(r"2-\d+", re.ASCII)
CURSORS = frozenset({"after", "before", "offset", "vidOffset", "vid-offset"})
"""What is said to go on with a list: some services make ids of them."""

_ID_NAME = re.compile(r"(?:^|[_-])v?ids?$|[a-z]Ids?(?:$|[A-Z])")


def is_moment(value: object) -> bool:
    """Whether a value is a time as behaviour 9.1 writes it: UTC, milliseconds, and no fraction when they are zero."""
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None and not value.endswith(".000Z")


def is_uuid(value: object) -> bool:
    """Whether a value is a UUID in its usual text."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_id(value: object) -> bool:
    """Whether a value is a record id: a positive whole number, as text."""
    return isinstance(value, str) and re.fullmatch(r"[1-9]\d*", value, re.ASCII) is not None


def is_epoch(value: object) -> bool:
    """Whether a value is a time in milliseconds of this century, as a number or as text."""
    return not isinstance(value, bool) and EPOCH.fullmatch(str(value)) is not None


def is_custom_type(value: object) -> bool:
    """Whether a value is the type id of a custom object."""
    return isinstance(value, str) and CUSTOM_TYPE.fullmatch(value) is not None


KINDS: dict[str, Callable[[object], bool]] = {
    "<any>": lambda value: True,
    "<id>": is_id,
    "<time>": is_moment,
    "<uuid>": is_uuid,
    "<text>": lambda value: isinstance(value, str) and value != "",
    "<empty>": lambda value: value is None or value == "",
}
"""Placeholders in expectations that stand for any value of a kind."""


def names_id(name: str) -> bool:
    """Whether a member or parameter that is called so holds ids."""
    return _ID_NAME.search(name) is not None


def ids_in(value: Any, name: str = "") -> Iterator[str]:
    """The ids in a JSON value, told by what they are called."""
    if isinstance(value, dict):
        for inner_name, inner in value.items():
            yield from ids_in(inner, inner_name)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner, name)
    elif names_id(name) and is_id(str(value)):
        yield str(value)


def leaves(value: Any) -> Iterator[Any]:
    """Every value in a JSON value that holds no others, but for null."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield value
