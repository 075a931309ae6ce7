"""From the words that a search asks for to what SQLite's FTS5 is asked.

A word is in quotes there, so that nothing in it is taken for an operator. It holds letters and digits only
(`trunkline.crm.words`), and a pattern also stars.
"""

from collections.abc import Iterable, Sequence

from trunkline.store.search.sql import Sql


def starting(words: Iterable[str]) -> str:
    """What holds all of these at the start of a word."""
    return " AND ".join(f'"{word}" *' for word in words)


def plain(patterns: Iterable[str]) -> str:
    """What holds all of these patterns as whole words; a star comes last in them, if at all."""
    return " AND ".join(f'"{p[:-1]}" *' if p.endswith("*") else f'"{p}"' for p in patterns)


def is_plain(pattern: str) -> bool:
    """Whether a pattern has no star but at its end."""
    return "*" not in pattern[:-1]


def within(columns: Sequence[int], expression: str) -> str:
    """The expression, asked of some columns of a table of words only."""
    return f"{{{' '.join(f't{column}' for column in columns)}}} : ({expression})"


def holders(name: str, expression: str) -> Sql:
    """The keys of the records in a table of words that an expression finds."""
    return Sql(f"SELECT rowid FROM search.w{name} WHERE w{name} MATCH ?", (expression,))


def matching(name: str, column: int, pattern: str) -> Sql:
    """The keys of the records that have a word of a pattern in one column: first the words, then who has them."""
    start = pattern.partition("*")[0]
    return Sql(
        f"SELECT u.doc FROM search.v{name} AS v CROSS JOIN search.u{name} AS u ON u.term = v.term "
        "WHERE v.term >= ? AND v.term < ? AND v.term GLOB ? AND u.col = ?",
        (start, start + "\U0010ffff", pattern, f"t{column}"),
    )
