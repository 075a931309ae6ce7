"""Two servers that a spy asks the same: one where others have portals too, and one where the spy is alone."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from operator import eq
from pathlib import Path
from urllib.parse import urlsplit

from isolation.draft import Draft
from isolation.ground import Ground, admitted, founded
from isolation.install import consented, installed, post, register
from isolation.rows import slots
from isolation.steady import MINUTE
from isolation.victim import DARK, NAMED, Name, State, Victim, victim
from isolation.view import view
from isolation.wire import Reply
from isolation.world import BEGINNING, World, world

from trunkline.store.sqlite.schema import FIRST_ID, SLOT_BITS

CALLS = "0-48"
OFFSET = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
FILE = re.compile(rb"/webhooks-journal/files/\d+-offset-\d+-[0-9a-f]{64}")
MERGED_INTO = FIRST_ID + 3
"""The call into which an example merges another one."""


@dataclass
class Side:
    """One of the servers, with the spy's portal there."""

    world: World
    spy: Ground


@dataclass
class Pair:
    """Both servers. What they answer the spy is the same to the byte, unless it tells of the others."""

    full: Side
    alone: Side
    victims: list[Victim]
    names: list[Name]
    before: list[State]

    async def ask(self, draft: Draft) -> tuple[Reply, list[str]]:
        """What the spy is answered where others are, and what is wrong with that."""
        replies = [await _asked(side, draft) for side in (self.full, self.alone)]
        told = list(_complaints(*replies))
        if replies[0].status == replies[1].status and (path := _later(draft, replies[0])):
            for ends in zip(*[await _carried_out(side, path) for side in self._sides], strict=True):
                told += _complaints(*ends)
        return replies[0], told

    async def restock(self) -> None:
        """Gives the spy again what it has used up."""
        for side in self._sides:
            await side.spy.restock(side.world)

    async def make_room(self) -> None:
        """Takes from the spy again what it made of what there may be few."""
        for side in self._sides:
            await side.spy.make_room(side.world)

    async def ended(self) -> list[str]:
        """What is wrong once the spy is done: with the others, and with what the spy has made of its own."""
        told = []
        for other, before in zip(self.victims, self.before, strict=True):
            now = await other.state(self.full.world)
            told += [f"portal {other.ground.portal} is another: {change}" for change in before.changed(now)]
        own = [await view(side.world, side.spy.token) for side in self._sides]
        told += [f"the spy's own {name} depends on others" for name in own[0] if own[0][name] != own[1].get(name)]
        most = max(int(id_) for id_ in re.findall(r"'id': '(\d+)'", str(own[0])))
        if most >= self.victims[0].first + NAMED:
            told.append(f"the spy has records of the ids that it tries, up to {most}: give its victims more (NAMED)")
        return told

    @property
    def correlation_id(self) -> str:
        """What a request of a victim's was called."""
        return next(name.text for name in self.names if name.what == "a correlation id")

    @property
    def _sides(self) -> tuple[Side, Side]:
        return self.full, self.alone


async def _asked(side: Side, draft: Draft) -> Reply:
    await side.spy.renew(side.world, draft.variables())
    return await side.world.send(draft.sent(side.spy.token, side.spy.names))


def _later(draft: Draft, reply: Reply) -> str:
    """The path of what tells how far the work is that was put off; empty where none was."""
    if reply.status == 202:
        return urlsplit(reply.header("location") or json.loads(reply.body)["links"]["status"]).path
    if reply.status == 200 and draft.row.media == "multipart":
        return f"/crm/v3/imports/{json.loads(reply.body)['id']}"
    return ""


async def _carried_out(side: Side, path: str) -> list[Reply]:
    """What is told of work that was put off once it is done, with the file or the errors that it led to."""
    await side.world.settle(side.spy.portal)
    replies = [await side.world.call(side.spy.token, "GET", path)]
    if link := json.loads(replies[0].body).get("result"):
        replies.append(await side.world.call("", "GET", urlsplit(link).path))
    if "/imports/" in path:
        replies.append(await side.world.call(side.spy.token, "GET", f"{path}/errors"))
    return replies


def _complaints(full: Reply, alone: Reply) -> Iterator[str]:
    if full.status >= 500:
        yield f"failed: {full.text}"
    if DARK in full.text:
        yield f"tells a secret: {full.text}"
    if _plain(full) != _plain(alone):
        yield f"tells that there are others: {_apart(full, alone)}; alone: {_apart(alone, full)}"


