"""The language of calculated properties: from a formula as it was sent to a tree to evaluate (behaviour 11.20).

    if is_present(hs_call_duration) and hs_call_duration > 60000 then 'long' else 'short'

A plain name is the number that a property holds; `string(name)` and `bool(name)` are its text and its truth. Every part
has a kind that is known beforehand, so that a text is never added to a number. `Formula.text` is the spelling that the
real service keeps: words in lower case, texts in single quotes, operators apart, no needless brackets.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

Kind = Literal["number", "string", "bool", "nothing"]
"""What a part comes to; `nothing` is the empty text, which fits everywhere and means no value."""

LONGEST = 10_000
"""Characters of a formula."""

DEEPEST = 40
"""How many parts may stand inside each other; a sum of n terms is n deep."""

_BRACKETS = 25
"""How many brackets may be open at once while a formula is read."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z_]\w*)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign><=|>=|!=|[-+*/<>=(),]))",
    re.ASCII,
)
_RESERVED = frozenset(("if", "then", "elseif", "else", "endif", "and", "or", "not", "equals", "true", "false"))


class InvalidFormula(ValueError):
    """A formula that means nothing; the message says why and where."""


class Constant(Struct, frozen=True):
    """A number, a text, true or false."""

    value: float | str | bool
    kind: Kind


class Reference(Struct, frozen=True):
    """What a property holds, taken as a number, a text or a truth."""

    name: str
    kind: Kind


class Application(Struct, frozen=True):
    """A function or an operator with what it is applied to."""

    function: str
    arguments: "tuple[Node, ...]"
    kind: Kind


class Choice(Struct, frozen=True):
    """The first part whose condition holds, or the last one, where there is one."""

    branches: "tuple[tuple[Node, Node], ...]"
    otherwise: "Node | None"
    kind: Kind


Node = Constant | Reference | Application | Choice


class Formula(Struct, frozen=True):
    """A formula that was understood: its kept spelling, what it comes to, and the properties that it reads."""

    text: str
    kind: Kind
    names: frozenset[str]
    tree: Node


_ANY: Kind = "nothing"
_FUNCTIONS: dict[str, tuple[Kind, int, int, Kind]] = {
    "max": ("number", 2, 100, "number"),
    "min": ("number", 2, 100, "number"),
    "is_present": (_ANY, 1, 1, "bool"),
    "contains": ("string", 2, 2, "bool"),
    "concatenate": ("string", 2, 100, "string"),
    "number_to_string": ("number", 1, 1, "string"),
    "string_to_number": ("string", 1, 1, "number"),
    "coalesce": (_ANY, 2, 100, _ANY),
}
"""By name: what it is applied to, to how few and to how many, and what it comes to."""

_OPERATORS: dict[str, tuple[Kind, Kind]] = {
    "or": ("bool", "bool"),
    "and": ("bool", "bool"),
    "equals": (_ANY, "bool"),
    "<": ("number", "bool"),
    ">": ("number", "bool"),
    "<=": ("number", "bool"),
    ">=": ("number", "bool"),
    "+": ("number", "number"),
    "-": ("number", "number"),
    "*": ("number", "number"),
    "/": ("number", "number"),
}
"""By operator: what it is applied to, and what it comes to."""

