"""All that a portal's own token can read of it."""

import json
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from isolation.wire import Sent
from isolation.world import World

from trunkline.crm.catalog import shipped_types

ARCHIVED = ("false", "true")
PORTAL_WIDE = (
    "/crm/v4/associations/definitions/configurations/all",
    "/crm/v3/limits/records",
    "/crm/v3/limits/associations/labels",
    "/crm/v3/limits/associations/records/from",
)
LIST_IDS = ",".join(map(str, range(1, 60)))
PIPELINES = ("deals/default", "tickets/0")
SENSITIVITIES = ("non_sensitive", "sensitive", "highly_sensitive")


async def view(world: World, token: str, links: Iterable[str] = ()) -> dict[str, Any]:
    """By path and query the bodies of answers: definitions, rules, owners, records with all they have, batches."""
    reader = _Reader(world, token)
    custom = [await reader.read("/crm/v3/schemas", {"archived": archived}) for archived in ARCHIVED]
    searched = {type_.plural: type_.searchable_properties for type_ in shipped_types()}
    searched |= {schema["objectTypeId"]: schema["searchableProperties"] for schema in custom[0]["results"]}
    for name in searched:
        path, names = f"/crm/v3/properties/{name}", set[str]()
        for archived, sensitivity in product(ARCHIVED, SENSITIVITIES):
            told = await reader.read(path, {"archived": archived, "dataSensitivity": sensitivity})
            names |= {one["name"] for one in told["results"] if not one.get("hubspotDefined")}
        await reader.read(f"{path}/groups", {})
        await reader.read(f"/crm/v3/pipelines/{name}", {})
        await reader.read(f"/crm/v3/property-validations/{name}", {})
        for archived in ARCHIVED:
            await reader.read(f"/crm/v3/objects/{name}", _all(names, searched[name], searched) | {"archived": archived})
    for archived in ARCHIVED:
        await reader.read("/crm/v3/owners", {"archived": archived})
    for imported in (await reader.read("/crm/v3/imports", {}))["results"]:
        await reader.read(f"/crm/v3/imports/{imported['id']}/errors", {"limit": "100"})
    await reader.read("/crm/v3/lists/folders", {})
    for one in (await reader.read("/crm/v3/lists", {"listIds": LIST_IDS, "includeFilters": "true"}))["lists"]:
        await reader.read(f"/crm/v3/lists/{one['listId']}/memberships", {"limit": "250"})
    for pipeline in PIPELINES:
        await reader.read(f"/crm/v3/pipelines/{pipeline}/audit", {})
    for path in PORTAL_WIDE:
        await reader.read(path, {})
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


def _all(names: Iterable[str], searched: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """The query that shows the own properties, the past of those that searches look in, and all associations."""
    lists = {"properties": ",".join(sorted(names)), "propertiesWithHistory": ",".join(searched)}
    return {"limit": "50", "associations": ",".join(others), **lists}
