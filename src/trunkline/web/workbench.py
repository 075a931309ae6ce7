"""The workbench of a portal: its clock, checkpoints, faults, limits and seed, and what is done with them.

Every form is a verb of the control namespace. What a verb refuses is told beside its form, with what was typed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline import document
from trunkline.bench.checkpoint import SEED
from trunkline.bench.fault import KINDS
from trunkline.errors import MalformedBody
from trunkline.web.visit import Visit

UNITS: Mapping[str, int] = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
"""In which spans a clock is advanced, and how many seconds they have."""


MOST_COUNTED = 1000
"""Changes that are counted; more are told as more."""


class Wrong(Struct, frozen=True):
    """What was refused: of which section of the page, and why."""

    section: str
    message: str


async def show(visit: Visit, wrong: Wrong | None = None) -> Response:
    """Shows how all of it stands."""
    own = _own(visit)
    checkpoints = (await visit.ask("GET", f"{own}/checkpoints"))["results"]
    return visit.page(
        "workbench.html",
        status=200 if wrong is None else 400,
        wrong=wrong,
        typed=lambda name, usual="": visit.field(name) if wrong is not None else usual,
        clock=await visit.ask("GET", f"{own}/clock"),
        checkpoints=[one for one in checkpoints if one["name"] != SEED],
        seeded=next((one for one in checkpoints if one["name"] == SEED), None),
        faults=(await visit.ask("GET", f"{own}/faults"))["results"],
        kinds=KINDS,
        units=UNITS,
        usual=visit.state.settings.limits,
    )


def _own(visit: Visit) -> str:
    return f"/portals/{visit.portal.id}"


async def _done(visit: Visit, section: str, work: Callable[[], Awaitable[str]]) -> Response:
    """Does something and tells it on the page that follows, or shows the page again with why it was refused."""
    place = f"{visit.place('workbench')}#{section}"
    return await visit.done(place, lambda message: show(visit, Wrong(section, message)), work)


async def turn(visit: Visit) -> Response:
    """Freezes, sets, advances or releases the clock."""

    async def work() -> str:
        now = await visit.ask("POST", f"{_own(visit)}/clock", _turn(visit))
        stands = "stands still at" if now["frozen"] else "says"
        return f"The clock of this portal {stands} {now['now']}."

    return await _done(visit, "clock", work)


def _turn(visit: Visit) -> dict[str, object]:
    match visit.field("what"):
        case "advance":
            return {"advance": _number(visit.field("by"), "the span") * UNITS.get(visit.field("unit"), 1)}
        case "freeze":
            return {"freeze": _moment(visit.field("at")) or True}
        case "set":
            return {"set": _moment(visit.field("at"))}
        case _:
            return {"release": True}


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError as cause:
        raise MalformedBody(f"Say {what} as a number.") from cause


def _moment(text: str) -> str:
    """A moment as a page's field has it, `2026-11-30T10:00`, as the API takes it."""
    parts = text.count(":")
    return f"{text}{':00' if parts == 1 else ''}Z" if text and not text.endswith("Z") else text


async def mark(visit: Visit) -> Response:
    """Makes a checkpoint."""

    async def work() -> str:
        made = await visit.ask("POST", f"{_own(visit)}/checkpoints", {"name": visit.field("name")})
        return f"The checkpoint {made['name']} is made."

    return await _done(visit, "checkpoints", work)


async def forget(visit: Visit) -> Response:
    """Forgets a checkpoint."""

    async def work() -> str:
        await visit.ask("DELETE", _named(visit, "checkpoints"))
        return f"The checkpoint {visit.field('name')} is forgotten."

    return await _done(visit, "checkpoints", work)


def _named(visit: Visit, kind: str) -> str:
    return visit.verb("portals", visit.portal.id, kind, visit.field("name"))


async def sure(visit: Visit) -> Response:
    """Asks once more before all that was changed is undone; without a checkpoint, before the portal is reset."""
    name = visit.query.get("to", "")
    known = {one["name"] for one in (await visit.ask("GET", f"{_own(visit)}/checkpoints"))["results"]}
    if name and name not in known:
        raise HTTPException(404)
    since = name or (SEED if SEED in known else "")
    changed = await visit.ask(
        "GET", f"{_own(visit)}/changes", query=({"since": since} if since else {}) | {"limit": MOST_COUNTED}
    )
    return visit.page("sure.html", name=name, since=since, changed=len(changed["results"]), more="paging" in changed)


