"""From a query to the statements that answer it: how many records there are, and which are on the page.

What is compared with values is counted in their indexes. The page then is had in one of two ways: the one walks along
the order of the results, within the span that is asked for of what they are sorted by, looks at as many records as will
hold a page, and takes those that match; the other finds all that match and sorts them. The first is good when many
records match, the second when few do. What takes gathering, as words do, is gathered once, for the count and the page.

The planner guesses how many records match, and would often choose the wrong way; so each of the ways is written such
that there is nothing to choose.
"""

from typing import NamedTuple

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Condition, Field, Query, Sort
from trunkline.store.postgres.rows import COLUMNS
from trunkline.store.postgres.search import word
from trunkline.store.postgres.search.condition import ENTRIES, Conditions, LayoutOf, holding, short, whole
from trunkline.store.postgres.search.layout import Layout, Part
from trunkline.store.postgres.search.logic import meets
from trunkline.store.postgres.search.parting import Parting
from trunkline.store.search.form import FORMS
from trunkline.store.search.need import TOKENS, compared, searched
from trunkline.store.search.sql import FALSE, TRUE, Sql, every, joined, some

SPARE = 2, 200
"""A walk looks at so many times as many records as would do if matches were spread evenly, and at so many more."""

_SHOWN = ", ".join(f"r.{column}" for column in COLUMNS.split(", "))
_PLACED = "(SELECT i.id, row_number() OVER () AS place FROM ({}) AS i) AS p"
_LIVE = "r.portal = ? AND r.type = ? AND r.archived IS NULL AND r.id = p.id"
PAGE = f"SELECT {_SHOWN} FROM {_PLACED} JOIN record AS r ON {_LIVE} ORDER BY p.place"
GATHERED = (
    "WITH found AS MATERIALIZED ({}) "
    f"SELECT t.total, {_SHOWN} FROM (SELECT count(*) AS total FROM found) AS t "
    f"LEFT JOIN ({_PLACED} JOIN record AS r ON {_LIVE}) ON TRUE ORDER BY p.place"
)
WORDS = "search_words AS w WHERE w.portal = ? AND w.layout = ?"


class Statement(NamedTuple):
    """A statement as the driver takes it."""

    text: str
    values: tuple[object, ...]


def statement(sql: Sql) -> Statement:
    """A piece of SQL with numbers in the place of its question marks."""
    head, *tail = sql.text.split("?")
    return Statement(head + "".join(f"${number}{text}" for number, text in enumerate(tail, 1)), sql.values)


