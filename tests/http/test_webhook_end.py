"""What tells an app leaves no connection to it open, also when the server stops while the app is being let go."""

import asyncio
import gc

from receiver import receiving

from trunkline.clock import Clock
from trunkline.feeds.subscription import Target
from trunkline.http.hooks import telling
from trunkline.http.hooks.reach import allowed_by
from trunkline.http.hooks.sender import Sender
from trunkline.http.hooks.teller import Slots


async def _lingering(stopped: asyncio.Event) -> None:
    """Is told to end, and takes until it is told so once more."""
    try:
        await asyncio.Event().wait()
    finally:
        stopped.set()
        await asyncio.Event().wait()


def test_a_stop_while_an_app_is_let_go_leaves_nothing_open() -> None:
    async def all_of_it(url: str) -> None:
        target = Target(url=url, at_once=1, created=0, updated=0)
        sender = Sender(Clock(), target, "secret", "v1", allowed_by("loopback", "127.0.0.1"))
        assert (await sender.send(1, 1, 0, [])).state == "delivered"
        stopped = asyncio.Event()
        closing = asyncio.create_task(_lingering(stopped))
        await asyncio.sleep(0)
        ending = asyncio.create_task(telling._end(telling.Line(sender, Slots(1), closing=[closing])))
        await stopped.wait()
        ending.cancel()
        await asyncio.wait([ending])
        closing.cancel()
        await asyncio.wait([closing])

    with receiving() as receiver:
        asyncio.run(all_of_it(receiver.url))
    # What was left open complains when it is collected, and a complaint is an error.
    gc.collect()
