"""A server as an account that others copy from, send to, export and load."""

from collections.abc import Mapping
from typing import Any

import httpx
from threaded import KNOWN, ThreadedServer

from trunkline.http.control import SECRET

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
