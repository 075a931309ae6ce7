"""What is to be exported, asked of the service where the user left it open."""

from collections.abc import Sequence

from msgspec import Struct

from trunkline.load.account import Account
from trunkline.load.exported import Content
from trunkline.load.stopped import Stopped


class Ends(Struct, frozen=True):
    """Records of a type, to which those of a file are tied, and the unique property that is told of each, if any."""

    type: str
    key: str | None = None


class Wanted(Struct, frozen=True, kw_only=True):
    """Records of a type. Without `properties` all that are defined; without a `limit` all records."""

    type: str
    properties: tuple[str, ...] | None = None
    history: bool = False
    associations: tuple[Ends, ...] = ()
    archived: bool = False
    limit: int | None = None


def ends(names: Sequence[str]) -> tuple[Ends, ...]:
    """Reads TYPE or TYPE:PROPERTY of each name."""
    return tuple(Ends(type_, key or None) for type_, _, key in (name.partition(":") for name in names))


async def content(account: Account, wanted: Wanted) -> Content:
    """What the file is to have. Raises `Stopped` for a property that there is not."""
    answer = await account.ask("GET", f"/crm/v3/properties/{wanted.type}")
    known = [one["name"] for one in answer.get("results", ())]
    missing = [name for name in wanted.properties or () if name not in known]
    if missing:
        raise Stopped(f"--properties: {wanted.type} have no property {', '.join(missing)} at {account.url}.")
    names = tuple(sorted(known)) if wanted.properties is None else wanted.properties
    return Content(names, wanted.history, tuple(one.type for one in wanted.associations))
