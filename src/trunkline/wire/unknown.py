"""Members of a body that nobody looks at: which there are, once it is known that there are some.

A body is decoded by a twin of its struct that forbids such members, which costs nothing. Only when that fails is it
decoded by the struct itself, and looked through here.
"""

import types
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

LONGEST_LOOK = 20_000
"""Values of a body that are looked at: longer looks would hold up others."""

UNHEEDED = frozenset({"active", "externalOptionsReferenceType", "optionSortStrategy", "searchableInGlobalSearch"})
"""Members that HubSpot has for some body and that mean nothing here: to send them is no mistake."""

_UNIONS = (Union, types.UnionType)
_LISTS = (list, tuple, Sequence)
_MADE_OF_TYPES = (*_UNIONS, *_LISTS, dict)


def twin(kind: Any) -> Any:
    """The same type, but that its structs, and those in them, forbid members that they do not have."""
    if _is_struct(kind):
        return _twin(kind)
    if get_origin(kind) not in _MADE_OF_TYPES:
        return kind
    parts = get_args(kind)
    forbidding = tuple(map(twin, parts))
    if forbidding == parts:
        return kind
    return reduce(or_, forbidding) if get_origin(kind) in _UNIONS else get_origin(kind)[forbidding]


@cache
def _twin(kind: type[Struct]) -> type[Struct]:
    others = ((field, twin(field.type)) for field in msgspec.structs.fields(kind))
    changed = [(field.name, other, *_default(field)) for field, other in others if other is not field.type]
    return msgspec.defstruct(kind.__name__, changed, bases=(kind,), kw_only=True, forbid_unknown_fields=True)


def _default(field: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
    return () if field.default is NODEFAULT else (field.default,)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def unknown(body: bytes, kind: Any) -> Iterator[tuple[str, str]]:
    """Where in a body of some type there are members that nobody looks at, and their names.

    One that is null or empty says nothing, and is passed over.
    """
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return  # what is passed over when a body is bound need not be good
    waiting = [("", sent, kind)]
    for looked in range(LONGEST_LOOK):
        if looked == len(waiting):
            return
        where, value, meant = waiting[looked]
        if isinstance(value, dict):
            for name, of in _members(meant, value):
                if of is not None:
                    waiting.append((f"{where}.{name}" if where else name, value[name], of))
                elif name not in UNHEEDED and value[name] not in (None, "", [], {}):
                    yield where, name
        elif isinstance(value, list):
            items = _items(meant)
            waiting += [(f"{where}[{n}]", item, items) for n, item in enumerate(value)]


def _members(kind: Any, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each member with the type that it is meant to have, None where nobody looks at it."""
    struct = next((part for part in _parts(kind) if _is_struct(part)), None)
    if struct is None:
        return
    known = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for name in value:
        yield name, known.get(name)


def _items(kind: Any) -> Any:
    """The type that the items of a list are meant to have."""
    return next((get_args(part)[0] for part in _parts(kind) if get_origin(part) in _LISTS), Any)


def _parts(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in _UNIONS else (kind,)
