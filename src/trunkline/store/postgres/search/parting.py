"""From a way to part records (`trunkline.crm.cut`) to the SQL that tells of each in which part it is."""

from decimal import Decimal
from typing import NamedTuple

from trunkline.crm.cut import Cut, Cycle, Part, Ranges, Values
from trunkline.store.search.sql import TRUE, Sql


class Parting(NamedTuple):
    """The number or the value of a record's part, what is true of the records that have one, and which parts count."""

    what: Sql
    test: Sql
    order: Sql = Sql("")


def parting(cut: Cut, column: str) -> Parting:
    """The parting of what a column tells of."""
    match cut:
        case Values(most=most):
            return Parting(Sql(column), TRUE, Sql("ORDER BY 2 DESC, 1 NULLS FIRST LIMIT ?", (most,)))
        case Ranges(bounds=bounds):
            inside = Sql(f"{column} >= ? AND {column} < ?", (Decimal(bounds[0]), Decimal(bounds[-1])))
            return Parting(Sql(f"width_bucket({column}, ?::numeric[])", ([Decimal(one) for one in bounds],)), inside)
        case Cycle(step=step, length=length):
            return Parting(place(column, step, length), Sql(f"{column} IS NOT NULL"))


def place(column: str, step: int, length: int) -> Sql:
    """The number of the step of a cycle in which a moment lies; also of one before 1970."""
    whole = step * length
    return Sql(f"(({column})::bigint % ?::bigint + ?::bigint) % ?::bigint / ?::bigint", (whole, whole, whole, step))


def named(cut: Cut, found: str | int | None) -> Part:
    """What a part is called by, of which the database told a number or a value."""
    return cut.bounds[found - 1] if isinstance(cut, Ranges) and isinstance(found, int) else found
