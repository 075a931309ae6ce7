"""The operations on snapshots: what records are like now, told in the journal of webhooks (behaviour 21.5)."""

import msgspec

from trunkline.bench.checkpoint import SNAPSHOT, Entry
from trunkline.errors import InvalidWebhook, MissingScopes, RecordNotFound
from trunkline.feeds import offset as offsets
from trunkline.feeds.occurrence import Snapshot, snapshot
from trunkline.feeds.offset import Offset
from trunkline.http import ties
from trunkline.http.call import Answer, Call
from trunkline.http.pulled import reach as reaching
from trunkline.http.pulled.kept import KEPT
from trunkline.http.watches import Asked, asked
from trunkline.store.numbers import LAST_ID
from trunkline.wire import journal as wire
from trunkline.wire.batch import encode
from trunkline.wire.journal import SnapshotWish

LARGEST = 100
"""Records of one request, at most (chosen: differences)."""


async def create(call: Call) -> Answer:
    """Have the journal tell what records are like now."""
    wishes = wire.decode_snapshots(call.body)
    ties.require_size(wishes, LARGEST)
    who = await asked(call)
    types = [await _type(call, who, wish) for wish in wishes]
    made = [await _made(call, who, wish, type_) for wish, type_ in zip(wishes, types, strict=True)]
    return Answer(call.status, encode(wire.SnapshotsAnswer(made)))


async def _type(call: Call, who: Asked, wish: SnapshotWish) -> str:
    """The id of an object type; raises `InvalidWebhook`, `UnknownObjectType` and `MissingScopes`."""
    if wish.portal not in who.reach:
        raise InvalidWebhook("The app is not in that portal.", "snapshotRequests.portalId")
    type_ = (await call.state.load(wish.portal)).type(wish.type).data
    if not await reaching.may_read(call.state, who.reach, wish.portal, type_):
        raise MissingScopes(type_.scopes["read"])
    return type_.type_id


async def _made(call: Call, who: Asked, wish: SnapshotWish, type_: str) -> wire.SnapshotAnswer:
    store, portal = call.state.store, wish.portal
    known = 0 < wish.record <= LAST_ID and await store.read(portal, type_, [wish.record])
    row = Entry(
        position=0,
        kind=SNAPSHOT,
        type=type_,
        at=call.state.clock.now(portal),
        app=who.app.id,
        record=wish.record if known else None,
        detail=msgspec.json.encode(Snapshot(list(wish.properties), bool(known))).decode(),
    )
    position = await store.bench.tell(portal, row)
    status = offsets.text(Offset(portal, position - 1, position), _owner(who), call.state.gate.seal)
    return wire.SnapshotAnswer(portal, wish.record, type_, status)


def _owner(who: Asked) -> str:
    return f"snapshot {who.app.id}"


async def show_status(call: Call) -> Answer:
    """Tell what became of a snapshot."""
    who, sent = await asked(call), call.path["statusId"]
    offset = offsets.read(sent, _owner(who), call.state.gate.seal)
    if offset is None or offset.portal not in who.reach:
        raise RecordNotFound
    rows = await call.state.store.bench.journal(offset.portal, offset.start, offset.end, 1)
    if not rows or rows[0].kind != SNAPSHOT or rows[0].app != who.app.id:
        raise RecordNotFound
    return Answer(call.status, encode(_told(sent, rows[0], call.state.clock.now(offset.portal))))


def _told(sent: str, row: Entry, now: int) -> wire.SnapshotStatus:
    if not snapshot(row).found:
        message = "There is no such record."
        return wire.SnapshotStatus(
            id=sent,
            status="FAILED",
            initiated_at=row.at,
            completed_at=row.at,
            error_code="VALIDATION_ERROR",
            message=message,
        )
    kept = row.at > now - KEPT
    return wire.SnapshotStatus(
        id=sent, status="SUCCESS" if kept else "EXPIRED", initiated_at=row.at, completed_at=row.at
    )
