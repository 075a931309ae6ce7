"""What a table of records is asked to show: all of it stands in the page's address, so that it can be kept and sent."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace
from starlette.datastructures import QueryParams

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.filter import NEEDS, Filter
from trunkline.crm.query import Operator, Query, field
from trunkline.crm.search import MOST_RESULTS, Order, Search, compiled
from trunkline.web.heading import columns, timed_by
from trunkline.web.hour import Hour, hour
from trunkline.web.span import day

PAGE = 50
"""Records of one page."""

LONGEST = 1000
"""Characters of the words that are looked for."""

OPERATORS: dict[Operator, str] = {
    "EQ": "is",
    "NEQ": "is not",
    "CONTAINS_TOKEN": "contains the word",
    "NOT_CONTAINS_TOKEN": "does not contain the word",
    "IN": "is one of (a;b)",
    "NOT_IN": "is none of (a;b)",
    "GT": "is more than",
    "GTE": "is at least",
    "LT": "is less than",
    "LTE": "is at most",
    "BETWEEN": "is between (a;b)",
    "HAS_PROPERTY": "is known",
    "NOT_HAS_PROPERTY": "is not known",
}
"""What is asked of a property, in words."""


class Row(Struct, frozen=True):
    """One filter as a person set it; several values are parted by semicolons."""

    name: str
    operator: Operator
    value: str = ""

    def filter(self) -> Filter:
        """The filter of a search."""
        needs = {need for need, _ in NEEDS[self.operator]}
        parts = [part.strip() for part in self.value.split(";")]
        if "values" in needs:
            return Filter(name=self.name, operator=self.operator, values=tuple(parts))
        if "high" in needs:
            low, _, high = self.value.partition(";")
            return Filter(name=self.name, operator=self.operator, value=low.strip() or None, high=high.strip() or None)
        return Filter(name=self.name, operator=self.operator, value=self.value if needs else None)


class Table(Struct, frozen=True, kw_only=True):
    """The words, days and filters that records must meet, their order, the columns, and what comes before the page.

    Days are as typed, `2026-11-30`, of the property that says when records of the type happened; both are included. Of
    the same property is the hour of the week, where there is one.
    """

    words: str
    since: str
    until: str
    hour: Hour | None
    rows: Sequence[Row]
    sort: str
    descending: bool
    columns: Sequence[str]
    after: int

    def search(self, type_: ObjectType, limit: int = PAGE) -> Search:
        """The search that finds the records."""
        filters = [row.filter() for row in self.rows] + list(_days(self, timed_by(type_)))
        return Search(
            groups=[filters] if filters else (),
            query=self.words,
            sorts=[Order(self.sort, self.descending)],
            limit=limit,
            after=self.after,
        )

    def compiled(self, search: Search, type_: ObjectType, catalog: Catalog) -> Query:
        """The query of a search that `search` made, or one made of it; raises a `Refusal`."""
        query = compiled(search, type_, catalog)
        if self.hour is None:
            return query
        return replace(query, test=self.hour.test(field(type_.properties[timed_by(type_)])))

    def query(self, **changed: object) -> dict[str, object]:
        """The query of the address of this table, with some of it changed; a page starts anew unless it is named."""
        order = ("-" if self.descending else "") + self.sort
        return {
            "q": self.words,
            "since": self.since,
            "until": self.until,
            "hour": "" if self.hour is None else str(self.hour),
            "p": [row.name for row in self.rows],
            "o": [row.operator for row in self.rows],
            "v": [row.value for row in self.rows],
            "sort": order,
            "c": list(self.columns),
            **changed,
        }


def table(query: QueryParams, type_: ObjectType) -> Table:
    """What an address asks; what makes no sense in it is passed over."""
    order = query.get("sort", "")
    if order.removeprefix("-") not in type_.properties:
        order = f"-{timed_by(type_)}"
    chosen = [name for name in dict.fromkeys(query.getlist("c")) if name in type_.properties]
    return Table(
        words=query.get("q", "").strip()[:LONGEST],
        since=day(query.get("since", "")),
        until=day(query.get("until", "")),
        hour=hour(query.get("hour", "")),
        rows=list(_rows(query)),
        sort=order.removeprefix("-"),
        descending=order.startswith("-"),
        columns=chosen or columns(type_),
        after=_offset(query.get("after", "")),
    )


def _rows(query: QueryParams) -> Iterator[Row]:
    lists = (query.getlist("p"), query.getlist("o"), query.getlist("v"))
    for name, operator, value in zip(*lists, strict=False):
        known = next((one for one in get_args(Operator) if one == operator), None)
        if name.strip() and known is not None:
            yield Row(name.strip(), known, value.strip())


def _days(asked: Table, name: str) -> Iterator[Filter]:
    if asked.since:
        yield Filter(name=name, operator="GTE", value=f"{asked.since}T00:00:00Z")
    if asked.until and asked.until != str(date.max):  # nothing is later than that
        yield Filter(name=name, operator="LTE", value=f"{asked.until}T23:59:59.999Z")


def _offset(text: str) -> int:
    known = text.isascii() and text.isdigit() and len(text) < 6
    return min(int(text), MOST_RESULTS - PAGE) if known else 0
