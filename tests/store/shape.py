"""Which tables a statement looks at without saying of which portal, told from the statement alone.

A server with many nodes sends a statement to one of them if every table in it is bound to the same value, directly or
by way of the others; the parser is PostgreSQL's own.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field
from pglast import ast as trees
from pglast import enums, parse_sql

ast: Any = trees
"""Its types leave open what the parser always fills."""

KEY = "portal"
ARGUMENT = "p_portal"
"""What stands for the portal in a function."""

VALUE = "the portal"
Place = tuple[str, str] | str
"""A column of what is called so in a query, or a value that is given: `VALUE`, or `$` with a number."""

BEGINNING = re.compile(r"\s*\(?\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


class Scope(Struct):
    """One query: its tables by name, which of them are the portals' own, and the places that are equal there."""

    outer: "Scope | None" = None
    names: list[str] = field(default_factory=list)
    owned: dict[str, str] = field(default_factory=dict)
    equal: list[tuple[Place, Place]] = field(default_factory=list)

    def loose(self) -> list[str]:
        """The tables that are bound to no value."""
        return [f"{table} AS {name}" for name, table in self.owned.items() if not self.values((name, KEY))]

    def values(self, place: Place | None) -> set[str]:
        """The values to which a place is bound, by way of others, too."""
        found = set() if place is None else {place}
        while more := {b for one in self.pairs() for a, b in (one, one[::-1]) if a in found and b not in found}:
            found |= more
        return {one for one in found if isinstance(one, str)}

    def pairs(self) -> list[tuple[Place, Place]]:
        return self.equal + (self.outer.pairs() if self.outer else [])

    def place(self, node: Any) -> Place | None:
        """Which place an expression is; None for what says nothing of a portal."""
        if isinstance(node, ast.TypeCast):
            return self.place(node.arg)
        if isinstance(node, ast.ParamRef):
            return f"${node.number}"
        *of, column = _names(node)
        if column == ARGUMENT:
            return VALUE
        if column != KEY:
            return None
        return (of[0], column) if of else self._one_named(column)

    def _one_named(self, column: str) -> Place | None:
        """A column without a table before it, which is of the only table that can have it."""
        own = [name for name in self.names if name in self.owned] or self.names
        if len(own) == 1:
            return own[0], column
        return self.outer._one_named(column) if self.outer and not own else None


class Found(Struct):
    """What is wrong with a statement, and to which values its tables are bound."""

    loose: list[str] = field(default_factory=list)
    values: set[str] = field(default_factory=set)


def looked_at(statement: str, owned: Iterable[str]) -> Found:
    """The tables of a statement that are bound to no portal, and the values to which the others are."""
    found = Found()
    for raw in parse_sql(statement):
        _query(raw.stmt, None, set(owned), found)
    return found


def _query(node: Any, outer: Scope | None, owned: set[str], found: Found) -> None:
    """Looks at one query, and at those in it."""
    scope = Scope(outer)
    made = {one.ctename for one in getattr(getattr(node, "withClause", None), "ctes", None) or ()}
    inner: list[Any] = []
    tables = owned - made
    for source in _sources(node):
        _source(source, scope, tables, inner)
    for condition in _conditions(node):
        _equal(condition, scope)
    if isinstance(node, ast.InsertStmt):
        _inserted(node, scope, tables)
    inner += [part for part in _parts(node) if part not in inner]
    found.loose += scope.loose()
    found.values |= {value for name in scope.owned for value in scope.values((name, KEY))}
    for part in inner:
        for query in _queries(part):
            _query(query, scope, tables, found)
    if isinstance(node, ast.SelectStmt) and node.larg is not None:
        for side in (node.larg, node.rarg):
            _query(side, outer, tables, found)


def _sources(node: Any) -> Iterator[Any]:
    """What a query takes rows from, or changes."""
    if not isinstance(node, ast.SelectStmt) and node.relation is not None:
        yield node.relation
    yield from getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()


def _source(source: Any, scope: Scope, owned: set[str], inner: list[Any]) -> None:
    if isinstance(source, ast.JoinExpr):
        for side in (source.larg, source.rarg):
            _source(side, scope, owned, inner)
        if source.quals is not None:
            inner.append(source.quals)
            _equal(source.quals, scope)
        return
    name = source.alias.aliasname if source.alias is not None else getattr(source, "relname", "")
    if isinstance(source, ast.RangeVar) and source.relname in owned:
        scope.owned[name] = source.relname
    scope.names.append(name)
    if not isinstance(source, ast.RangeVar):
        inner.append(source)
    if isinstance(source, ast.RangeSubselect):
        for number, target in enumerate(source.subquery.targetList or ()):
            if _named(target) == KEY:
                scope.equal += [((name, KEY), value) for value in _given(source.subquery, number, scope, owned)]


def _conditions(node: Any) -> Iterator[Any]:
    if getattr(node, "whereClause", None) is not None:
        yield node.whereClause


def _equal(condition: Any, scope: Scope) -> None:
    """Takes in what a condition makes equal, if all of it must be true."""
    if isinstance(condition, ast.BoolExpr) and condition.boolop == enums.BoolExprType.AND_EXPR:
        for part in condition.args:
            _equal(part, scope)
    elif isinstance(condition, ast.A_Expr) and condition.kind == enums.A_Expr_Kind.AEXPR_OP:
        one, other = (scope.place(side) for side in (condition.lexpr, condition.rexpr))
        if condition.name[-1].sval == "=" and one is not None and other is not None:
            scope.equal.append((one, other))


def _inserted(node: Any, scope: Scope, owned: set[str]) -> None:
    """Takes in what a new row has for its portal, which is what the rows that it is made of have."""
    name = next(iter(scope.owned), None)
    columns = [column.name for column in node.cols or ()]
    if name is None or KEY not in columns:
        return
    number, select = columns.index(KEY), node.selectStmt
    if select.valuesLists:
        given = {scope.place(row[number]) for row in select.valuesLists}
    else:
        given = set(_given(select, number, None, owned))
    if None not in given:
        scope.equal += [((name, KEY), place) for place in given if place is not None]


def _given(select: Any, number: int, outer: Scope | None, owned: set[str]) -> set[str]:
    """The values to which one of the columns is bound that a query gives."""
    scope = Scope(outer)
    for source in _sources(select):
        _source(source, scope, owned, [])
    for condition in _conditions(select):
        _equal(condition, scope)
    return scope.values(scope.place(select.targetList[number].val)) if select.targetList else set()


def _named(target: Any) -> str:
    """How a column is called that a query gives."""
    return target.name or _names(target.val)[-1]


def _names(node: Any) -> list[str]:
    """The parts of a name; an empty one for what has none, as every column of a table."""
    parts = node.fields if isinstance(node, ast.ColumnRef) else ()
    return [part.sval if isinstance(part, ast.String) else "" for part in parts] or [""]


def _parts(node: Any) -> Iterator[Any]:
    """The parts of a query in which others may be."""
    for slot in node:
        if slot not in ("relation", "larg", "rarg", "fromClause", "usingClause"):
            value = getattr(node, slot)
            yield from value if isinstance(value, tuple) else (value,)


def _queries(part: Any) -> Iterator[Any]:
    """The queries in a part, without those in them."""
    if isinstance(part, ast.SelectStmt | ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _queries(one)
    elif isinstance(part, ast.Node):
        for slot in part:
            yield from _queries(getattr(part, slot))
