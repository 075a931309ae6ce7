"""The checkpoints of a portal: made, listed, forgotten, and gone back to."""

from typing import Annotated

from msgspec import Meta, Struct

from trunkline.bench.checkpoint import SEED, Checkpoint, Rewound
from trunkline.crm.values import moment
from trunkline.errors import Conflict, RecordNotFound
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.store.protocol import StoreRefused

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=PLAIN)]


class NewCheckpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint to make; one of the same name is forgotten."""

    name: Name


class Rewind(Struct, frozen=True, forbid_unknown_fields=True):
    """The checkpoint to go back to."""

    to: Name


async def list_all(asked: Asked) -> Shown:
    """Lists the checkpoints, the oldest first."""
    portal = await asked.own_portal()
    return {"results": [_described(one) for one in await asked.state.store.bench.checkpoints(portal)]}


async def create(asked: Asked) -> Shown:
    """Makes a checkpoint of a portal as it is."""
    portal, name = await asked.own_portal(), asked.read(NewCheckpoint).name
    try:
        made = await asked.state.store.bench.mark(portal, name, asked.state.clock.now(portal))
    except StoreRefused as cause:
        raise Conflict(str(cause)) from cause
    return _described(made)


async def remove(asked: Asked) -> None:
    """Forgets a checkpoint."""
    portal = await asked.own_portal()
    if not await asked.state.store.bench.forget(portal, asked.request.path_params["name"]):
        raise RecordNotFound


async def rewind(asked: Asked) -> Shown:
    """Undoes all that was changed in a portal since a checkpoint."""
    portal = await asked.own_portal()
    done = await _back(asked, portal, asked.read(Rewind).to)
    if done is None:
        raise RecordNotFound
    return _counted(done)


async def reset(asked: Asked) -> Shown:
    """Makes a portal what it was when it was seeded; one that never was is emptied."""
    portal = await asked.own_portal()
    done = await _back(asked, portal, SEED)
    if done is None:
        done = await asked.state.store.bench.clear(portal, asked.state.clock.now(portal))
        await asked.state.renew(portal)
    return _counted(done)


async def _back(asked: Asked, portal: int, name: str) -> Rewound | None:
    done = await asked.state.store.bench.rewind(portal, name, asked.state.clock.now(portal))
    if done is not None:
        await asked.state.renew(portal)
    return done


def _described(one: Checkpoint) -> dict[str, object]:
    return {"name": one.name, "position": one.position, "createdAt": moment(one.at)}


def _counted(done: Rewound) -> Shown:
    return {"records": done.records, "definitions": done.definitions, "lists": done.lists}
