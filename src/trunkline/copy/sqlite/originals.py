"""The unique values of which a source has only what stands for them.

Most can be told from that; a long one is looked for among those that its record has.
"""

from collections.abc import Iterable, Sequence

import apsw
import msgspec

from trunkline.copy.table import Row
from trunkline.crm.alias import held
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.errors import UnknownObjectType
from trunkline.store.postgres.keys import kept, restored
from trunkline.store.protocol import StoreRefused
from trunkline.store.sqlite import definitions
from trunkline.store.sqlite.schema import SLOT_BITS

PROPERTIES = (
    "SELECT properties FROM record "
    f"WHERE key = (SELECT slot FROM collection WHERE portal = ? AND type = ?) << {SLOT_BITS} | ?"
)

_decode = msgspec.json.Decoder(dict[str, str]).decode


class Originals:
    """Tells values from the records of a file, which are there before their unique values are."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._catalogs: dict[int, Catalog] = {}

    def of(self, rows: Iterable[Row]) -> Sequence[str]:
        """The values of rows of `unique_value`; raises `StoreRefused` for one that its record does not have."""
        return [self._long(row) if (value := restored(row[3])) is None else value for row in rows]

    def _long(self, row: Row) -> str:
        portal, type_id, name, standing, record = row
        found = self._connection.execute(PROPERTIES, (portal, type_id, record)).fetchall()
        properties = _decode(str(found[0][0])) if found else {}
        type_ = self._type(portal, type_id)
        keys = held(properties, type_) if type_ is not None else []
        for value in (*(value for property_, value in keys if property_ == name), properties.get(name, "")):
            if kept(value) == standing:
                return value
        raise StoreRefused(f"Record {record} of type {type_id} in portal {portal} has no value for its {name}.")

    def _type(self, portal: int, type_id: str) -> ObjectType | None:
        catalog = self._catalogs.get(portal)
        if catalog is None:
            catalog = self._catalogs[portal] = Catalog(portal, definitions.load(self._connection, portal))
        try:
            return catalog.type(type_id)
        except UnknownObjectType:
            return next((catalog.of_schema(one) for one in catalog.schemas if one.type_id == type_id), None)
