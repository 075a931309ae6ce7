"""What a plan says beside records and unique values: associations, records that go for good, progress of jobs.

It is looked up, decided and written while nobody else writes in the portal.
"""

import msgspec

from trunkline.crm.plan import Plan
from trunkline.footprint import wrote
from trunkline.store.postgres import associations, departures
from trunkline.store.postgres.database import Connection
from trunkline.store.postgres.journal import tell
from trunkline.store.postgres.writing import Contested, apply, stretches

_encode = msgspec.json.Encoder().encode


def is_simple(plan: Plan) -> bool:
    """Whether a plan is about records and unique values alone, and so can be written together with others."""
    return not (plan.ties or plan.cuts or plan.mergers or plan.erased)


async def carry_out(connection: Connection, portal: int, type_id: str, version: int, plan: Plan) -> None:
    """Writes a whole plan. Values are released before any is claimed, so that one may change hands inside a batch.

    Inside a transaction that has the lock of the portal. Raises `Contested` when the plan contradicts what is there.
    """
    told = plan.now, plan.app
    if plan.creates or plan.updates or plan.archives or plan.released or plan.claimed:
        piece = type_id, plan
        last = await apply(connection, portal, version, [piece])
        for span in stretches([piece], last)[0]:
            wrote(*span)
    if plan.ties:
        ties = await associations.tie(connection, portal, type_id, plan.ties, *told)
        if ties:
            await tell(connection, portal, "associate", type_id, told, _encode(ties).decode())
    if plan.cuts:
        cuts = await associations.untie(connection, portal, type_id, plan.cuts)
        if cuts:
            await tell(connection, portal, "dissociate", type_id, told, _encode(cuts).decode())
    for merger in plan.mergers:
        await departures.merge(connection, portal, type_id, merger.record, merger.successor)
        await tell(connection, portal, "merge", type_id, told, record=merger.record)
    for record in plan.erased:
        position = await tell(connection, portal, "erase", type_id, told, record=record.id)
        if not await departures.erase(connection, portal, type_id, record, position):
            raise Contested(f"record {record.id} was changed meanwhile")
