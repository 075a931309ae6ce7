"""From a test that is put together from others to SQL over the rows of a collection (`trunkline.crm.query`)."""

from trunkline.crm.link import CATEGORIES
from trunkline.crm.query import Condition, Every, Exactly, Not, Piece, Recurring, Some, Test, Tied, Within
from trunkline.store.postgres.search.condition import ENTRIES, NUL, Conditions
from trunkline.store.postgres.search.parting import place
from trunkline.store.search.form import PARTING
from trunkline.store.search.sql import FALSE, Sql, every, some

MEMBERS = "c.id IN (SELECT m.record FROM list_member AS m WHERE m.portal = ? AND m.list = ? AND m.type = ?)"
TIED = (
    "EXISTS (SELECT 1 FROM association AS a WHERE a.portal = ? AND a.source_type = ? AND a.source = c.id "
    "AND a.target_type = ? AND a.category = ? AND a.kind = ? AND a.target IN (SELECT c.id FROM {} AND {}))"
)


def meets(test: Test, conditions: Conditions) -> Sql:
    """What is true of the records that meet a test, and not true of the others; leaves become SQL by `conditions`."""
    match test:
        case Condition():
            return conditions.sql(test)
        case Every(parts):
            return every(meets(part, conditions) for part in parts)
        case Some(parts):
            return some(meets(part, conditions) for part in parts)
        case Not(part):
            text, values = meets(part, conditions)
            return Sql(f"NOT coalesce({text}, FALSE)", values)
        case Within(portal, list_):
            return Sql(MEMBERS, (portal, list_, conditions.type.id))
        case Piece():
            return _piece(test, conditions)
        case Exactly():
            return _exactly(test, conditions)
        case Recurring(field, step, length, wanted):
            text, values = place(conditions.compared(field), step, length)
            return Sql(f"{text} = ?", (*values, wanted))
        case Tied():
            return _tied(test, conditions)


def _piece(test: Piece, conditions: Conditions) -> Sql:
    column = conditions.compared(test.field)
    if NUL in test.text:
        return FALSE
    if test.place == "anywhere":
        return Sql(f"strpos({column}, ?) > 0", (test.text,))
    return Sql(f"{'left' if test.place == 'start' else 'right'}({column}, {len(test.text)}) = ?", (test.text,))


def _exactly(test: Exactly, conditions: Conditions) -> Sql:
    """Each option is there, and the length leaves no room for another; the marks are part of no option."""
    column = conditions.compared(test.field)
    if any(PARTING in option or NUL in option for option in test.options):
        return FALSE
    marked = [f"{PARTING}{option}{PARTING}" for option in test.options]
    size = 1 + sum(len(option) + 1 for option in test.options)
    there = (Sql(f"strpos({column}, ?) > 0", (one,)) for one in marked)
    return every([Sql(f"length({column}) = ?", (size,)), *there])


def _tied(test: Tied, conditions: Conditions) -> Sql:
    layout = conditions.layout_of(test.type.id)
    if layout is None:
        return FALSE
    portal = conditions.portal
    text, values = meets(test.test, Conditions(portal, layout, test.type, conditions.layout_of))
    ways = portal, conditions.type.id, test.type.id, CATEGORIES.index(test.category), test.kind
    return Sql(TIED.format(ENTRIES, text), (*ways, portal, layout.number, *values))
