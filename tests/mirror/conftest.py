"""Two servers: the account that is mirrored, and the Trunkline that mirrors it."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from threaded import KNOWN, Stage, ThreadedServer, staged

from trunkline.http.control import SECRET
from trunkline.mirror.forward import Counts
from trunkline.mirror.pull import Counts as Pulled
from trunkline.mirror.run import Sides, forward, pull

SCOPES = [f"crm.objects.{type_}.{verb}" for type_ in ("contacts", "companies", "deals") for verb in ("read", "write")]
SCHEMAS = [f"crm.schemas.{type_}.{verb}" for type_ in ("contacts", "companies", "deals") for verb in ("read", "write")]
REF = {
    "name": "dialer_id",
    "label": "Dialer id",
    "type": "string",
    "fieldType": "text",
    "groupName": "callinformation",
    "hasUniqueValue": True,
}
AT = "2026-01-01T12:00:00Z"


class Side:
    """One of the servers, as a test uses it."""

    def __init__(self, server: ThreadedServer) -> None:
        self.url = server.url
        self.token = server.make_token([*SCOPES, *SCHEMAS, "tickets"])
        headers = {"authorization": f"Bearer {server.token}"}
        self.http = httpx.Client(base_url=server.url, headers=headers, trust_env=False, verify=False, timeout=30)

    def control(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        """What the control namespace answers."""
        answer = self.http.request(method, f"/_trunkline{path}", json=body, headers={SECRET: KNOWN})
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def post(self, path: str, body: object) -> Any:
        """What a request of people's makes."""
        answer = self.http.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def define(self) -> None:
        """Makes the property by which calls are found."""
        self.post("/crm/v3/properties/calls", REF)

    def call(self, key: str, **values: str) -> str:
        """A new call, by id."""
        properties = {"hs_timestamp": AT, "dialer_id": key, **values}
        return str(self.post("/crm/v3/objects/calls", {"properties": properties})["id"])

    def change(self, type_: str, id_: str, **values: str) -> None:
        """Changes a record."""
        answer = self.http.patch(f"/crm/v3/objects/{type_}/{id_}", json={"properties": values})
        assert answer.status_code == 200, answer.text

    def all(self, type_: str, *names: str) -> list[dict[str, Any]]:
        """The properties of all live records, in the order of their ids."""
        found: list[dict[str, Any]] = []
        after = "0"
        while True:
            asked = {"limit": "100", "properties": ",".join(names), "after": after}
            page = self.http.get(f"/crm/v3/objects/{type_}", params=asked).json()
            found += [{"id": one["id"], **{name: one["properties"][name] for name in names}} for one in page["results"]]
            if "paging" not in page:
                return found
            after = page["paging"]["next"]["after"]


class Pair:
    """The mirror between two servers."""

    def __init__(self, there: Side, here: Side, folder: Path) -> None:
        self.there = there
        self.here = here
        self.state = folder / "mirror.json"
        self.notes: list[str] = []

    def sides(self, **changes: object) -> Sides:
        """What a run is told."""
        members: dict[str, Any] = {
            "local": self.here.url,
            "local_token": self.here.token,
            "remote": self.there.url,
            "remote_token": self.there.token,
            "ask": self.here.control,
            "state": self.state,
            "keys": {"contacts": "email", "calls": "dialer_id"},
            "told": self.notes.append,
        }
        return Sides(**members | changes)

    def pull(self, *types: str) -> Pulled:
        """Copies records here."""
        return asyncio.run(pull(self.sides(), types or ("contacts", "calls")))

    def forward(self, **options: Any) -> Counts:
        """Sends changes on."""
        return asyncio.run(forward(self.sides(), **options))


@pytest.fixture(scope="session")
def beside() -> Iterator[Stage]:
    """A second socket, for the server on the other side."""
    with staged() as stage:
        yield stage


@pytest.fixture
def pair(stage: Stage, beside: Stage, tmp_path: Path) -> Iterator[Pair]:
    """Two servers with nothing in them, and the mirror between them."""
    with stage.serving() as one, beside.serving() as other:
        both = Side(one), Side(other)
        yield Pair(*both, tmp_path)
        for side in both:
            side.http.close()
