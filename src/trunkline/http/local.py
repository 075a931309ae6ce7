"""The operations that read the journal of webhooks of one portal: that of the token, or another one that is named."""

from trunkline.http import entries, snapshots
from trunkline.http.call import Answer, Call


async def earliest(call: Call) -> Answer:
    """Find the earliest entry that is kept of one portal."""
    return await entries.earliest(call, call.portal)


async def latest(call: Call) -> Answer:
    """Find the latest entry of one portal."""
    return await entries.latest(call, call.portal)


async def following(call: Call) -> Answer:
    """Find the entry after another one, of one portal."""
    return await entries.following(call, call.portal)


async def earliest_many(call: Call) -> Answer:
    """Find the earliest entries that are kept of one portal."""
    return await entries.earliest_many(call, call.portal)


async def latest_many(call: Call) -> Answer:
    """Find the latest entries of one portal, the newest one last."""
    return await entries.latest_many(call, call.portal)


async def following_many(call: Call) -> Answer:
    """Find the entries after another one, of one portal."""
    return await entries.following_many(call, call.portal)


async def read_many(call: Call) -> Answer:
    """Find entries of one portal by their offsets; those that are not kept are told."""
    return await entries.read_many(call, call.portal)


async def show_status(call: Call) -> Answer:
    """Tell what became of a snapshot, beside the journal of one portal."""
    return await snapshots.show_status(call)
