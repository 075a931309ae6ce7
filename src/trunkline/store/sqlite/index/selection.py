"""From a query to the statements that answer it: how many records there are, and which are on the page.

A page can be had in two ways. The one walks an index in the order of the results, looks at each record, and stops when
the page is full. The other finds all matching records by the index that SQLite thinks best, and sorts them. The first
is good when many records match, the second when few do; since the count has to be known anyway, it decides.
"""

from typing import cast

from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Condition, Query, Sort
from trunkline.store.search.form import FORMS
from trunkline.store.search.need import compared
from trunkline.store.search.sql import TRUE, Sql, every, joined, some
from trunkline.store.sqlite.index import words
from trunkline.store.sqlite.index.condition import Conditions, SlotOf
from trunkline.store.sqlite.index.layout import Column, Layout
from trunkline.store.sqlite.index.logic import LayoutOf, meets


class Selection(Struct, frozen=True):
    """The statements of one query. `walked` and `found` are the two ways to the page; there may be only one."""

    size: Sql
    count: Sql
    found: Sql
    walked: Sql | None = None

    def page(self, query: Query, size: int, total: int) -> Sql:
        """The statement for the page, when so many of so many records match."""
        if self.walked is None or not total:
            return self.found
        looks = (query.offset + query.limit) * size / total
        return self.walked if looks <= total else self.found


def selection(
    query: Query, layout: Layout, type_: ObjectType, slot_of: SlotOf, layout_of: LayoutOf = lambda slot: None
) -> Selection:
    """The statements that answer a query; the layouts have all that it needs."""
    return _Selecting(query, layout, type_, slot_of, layout_of).statements()


def size(layout: Layout) -> Sql:
    """The statement for how many records a collection has."""
    return Sql("SELECT records FROM search.size WHERE slot = ?", (layout.slot,))


def matching(
    query: Query,
    layout: Layout,
    type_: ObjectType,
    slot_of: SlotOf,
    layout_of: LayoutOf = lambda slot: None,
    *,
    scanned: bool = False,
) -> Sql:
    """The records that a query finds, as what stands behind FROM; they are called `c`.

    With `scanned` they are found by a look at each record, else by any index.
    """
    return _Selecting(query, layout, type_, slot_of, layout_of).matching("NOT INDEXED" if scanned else "")


