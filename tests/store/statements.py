"""All that the store on PostgreSQL says in SQL: constants of its modules, functions, and what it puts together."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pglast import enums, parse_plpgsql, parse_sql
from pglast.stream import RawStream
from store import shape
from store.searching import CONTACT, TYPE

import trunkline.store.postgres as package
from trunkline.crm.catalog import ObjectType
from trunkline.crm.query import Query
from trunkline.store.postgres import removal
from trunkline.store.postgres.search.layout import Layout, filled, usual, widened
from trunkline.store.postgres.search.selection import Selection, Statement
from trunkline.store.search.need import needed, searched

TEMPLATES = {
    "associations._HAND_ON": "MOVE is made of it",
    "lists.MEMBERS": "PAGES are made of it",
    "removal.DELETE": "made for each table, below",
    "search.selection.GATHERED": "`searches`",
    "search.selection.PAGE": "`searches`",
    "search.selection._PLACED": "`searches`",
    "search.tables._SOME": "RECORDS and FOLLOWING are made of it",
}
"""What has gaps, and where the statements are that are made of it."""

ELSEWHERE = ("citus", "schema", "migrations")
"""Modules that work on the database as a whole, for an operator."""

SCHEMA = "".join(
    path.read_text("utf-8") for path in sorted((Path(package.__path__[0]) / "migrations" / "versions").glob("*.sql"))
)
MADE: list[Any] = [raw.stmt for raw in parse_sql(SCHEMA)]
PRIMARY = enums.ConstrType.CONSTR_PRIMARY


def _owned() -> Iterator[str]:
    """The tables whose keys start with the portal."""
    for statement in MADE:
        if isinstance(statement, shape.ast.CreateStmt) and next(_key(statement), None) == shape.KEY:
            yield statement.relation.relname


def _key(table: Any) -> Iterator[str]:
    """The columns of a table's key."""
    for element in table.tableElts:
        if isinstance(element, shape.ast.Constraint) and element.contype == PRIMARY:
            yield from (column.sval for column in element.keys)
        elif any(one.contype == PRIMARY for one in getattr(element, "constraints", None) or ()):
            yield element.colname


@cache
def functions() -> dict[str, list[str]]:
    """The statements of the functions that are called for one portal, by name."""
    made = [one for one in MADE if isinstance(one, shape.ast.CreateFunctionStmt) and _is_for_one(one)]
    return {one.funcname[-1].sval: list(_embedded(parse_plpgsql(RawStream()(one)))) for one in made}


def _is_for_one(function: Any) -> bool:
    return bool(function.parameters) and function.parameters[0].name == shape.ARGUMENT


def _embedded(node: Any) -> Iterator[str]:
    """The statements in the tree of a function; an expression with a query in it is made one."""
    if isinstance(node, dict):
        text = node.get("query")
        if isinstance(text, str) and shape.BEGINNING.match(text):
            yield text
        elif isinstance(text, str) and "SELECT" in text:
            yield f"SELECT {text}"
        for value in node.values():
            yield from _embedded(value)
    elif isinstance(node, list):
        for value in node:
            yield from _embedded(value)


OWNED = frozenset(_owned())


def modules() -> Iterator[tuple[str, ModuleType]]:
    """The modules of the package that send statements, by their names in it."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        name = found.name.removeprefix(f"{package.__name__}.")
        if name.split(".")[0] not in ELSEWHERE:
            yield name, importlib.import_module(found.name)


@cache
def constants() -> dict[str, str]:
    """The statements that are constants, by module and name; one of several has a number."""
    found = {f"removal.DELETE {table}": removal.DELETE.format(table) for table in removal.TABLES}
    for module, names in ((name, vars(module)) for name, module in modules()):
        for name, value in names.items():
            texts = [] if name.startswith("__") else [text for text in _texts(value) if shape.BEGINNING.match(text)]
            for number, text in enumerate(texts):
                found[f"{module}.{name}" + (f" {number}" if len(texts) > 1 else "")] = text
    return {name: text for name, text in found.items() if name not in TEMPLATES}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def literals() -> Iterator[tuple[str, str]]:
    """The texts inside functions that begin as statements do, by module and line."""
    for name, module in modules():
        read = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        made = [one for one in ast.walk(read) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        for one in (node for function in made for node in ast.walk(function)):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and shape.BEGINNING.match(one.value):
                yield f"{name}:{one.lineno}", one.value


def searches(query: Query, portal: int) -> Iterator[Statement]:
    """The statements with which a query may be answered."""
    wanted = {of.id: [(value,) for value in values] for of, values in needed(query, TYPE).items()}
    words = searched(query, TYPE)

    def layout_of(type_: ObjectType, number: int) -> Layout:
        needs = [*wanted.get(type_.id, ()), *([words] if type_ is TYPE and words else ())]
        return filled(widened(usual(number, type_.id, type_.data), needs))

    layouts = {TYPE.id: layout_of(TYPE, 1), CONTACT.id: layout_of(CONTACT, 2)}
    selection = Selection(query, portal, layouts[TYPE.id], TYPE, layouts.get)
    yield from (selection.count(), selection.gathered(), selection.found())
    walked = selection.walked(10)
    if walked is not None:
        yield walked