_LEVELS = (("or",), ("and",), ("not",), ("equals", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
"""The operators, those that bind least first."""

_LOOSENESS = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_TIGHTEST = len(_LEVELS)


@lru_cache(maxsize=1024)
def parse(text: str) -> Formula:
    """The formula that a text means, remembered; raises `InvalidFormula`."""
    if len(text) > LONGEST:
        raise InvalidFormula(f"the formula is over {LONGEST} characters long")
    tree = _Parser(text).whole()
    parts = list(_parts(tree))
    if any(depth > DEEPEST for _, depth in parts):
        raise InvalidFormula(f"more than {DEEPEST} parts stand inside each other")
    names = frozenset(node.name for node, _ in parts if isinstance(node, Reference))
    return Formula(_spelled(tree), tree.kind, names, tree)


def _parts(tree: Node) -> Iterator[tuple[Node, int]]:
    """Every part of a tree with how deep it stands in it; a deep tree is no deep recursion."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in _children(node)]


def _children(node: Node) -> list[Node]:
    if isinstance(node, Application):
        return list(node.arguments)
    if isinstance(node, Choice):
        return [part for branch in node.branches for part in branch] + ([node.otherwise] if node.otherwise else [])
    return []


class _Parser:
    """Reads one formula, the operators that bind least first."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self._next is not None:
            raise InvalidFormula(f"unexpected {self._next}")
        return node

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> str:
        token = self._next
        if token is None:
            raise InvalidFormula("the formula ends too early")
        self._at += 1
        return token

    def _accept(self, *tokens: str) -> str | None:
        return self._take() if self._next in tokens else None

    def _expect(self, token: str) -> None:
        if self._accept(token) is None:
            raise InvalidFormula(f"expected {token}, found {self._next or 'the end'}")

    def _expression(self, level: int) -> Node:
        self._depth += 1
        if self._depth > _BRACKETS * (_TIGHTEST + 1):
            raise InvalidFormula(f"more than {_BRACKETS} brackets stand inside each other")
        node = self._level(level)
        self._depth -= 1
        return node

    def _level(self, level: int) -> Node:
        if level == _TIGHTEST:
            return self._product()
        if _LEVELS[level] == ("not",):
            return _negated(self._expression(level)) if self._accept("not") else self._expression(level + 1)
        node = self._expression(level + 1)
        while operator := self._accept(*_LEVELS[level], *(("=", "!=") if "equals" in _LEVELS[level] else ())):
            node = _operated(operator, node, self._expression(level + 1))
        return node

    def _product(self) -> Node:
        """One operand; a number right before a name or a bracket multiplies it (`10a`)."""
        node = self._operand()
        following = self._next or ""
        if isinstance(node, Constant) and node.kind == "number" and _starts_factor(following):
            return _operated("*", node, self._expression(_TIGHTEST))
        return node

    def _operand(self) -> Node:
        token = self._take()
        if token == "-":
            return _operated("-", Constant(0.0, "number"), self._expression(_TIGHTEST))
        if token == "(":
            node = self._expression(0)
            self._expect(")")
            return node
        if token == "if":
            return self._choice()
        if token[0] in "'\"":
            return Constant(token[1:-1], "string" if token[1:-1] else "nothing")
        if token in ("true", "false"):
            return Constant(token == "true", "bool")
        if token[0].isdigit() or token[0] == ".":
            return Constant(float(token), "number")
        if token in _RESERVED or not (token[0].isalpha() or token[0] == "_"):
            raise InvalidFormula(f"unexpected {token}")
        return self._named(token)

    def _named(self, name: str) -> Node:
        if self._accept("(") is None:
            return Reference(name, "number")
        if name in ("string", "bool"):
            of = self._take()
            self._expect(")")
            if not re.fullmatch(r"[a-z_]\w*", of) or of in _RESERVED:
                raise InvalidFormula(f"{name} takes the name of a property, not {of}")
            return Reference(of, "string" if name == "string" else "bool")
        arguments = [self._expression(0)]
        while self._accept(","):
            arguments.append(self._expression(0))
        self._expect(")")
        return _applied(name, tuple(arguments))

    def _choice(self) -> Node:
        branches = [self._branch()]
        while self._accept("elseif"):
            branches.append(self._branch())
        otherwise = self._expression(0) if self._accept("else") else None
        self._accept("endif")
        results = [result for _, result in branches] + ([] if otherwise is None else [otherwise])
        return Choice(tuple(branches), otherwise, _shared("if", results))

    def _branch(self) -> tuple[Node, Node]:
        condition = self._expression(0)
        _require("if", condition, "bool")
        self._expect("then")
        return condition, self._expression(0)


def _tokens(text: str) -> Iterator[str]:
    """The words and signs of a formula; all but the texts in lower case."""
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidFormula(f"unexpected {text[at:].strip()[:1]}")
        found = match[match.lastgroup or ""]
        yield found if match.lastgroup == "text" else found.lower()
        at = match.end()


def _starts_factor(token: str) -> bool:
    return token == "(" or ((token[:1].isalpha() or token[:1] == "_") and token not in _RESERVED)


def _negated(node: Node) -> Node:
    _require("not", node, "bool")
    return Application("not", (node,), "bool")


def _operated(operator: str, left: Node, right: Node) -> Node:
    if operator == "!=":
        return _negated(_operated("equals", left, right))
    operator = "equals" if operator == "=" else operator
    if operator == "+" and "string" in (left.kind, right.kind):
        return _applied("concatenate", (*_joined(left), *_joined(right)))
    of, kind = _OPERATORS[operator]
    for node in (left, right):
        _require(operator, node, of)
    if operator == "equals":
        _shared("equals", [left, right])
    return Application(operator, (left, right), kind)


def _joined(node: Node) -> tuple[Node, ...]:
    is_join = isinstance(node, Application) and node.function == "concatenate"
    return node.arguments if is_join and isinstance(node, Application) else (node,)


def _applied(name: str, arguments: tuple[Node, ...]) -> Node:
    if name not in _FUNCTIONS:
        raise InvalidFormula(f"there is no function {name}")
    of, fewest, most, kind = _FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        raise InvalidFormula(f"{name} takes {fewest} to {most} values, not {len(arguments)}")
    for node in arguments:
        _require(name, node, of)
    return Application(name, arguments, _shared(name, arguments) if name == "coalesce" else kind)


def _require(what: str, node: Node, kind: Kind) -> None:
    if _ANY not in (kind, node.kind) and node.kind != kind:
        raise InvalidFormula(f"{what} takes a {kind}, not a {node.kind}")


def _shared(what: str, nodes: "list[Node] | tuple[Node, ...]") -> Kind:
    """The kind that all of them have."""
    kinds = {node.kind for node in nodes} - {_ANY}
    if len(kinds) > 1:
        raise InvalidFormula(f"{what} takes values of one kind, not {' and '.join(sorted(kinds))}")
    return kinds.pop() if kinds else _ANY


def _spelled(node: Node, outside: int = 0) -> str:
    """The kept spelling of a part that stands inside one which binds as `outside` does."""
    text, looseness = _SPELLINGS[type(node)](node)
    return f"({text})" if looseness < outside else text


def _constant(node: Constant) -> tuple[str, int]:
    if isinstance(node.value, bool):
        return str(node.value).lower(), _TIGHTEST
    if isinstance(node.value, str):
        return (f'"{node.value}"' if "'" in node.value else f"'{node.value}'"), _TIGHTEST
    return (f"{node.value:.0f}" if node.value.is_integer() else repr(node.value)), _TIGHTEST


def _reference(node: Reference) -> tuple[str, int]:
    return (node.name if node.kind == "number" else f"{node.kind}({node.name})"), _TIGHTEST


def _application(node: Application) -> tuple[str, int]:
    level = _LOOSENESS.get(node.function)
    if level is None:
        return f"{node.function}({', '.join(_spelled(part) for part in node.arguments)})", _TIGHTEST
    if node.function == "not":
        (part,) = node.arguments
        return f"not {_spelled(part, _TIGHTEST)}", level
    left, right = node.arguments
    return f"{_spelled(left, level)} {node.function} {_spelled(right, level + 1)}", level


def _chosen(node: Choice) -> tuple[str, int]:
    parts = [f"if {_spelled(condition)} then {_spelled(result, 1)}" for condition, result in node.branches]
    text = "\nelse".join(parts)
    return (text if node.otherwise is None else f"{text} else {_spelled(node.otherwise, 1)}"), 0


_SPELLINGS: dict[type, Callable[..., tuple[str, int]]] = {
    Constant: _constant,
    Reference: _reference,
    Application: _application,
    Choice: _chosen,
}
