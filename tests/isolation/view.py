"""All that a portal's own token can read of it."""

import json
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from isolation.wire import Sent
from isolation.world import World

from trunkline.crm.catalog import TypeData, shipped_types

ARCHIVED = ("false", "true")
SENSITIVITIES = ("non_sensitive", "sensitive", "highly_sensitive")


async def view(world: World, token: str, links: Iterable[str] = ()) -> dict[str, Any]:
    """By path and query the bodies of answers: definitions, groups, pipelines, records with all they have, batches."""
    reader = _Reader(world, token)
    for type_ in shipped_types():
        path, names = f"/crm/v3/properties/{type_.plural}", set[str]()
        for archived, sensitivity in product(ARCHIVED, SENSITIVITIES):
            told = await reader.read(path, {"archived": archived, "dataSensitivity": sensitivity})
            names |= {one["name"] for one in told["results"] if not one.get("hubspotDefined")}
        await reader.read(f"{path}/groups", {})
        await reader.read(f"/crm/v3/pipelines/{type_.plural}", {})
        for archived in ARCHIVED:
            await reader.read(f"/crm/v3/objects/{type_.plural}", _all(type_, names) | {"archived": archived})
    for link in links:
        await reader.read(urlsplit(link).path, {})
    return reader.seen


class _Reader:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._headers = {"authorization": f"Bearer {token}"}
        self.seen: dict[str, Any] = {}

    async def read(self, path: str, query: Mapping[str, str]) -> Any:
        """The body of an answer, with all pages that follow."""
        reply = await self._world.send(Sent("GET", path, query, self._headers))
        assert reply.status == 200, f"{path} {query}: {reply.text}"
        body = json.loads(reply.body)
        self.seen[f"{path} {sorted(query.items())}"] = body
        if "paging" in body:
            await self.read(path, {**query, "after": body["paging"]["next"]["after"]})
        return body


def _all(type_: TypeData, names: Iterable[str]) -> dict[str, str]:
    """The query that shows the own properties, the past of those that searches look in, and all associations."""
    others = ",".join(other.plural for other in shipped_types())
    lists = {"properties": ",".join(sorted(names)), "propertiesWithHistory": ",".join(type_.searchable_properties)}
    return {"limit": "50", "associations": others, **lists}
