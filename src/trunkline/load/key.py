"""What must be true of an account's properties before rows are sent."""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from trunkline.load.remote import Answer, Remote
from trunkline.load.stopped import Stopped

_FALLBACK_GROUP = "call_information"
_FIRST_TRIES = 3
"""Tries of the first requests: a service that is not there should be told of in seconds."""


class _Modification(msgspec.Struct, rename="camel"):
    read_only_value: bool = False


class Definition(msgspec.Struct, rename="camel"):
    """What is told of a property."""

    name: str = ""
    type: str = "string"
    calculated: bool = False
    has_unique_value: bool = False
    group_name: str | None = None
    modification_metadata: _Modification | None = None

    @property
    def writable(self) -> bool:
        """Whether it takes values from others than the service."""
        return not self.calculated and not (self.modification_metadata and self.modification_metadata.read_only_value)


class _Properties(msgspec.Struct):
    results: list[Definition] = []


_Body = TypeVar("_Body")


async def definitions(remote: Remote, type_: str) -> dict[str, Definition]:
    """The properties of a type by name. Raises Stopped where they are not shown."""
    answer = await remote.send("GET", _path(type_), tries=_FIRST_TRIES)
    return {one.name: one for one in _read(answer, _Properties, type_, remote.url).results}


async def ensure_key(remote: Remote, type_: str, name: str, create: bool) -> bool:
    """Makes sure that records have the property `name` and that its values are unique; True if it was created here.

    Raises Stopped if it is missing and not to be created, or exists without being unique.
    """
    found = await _find(remote, type_, name)
    if found is None and create:
        await _create(remote, type_, name)
        return True
    if found is None:
        who = type_.capitalize()
        raise Stopped(f"{who} have no property {name} at {remote.url}. With --create-property it is created, unique.")
    if not found.has_unique_value:
        raise Stopped(
            f"The property {name} is not unique, so {type_} cannot be found by it, and HubSpot fixes that when a"
            " property is created. Give another name, with --create-property if it does not exist yet."
        )
    return False


async def ensure_known(remote: Remote, type_: str, names: Iterable[str]) -> None:
    """Makes sure that records have each property that a column was mapped to. Raises Stopped for the first missing."""
    for name in names:
        if await _find(remote, type_, name) is None:
            raise Stopped(f"--map: {type_} have no property {name} at {remote.url}.")


def _path(type_: str) -> str:
    return f"/crm/v3/properties/{quote(type_, safe='')}"


async def _find(remote: Remote, type_: str, name: str) -> Definition | None:
    answer = await remote.send("GET", f"{_path(type_)}/{quote(name, safe='')}", tries=_FIRST_TRIES)
    if answer.status == 404 and not answer.body.lstrip().startswith(b"<"):
        return None
    return _read(answer, Definition, type_, remote.url)


async def _create(remote: Remote, type_: str, name: str) -> None:
    listed = _read(await remote.send("GET", _path(type_)), _Properties, type_, remote.url)
    group = next((known.group_name for known in listed.results if known.group_name), _FALLBACK_GROUP)
    wanted = {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": "string",
        "fieldType": "text",
        "groupName": group,
        "hasUniqueValue": True,
    }
    answer = await remote.send("POST", _path(type_), wanted)
    if answer.status not in (200, 201):
        raise Stopped(f"{remote.url} does not create the property {name} ({answer.status}): {answer.message}")


def _read(answer: Answer, kind: type[_Body], type_: str, url: str) -> _Body:
    try:
        if answer.status != 200:
            raise Stopped(f"{url} does not show the properties of {type_} ({answer.status}): {answer.message}")
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError as cause:
        raise Stopped(f"{url} answers, but not as HubSpot's API does; is the URL right?") from cause
