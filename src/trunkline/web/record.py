"""The page of one record, and undoing what was changed in it."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.property import Property
from trunkline.crm.record import Change, Moment, Record
from trunkline.crm.view import View
from trunkline.errors import Refusal
from trunkline.http import records
from trunkline.web.heading import called
from trunkline.web.people import named, owners
from trunkline.web.shown import address, shown
from trunkline.web.visit import Visit

MOST_CHANGES = 200
"""Changes that a timeline shows, the newest."""

MOST_TIES = 25
"""Records of one type that a record is shown to be tied to."""

RECORDINGS = ("hs_call_recording_url", "hs_call_video_recording_url")
TEXTS = ("hs_call_body", "hs_call_summary")
"""What is shown of a call beside its properties: what was recorded, and what was said."""


class Cell(Struct, frozen=True):
    """A property of the record: its value in words and as it is, and where it leads."""

    definition: Property
    words: str
    text: str
    address: str | None


class Step(Struct, frozen=True):
    """One change on the timeline. `position` is that of the journal; 0 for the creation."""

    position: int
    at: Moment
    app: int
    values: Sequence[tuple[Property | None, str, str, str]]


class Tie(Struct, frozen=True):
    """The records of one type that this one is tied to: their ids and names, and whether there are more."""

    type: ObjectType
    ends: Sequence[tuple[int, str]]
    more: bool


async def show(visit: Visit) -> Response:
    """Shows a record: its properties by group, what was recorded, what it is tied to, and its history."""
    type_, catalog = await visit.type(), await visit.catalog()
    record = await _record(visit, type_)
    people = await owners(visit)
    steps = list(_steps(record, await _changes(visit, record), type_, people))
    values = View(type_, type_.properties).of(record)
    recordings = [url for name in RECORDINGS if (url := _address(type_, name, values))]
    return visit.page(
        "record.html",
        media="https: http:" if recordings else "'none'",
        type=type_,
        record=record,
        name=called(record, type_),
        groups=_groups(type_, values, people),
        recordings=recordings,
        texts=[(type_.properties[name], values[name]) for name in TEXTS if values.get(name)],
        ties=[tie async for tie in _ties(visit, catalog, type_, record)] if record.archived is None else [],
        steps=steps,
        most=MOST_CHANGES,
        apps=await named(visit, [step.app for step in steps]),
    )


async def undo(visit: Visit) -> Response:
    """Gives the properties of one change the values that they had before it, unless they were changed again since."""
    type_ = await visit.type()
    record = await _record(visit, type_)
    change = await _change(visit, record)
    back = {
        name: before or ""
        for name, (before, after) in change.values.items()
        if record.properties.get(name, "") == after and name in type_.plain
    }
    place = visit.place("records", type_.data.plural, record.id)
    if not back:
        return visit.to(place, "Nothing was undone: these properties were changed again since.")
    try:
        await visit.call(records.update, {"properties": back}, type=type_.id, id=str(record.id))
    except Refusal as refusal:
        return visit.to(place, f"Nothing was undone: {refusal.message}")
    left = len(change.values) - len(back)
    return visit.to(place, "The change was undone" + (f", but for {left} changed again since." if left else "."))


async def _record(visit: Visit, type_: ObjectType) -> Record:
    """The record that the path names, also an archived one; raises a 404."""
    id_ = visit.path["id"]
    standing = await visit.state.store.successor(visit.portal.id, type_.id, id_) if id_ < 1 << 62 else 0
    found = await visit.state.store.read(visit.portal.id, type_.id, [standing]) if standing else []
    if not found:
        raise HTTPException(404)
    return found[0]


async def _changes(visit: Visit, record: Record) -> list[Change]:
    return await visit.state.store.changes(visit.portal.id, record, MOST_CHANGES)


async def _change(visit: Visit, record: Record) -> Change:
    """The change that the form names; raises a 404 when it is none of the record's."""
    wanted = visit.field("position")
    for position, change in _placed(record, await _changes(visit, record)):
        if str(position) == wanted:
            return change
    raise HTTPException(404)


def _placed(record: Record, changes: Sequence[Change]) -> Iterator[tuple[int, Change]]:
    """Changes with their positions in the journal: each names that of the one before."""
    position = record.last_change
    for change in changes:
        yield position or 0, change
        position = change.previous


def _steps(record: Record, changes: Sequence[Change], type_: ObjectType, people: Mapping[str, str]) -> Iterator[Step]:
    """The timeline, newest first; the creation is its last step, unless there are too many to get there."""
    for position, change in _placed(record, changes):
        values = [
            (definition, name, _words(definition, before, people), _words(definition, after, people))
            for name, (before, after) in sorted(change.values.items())
            for definition in [type_.properties.get(name)]
        ]
        yield Step(position, change.at, change.app, values)
    if len(changes) < MOST_CHANGES:
        yield Step(0, record.created, record.app, [])


def _words(definition: Property | None, text: str | None, people: Mapping[str, str]) -> str:
    return shown(definition, text, people) if definition is not None else text or ""


def _groups(
    type_: ObjectType, values: Mapping[str, str | None], people: Mapping[str, str]
) -> list[tuple[str, list[Cell]]]:
    """The properties that have a value, by group, in the order that people know."""
    cells: dict[str, list[Cell]] = {}
    for definition in sorted(type_.properties.values(), key=lambda one: (one.display_order < 0, one.display_order)):
        if text := values.get(definition.name):
            cell = Cell(definition, shown(definition, text, people), text, address(definition, text))
            cells.setdefault(definition.group_name, []).append(cell)
    order = sorted(type_.groups.values(), key=lambda group: (group.display_order < 0, group.display_order))
    return [(group.label, cells[group.name]) for group in order if group.name in cells]


def _address(type_: ObjectType, name: str, values: Mapping[str, str | None]) -> str | None:
    definition = type_.properties.get(name)
    return address(definition, values.get(name)) if definition is not None else None


async def _ties(visit: Visit, catalog: Catalog, type_: ObjectType, record: Record) -> AsyncIterator[Tie]:
    """What a record is tied to, by type."""
    store, portal = visit.state.store, visit.portal.id
    for other in catalog.types:
        links = await store.links(portal, type_.id, [record.id], other.id, MOST_TIES + 1)
        ids = list(dict.fromkeys(link.id for link in links.get(record.id, ())))
        if ids:
            known = {one.id: called(one, other) for one in await store.read(portal, other.id, ids[:MOST_TIES])}
            yield Tie(other, [(id_, known[id_]) for id_ in ids[:MOST_TIES] if id_ in known], len(ids) > MOST_TIES)