class Selection:
    """One query on its way to SQL; the layouts have all that it needs."""

    def __init__(self, query: Query, portal: int, layout: Layout, type_: ObjectType, layout_of: LayoutOf) -> None:
        self._query = query
        self._conditions = Conditions(portal, layout, type_, layout_of)
        self._rows = portal, layout.number
        self._records = portal, type_.id
        self._by = _sorted_by(query.sort, layout, type_)
        self._holding = self._words()
        self._test = self._tests()
        self._along, self._beside = self._parted()

    @property
    def asks_nothing(self) -> bool:
        """Whether every record matches."""
        return self._test == TRUE and not self._holding

    @property
    def gathers(self) -> bool:
        """Whether what is asked takes more than a look at values."""
        conditions = (condition for group in self._query.groups for condition in group)
        apart = any(one.field.kind == "linked" or (one.operator in TOKENS and one.values) for one in conditions)
        return apart or bool(self._holding) or self._query.test is not None

    def count(self) -> Statement:
        """How many records match."""
        return statement(self._all("count(*)"))

    def column(self, looked_at: Field) -> str:
        """A value of each record, with all that there is of it."""
        return whole(self._conditions.part((compared(looked_at, self._conditions.type),)))

    def counted(self, parting: Parting) -> Statement:
        """What each part of the records that match is called by, and how many are in it."""
        what, test, order = parting
        some = joined(" AND ", (self._all("c.*"), test))
        return statement(_around("SELECT {}, count(*) FROM ({}) AS c GROUP BY 1 {}", what, some, order))

    def gathered(self) -> Statement:
        """How many records match, before each record of the page; once without a record when there is none."""
        if self._holding and self._test == TRUE and self._by is None:
            found = joined(" AND ", (Sql(f"SELECT w.id FROM {WORDS}", self._rows), *self._holding))
        else:
            found = self._all(f"c.id AS id{self._named}")
        page = joined(" ", (Sql("SELECT id FROM found"), self._order()))
        return statement(_around(GATHERED, found, page, Sql("", self._records)))

    def found(self) -> Statement:
        """The page: all that match, sorted."""
        select, order = self._all(f"c.id AS id{self._named}"), self._order()
        # OFFSET 0 keeps the planner from walking along the order.
        ids = _around("SELECT id FROM ({} OFFSET 0) AS found {}", select, order)
        return self._page(ids)

    @property
    def is_straight(self) -> bool:
        """Whether all that a walk comes by matches, since nothing is asked but of what the results are sorted by."""
        return not self.gathers and self._beside == TRUE

    def walked(self, looks: int) -> Statement | None:
        """The page, from so many records in the order of the results; None where no index has that order.

        It has fewer records than there are when those looked at did not have enough.
        """
        if self._by is not None and (self._by.column is None or self._by.long):
            return None
        by, falls = "" if self._by is None else f"{short(self._by)}{self._falls}, ", self._falls
        order = f"ORDER BY {by}c.id{falls}"
        looked_at = Sql(f"{order} LIMIT ?", (looks,))
        span = _around("SELECT * FROM {} AND {} {}", Sql(ENTRIES, self._rows), self._along, looked_at)
        page = Sql(f"{order} LIMIT ? OFFSET ?", (self._query.limit, self._query.offset))
        return self._page(_around("SELECT c.id AS id FROM ({}) AS c WHERE {} {}", span, self._beside, page))

    def _page(self, ids: Sql) -> Statement:
        return statement(_around(PAGE, ids, Sql("", self._records)))

    def _words(self) -> list[Sql]:
        """What the words of the query ask of a row of words."""
        query, conditions = self._query, self._conditions
        if not query.words or not query.searched:
            return []
        part = conditions.part(searched(query, conditions.type))
        mark = conditions.layout.mark(part, self._rows[0])
        return holding([word.starting(mark, sought) for sought in query.words])

    def _tests(self) -> Sql:
        """What is asked beside the words of the query."""
        query, tests = self._query, []
        if query.groups:
            tests.append(some(every(map(self._conditions.sql, group)) for group in query.groups))
        if query.words and not query.searched:
            tests.append(FALSE)
        if query.test is not None:
            tests.append(meets(query.test, self._conditions))
        return every(test for test in tests if test != TRUE)

    def _parted(self) -> tuple[Sql, Sql]:
        """The test, in two: what is asked of all results of what they are sorted by, and what else is asked."""
        there = [] if self._by is None else [Sql(f"{short(self._by)} IS NOT NULL")]
        if len(self._query.groups) != 1 or self._query.test is not None or self._query.words:
            return every(there), self._test
        along: list[Sql] = there
        beside: list[Sql] = []
        for condition in self._query.groups[0]:
            (along if self._is_sorted_by(condition) else beside).append(self._conditions.sql(condition))
        return every(along), every(beside)

    def _is_sorted_by(self, condition: Condition) -> bool:
        if self._by is None or self._query.sort is None:
            return condition.field.kind == "id"
        return condition.field == self._query.sort.field

    def _all(self, what: str) -> Sql:
        """Something of all that match."""
        held = [self._conditions.holding(self._holding)] if self._holding else []
        tests = (Sql(f"SELECT {what} FROM {ENTRIES}", self._rows), *held, self._test)
        return joined(" AND ", (test for test in tests if test != TRUE))

    @property
    def _falls(self) -> str:
        return " DESC" if self._query.sort is not None and self._query.sort.descending else ""

    @property
    def _named(self) -> str:
        return "" if self._by is None else f", {whole(self._by)} AS by"

    def _order(self) -> Sql:
        by = "" if self._by is None else f"by{self._falls} NULLS LAST, "
        return Sql(f"ORDER BY {by}id{self._falls} LIMIT ? OFFSET ?", (self._query.limit, self._query.offset))


def _around(text: str, *parts: Sql) -> Sql:
    """A text with pieces in its gaps, whose values, and those of a last piece for marks behind them, are in order."""
    return Sql(text.format(*(part.text for part in parts)), tuple(v for part in parts for v in part.values))


def _sorted_by(sort: Sort | None, layout: Layout, type_: ObjectType) -> Part | None:
    """Where the value of a sort is; None for the order of the ids."""
    if sort is None or sort.field.kind not in FORMS:
        return None
    return layout.part((compared(sort.field, type_),))
