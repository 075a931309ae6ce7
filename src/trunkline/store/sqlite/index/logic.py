"""From a test that is put together from others to SQL over the tables of a collection (`trunkline.crm.query`)."""

from collections.abc import Callable

from trunkline.crm.link import CATEGORIES
from trunkline.crm.query import Condition, Every, Exactly, Not, Piece, Recurring, Some, Test, Tied, Within
from trunkline.store.search.form import PARTING
from trunkline.store.search.need import compared
from trunkline.store.search.sql import FALSE, Sql, every, some
from trunkline.store.sqlite.index.condition import Conditions
from trunkline.store.sqlite.index.layout import Layout
from trunkline.store.sqlite.index.parting import place
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

LayoutOf = Callable[[int], Layout | None]
"""What the index has of a slot."""

MEMBERS = "SELECT record FROM main.list_member WHERE portal = ? AND list = ?"


def meets(test: Test, conditions: Conditions, layout_of: LayoutOf) -> Sql:
    """What is true of the records that meet a test, and not true of the others; leaves become SQL by `conditions`."""
    match test:
        case Condition():
            return conditions.sql(test)
        case Every(parts):
            return every(meets(part, conditions, layout_of) for part in parts)
        case Some(parts):
            return some(meets(part, conditions, layout_of) for part in parts)
        case Not(part):
            text, values = meets(part, conditions, layout_of)
            return Sql(f"NOT coalesce({text}, 0)", values)
        case Within(portal, list_):
            return conditions.among(Sql(MEMBERS, (portal, list_)))
        case Piece():
            return _piece(test, conditions)
        case Exactly():
            return _exactly(test, conditions)
        case Recurring(field, step, length, wanted):
            text, values = place(conditions.column(compared(field, conditions.type)), step, length)
            return Sql(f"{text} = ?", (*values, wanted))
        case Tied():
            return _tied(test, conditions, layout_of)


def _piece(test: Piece, conditions: Conditions) -> Sql:
    column = conditions.column(compared(test.field, conditions.type))
    if test.place == "anywhere":
        return Sql(f"instr({column}, ?) > 0", (test.text,))
    start = "1, length(?)" if test.place == "start" else "-length(?)"
    return Sql(f"substr({column}, {start}) = ?", (test.text, test.text))


def _exactly(test: Exactly, conditions: Conditions) -> Sql:
    """Each option is there, and the length leaves no room for another; the marks are part of no option."""
    column = conditions.column(compared(test.field, conditions.type))
    if any(PARTING in option for option in test.options):
        return FALSE
    marked = [f"{PARTING}{option}{PARTING}" for option in test.options]
    size = 1 + sum(len(option) + 1 for option in test.options)
    return every([Sql(f"length({column}) = ?", (size,)), *(Sql(f"instr({column}, ?) > 0", (one,)) for one in marked)])


def _tied(test: Tied, conditions: Conditions, layout_of: LayoutOf) -> Sql:
    slot = conditions.slot_of(test.type.id)
    layout = None if slot is None else layout_of(slot)
    if slot is None or layout is None:
        return FALSE
    text, values = meets(test.test, Conditions(layout, test.type, conditions.slot_of), layout_of)
    return Sql(
        "EXISTS (SELECT 1 FROM main.association AS a WHERE a.source = c.key AND a.target BETWEEN ? AND ? "
        f"AND a.category = ? AND a.kind = ? AND a.target IN (SELECT c.key FROM search.{layout.table} AS c "
        f"WHERE {text}))",
        (slot << SLOT_BITS, slot << SLOT_BITS | LAST_ID, CATEGORIES.index(test.category), test.kind, *values),
    )
