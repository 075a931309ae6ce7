"""From counts to what is drawn: bars and cells, with what each is called, how long it is, and where it leads."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.web.figures import DIRECTION, DURATION, LENGTHS, OUTCOME, OWNER, Figures
from trunkline.web.hour import HOURS, WEEK, WEEKDAYS, Hour
from trunkline.web.shown import shown
from trunkline.web.span import DAY, Days, Unit, dated, extent
from trunkline.web.words import span

Sought = Mapping[str, object]
"""The query of an address."""

Place = Callable[..., str]
"""Makes the address of the table of calls, with the query that it is given."""

OTHERS = "All others"

FAINTEST = 0.1
"""How dark a cell is in which something is, of 1."""


class Bar(Struct, frozen=True):
    """One bar or cell: what it is called, how many calls are in it, and how much that is of what the longest may be.

    `place` is where its calls are; None where there is none, or where no address finds just these.
    """

    name: str
    count: int
    part: float
    place: str | None


class Chart(Struct, frozen=True):
    """Bars, and what the longest may be: a round number."""

    bars: Sequence[Bar]
    most: int


class Timeline(Struct, frozen=True):
    """Calls by time, and what stands below the bars."""

    chart: Chart
    unit: Unit
    marks: Sequence[str]


def timeline(figures: Figures, place: Place) -> Timeline:
    """Calls by day, by week, by month or by year."""
    pairs = list(pairwise(figures.starts))
    counts = [figures.times.get(start * DAY, 0) for start, _ in pairs]
    most = rounded(max(counts, default=0))
    bars = [
        _bar(extent(figures.unit, start, end), count, count / most, place, _within(Days(start, end - 1)))
        for (start, end), count in zip(pairs, counts, strict=True)
    ]
    return Timeline(Chart(bars, most), figures.unit, _marks(figures.starts[:-1]))


def _marks(starts: Sequence[int]) -> list[str]:
    """The dates of the first, the middle and the last part."""
    chosen = (0, len(starts) // 2, len(starts) - 1) if len(starts) > 2 else range(len(starts))
    return [str(dated(starts[number])) for number in chosen]


def options(figures: Figures, type_: ObjectType, name: str, place: Place, people: Mapping[str, str]) -> Chart:
    """Calls by the options of a property, the most frequent first."""
    counts = {DIRECTION: figures.directions, OUTCOME: figures.outcomes, OWNER: figures.owners}[name]
    definition, query = type_.properties[name], _within(figures.days)
    named = [(str(part), count) for part, count in counts.items() if part is not None]
    found = [(shown(definition, part, people), count, _option(query, name, part)) for part, count in named]
    if rest := figures.total - sum(counts.values()):
        # No filter finds those with another value and those without one at once.
        others = _others(query, name, [part for part, _ in named]) if None in counts else None
        found.append((OTHERS, rest, others))
    if None in counts:
        found.append(("Nobody" if name == OWNER else "Not known", counts[None], _missing(query, name)))
    return _chart(found, place)


def _option(query: Sought, name: str, part: str) -> Sought | None:
    """The query of the calls with a value; None for one that no address can say."""
    return {**query, "p": name, "o": "EQ", "v": part} if part == part.strip() else None


def _missing(query: Sought, name: str) -> Sought:
    return {**query, "p": name, "o": "NOT_HAS_PROPERTY", "v": " "}


def _others(query: Sought, name: str, named: Sequence[str]) -> Sought | None:
    if not named:
        return {**query, "p": name, "o": "HAS_PROPERTY", "v": " "}
    if any(part != part.strip() or ";" in part for part in named):
        return None
    return {**query, "p": name, "o": "NOT_IN", "v": ";".join(named)}


def lengths(figures: Figures, place: Place) -> Chart:
    """Calls by how long they lasted."""
    query, found = _within(figures.days), list[tuple[str, int, Sought | None]]()
    for low, high in pairwise(LENGTHS):
        filters = list(_between(low, high))
        asked = {"p": [DURATION] * len(filters), "o": [o for o, _ in filters], "v": [v for _, v in filters]}
        found.append((_length(low, high), figures.lengths.get(low, 0), {**query, **asked}))
    if rest := figures.total - sum(figures.lengths.values()):
        found.append(("Not known", rest, _missing(query, DURATION)))
    return _chart(found, place)


def _between(low: float, high: float) -> Iterator[tuple[str, str]]:
    if math.isfinite(low):
        yield "GTE", f"{low:.0f}"
    if math.isfinite(high):
        yield "LT", f"{high:.0f}"


def _length(low: float, high: float) -> str:
    if not math.isfinite(low):
        return f"Under {span(high)}"
    return f"{span(low)} to {span(high)}" if math.isfinite(high) else f"{span(low)} and more"


def hours(figures: Figures, place: Place) -> Sequence[tuple[str, Sequence[Bar]]]:
    """Calls by hour of the week: a row for each day."""
    query, most = _within(figures.days), max(figures.hours.values(), default=0) or 1

    def cell(one: Hour) -> Bar:
        count = figures.hours.get(one.place, 0)
        part = FAINTEST + (1 - FAINTEST) * count / most if count else 0.0
        return _bar(one.words, count, part, place, {**query, "hour": str(one)})

    cells = [cell(one) for one in WEEK]
    return [(name, cells[row * HOURS :][:HOURS]) for row, name in enumerate(WEEKDAYS)]


def _chart(found: Sequence[tuple[str, int, Sought | None]], place: Place) -> Chart:
    """Bars that are compared with the longest of them; what was not counted apart has none, since it is not one."""
    most = max((count for name, count, _ in found if name != OTHERS), default=0) or 1
    return Chart(
        [_bar(name, count, count / most if name != OTHERS else 0.0, place, query) for name, count, query in found], most
    )


def _bar(name: str, count: int, part: float, place: Place, query: Sought | None) -> Bar:
    return Bar(name, count, part, place(**query) if count and query is not None else None)


def _within(days: Days) -> Sought:
    return {"since": str(days.since), "until": str(days.until)}


def rounded(count: int) -> int:
    """The least even number of one digit and zeros, two at least, that is not below a count: it can be halved."""
    size = int("1" + "0" * (len(str(count)) - 1))
    return next(step * size for step in range(1, 11) if step * size >= count and step * size % 2 == 0)
