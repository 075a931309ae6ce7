"""From a way to part records (`trunkline.crm.cut`) to the statement that counts those in each part."""

from collections.abc import Sequence

from trunkline.crm.cut import Cut, Cycle, Ranges, Values
from trunkline.store.search.sql import TRUE, Sql, joined

NONE = Sql("")


def parting(cut: Cut, column: str, found: Sql) -> Sql:
    """The statement: what each part is called by, and how many of the records `found` (behind FROM) are in it."""
    match cut:
        case Values(most=most):
            return _counting(Sql(column), found, TRUE, Sql("ORDER BY 2 DESC, 1 LIMIT ?", (most,)))
        case Ranges(bounds=bounds):
            inside = Sql(f"{column} >= ? AND {column} < ?", (bounds[0], bounds[-1]))
            return _counting(_range(column, bounds[:-1]), found, inside)
        case Cycle(step=step, length=length):
            return _counting(place(column, step, length), found, Sql(f"{column} IS NOT NULL"))


def place(column: str, step: int, length: int) -> Sql:
    """The number of the step of a cycle in which a moment lies; also of one before 1970."""
    whole = step * length
    return Sql(f"({column} % ? + ?) % ? / ?", (whole, whole, whole, step))


def _counting(what: Sql, found: Sql, test: Sql, order: Sql = NONE) -> Sql:
    return joined(" ", (Sql("SELECT"), what, Sql(", count(*) FROM"), found, Sql("AND"), test, Sql("GROUP BY 1"), order))


def _range(column: str, bounds: Sequence[float]) -> Sql:
    """The greatest of some bounds that is not above a value, which is not below the first: halved again and again."""
    if len(bounds) == 1:
        return Sql("?", (bounds[0],))
    middle = len(bounds) // 2
    low, high = _range(column, bounds[:middle]), _range(column, bounds[middle:])
    when = Sql(f"CASE WHEN {column} < ? THEN", (bounds[middle],))
    return joined(" ", (when, low, Sql("ELSE"), high, Sql("END")))
