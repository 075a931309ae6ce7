"""Telling all apps of what happens in all portals that they are in, for as long as this process leads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from msgspec import Struct, field

from trunkline.feeds.subscription import Target
from trunkline.http.call import State
from trunkline.http.complaint import Complaint
from trunkline.http.hooks import apps
from trunkline.http.hooks.kept import Webhooks
from trunkline.http.hooks.reach import allowed_by
from trunkline.http.hooks.sender import PATIENCE, Sender
from trunkline.http.hooks.teller import Slots, Teller
from trunkline.http.leading import led
from trunkline.identity.app import App

LOOK = 1.0
"""Seconds after which it is looked in which portals the apps are that are told."""

IDLE = 60.0
"""Seconds after which it is looked whether there are such apps; who makes one tells, so that this is for lost news."""


class Line(Struct):
    """An app that is told: how it is sent to, who tells it of each portal, and what is closed of what was before."""

    sender: Sender
    slots: Slots
    tellers: dict[int, tuple[Teller, asyncio.Task[None]]] = field(default_factory=dict)
    closing: list[asyncio.Task[None]] = field(default_factory=list)


@asynccontextmanager
async def telling(state: State) -> AsyncIterator[None]:
    """Tells apps for as long as the block runs, while this process leads."""
    async with led(state.store, partial(_tell, state), "webhooks"):
        yield


async def _tell(state: State) -> None:
    lines: dict[int, Line] = {}
    complaint = Complaint("what apps are told of could not be found")
    try:
        while True:
            state.hooks.changed.clear()
            try:
                await _look(state, lines)
                complaint.worked()
            except Exception as cause:
                complaint.failed(cause)
            # Not wait_for, which keeps a cancellation to itself that comes as the event does (Python 3.11).
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK if lines else IDLE):
                    await state.hooks.changed.wait()
    finally:
        for line in lines.values():
            await _end(line)


async def _look(state: State, lines: dict[int, Line]) -> None:
    """Starts, changes and ends what tells apps, as their settings want it now."""
    wanted: dict[int, tuple[App, Webhooks, Target]] = {}
    for id_, known in (await state.hooks.all()).items():
        app = await apps.found(state, id_) if known.active() else None
        if app is not None and known.target is not None:
            wanted[id_] = app, known, known.target
    for gone in lines.keys() - wanted.keys():
        await _end(lines.pop(gone))
    for id_, (app, known, target) in wanted.items():
        secret = known.secret or await apps.secret(state, app)
        await _renew(state, lines, id_, target, secret)
        await _staff(state, lines[id_], app, known)


async def _renew(state: State, lines: dict[int, Line], app: int, target: Target, secret: str) -> None:
    line = lines.get(app)
    if line is not None and (line.sender.target, line.sender.secret) == (target, secret):
        return
    settings = state.settings
    private = allowed_by(settings.webhook_private, settings.host)
    sender, slots = Sender(state.clock, target, secret, settings.webhook_signature, private), Slots(target.at_once)
    if line is None:
        lines[app] = Line(sender, slots)
        return
    line.closing.append(asyncio.create_task(_close(line.sender)))
    line.sender, line.slots = sender, slots
    for teller, _ in line.tellers.values():
        teller.sender, teller.slots = sender, slots


async def _close(sender: Sender) -> None:
    """Closes a sender once all its requests are over."""
    try:
        await asyncio.sleep(2 * PATIENCE)
    finally:
        await sender.close()


async def _staff(state: State, line: Line, app: App, known: Webhooks) -> None:
    """One teller for each portal that the app is in."""
    portals = await apps.portals(state, app)
    for gone in line.tellers.keys() - set(portals):
        await _stop(line.tellers.pop(gone)[1])
        await state.hooks.leave(app.id, gone)
    for portal in portals:
        teller, task = line.tellers.get(portal) or (None, None)
        if teller is None or task is None or task.done():
            teller = Teller(state, app.id, portal, line.sender, line.slots)
            teller.subscriptions = known.active()
            line.tellers[portal] = teller, asyncio.create_task(teller.run(), name=f"webhooks {app.id} {portal}")
        teller.subscriptions = known.active()


async def _end(line: Line) -> None:
    try:
        for _, task in line.tellers.values():
            await _stop(task)
        for closing in line.closing:
            await _stop(closing)
    finally:
        await line.sender.close()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
