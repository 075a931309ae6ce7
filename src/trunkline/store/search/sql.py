"""SQL in pieces: a text and the values that are bound to it, side by side.

A client's text is only ever a bound value. What the texts are put together from are our own words and whole numbers
(names and numbers of tables and columns).
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

Scalar = str | int | float | None


class Sql(NamedTuple):
    """A piece of SQL with a question mark for each of its values, which are what the engine's driver takes."""

    text: str
    values: tuple[Any, ...] = ()

    def __str__(self) -> str:
        raise TypeError("a piece of SQL is joined with its values, not formatted")


LONGEST = 50
"""Parts in a row: SQLite's expressions are at most 1,000 deep, and a row is as deep as it is long."""

TRUE = Sql("TRUE")
FALSE = Sql("FALSE")


def joined(separator: str, parts: Iterable[Sql]) -> Sql:
    """The pieces in a row, their values too."""
    texts: list[str] = []
    values: list[Any] = []
    for text, bound in parts:
        texts.append(text)
        values.extend(bound)
    return Sql(separator.join(texts), tuple(values))


def every(parts: Iterable[Sql]) -> Sql:
    """What is true when all are; nothing to ask is true."""
    return _enclosed(" AND ", tuple(parts), TRUE)


def some(parts: Iterable[Sql]) -> Sql:
    """What is true when one is; of nothing none is."""
    return _enclosed(" OR ", tuple(parts), FALSE)


def _enclosed(word: str, parts: tuple[Sql, ...], none: Sql) -> Sql:
    if len(parts) < 2:
        return parts[0] if parts else none
    if len(parts) > LONGEST:
        middle = len(parts) // 2
        parts = (_enclosed(word, parts[:middle], none), _enclosed(word, parts[middle:], none))
    text, values = joined(word, parts)
    return Sql(f"({text})", values)


def holes(count: int) -> str:
    """Question marks for a list of so many values."""
    return ", ".join("?" * count)
