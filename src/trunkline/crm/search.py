"""The rules of a search: from what a client sent to the query that a store answers, or a refusal."""

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.filter import Filter, condition
from trunkline.crm.query import Condition, Field, Query, Sort, field
from trunkline.crm.values import Unfit
from trunkline.crm.words import words
from trunkline.errors import (
    LimitOutOfRange,
    PageOutOfRange,
    QueryTooLong,
    TooManyFilterGroups,
    TooManyFilters,
    TooManySorts,
    TooManyValues,
    Unsearchable,
)

MOST_GROUPS = 5
MOST_FILTERS = 6
"""Filters in one group."""
MOST_FILTERS_IN_ALL = 18
MOST_VALUES = 1_000
"""Values in one list (chosen: differences)."""
LARGEST_PAGE = 200
DEFAULT_PAGE = 10
MOST_RESULTS = 10_000
"""Results that can be paged through (behaviour 7.6)."""
LONGEST_QUERY = 10_000
"""Characters of a query (chosen: differences)."""

_NOTHING = Condition(Field("hs_object_id", "id"), "EQ", (0,))
"""What no record meets: ids are positive."""


class Order(Struct, frozen=True):
    """One rule of order, as it was sent."""

    name: str
    descending: bool = False


class Search(Struct, frozen=True, kw_only=True):
    """What a client asks. `filters` stands for one more group; `after` is how many results come before the page."""

    groups: Sequence[Sequence[Filter]] = ()
    filters: Sequence[Filter] = ()
    query: str = ""
    sorts: Sequence[Order] = ()
    properties: Sequence[str] = ()
    limit: int = DEFAULT_PAGE
    after: int = 0


def compiled(search: Search, type_: ObjectType, catalog: Catalog) -> Query:
    """The query that answers a search; raises a `Refusal` (behaviour 7.4 to 7.10)."""
    _require_few(search)
    _require_page(search)
    sought = tuple(dict.fromkeys(words(search.query)))
    groups = _groups(search, type_, catalog)
    return Query(
        groups=groups if sought or not search.query.strip() else _hopeless(groups),
        words=sought,
        searched=type_.data.searchable_properties,
        sort=_sort(search.sorts, type_),
        offset=search.after,
        limit=min(search.limit, MOST_RESULTS - search.after),
    )


def _require_few(search: Search) -> None:
    if len(search.groups) > MOST_GROUPS:
        raise TooManyFilterGroups(len(search.groups), MOST_GROUPS)
    for position, group in enumerate(search.groups):
        if len(group) > MOST_FILTERS:
            raise TooManyFilters(len(group), MOST_FILTERS, f"filterGroups[{position}].filters")
    count = len(search.filters) + sum(map(len, search.groups))
    if count > MOST_FILTERS_IN_ALL:
        raise TooManyFilters(count, MOST_FILTERS_IN_ALL, "filterGroups")
    if len(search.query) > LONGEST_QUERY:
        raise QueryTooLong(len(search.query), LONGEST_QUERY)
    if len(search.sorts) > 1:
        raise TooManySorts(len(search.sorts))


def _require_page(search: Search) -> None:
    if not 1 <= search.limit <= LARGEST_PAGE:
        raise LimitOutOfRange(str(search.limit), LARGEST_PAGE)
    if not 0 <= search.after < MOST_RESULTS:
        raise PageOutOfRange(search.after, MOST_RESULTS)


def _groups(search: Search, type_: ObjectType, catalog: Catalog) -> tuple[tuple[Condition, ...], ...]:
    """The groups of conditions; none where one of them lets every record through, as a group without filters does."""
    sent = [(f"filterGroups[{n}].filters", group) for n, group in enumerate(search.groups)]
    if search.filters:
        sent.append(("filters", search.filters))
    groups = tuple(tuple(_conditions(path, group, type_, catalog)) for path, group in sent)
    return groups if all(groups) else ()


def _conditions(path: str, group: Sequence[Filter], type_: ObjectType, catalog: Catalog) -> Iterator[Condition]:
    for position, filter_ in enumerate(group):
        if len(filter_.values or ()) > MOST_VALUES:
            raise TooManyValues(len(filter_.values or ()), MOST_VALUES, f"{path}[{position}].values")
        try:
            yield condition(filter_, type_, catalog)
        except Unfit as cause:
            raise Unsearchable(f"{path}[{position}]") from cause


def _hopeless(groups: tuple[tuple[Condition, ...], ...]) -> tuple[tuple[Condition, ...], ...]:
    """The groups of a query without a single word, such as "?!": no record holds what it asks."""
    return tuple(tuple(chain(group, (_NOTHING,))) for group in groups or ((),))


def _sort(sorts: Sequence[Order], type_: ObjectType) -> Sort | None:
    for order in sorts:
        definition = type_.properties.get(order.name)
        if definition is None:
            raise Unsearchable("sorts[0]")
        return Sort(field(definition), order.descending)
    return None


def after(query: Query, total: int) -> int | None:
    """Where the page after that of a query starts, or None when there is none (behaviour 7.1)."""
    end = query.offset + query.limit
    return end if end < total else None
