"""A portal as the examples of the reference need it, and what the `$NAMES` in them stand for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from isolation.draft import Draft, drafted
from isolation.install import Client, consented, installed
from isolation.more import MORE
from isolation.wire import Sent
from isolation.world import World

from trunkline.http.operation import Operation
from trunkline.http.reference.data import guide
from trunkline.http.reference.examples import UUID, by_key, examples
from trunkline.http.routes import OPERATIONS
from trunkline.http.scopes import known_scopes

ROWS = by_key(OPERATIONS)

RENEWED = frozenset(("CODE", "OLD_ACCESS_TOKEN", "OLD_REFRESH_TOKEN"))
"""The `$NAMES` of what is good only once."""

SCHEMAS = "POST /crm-object-schemas/schemas"

UUIDS = re.compile(f"({UUID})")

HOOKS = ("PUT /webhooks/{appId}/settings", "POST /webhooks/{appId}/subscriptions")

RESTOCKED = frozenset(("POST /crm/pipelines/{type}", SCHEMAS, f"{SCHEMAS}/{{type}}/associations", *HOOKS))
"""What may be made again under its name once it was deleted."""


LATER = frozenset(("POST /crm/imports", "POST /crm/exports/export/async"))
"""What is carried out after it was answered."""


@dataclass
class Ground:
    """A portal, a token that may do everything in it, and an app that is let into it once it is furnished."""

    portal: int
    token: str
    client: Client
    app: int
    names: dict[str, str] = field(default_factory=dict)

    async def furnish(self, world: World) -> None:
        """Makes what the examples work on."""
        named = {"CLIENT_ID": self.client.id, "CLIENT_SECRET": self.client.secret, "TRUNKLINE_TOKEN": self.token}
        named |= {"APP_ID": str(self.app), "PORTAL_ID": str(self.portal)}
        self.names |= named
        for step in guide().prepare:
            row = ROWS[step.operation]
            draft = drafted(row, dict(row.paths())[row.versions[0]], step)
            reply = await world.send(draft.sent(self.token, self.names))
            assert reply.status < 300, reply.text
            if step.keep:
                self.names[step.keep] = UUIDS.findall(reply.body.decode())[0][0]
            if step.keep and reply.header("location"):
                await world.carry_out(self.portal, reply.header("location"))
            elif step.operation in LATER:
                await world.settle(self.portal)
        await self._install(world, "")

    async def restock(self, world: World) -> None:
        """Makes those things again that are made under the same name once they are gone."""
        for step in guide().prepare:
            if step.operation in RESTOCKED:
                row = ROWS[step.operation]
                draft = drafted(row, dict(row.paths())[row.versions[0]], step)
                await world.send(draft.sent(self.token, self.names))

    async def make_room(self, world: World) -> None:
        """Deletes all custom objects but those that the examples work on: there may be few."""
        kept = {str(json.loads(step.body or "{}").get("name")) for step in guide().prepare if step.operation == SCHEMAS}
        listed = await world.send(Sent("GET", "/crm/v3/schemas", {}, {"authorization": f"Bearer {self.token}"}))
        for schema in json.loads(listed.body)["results"]:
            if schema["name"] not in kept:
                path = f"/crm/v3/schemas/{schema['objectTypeId']}"
                headers = {"authorization": f"Bearer {self.token}"}
                await world.send(Sent("DELETE", path, {"archived": "true"}, headers))

    async def _install(self, world: World, prefix: str) -> None:
        tokens = await installed(world, self.client, self.portal)
        self.names |= {f"{prefix}ACCESS_TOKEN": tokens.access, f"{prefix}REFRESH_TOKEN": tokens.refresh}

    async def renew(self, world: World, wanted: set[str]) -> None:
        """Gives new meanings to those of the wanted names that are good only once."""
        if "CODE" in wanted:
            self.names["CODE"] = await consented(world, self.client, self.portal)
        if wanted & RENEWED - {"CODE"}:
            await self._install(world, "OLD_")


async def founded(world: World, name: str) -> int:
    """A new portal."""
    id_: int = (await world.operate("POST", "/portals", {"name": name}))["id"]
    return id_


async def admitted(world: World, name: str, portal: int, client: Client) -> Ground:
    """A portal that is there, with a new token."""
    made = await world.operate("POST", "/tokens", {"name": name, "scopes": known_scopes(), "portal": portal})
    return Ground(portal, made["token"], client, made["app"])


def drafts(row: Operation, version: str) -> Iterator[Draft]:
    """The examples of an operation in a version; none where the reference has none."""
    template = dict(row.paths())[version]
    for example, _ in examples(row, version):
        yield drafted(row, template, example)


def deeper(row: Operation, version: str) -> Iterator[Draft]:
    """More requests for an operation."""
    template = dict(row.paths())[version]
    for request in MORE:
        if ROWS[request.operation] is row:
            yield drafted(row, template, request)
