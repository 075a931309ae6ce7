"""From the conditions of a query to SQL over the tables of one collection (`trunkline.crm.query`)."""

from collections.abc import Callable, Mapping
from typing import cast

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Condition, Operator
from trunkline.store.search.form import PARTING, Value, value
from trunkline.store.search.need import PRESENCE, TOKENS, compared, present
from trunkline.store.search.sql import FALSE, TRUE, Sql, every, holes, some
from trunkline.store.sqlite.index import words
from trunkline.store.sqlite.index.layout import Column, Layout, Words
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

SlotOf = Callable[[str], int | None]
"""The slot of another type in the same portal."""

_COMPARED: Mapping[Operator, str] = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_NEGATED = frozenset(("NEQ", "NOT_IN", "NOT_HAS_PROPERTY", "NOT_CONTAINS_TOKEN"))


class Conditions:
    """Conditions as SQL over `c`, the table of a collection.

    Those that are `limited` use no index but that of one column: SQLite's unary plus tells its planner so.
    """

    def __init__(self, layout: Layout, type_: ObjectType, slot_of: SlotOf) -> None:
        self._layout = layout
        self.type = type_
        self.slot_of = slot_of
        self._free = True
        self._only: Column | None = None

    def limited(self, only: Column | None) -> "Conditions":
        """The same, with the index of one column, or of none."""
        other = Conditions(self._layout, self.type, self.slot_of)
        other._free, other._only = False, only
        return other

    def sql(self, condition: Condition) -> Sql:
        """What is true of the records that meet a condition, and not true of the others."""
        if condition.operator in TOKENS:
            return self._tokens(condition)
        if condition.field.kind == "id":
            return self._id(condition)
        if condition.field.kind == "linked":
            return self._linked(condition)
        if condition.operator in PRESENCE:
            return self._there(condition, "IS" if condition.operator in _NEGATED else "IS NOT")
        column = self.column(compared(condition.field, self.type))
        return (_chosen if condition.field.kind == "many" else _plain)(column, condition)

    def column(self, wanted: Value) -> str:
        """The column of a value."""
        column = cast(Column, self._layout.part(wanted))
        return f"c.{column.name}" if self._free or column == self._only else f"+c.{column.name}"

    def worded(self, name: str) -> tuple[Words, int]:
        """The table of words of a property, and its column there."""
        wanted = value(self.type.properties.get(name), name, "words")
        table = cast(Words, self._layout.part(wanted))
        return table, table.values.index(wanted)

    @property
    def key(self) -> str:
        """The key of a record."""
        return "c.key" if self._free else "+c.key"

    def among(self, keys: Sql) -> Sql:
        """What is true of the records whose keys a query finds."""
        return Sql(f"{self.key} IN ({keys.text})", keys.values)

    def _id(self, condition: Condition) -> Sql:
        if condition.operator in PRESENCE:
            return FALSE if condition.operator in _NEGATED else TRUE
        base = self._layout.slot << SLOT_BITS
        keys = tuple(base + min(max(int(id_), 0), LAST_ID) for id_ in condition.values)
        return _plain(self.key, Condition(condition.field, condition.operator, keys))

    def _linked(self, condition: Condition) -> Sql:
        slot = self.slot_of(condition.field.name)
        if slot is None:
            return TRUE if condition.operator == "NOT_HAS_PROPERTY" else FALSE
        first, last = slot << SLOT_BITS, slot << SLOT_BITS | LAST_ID
        tied = Sql(
            "EXISTS (SELECT 1 FROM main.association AS a JOIN main.record AS r ON r.key = a.target "
            "WHERE a.source = c.key AND a.target BETWEEN ? AND ? AND r.archived IS NULL)",
            (first, last),
        )
        if condition.operator in PRESENCE:
            return _negated(tied) if condition.operator in _NEGATED else tied
        ids = [int(id_) for id_ in condition.values if 0 < int(id_) <= LAST_ID]
        ends = (self._layout.slot << SLOT_BITS, self._layout.slot << SLOT_BITS | LAST_ID)
        others = self.among(
            Sql(
                "SELECT a.target FROM main.record AS r JOIN main.association AS a ON a.source = r.key "
                f"WHERE r.key IN ({holes(len(ids))}) AND r.archived IS NULL AND a.target BETWEEN ? AND ?",
                (*(first | id_ for id_ in ids), *ends),
            )
        )
        return every((tied, _negated(others))) if condition.operator in _NEGATED else others

    def _tokens(self, condition: Condition) -> Sql:
        """Without a word to look for, what is asked is whether there is a value, and its opposite of nobody."""
        negated = condition.operator in _NEGATED
        if condition.values:
            contains = self._contains(condition.field.name, [str(pattern) for pattern in condition.values])
            return every((self._there(condition), _negated(contains))) if negated else contains
        return FALSE if negated else self._there(condition)

    def _there(self, condition: Condition, word: str = "IS NOT") -> Sql:
        return Sql(f"{self.column(present(condition.field, self.type))} {word} NULL")

    def _contains(self, name: str, patterns: list[str]) -> Sql:
        table, column = self.worded(name)
        of = self._layout.words_of(table)
        plain = [pattern for pattern in patterns if words.is_plain(pattern)]
        found = [words.holders(of, words.within([column], words.plain(plain)))] if plain else []
        found += [words.matching(of, column, pattern) for pattern in patterns if not words.is_plain(pattern)]
        return every(map(self.among, found))


def _negated(test: Sql) -> Sql:
    return Sql(f"NOT {test.text}", test.values)


def _plain(column: str, condition: Condition) -> Sql:
    operator, values = condition.operator, condition.values
    if operator in _COMPARED:
        return Sql(f"{column} {_COMPARED[operator]} ?", values)
    if operator == "BETWEEN":
        return Sql(f"{column} BETWEEN ? AND ?", values)
    word = "NOT IN" if operator in _NEGATED else "IN"
    return Sql(f"{column} {word} ({holes(len(values))})", values)


def _chosen(column: str, condition: Condition) -> Sql:
    """Whether options are among the chosen ones, which stand between marks that are part of no option."""
    options = [f"{PARTING}{option}{PARTING}" for option in condition.values if PARTING not in str(option)]
    if condition.operator in _NEGATED:
        tests = [Sql(f"instr({column}, ?) = 0", (option,)) for option in options]
        return every([Sql(f"{column} IS NOT NULL"), *tests])
    return some(Sql(f"instr({column}, ?) > 0", (option,)) for option in options)
