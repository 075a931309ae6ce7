"""A request that is still to be made: the places in it that take a name, and other names put there."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from string import Template
from typing import Any
from urllib.parse import urlencode

import msgspec.inspect as inspect
from isolation.wire import FORM, JSON, MULTIPART, Sent, multipart

from trunkline.http.operation import Operation
from trunkline.http.reference.data import Request


class Last(Enum):
    """A last step to a place: the name of a member, or a member that is left out and takes a text or a list."""

    NAME = "name"
    FREE = "left out"
    FREE_LIST = "left out list"


Step = str | int | Last
Place = tuple[Step, ...]
"""Where in a request a name stands: a part of the request and the steps from there."""

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Draft:
    """A request for one operation in one version. Texts may hold `$NAMES`, which are filled in when it is sent."""

    row: Operation
    template: str
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[str, str] = field(default_factory=dict)

    def places(self) -> Iterator[Place]:
        """Every place that holds a value or the name of a member, and those that the row has and this leaves out."""
        yield from (("path", name) for name in self.path)
        for part, given, known in (("query", self.query, self.row.query), ("form", self.form, fields(self.row))):
            yield from ((part, name) for name in given)
            yield from ((part, name, Last.FREE) for name in known if name not in given)
        if self.body is not None:
            yield from (("body", *place) for place in _places(self.body, _type_of(self.row.body)))

    def at(self, place: Place) -> str | None:
        """The text at a place; None where there is none."""
        if isinstance(place[-1], Last):
            return str(place[-2]) if place[-1] is Last.NAME else None
        found: Any = vars(self)
        for step in place:
            found = found[step]
        return found if isinstance(found, str) else None

    def put(self, place: Place, text: str) -> "Draft":
        """The same with a name at a place."""
        part = str(place[0])
        return replace(self, **{part: _put(vars(self)[part], place[1:], text)})

    def translated(self, change: Callable[[str], str]) -> "Draft":
        """The same with other texts; names of members come last, since they lead to the values."""
        draft = self
        for place in sorted(self.places(), key=lambda place: place[-1] is Last.NAME):
            text = self.at(place)
            if text is not None and change(text) != text:
                draft = draft.put(place, change(text))
        return draft

    def variables(self) -> set[str]:
        """The `$NAMES` in it."""
        texts = json.dumps([self.path, self.query, self.form, self.body])
        return set(Template(texts).get_identifiers())

    def sent(self, token: str, names: Mapping[str, str]) -> Sent:
        """The request itself."""

        def full(texts: Mapping[str, str]) -> dict[str, str]:
            return {name: Template(text).safe_substitute(names) for name, text in texts.items()}

        headers = {"authorization": f"Bearer {token}"} if self.row.verb is not None else {}
        content = b""
        if self.row.media == "multipart":
            headers["content-type"], content = MULTIPART, multipart(full(self.form), self.files)
        elif self.form:
            headers["content-type"], content = FORM, urlencode(full(self.form)).encode()
        elif self.body is not None:
            headers["content-type"] = JSON
            content = Template(json.dumps(self.body)).safe_substitute(names).encode()
        parts = full(self.path)
        path = _PARAMETER.sub(lambda found: parts[found[1]], self.template)
        return Sent(self.row.method, path, full(self.query), headers | dict(self.headers), content)


def drafted(row: Operation, template: str, example: Request) -> Draft:
    """The draft of an example of the reference."""
    body = None if example.body is None else json.loads(example.body)
    return Draft(row, template, example.path, example.query, example.headers, example.form, body, example.files)


def fields(row: Operation) -> Sequence[str]:
    """The fields of an operation's form; none where it takes none."""
    type_ = _type_of(row.body) if row.media != "json" else None
    names = [one.encode_name for one in type_.fields] if isinstance(type_, inspect.StructType) else []
    return [name for name in names if name != "files"]


@cache
def _type_of(type_: Any) -> inspect.Type:
    return inspect.type_info(type_)


def _places(value: Any, type_: inspect.Type | None) -> Iterator[Place]:
    if isinstance(value, list):
        item = _inside(type_, inspect.ListType, "item_type")
        yield from ((number, *place) for number, element in enumerate(value) for place in _places(element, item))
    elif isinstance(value, dict):
        yield from _members(value, type_)
    else:
        yield ()


def _members(value: dict[str, Any], type_: inspect.Type | None) -> Iterator[Place]:
    struct = _of(type_, inspect.StructType)
    if struct is None:
        inside = _inside(type_, inspect.DictType, "value_type")
        yield from ((name, *place) for name, element in value.items() for place in _places(element, inside))
        yield from ((name, Last.NAME) for name in value)
        return
    known = {one.encode_name: one.type for one in struct.fields}
    yield from ((name, *place) for name, element in value.items() for place in _places(element, known.get(name)))
    yield from ((name, last) for name in known if name not in value and (last := _free(known[name])))


def _free(type_: inspect.Type) -> Last | None:
    """How a name is put where a member is left out; None where it takes more than a name."""
    if _of(type_, inspect.StrType) is not None:
        return Last.FREE
    item = _inside(type_, inspect.ListType, "item_type")
    return Last.FREE_LIST if _of(item, inspect.StrType) is not None else None


def _of(type_: inspect.Type | None, kind: type[inspect.Type]) -> Any:
    """The type itself or that one of a union that is of a kind."""
    kinds = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    return next((one for one in kinds if isinstance(one, kind)), None)


def _inside(type_: inspect.Type | None, kind: type[inspect.Type], member: str) -> inspect.Type | None:
    return getattr(_of(type_, kind), member, None)


def _put(value: Any, steps: Sequence[Step], text: str) -> Any:
    """A copy of a value with a text at the end of some steps; a number stays one where it can."""
    match steps:
        case []:
            return int(text) if isinstance(value, int) and text.isdigit() else text
        case [name, Last.FREE]:
            return {**value, name: text}
        case [name, Last.FREE_LIST]:
            return {**value, name: [text]}
        case [name, Last.NAME]:
            return {text if key == name else key: inner for key, inner in value.items()}
    inner = _put(value[steps[0]], steps[1:], text)
    if isinstance(value, list):
        return [inner if number == steps[0] else element for number, element in enumerate(value)]
    return {**value, steps[0]: inner}
