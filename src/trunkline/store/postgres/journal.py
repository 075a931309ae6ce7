"""Telling the journal of a portal. Its positions have no gaps, and appear in their order.

They are taken while the portal's row of `head` is locked, until the transaction is over.
"""

from trunkline.crm.record import Moment
from trunkline.footprint import wrote
from trunkline.store.postgres.database import Connection

NEXT = "UPDATE head SET position = position + 1 WHERE portal = $1 RETURNING position"
TELL = (
    "INSERT INTO change (portal, position, kind, type, at, app, record, previous, detail) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)


async def tell(
    connection: Connection,
    portal: int,
    kind: str,
    type_id: str,
    told: tuple[Moment, int],
    detail: str = "{}",
    *,
    record: int | None = None,
    previous: int | None = None,
) -> int:
    """Adds a change at the next position, and returns it; `told` is when, and by which app.

    Inside a transaction that has the lock of the portal (`trunkline.store.postgres.database.lock`).
    """
    position: int = await connection.fetchval(NEXT, portal)
    await connection.execute(TELL, portal, position, kind, type_id, *told, record, previous, detail)
    wrote(position, position)
    return position
