"""The operations that read the journal of webhooks (behaviour 21.1, 21.2).

Each reads that of one portal where it is given a `home`, and else that of all portals in which the app is.
"""

from collections.abc import Sequence

from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, JournalEntryNotFound, RecordNotFound, Refusal
from trunkline.feeds.offset import Offset
from trunkline.http import ties
from trunkline.http.call import Answer, Call
from trunkline.http.pulled.journal import Journal
from trunkline.http.pulled.link import LIFE, link
from trunkline.http.watches import asked
from trunkline.wire import journal as wire
from trunkline.wire.batch import encode

LARGEST = 100
"""Entries of one answer, at most (behaviour 21.2)."""

NOTHING = 204
"""The status of an answer when there is no entry yet."""


async def earliest(call: Call, home: int = 0) -> Answer:
    """Find the earliest entry that is kept."""
    journal = await _journal(call, home)
    return _one(call, journal, await journal.earliest(1))


async def latest(call: Call, home: int = 0) -> Answer:
    """Find the latest entry."""
    journal = await _journal(call, home)
    return _one(call, journal, await journal.latest(1))


async def following(call: Call, home: int = 0) -> Answer:
    """Find the entry after another one."""
    journal = await _journal(call, home)
    return _one(call, journal, await journal.after(call.path["offset"], 1))


async def earliest_many(call: Call, home: int = 0) -> Answer:
    """Find the earliest entries that are kept."""
    started, count, journal = call.now(), _count(call), await _journal(call, home)
    return _many(call, journal, started, await journal.earliest(count))


async def latest_many(call: Call, home: int = 0) -> Answer:
    """Find the latest entries, the newest one last."""
    started, count, journal = call.now(), _count(call), await _journal(call, home)
    return _many(call, journal, started, await journal.latest(count))


async def following_many(call: Call, home: int = 0) -> Answer:
    """Find the entries after another one."""
    started, count, journal = call.now(), _count(call), await _journal(call, home)
    return _many(call, journal, started, await journal.after(call.path["offset"], count))


async def read_many(call: Call, home: int = 0) -> Answer:
    """Find entries by their offsets; those that are not kept are told."""
    started, sent = call.now(), wire.decode_offsets(call.body)
    ties.require_size(sent, LARGEST)
    journal, failed = await _journal(call, home), list[Refusal]()
    found: list[Offset] = []
    for text in sent:
        try:
            found.append(await journal.entry(text))
        except JournalEntryNotFound as refusal:
            failed.append(refusal)
    return _many(call, journal, started, found, failed)


async def _journal(call: Call, home: int) -> Journal:
    """The journal that is asked for: that of the portal which the query names, or of `home`, or of all portals.

    Raises `RecordNotFound` for a portal that the caller may not read.
    """
    who = await asked(call)
    portal = call.number("installPortalId", 0) or home
    if portal and portal not in who.reach:
        raise RecordNotFound
    return Journal(call.state, who.app, who.kept, who.reach, [portal] if portal else list(who.reach))


def _count(call: Call) -> int:
    text = call.path["count"]
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= LARGEST):
        raise InvalidParameter("path", "count")
    return int(text)


def _one(call: Call, journal: Journal, found: Sequence[Offset]) -> Answer:
    if not found:
        return Answer(NOTHING, None)
    return Answer(call.status, encode(_described(call, journal, found[0])))


def _many(
    call: Call, journal: Journal, started: int, found: Sequence[Offset], failed: Sequence[Refusal] = ()
) -> Answer:
    results = [_described(call, journal, one) for one in found]
    answer = wire.EntriesAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return ties.partly(call, answer, failed, writes=False)


def _described(call: Call, journal: Journal, one: Offset) -> wire.EntryAnswer:
    offset, expires = journal.text(one), call.state.clock.now(one.portal) + LIFE
    return wire.EntryAnswer(link(call, journal.app, offset, expires), moment(expires), offset)
