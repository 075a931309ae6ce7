"""With what a new store starts: only such a one is filled by a copy."""

from trunkline.copy.ends import Rows
from trunkline.copy.table import TABLES
from trunkline.store.identities import DEFAULT_PORTAL, OWNER_EMAIL
from trunkline.store.protocol import StoreRefused

STARTS_WITH = frozenset({"portal", "person", "person_portal", "sequence"})
PORTAL = {"id": DEFAULT_PORTAL, "name": "default", "products": None, "limits": None, "removed": None, "version": 1}
PERSON = {"email": OWNER_EMAIL, "password": None, "removed": None}
"""What is known of the rows of a store with which nothing was done."""

_BY_NAME = {table.name: table for table in TABLES}


async def require_new(rows: Rows) -> None:
    """Raises `StoreRefused` for a store with which anybody has done anything."""
    origin = await rows.origin()
    full = [name for name, count in origin.counts.items() if count and name not in STARTS_WITH]
    for name, known in (("portal", PORTAL), ("person", PERSON)):
        table = _BY_NAME[name]
        found = (dict(zip(table.columns, row, strict=True)) for row in (await rows.read(table, None)).rows)
        full += [name for row in found if not known.items() <= row.items()]
    if full:
        raise StoreRefused(
            f"{origin.name} is not empty: a copy is made to a new store only, and this one has something in {full[0]}."
        )