class _Selecting:
    """One query on its way to SQL.

    What is asked of a whole table of words is taken out of the conditions: such tables are joined, or their records are
    gathered first when an index is walked, because each look into one would gather all that start with a word.
    """

    def __init__(self, query: Query, layout: Layout, type_: ObjectType, slot_of: SlotOf, layout_of: LayoutOf) -> None:
        self._query = query
        self._layout_of = layout_of
        self._layout = layout
        self._conditions = Conditions(layout, type_, slot_of)
        self._by = _sorted_by(query.sort, layout, type_)
        self._matches: dict[str, list[str]] = {}
        self._searched = self._tables(query.searched) if query.words else {}
        if len(self._searched) == 1:
            ((name, columns),) = self._searched.items()
            self._match(name, words.within(columns, words.starting(query.words)))
        self._groups = query.groups
        if len(query.groups) == 1:
            self._groups = (tuple(c for c in query.groups[0] if not self._taken(c)),)

    def statements(self) -> Selection:
        """All of them."""
        all_of_them = size(self._layout)
        test = self._test(self._conditions)
        if test == TRUE and not self._matches:
            return Selection(all_of_them, all_of_them, self._found(test), self._walked())
        if test == TRUE and len(self._matches) == 1 and self._query.sort is None:
            count, page = self._of_words()
            return Selection(all_of_them, count, page)
        count = joined(" ", (Sql("SELECT count(*) FROM"), self._all(test)))
        return Selection(all_of_them, count, self._found(test), self._walked())

    def matching(self, hint: str) -> Sql:
        """The matching records."""
        return self._all(self._test(self._conditions), hint)

    def _tables(self, searched: tuple[str, ...]) -> dict[str, list[int]]:
        """The tables of words that some properties are in, by name, with their columns there."""
        tables: dict[str, list[int]] = {}
        for name in searched:
            table, column = self._conditions.worded(name)
            tables.setdefault(self._layout.words_of(table), []).append(column)
        return tables

    def _match(self, name: str, expression: str) -> None:
        self._matches.setdefault(name, []).append(f"({expression})")

    def _taken(self, condition: Condition) -> bool:
        """Whether a condition, which all results must meet, is one for a whole table of words."""
        patterns = [str(pattern) for pattern in condition.values]
        if condition.operator != "CONTAINS_TOKEN" or not patterns or not all(map(words.is_plain, patterns)):
            return False
        table, column = self._conditions.worded(condition.field.name)
        self._match(self._layout.words_of(table), words.within([column], words.plain(patterns)))
        return True

    def _test(self, conditions: Conditions) -> Sql:
        """What is left to ask of a row."""
        tests = []
        if self._groups:
            tests.append(some(every(map(conditions.sql, group)) for group in self._groups))
        if self._query.words and len(self._searched) != 1:
            tests += [self._anywhere(word, conditions) for word in self._query.words]
        if self._query.test is not None:
            tests.append(meets(self._query.test, conditions, self._layout_of))
        return every(test for test in tests if test != TRUE)

    def _anywhere(self, word: str, conditions: Conditions) -> Sql:
        tables = self._searched.items()
        found = (words.holders(name, words.within(columns, words.starting([word]))) for name, columns in tables)
        return some(map(conditions.among, found))

    def _all(self, test: Sql, hint: str = "") -> Sql:
        """The matching records, by any index unless a hint says otherwise."""
        tables = [f"search.{self._layout.table} AS c {hint}", *(f"search.w{name}" for name in self._matches)]
        matches = [
            Sql(f"w{name}.rowid = c.key AND w{name} MATCH ?", (" AND ".join(asked),))
            for name, asked in self._matches.items()
        ]
        return joined(" WHERE ", (Sql(", ".join(tables)), every((*matches, test))))

    def _found(self, test: Sql) -> Sql:
        by = None if self._by is None else f"+c.{self._by.name}"
        order = self._order(by, "+c.key")
        return joined(" ", (Sql("SELECT c.key FROM"), self._all(test), order))

    def _walked(self) -> Sql | None:
        if self._by is not None and not self._by.indexed:
            return None
        hint = "NOT INDEXED" if self._by is None else f"INDEXED BY {self._layout.index_of(self._by)}"
        limited = self._conditions.limited(self._by)
        gathered = [limited.among(words.holders(name, " AND ".join(asked))) for name, asked in self._matches.items()]
        test = every((self._test(limited), *gathered))
        select = Sql(f"SELECT c.key FROM search.{self._layout.table} AS c {hint} WHERE")
        return joined(" ", (select, test, self._order(None if self._by is None else f"c.{self._by.name}", "c.key")))

    def _order(self, by: str | None, key: str) -> Sql:
        falls = self._query.sort is not None and self._query.sort.descending
        last = f"{key} DESC" if falls else key
        first = "" if by is None else f"{by} DESC, " if falls else f"{by} NULLS LAST, "
        return Sql(f"ORDER BY {first}{last} LIMIT ? OFFSET ?", (self._query.limit, self._query.offset))

    def _of_words(self) -> tuple[Sql, Sql]:
        """Count and page of what one table of words decides alone; it has its records in the order of their keys."""
        ((name, asked),) = self._matches.items()
        found = Sql(f"FROM search.w{name} WHERE w{name} MATCH ?", (" AND ".join(asked),))
        page = Sql("ORDER BY rowid LIMIT ? OFFSET ?", (self._query.limit, self._query.offset))
        return joined(" ", (Sql("SELECT count(*)"), found)), joined(" ", (Sql("SELECT rowid"), found, page))


def _sorted_by(sort: Sort | None, layout: Layout, type_: ObjectType) -> Column | None:
    """The column of a sort; None for the order of the keys."""
    if sort is None or sort.field.kind not in FORMS:
        return None
    return cast(Column, layout.part(compared(sort.field, type_)))
