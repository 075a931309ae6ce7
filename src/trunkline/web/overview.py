"""What is in a portal, at a glance: figures of its calls, how many records of each type, and what happened lately."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from trunkline.web import chart
from trunkline.web.counting import Result
from trunkline.web.figures import DIRECTION, OUTCOME, OWNER, Figures, figures
from trunkline.web.people import owners
from trunkline.web.span import CHOICES, DAY, Asked, asked
from trunkline.web.visit import Visit

CALLS = "calls"

LOOKS = (64, 512)
"""Positions of the journal that are looked back for changes: those of other portals may lie between."""

MOST_CHANGES = 8

VERBS = {
    "create": "created",
    "update": "changed",
    "archive": "archived",
    "restore": "restored",
    "erase": "erased",
    "merge": "merged",
    "associate": "tied",
    "dissociate": "untied",
    "rewind": "rewound",
    "snapshot": "told as it is",
}
"""What was done to records, in words; what was done to definitions is told as the journal does."""


class Event(Struct, frozen=True, kw_only=True):
    """A change: when, of what, what was done, to which properties, by which app, and where to see it."""

    at: str
    what: str
    verb: str
    names: Sequence[str]
    by: str
    place: str | None


async def show(visit: Visit) -> Response:
    """Shows what is known of the portal; what is not known yet is being counted."""
    catalog, wanted = await visit.catalog(), asked(visit.query)
    position = await visit.state.store.bench.end(visit.portal.id)
    (known, current), (tally, _) = await asyncio.gather(_figures(visit, wanted, position), _tally(visit, position))
    counts: Mapping[str, int] = (tally.value or {}) if tally is not None else {}
    return visit.page(
        "overview.html",
        wanted=wanted,
        choices=CHOICES,
        known=known,
        current=current,
        drawn=None if known is None or known.value is None else await _drawn(visit, known.value),
        tally=tally,
        counted=[(type_, counts[type_.id]) for type_ in catalog.types if counts.get(type_.id)],
        changes=await _lately(visit, position),
    )


async def _figures(visit: Visit, wanted: Asked, position: int) -> tuple[Result[Figures | None] | None, bool]:
    state, portal = visit.state, visit.portal.id
    type_, now = state.catalog(portal).type(CALLS), state.clock.now(portal)
    return await visit.counting.ask(
        ("figures", portal, wanted, now // DAY),
        position,
        lambda: figures(state.store, portal, type_, wanted, now),
        lasts=not state.settings.search_lag,
    )


async def _tally(visit: Visit, position: int) -> tuple[Result[Mapping[str, int]] | None, bool]:
    store, portal = visit.state.store, visit.portal.id
    return await visit.counting.ask(("tally", portal), position, lambda: store.tally(portal))


async def _drawn(visit: Visit, found: Figures) -> Mapping[str, object]:
    """All that is drawn."""
    type_, people = visit.state.catalog(visit.portal.id).type(CALLS), await owners(visit)

    def place(**query: object) -> str:
        return visit.place("records", CALLS, **query)

    return {
        "days": found.days,
        "total": found.total,
        "everything": place(since=found.days.since, until=found.days.until),
        "timeline": chart.timeline(found, place),
        "parted": [
            ("Direction", chart.options(found, type_, DIRECTION, place, people)),
            ("Outcome", chart.options(found, type_, OUTCOME, place, people)),
            ("Duration", chart.lengths(found, place)),
            ("Owner", chart.options(found, type_, OWNER, place, people)),
        ],
        "hours": chart.hours(found, place),
        "busiest": max(found.hours.values(), default=0),
    }


async def _lately(visit: Visit, position: int) -> Sequence[Event]:
    """The newest changes, the newest first; fewer where other portals write most."""
    found: Sequence[Mapping[str, Any]] = []
    for look in LOOKS:
        asked_for = {"after": max(0, position - look), "limit": look}
        answer = await visit.ask("GET", f"/portals/{visit.portal.id}/changes", query=asked_for)
        found = answer["results"]
        if len(found) >= MOST_CHANGES or position <= look:
            break
    known = {kind.plural: kind.labels for kind in visit.kinds}
    return [_event(visit, change, known) for change in found[: -MOST_CHANGES - 1 : -1]]


def _event(visit: Visit, change: Mapping[str, Any], known: Mapping[str, Mapping[str, str]]) -> Event:
    """A change as it is told; one of a definition, or of a type that is gone, leads nowhere."""
    ids = change["ids"] if "ids" in change else [change["id"]] if "id" in change else []
    labels = known.get(change["objectType"])
    single = len(ids) == 1 and labels is not None
    what = labels["singular" if len(ids) < 2 else "plural"] if labels is not None else change["objectType"]
    many = f"{len(ids):,} " if len(ids) > 1 else ""
    return Event(
        at=change["at"],
        what=f"{many}{what}",
        verb=VERBS.get(change["kind"], change["kind"].replace(".", ": ")),
        names=list(change.get("values", ())),
        by=change["appName"],
        place=visit.place("records", change["objectType"], ids[0]) if single else None,
    )
