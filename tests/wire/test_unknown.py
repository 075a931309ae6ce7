"""The twins of the structs of bodies, and what they find."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Struct

from trunkline import wire
from trunkline.wire.batch import CreateBody
from trunkline.wire.body import Reader
from trunkline.wire.unknown import LONGEST_LOOK, twin, unknown

READERS = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(wire.__path__)
    for name, value in vars(importlib.import_module(f"trunkline.wire.{module.name}")).items()
    if isinstance(value, Reader)
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_twin_takes_what_its_struct_takes_and_no_other_member(reader: Reader[Any]) -> None:
    assert list(_different(reader.kind, twin(reader.kind))) == []


def _different(kind: Any, other: Any) -> Iterator[str]:
    """Where two types are not alike."""
    if not (isinstance(kind, type) and issubclass(kind, Struct)):
        for part, same in zip(get_args(kind), get_args(other), strict=True):
            yield from _different(part, same)
        return
    if not other.__struct_config__.forbid_unknown_fields:
        yield f"{kind}: takes anything"
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    others = {field.name: field for field in msgspec.structs.fields(other)}
    if fields.keys() != others.keys():
        yield f"{kind}: other fields"
    for name, field in fields.items():
        if (field.encode_name, field.default) != (others[name].encode_name, others[name].default):
            yield f"{kind}.{name}"
        yield from _different(field.type, others[name].type)


def test_members_are_found_where_they_are() -> None:
    body: dict[str, Any] = {
        "inputs": [
            {"properties": {"x": 1}},
            {"properties": {}, "id": 1, "associations": [{"to": {"id": 1, "type": "c"}, "types": []}]},
        ],
        "other": False,
        "none": None,
        "empty": {},
    }
    found = unknown(msgspec.json.encode(body), CreateBody)
    assert sorted(found) == [("", "other"), ("inputs[1]", "id"), ("inputs[1].associations[0].to", "type")]


def test_a_look_is_not_endless() -> None:
    body: dict[str, Any] = {"inputs": [{"properties": {}}] * LONGEST_LOOK + [{"properties": {}, "id": 1}]}
    assert list(unknown(msgspec.json.encode(body), CreateBody)) == []


def test_a_member_that_is_not_good_json_is_not_looked_at() -> None:
    assert list(unknown(b'{"a": "\\ud800", "b": 1}', CreateBody)) == []
