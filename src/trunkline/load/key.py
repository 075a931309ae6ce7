"""What must be true of an account's properties before rows are sent."""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from trunkline.load.remote import Answer, Remote
from trunkline.load.stopped import Stopped

_PROPERTIES = "/crm/v3/properties/calls"
_FALLBACK_GROUP = "call_information"
_FIRST_TRIES = 3
"""Tries of the first requests: a service that is not there should be told of in seconds."""


class _Property(msgspec.Struct, rename="camel"):
    has_unique_value: bool = False
    group_name: str | None = None


class _Properties(msgspec.Struct):
    results: list[_Property] = []


_Body = TypeVar("_Body")


async def ensure_key(remote: Remote, name: str, create: bool) -> bool:
    """Makes sure that calls have the property `name` and that its values are unique; True if it was created here.

    Raises Stopped if it is missing and not to be created, or exists without being unique.
    """
    found = await _find(remote, name)
    if found is None and create:
        await _create(remote, name)
        return True
    if found is None:
        raise Stopped(f"Calls have no property {name} at {remote.url}. With --create-property it is created, unique.")
    if not found.has_unique_value:
        raise Stopped(
            f"The property {name} is not unique, so calls cannot be found by it, and HubSpot fixes that when a property"
            " is created. Give another name, with --create-property if it does not exist yet."
        )
    return False


async def ensure_known(remote: Remote, names: Iterable[str]) -> None:
    """Makes sure that calls have each property that a column was mapped to. Raises Stopped for the first missing."""
    for name in names:
        if await _find(remote, name) is None:
            raise Stopped(f"--map: calls have no property {name} at {remote.url}.")


async def _find(remote: Remote, name: str) -> _Property | None:
    answer = await remote.send("GET", f"{_PROPERTIES}/{quote(name, safe='')}", tries=_FIRST_TRIES)
    if answer.status == 404 and not answer.body.lstrip().startswith(b"<"):
        return None
    return _read(answer, _Property, remote.url)


async def _create(remote: Remote, name: str) -> None:
    listed = _read(await remote.send("GET", _PROPERTIES), _Properties, remote.url)
    group = next((known.group_name for known in listed.results if known.group_name), _FALLBACK_GROUP)
    wanted = {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": "string",
        "fieldType": "text",
        "groupName": group,
        "hasUniqueValue": True,
    }
    answer = await remote.send("POST", _PROPERTIES, wanted)
    if answer.status not in (200, 201):
        raise Stopped(f"{remote.url} does not create the property {name} ({answer.status}): {answer.message}")


def _read(answer: Answer, kind: type[_Body], url: str) -> _Body:
    try:
        if answer.status != 200:
            raise Stopped(f"{url} does not show the properties of calls ({answer.status}): {answer.message}")
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError as cause:
        raise Stopped(f"{url} answers, but not as HubSpot's API does; is the URL right?") from cause
