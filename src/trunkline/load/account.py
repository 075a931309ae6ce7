"""An account that is reached through HubSpot's API, and what is asked of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trunkline.load.remote import Remote
from trunkline.load.stopped import Stopped
from trunkline.load.verdict import DIVISIBLE, SUCCESS, Batch, Json, Refused, Values, Written

BATCH = 100
"""Inputs of one batch of records, at most."""

TIES = 1000
"""Pairs of records that are tied in one request."""

SHIPPED = "HUBSPOT_DEFINED"
"""The category of the types of association that every account has."""

T = TypeVar("T")

_json = msgspec.json.Decoder(Json)


class Held(Struct, frozen=True):
    """A record of an account."""

    id: str
    properties: Values
    archived: bool = False


class Account:
    """What is asked of an account. All of it raises `Stopped` for what makes going on pointless."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.url = remote.url

    async def ask(self, method: str, path: str, body: object = None) -> Json:
        """The body of an answer that is a success."""
        return await self.told(method, path, body, _json) or {}

    async def told(self, method: str, path: str, body: object, decoder: msgspec.json.Decoder[T]) -> T | None:
        """The same as what a decoder makes of it; None when it is empty."""
        answer = await self._remote.send(method, path, body)
        if answer.status >= 300:
            raise Stopped(f"{self.url} refuses {method} {path.partition('?')[0]} ({answer.status}): {answer.message}")
        try:
            return decoder.decode(answer.body) if answer.body else None
        except msgspec.DecodeError as cause:
            raise Stopped(f"An answer ({answer.status}) is none of this API; is the URL right?") from cause

    async def read(
        self, type_: str, ids: Iterable[str], names: Sequence[str], by: str | None = None, *, archived: bool = False
    ) -> list[Held]:
        """The live or the archived records of these ids, or of these values of a unique property."""
        found: list[Held] = []
        path = f"/crm/v3/objects/{type_}/batch/read{'?archived=true' if archived else ''}"
        for part in parts(list(dict.fromkeys(ids))):
            body: Json = {"inputs": [{"id": id_} for id_ in part], "properties": list(names)}
            answer = await self.ask(
                "POST", path, body | {"propertiesWithHistory": []} | ({"idProperty": by} if by else {})
            )
            found += [_held(one) for one in answer.get("results", ())]
        return found

    async def write(self, type_: str, verb: str, inputs: Sequence[Json]) -> list[Written | Refused]:
        """Writes a batch of at most 100 inputs, each as far as it can be: what came of each, in their order."""
        traced = {str(n): one for n, one in enumerate(inputs)}
        found: dict[str, Written | Refused] = {}
        async for portion in Batch(self._remote, f"/crm/v3/objects/{type_}/batch/{verb}", traced).verdicts():
            found |= portion
        return [found[trace] for trace in traced]

    async def tie(self, source: str, target: str, pairs: Sequence[Json]) -> None:
        """Ties pairs of records in the ways that each names; doing it again changes nothing."""
        for part in parts(pairs, TIES):
            await self.ask("POST", f"/crm/v4/associations/{source}/{target}/batch/create", {"inputs": part})

    async def tied(self, source: str, target: str, pairs: Sequence[Json]) -> str | None:
        """Ties pairs of records at once; says why not all of them are tied, if they are not."""
        path = f"/crm/v4/associations/{source}/{target}/batch/create"
        answer = await self._remote.send("POST", path, {"inputs": pairs})
        if answer.status not in DIVISIBLE | SUCCESS:
            raise Stopped(f"{self.url} refuses POST {path} ({answer.status}): {answer.message}")
        if answer.status in DIVISIBLE:
            return answer.message
        errors = _json.decode(answer.body).get("errors") if answer.status == 207 else None
        return str(errors[0].get("message", "no reason is told")) if errors else None

    async def archive(self, type_: str, ids: Sequence[str]) -> None:
        """Archives records; those that are not there are passed over."""
        for part in parts(ids):
            await self.ask("POST", f"/crm/v3/objects/{type_}/batch/archive", {"inputs": [{"id": id_} for id_ in part]})


def parts(all_: Sequence[T], size: int = BATCH) -> list[Sequence[T]]:
    """The same in pieces of a size, the last one smaller."""
    return [all_[first : first + size] for first in range(0, len(all_), size)]


def following(page: Mapping[str, Any]) -> str | None:
    """Where the next page begins; None after the last."""
    after: str | None = ((page.get("paging") or {}).get("next") or {}).get("after")
    return after


def _held(one: Mapping[str, Any]) -> Held:
    return Held(str(one["id"]), dict(one.get("properties") or {}), bool(one.get("archived")))
