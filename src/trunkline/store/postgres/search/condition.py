"""From the conditions of a query to SQL over the rows of one collection (`trunkline.crm.query`).

A row of `search_entry` is called `c`. Every table is asked for one portal by its number, so that a server with many
nodes knows where to look.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Condition, Field, Operator
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres.search import word
from trunkline.store.postgres.search.entry import digits
from trunkline.store.postgres.search.layout import LONGEST, Layout, Need, Part
from trunkline.store.search.form import PARTING
from trunkline.store.search.need import PRESENCE, TOKENS, compared, present, worded
from trunkline.store.search.sql import FALSE, TRUE, Sql, every, some

LayoutOf = Callable[[str], Layout | None]
"""What the index has of another type in the same portal."""

COMPARED: Mapping[Operator, str] = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
NEGATED = frozenset(("NEQ", "NOT_IN", "NOT_HAS_PROPERTY", "NOT_CONTAINS_TOKEN"))
NUL = "\0"
"""What no text of the database holds, so that no value with it is there to be equal to it."""

ENTRIES = "search_entry AS c WHERE c.portal = ? AND c.layout = ?"

TIED = (
    "EXISTS (SELECT 1 FROM association AS a JOIN record AS r ON r.portal = a.portal AND r.type = a.target_type "
    "AND r.id = a.target WHERE a.portal = ? AND a.source_type = ? AND a.source = c.id AND a.target_type = ? "
    "AND r.portal = ? AND r.archived IS NULL)"
)
TIED_TO = (
    "c.id IN (SELECT a.target FROM association AS a JOIN record AS r ON r.portal = a.portal AND r.type = a.source_type "
    "AND r.id = a.source WHERE a.portal = ? AND a.source_type = ? AND a.source = ANY (?::bigint[]) "
    "AND a.target_type = ? AND r.portal = ? AND r.archived IS NULL)"
)
WORDS = "c.id IN (SELECT w.id FROM search_words AS w WHERE w.portal = ? AND w.layout = ? AND {})"
HOLDS = "w.words @@ ?::text::tsquery"
ALIKE = "w.words::text LIKE ? AND w.words::text ~ ?"
TOGETHER = 100
"""Words of one text query: one has room for a megabyte."""


class Conditions:
    """Conditions as SQL over one collection of a portal."""

    def __init__(self, portal: int, layout: Layout, type_: ObjectType, layout_of: LayoutOf) -> None:
        self.portal = portal
        self.layout = layout
        self.type = type_
        self.layout_of = layout_of

    def sql(self, condition: Condition) -> Sql:
        """What is true of the records that meet a condition, and not true of the others."""
        if condition.operator in TOKENS:
            return self._tokens(condition)
        if condition.field.kind == "id":
            return _id(condition)
        if condition.field.kind == "linked":
            return self._linked(condition)
        if condition.operator in PRESENCE:
            return self._there(condition)
        part = self.part((compared(condition.field, self.type),))
        if part.family == "n":
            return _numeric(part, condition)
        return (_chosen if condition.field.kind == "many" else _textual)(part, condition)

    def part(self, wanted: Need) -> Part:
        """Where something is."""
        return cast(Part, self.layout.part(wanted))

    def compared(self, looked_at: Field) -> str:
        """The whole value that a field is compared by."""
        return whole(self.part((compared(looked_at, self.type),)))

    def _linked(self, condition: Condition) -> Sql:
        other, portal = condition.field.name, self.portal
        tied = Sql(TIED, (portal, self.type.id, other, portal))
        if condition.operator in PRESENCE:
            return negated(tied) if condition.operator in NEGATED else tied
        ids = [int(id_) for id_ in condition.values if 0 < int(id_) <= LAST_ID]
        others = Sql(TIED_TO, (portal, other, ids, self.type.id, portal))
        return every((tied, negated(others))) if condition.operator in NEGATED else others

    def _there(self, condition: Condition) -> Sql:
        column = short(self.part((present(condition.field, self.type),)))
        return Sql(f"{column} IS NULL" if condition.operator == "NOT_HAS_PROPERTY" else f"{column} IS NOT NULL")

    def _tokens(self, condition: Condition) -> Sql:
        """Without a word to look for, what is asked is whether there is a value, and its opposite of nobody."""
        negative = condition.operator in NEGATED
        if condition.values:
            contains = self._contains(condition.field, [str(pattern) for pattern in condition.values])
            return every((self._there(condition), negated(contains))) if negative else contains
        return FALSE if negative else self._there(condition)

    def _contains(self, looked_at: Field, patterns: Sequence[str]) -> Sql:
        mark = self.layout.mark(self.part((worded(looked_at, self.type),)), self.portal)
        plain = [word.matching(mark, pattern) for pattern in patterns if word.is_plain(pattern)]
        starred = [pattern for pattern in patterns if not word.is_plain(pattern)]
        starts = [start for pattern in starred if (start := word.start(mark, pattern)) is not None]
        return self.holding([*holding([*plain, *starts]), *(Sql(ALIKE, word.alike(mark, p)) for p in starred)])

    def holding(self, tests: Sequence[Sql]) -> Sql:
        """What is true of the records whose row of words, `w`, meets these tests."""
        text, values = every(tests)
        return Sql(WORDS.format(text), (self.portal, self.layout.number, *values))


def holding(queries: Sequence[str]) -> list[Sql]:
    """The tests for rows of words that all of these text queries find."""
    stretches = (queries[first : first + TOGETHER] for first in range(0, len(queries), TOGETHER))
    return [Sql(HOLDS, (" & ".join(stretch),)) for stretch in stretches]


def short(part: Part) -> str:
    """A value as its column has it, of a long text the start."""
    return f"c.{part.column}" if part.column is not None else whole(part)


def whole(part: Part) -> str:
    """A value with all that there is of it."""
    kept = f"c.detail ->> '{part.number}'"
    if part.column is None:
        return f"({kept})::numeric" if part.family == "n" else f'({kept}) COLLATE "C"'
    return f'coalesce({kept}, c.{part.column}) COLLATE "C"' if part.long else f"c.{part.column}"


def negated(test: Sql) -> Sql:
    """What is true where something is not."""
    return Sql(f"NOT {test.text}", test.values)


def _id(condition: Condition) -> Sql:
    if condition.operator in PRESENCE:
        return FALSE if condition.operator in NEGATED else TRUE
    return _plain("c.id", condition.operator, [min(max(int(id_), 0), LAST_ID) for id_ in condition.values], "bigint")


def _numeric(part: Part, condition: Condition) -> Sql:
    values = [Decimal(digits(cast(float, number))) for number in condition.values]
    return _plain(short(part), condition.operator, values, "numeric")


def _plain(column: str, operator: Operator, values: Sequence[object], type_: str) -> Sql:
    if operator in COMPARED:
        return Sql(f"{column} {COMPARED[operator]} ?", tuple(values))
    if operator == "BETWEEN":
        return Sql(f"{column} BETWEEN ? AND ?", tuple(values))
    word = "<> ALL" if operator in NEGATED else "= ANY"
    return Sql(f"{column} {word} (?::{type_}[])", (list(values),))


def _textual(part: Part, condition: Condition) -> Sql:
    operator, texts = condition.operator, [str(text) for text in condition.values]
    if operator == "BETWEEN":
        return every((_ordered(part, "GTE", texts[0]), _ordered(part, "LTE", texts[1])))
    if operator not in ("EQ", "NEQ", "IN", "NOT_IN"):
        return _ordered(part, operator, texts[0])
    return _among(part, [text for text in texts if NUL not in text], operator in NEGATED)


def _ordered(part: Part, operator: Operator, text: str) -> Sql:
    """A text before or behind another one. What has a NUL in it comes next to what it has before that."""
    start, nul, _ = text.partition(NUL)
    sign = COMPARED[operator] if not nul else "<=" if operator in ("LT", "LTE") else ">"
    return Sql(f"{_column(part, [start])} {sign} ?", (start,))


def _among(part: Part, texts: list[str], negative: bool) -> Sql:
    if not texts:
        return Sql(f"{short(part)} IS NOT NULL") if negative else FALSE
    column = _column(part, texts)
    if negative:
        return Sql(f"{column} <> ALL (?::text[])", (texts,))
    test = Sql(f"{column} = ANY (?::text[])", (texts,)) if len(texts) > 1 else Sql(f"{column} = ?", (texts[0],))
    if column == short(part):
        return test
    # The start of a long text is in an index.
    starts = list({text[:LONGEST] for text in texts})
    return every((Sql(f"{short(part)} = ANY (?::text[])", (starts,)), test))


def _column(part: Part, texts: Sequence[str]) -> str:
    """What to compare with these texts: the start of a text that is longer differs from a shorter one as all of it."""
    return whole(part) if part.long and any(len(text) >= LONGEST for text in texts) else short(part)


def _chosen(part: Part, condition: Condition) -> Sql:
    """Whether options are among the chosen ones, which stand between marks that are part of no option."""
    column, asked = whole(part), [str(option) for option in condition.values]
    options = [f"{PARTING}{option}{PARTING}" for option in asked if PARTING not in option and NUL not in option]
    if condition.operator in NEGATED:
        tests = [Sql(f"strpos({column}, ?) = 0", (option,)) for option in options]
        return every([Sql(f"{short(part)} IS NOT NULL"), *tests])
    return some(Sql(f"strpos({column}, ?) > 0", (option,)) for option in options)
