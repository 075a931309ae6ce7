"""One run of the mirror, in one direction or the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from trunkline.load.account import Account
from trunkline.load.pace import Pace
from trunkline.load.remote import Remote
from trunkline.mirror.dead import Letters
from trunkline.mirror.forward import Counts, Forward
from trunkline.mirror.journal import Ask, Journal, own_app
from trunkline.mirror.pending import Pending
from trunkline.mirror.pull import Counts as Pulled
from trunkline.mirror.pull import Pull
from trunkline.mirror.saved import Part, Saved

WHO = "/oauth/v2/private-apps/get/access-token-info"


class Sides(Struct, frozen=True, kw_only=True):
    """Both sides and how they are reached: URLs, tokens, the control namespace here, and the limit to keep there."""

    local: str
    local_token: str
    remote: str
    remote_token: str
    ask: Ask
    state: Path
    keys: Mapping[str, str]
    rate: int | None = None
    told: Callable[[str], None] = print


class Mirror(Struct, frozen=True):
    """Both sides, opened."""

    here: Account
    there: Account
    journal: Journal
    saved: Saved
    app: int


@asynccontextmanager
async def opened(sides: Sides, part: Part) -> AsyncIterator[Mirror]:
    """Both sides; raises `Stopped` when one cannot be had, or the token here is the fixed one."""
    halt = asyncio.Event()
    local = Remote(sides.local, sides.local_token, halt=halt, note=sides.told)
    remote = Remote(sides.remote, sides.remote_token, halt=halt, note=sides.told, pace=Pace(sides.rate))
    async with local, remote:
        here = Account(local)
        portal, app = own_app(await here.ask("POST", WHO, {"tokenKey": sides.local_token}))
        saved = Saved(sides.state, part)
        saved.between(portal, remote.url)
        yield Mirror(here, Account(remote), Journal(sides.ask, portal), saved, app)


async def pull(sides: Sides, types: Sequence[str], follow: float | None = None, *, ties: bool = False) -> Pulled:
    """Copies records here; with `follow` again and again, with so many seconds between.

    With `ties` the associations of all records are compared, not only those of records that changed.
    """
    async with opened(sides, "pulled") as mirror:
        while True:
            mirror.saved.renew()
            pending = Pending(mirror.journal, mirror.saved.state.sent, mirror.app)
            run = Pull(mirror.there, mirror.here, mirror.saved, sides.keys, pending, sides.told)
            await run.run(types, ties=ties)
            if follow is None:
                return run.counts
            sides.told(f"{run.counts.read} read, {run.counts.refused} refused")
            await asyncio.sleep(follow)


async def forward(
    sides: Sides,
    *,
    everything: bool = False,
    again: bool = False,
    follow: float | None = None,
    status: Path | None = None,
) -> Counts:
    """Sends changes on until there are none; with `follow` for ever, looking again after so many seconds.

    The first run begins with what changes from then on, or with `everything` there is. `again` sends what was refused
    before. How far it is goes to `status`, as JSON.
    """
    async with opened(sides, "sent") as mirror:
        letters = Letters(sides.state.with_name(f"{sides.state.name}.dead"))
        run = Forward(
            mirror.there, mirror.here, mirror.journal, mirror.saved, mirror.app, sides.keys, letters, sides.told
        )
        if mirror.saved.state.sent is None:
            mirror.saved.state.sent = 0 if everything else mirror.journal.end()
            mirror.saved.save()
        if again:
            await run.again()
        while True:
            moved = await run.step()
            if status is not None:
                status.write_bytes(msgspec.json.encode(run.counts))
            if not moved and follow is None:
                return run.counts
            if not moved:
                await asyncio.sleep(follow or 0)