async def rewind(visit: Visit) -> Response:
    """Undoes all that was changed since a checkpoint."""

    async def work() -> str:
        name = visit.field("name")
        done = await visit.ask("POST", f"{_own(visit)}/rewind", {"to": name})
        return f"The portal is as it was at {name}: {_counted(done)}."

    return await _done(visit, "checkpoints", work)


async def reset(visit: Visit) -> Response:
    """Makes the portal what it was when it was seeded, or empties it."""

    async def work() -> str:
        return f"The portal is reset: {_counted(await visit.ask('POST', f'{_own(visit)}/reset', {}))}."

    return await _done(visit, "checkpoints", work)


def _counted(done: Mapping[str, int]) -> str:
    counts = (done["records"], "records"), (done["definitions"], "definitions"), (done["lists"], "lists")
    return ", ".join(f"{count:,} {what}" for count, what in counts) + " changed back"


async def strike(visit: Visit) -> Response:
    """Adds a fault."""

    async def work() -> str:
        made = await visit.ask("POST", f"{_own(visit)}/faults", _fault(visit))
        return f"The fault {made['name']} is set."

    return await _done(visit, "faults", work)


def _fault(visit: Visit) -> dict[str, Any]:
    """The fault that the form describes: only what was filled in."""
    texts = {name: visit.field(name) for name in ("kind", "name", "method", "route") if visit.field(name)}
    numbers = {
        name: _number(visit.field(name), name)
        for name in ("app", "probability", "seed", "count", "after", "seconds")
        if visit.field(name)
    }
    whole = {name: int(value) if value.is_integer() else value for name, value in numbers.items()}
    return texts | whole | ({"carriedOut": True} if visit.field("carriedOut") else {})


async def spare(visit: Visit) -> Response:
    """Takes one fault away, or all of them."""

    async def work() -> str:
        name = visit.field("name")
        await visit.ask("DELETE", _named(visit, "faults") if name else f"{_own(visit)}/faults")
        return f"The fault {name} is gone." if name else "All faults are gone."

    return await _done(visit, "faults", work)


async def limit(visit: Visit) -> Response:
    """Says whether rate limits refuse in the portal."""

    async def work() -> str:
        await visit.ask("PATCH", _own(visit), {"limits": visit.field("limits") or None})
        return "The limits are set."

    return await _done(visit, "limits", work)


async def plant(visit: Visit) -> Response:
    """Puts into the portal what a document says."""

    async def work() -> str:
        sown = await visit.ask("POST", f"{_own(visit)}/seed", await asyncio.to_thread(_sown, visit))
        kinds = ("properties", sum(sown["properties"].values())), ("records", sum(sown["records"].values()))
        counts = ", ".join(f"{count:,} {what}" for what, count in kinds)
        return f"The portal is seeded: {counts}, {sown['tokens']} tokens."

    return await _done(visit, "seed", work)


def _sown(visit: Visit) -> dict[str, object]:
    """What the document says of this portal: all of it, or the one of its portals that is this one."""
    try:
        read = document.parsed(visit.field("document"), aliases=False)
    except ValueError as cause:
        raise MalformedBody(f"This is neither YAML nor JSON: {cause}") from cause
    if isinstance(read, dict) and isinstance(read.get("portals"), list):
        read = next((one for one in read["portals"] if _is_of(one, visit.portal.id)), None)
    if not isinstance(read, dict):
        raise MalformedBody("The document says nothing of this portal.")
    if read.get("tokens") and not visit.runs:
        # The text of a token is chosen here, so that whoever may not look for others' could try which there are.
        raise MalformedBody("Tokens are made under Setup.")
    about = {name: value for name, value in read.items() if name not in ("id", "name", "products", "limits")}
    return about | ({"replace": True} if visit.field("replace") else {})


def _is_of(one: object, portal: int) -> bool:
    return isinstance(one, dict) and one.get("id", portal) == portal