def _plain(reply: Reply) -> Reply:
    """An answer without the offsets of the journal of webhooks: they hold a position of the server's, enciphered."""
    body = FILE.sub(b"/webhooks-journal/files/", OFFSET.sub(b"offset", reply.body))
    headers = tuple((name, "" if name == "content-length" and body != reply.body else v) for name, v in reply.headers)
    return replace(reply, headers=headers, body=body)


def _apart(one: Reply, other: Reply) -> str:
    """What is in an answer and not in another one: of each line the part from where they part on."""
    lines = other.text.splitlines()
    parted = [line for line in one.text.splitlines() if line not in lines]
    return f"{one.status} {[line[max(_shared(line, lines) - 40, 0) :][:240] for line in parted]}"


def _shared(line: str, others: Sequence[str]) -> int:
    """With how many characters a line begins as one of the others does."""
    return max((sum(1 for _ in takewhile(bool, map(eq, line, other))) for other in others), default=0)


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[Pair]:
    """Both servers, with all portals furnished."""
    async with world(folder / "full.db") as full, world(Path(":memory:")) as alone:
        (host, spy), (_, other_spy) = [await _common(each) for each in (full, alone)]
        sides = Side(full, spy), Side(alone, other_spy)
        others, names = await _others(full, host, spy)
        before = [await other.state(full) for other in others]
        for side in sides:
            side.world.clock.set(BEGINNING + 20 * MINUTE)
            await side.spy.furnish(side.world)
        yield Pair(*sides, others, names, before)


async def _common(world: World) -> tuple[Ground, Ground]:
    """The default portal, still empty, and the spy's, each with its app. Apps are the server's, not a portal's."""
    default, spying = (await world.state.store.portals())[0], await founded(world, "spy")
    host = await admitted(world, "host", default, await register(world, "theirs", default))
    return host, await admitted(world, "spy", spying, await register(world, "ours", spying))


async def _others(world: World, host: Ground, spy: Ground) -> tuple[list[Victim], list[Name]]:
    """Portals before and after the spy's, and their names; the ids of records are the same in both."""
    portal = await _overlapping(world, spy.portal)
    ground = await admitted(world, "late", portal, host.client)
    world.clock.set(BEGINNING + MINUTE)
    expired = await consented(world, host.client, portal)
    world.clock.set(BEGINNING + 15 * MINUTE)
    others = [await victim(world, each) for each in (host, ground)]
    names = [*others[1].names, *(name for name in others[0].names if "batch" in name.what)]
    names += _packed(world, spy.portal, others[1])
    return others, [*names, *await _credentials(world, ground, expired)]


async def _overlapping(world: World, spying: int) -> int:
    """A portal whose calls have a slot with all the bits that the slot of the spy's calls has.

    A key is a slot and an id in one number, so an id that is too large could reach into such a slot.
    """
    while True:
        portal = await founded(world, "late")
        if not slots(world.path, spying)[CALLS] & ~slots(world.path, portal)[CALLS]:
            return portal


def _packed(world: World, spying: int, late: Victim) -> list[Name]:
    """Numbers that are the keys of the victim's calls once the slot of the spy's calls is added."""
    between = slots(world.path, late.ground.portal)[CALLS] - slots(world.path, spying)[CALLS]
    ids = {"call": late.first + NAMED, "call with another one merged into it": MERGED_INTO}
    return [Name(f"the key of a {what}", str((between << SLOT_BITS) + id_)) for what, id_ in ids.items()]


async def _credentials(world: World, ground: Ground, expired: str) -> list[Name]:
    """All that opens the portal or did so once."""
    client = ground.client
    used, old = [await installed(world, client, ground.portal) for _ in range(2)]
    for token in (old.access, old.refresh):
        await post(world, "/oauth/v3/token/revoke", client.fields | {"token": token})
    texts = {
        "a token": ground.token,
        "an access token": used.access,
        "a refresh token": used.refresh,
        "a code": await consented(world, client, ground.portal),
        "the secret of an app": client.secret,
    }
    over = {
        "a code that was used": used.code,
        "a code that expired": expired,
        "an access token that was revoked": old.access,
        "a refresh token that was revoked": old.refresh,
        "the client id of an app": client.id,
    }
    names = [Name(what, text, credential=True) for what, text in texts.items()]
    return names + [Name(what, text) for what, text in over.items()]
