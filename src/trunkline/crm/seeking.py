"""What is most likely a mistake in a search: what no record can meet, and what every record meets."""

from collections.abc import Iterator, Sequence

from trunkline.crm.catalog import ObjectType
from trunkline.crm.doubt import SECONDS, in_seconds
from trunkline.crm.filter import NEEDS, Filter
from trunkline.crm.operand import OPERANDS
from trunkline.crm.oversight import of_names
from trunkline.crm.property import Property
from trunkline.crm.query import field
from trunkline.crm.search import Search
from trunkline.crm.values import Scalar, iso, milliseconds, text
from trunkline.crm.warning import Warning, quoted
from trunkline.crm.words import patterns, words

_LISTS = frozenset({"IN", "NOT_IN"})
_TOKENS = frozenset({"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"})
_NAMES = {"value": "value", "high": "highValue", "values": "values"}


def of_search(search: Search, type_: ObjectType) -> list[Warning]:
    """What is told of a search that was compiled without a refusal."""
    return [*_of_parts(search, type_), *of_names(search.properties, type_)]


def _of_parts(search: Search, type_: ObjectType) -> Iterator[Warning]:
    if search.query.strip() and not words(search.query):
        yield Warning("no-words", f"{quoted(search.query)} has neither a letter nor a digit", "query")
    for n, group in enumerate(search.groups):
        if not group:
            yield Warning("empty-group", "has no filters: every record meets the search", f"filterGroups[{n}]")
        yield from _of_filters(group, f"filterGroups[{n}].filters", type_)
    yield from _of_filters(search.filters, "filters", type_)


def _of_filters(filters: Sequence[Filter], path: str, type_: ObjectType) -> Iterator[Warning]:
    for n, filter_ in enumerate(filters):
        where = f"{path}[{n}]"
        yield from _needless(filter_, where)
        definition = type_.properties.get(text(filter_.name))
        if definition is not None:
            yield from _of_values(filter_, definition, where)


def _needless(filter_: Filter, where: str) -> Iterator[Warning]:
    needed = {attribute for attribute, _ in NEEDS[filter_.operator or "EQ"]}
    for attribute, name in _NAMES.items():
        if attribute not in needed and getattr(filter_, attribute) not in (None, (), ""):
            yield Warning("needless-value", f"has a {name} that {filter_.operator} does not look at", where)


def _of_values(filter_: Filter, definition: Property, where: str) -> Iterator[Warning]:
    kind = field(definition).kind
    needed = [attribute for attribute, _ in NEEDS[filter_.operator or "EQ"]]
    sent = [value for attribute in needed for value in _each(getattr(filter_, attribute))]
    if kind == "moment" and definition.type == "datetime":
        yield from (_doubt("timestamp-in-1970", v, SECONDS, where) for v in sent if in_seconds(iso(milliseconds(v))))
    elif kind in ("exact", "many"):
        options = {option.value for option in definition.options}
        none = [value for value in sent if options and value not in options]
        yield from (_doubt("not-an-option", v, f"is no option of {definition.name}", where) for v in none)
    elif kind == "text" and filter_.operator in _LISTS:
        yield from (_doubt("capitals-in-list", v, "equals no text", where) for v in sent if v != v.lower())
    elif filter_.operator in _TOKENS:
        yield from (_doubt("no-words", v, "has neither a letter nor a digit", where) for v in sent if _is_wordless(v))
    if filter_.operator == "BETWEEN" and OPERANDS[kind](sent[0]) > OPERANDS[kind](sent[1]):  # type: ignore[operator]
        yield Warning("empty-range", f"{quoted(sent[0])} is above {quoted(sent[1])}", where)


def _each(value: Scalar | tuple[Scalar, ...]) -> list[str]:
    return [text(one) for one in (value if isinstance(value, tuple) else (value,))]


def _is_wordless(value: str) -> bool:
    return not patterns(value) and "*" not in value


def _doubt(code: str, value: str, message: str, where: str) -> Warning:
    return Warning(code, f"{quoted(value)} {message}", where)
