"""Every operation of the imitated API, on one screen.

A row is: method, path, the versions of HubSpot's API that have it, the verb whose scopes it needs, the handler, the
status of success, and whether it reads a body.
"""

from collections.abc import Iterator

from msgspec import Struct

from trunkline.crm.catalog import Verb
from trunkline.http import properties, records
from trunkline.http.call import Handler


class Operation(Struct, frozen=True):
    """One row of the table. `status` is that of success; a batch may also answer 207."""

    method: str
    path: str
    versions: tuple[str, ...]
    verb: Verb
    handler: Handler
    status: int
    takes_body: bool = False

    def paths(self) -> Iterator[str]:
        """The path in each version."""
        return (self.path.format(version=version, type="{type}", id="{id}", name="{name}") for version in self.versions)


V3 = ("v3",)

OPERATIONS = (
    Operation("POST", "/crm/{version}/objects/{type}/batch/upsert", V3, "write", records.upsert, 200, True),
    Operation("GET", "/crm/{version}/objects/{type}/{id}", V3, "read", records.get, 200),
    Operation("DELETE", "/crm/{version}/objects/{type}/{id}", V3, "write", records.archive, 204),
    Operation("GET", "/crm/{version}/properties/{type}", V3, "schemaRead", properties.list_all, 200),
    Operation("POST", "/crm/{version}/properties/{type}", V3, "schemaWrite", properties.create, 201, True),
    Operation("GET", "/crm/{version}/properties/{type}/{name}", V3, "schemaRead", properties.get, 200),
    Operation("PATCH", "/crm/{version}/properties/{type}/{name}", V3, "schemaWrite", properties.update, 200, True),
    Operation("DELETE", "/crm/{version}/properties/{type}/{name}", V3, "schemaWrite", properties.archive, 204),
)
