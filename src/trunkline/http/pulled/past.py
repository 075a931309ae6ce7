"""What a record was like right after a position of the journal."""

from collections.abc import Mapping

from trunkline.crm.record import Record
from trunkline.http.call import State

FAR = 1000
"""Changes of a record through which its earlier values are looked for."""


async def values_at(state: State, portal: int, type_: str, id_: int, position: int) -> Mapping[str, str]:
    """The values of a record after a position, archived or not; none of one that was erased."""
    for record in await state.store.read(portal, type_, [id_]):
        return await _undone(state, portal, record, position)
    return {}


async def _undone(state: State, portal: int, record: Record, position: int) -> Mapping[str, str]:
    values: dict[str, str | None] = dict(record.properties)
    at = await _newest_update(state, portal, record)
    if at is not None and at > position:
        for change in await state.store.changes(portal, record, FAR):
            if at is None or at <= position:
                break
            values |= {name: old for name, (old, _) in change.values.items()}
            at = change.previous
    return {name: value for name, value in values.items() if value is not None}


async def _newest_update(state: State, portal: int, record: Record) -> int | None:
    """The position of the newest change of its values; that of a record that was archived is the one before."""
    last = record.last_change
    if last is None or record.archived is None:
        return last
    rows = await state.store.bench.journal(portal, last - 1, last, 1)
    return rows[0].previous if rows and rows[0].kind != "update" else last
