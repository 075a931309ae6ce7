"""A JSON reader that gives each token its place in the body, and stops at the first byte that breaks the grammar.

It only runs on bodies that the fast decoder has refused; it must not be slow all the same, for whoever sends such a
body chooses its size. Hence patterns instead of loops over bytes, and one step over many plain items (`Scanner.run`).
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from trunkline.wire import fault

MAX_DEPTH = 1000
MAX_STEPS = 1_000_000
_MAX_DIGITS = 1000

_TEXT = rb"""(?:[^"\\\x00-\x1f\x80-\xff]++
    | [\xc2-\xdf][\x80-\xbf]
    | \xe0[\xa0-\xbf][\x80-\xbf] | [\xe1-\xec\xee\xef][\x80-\xbf]{2} | \xed[\x80-\x9f][\x80-\xbf]
    | \xf0[\x90-\xbf][\x80-\xbf]{2} | [\xf1-\xf3][\x80-\xbf]{3} | \xf4[\x80-\x8f][\x80-\xbf]{2}
    | \\["\\/bfnrt]
    | \\u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3} | [dD][0-7][0-9a-fA-F]{2}
        | [dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
    )*+"""
_WHOLE = rb"-?(?:0|[1-9][0-9]*+)"
_VALUE = re.compile(
    rb"""(?P<VALUE_STRING>") | (?P<START_OBJECT>\{) | (?P<START_ARRAY>\[)
       | (?P<VALUE_NUMBER_INT>%(whole)b(?![0-9.eE]))
       | (?P<VALUE_NUMBER_FLOAT>%(whole)b(?:\.[0-9]++(?:[eE][+-]?[0-9]++|(?![eE]))|[eE][+-]?[0-9]++))
       | (?:(?P<VALUE_TRUE>true) | (?P<VALUE_FALSE>false) | (?P<VALUE_NULL>null))(?![A-Za-z0-9_])"""
    % {b"whole": _WHOLE},
    re.VERBOSE,
)
_STRING = re.compile(_TEXT, re.VERBOSE)
_BLANK = re.compile(rb"[ \t\r\n]*+")

# What may be stepped over unseen: nothing that could be wrong for its length, its size or what follows it.
_PLAIN = rb"""(?:"%(text)b" | -?(?:0|[1-9][0-9]{0,99}+)(?:\.[0-9]{1,99}+)?+(?![0-9.eE])
    | (?:true|false|null)(?![A-Za-z0-9_\x80-\xff]))""" % {b"text": _TEXT}
_PARTS = {
    b"comma": rb"[ \t\r\n]*+,[ \t\r\n]*+",
    b"colon": rb"[ \t\r\n]*+:[ \t\r\n]*+",
    b"text": _TEXT,
    b"plain": _PLAIN,
}
_ITEMS = re.compile(rb"(?:%(comma)b%(plain)b)*+" % _PARTS, re.VERBOSE)
_MEMBERS = re.compile(rb"""(?:%(comma)b"%(text)b"%(colon)b%(plain)b)*+""" % _PARTS, re.VERBOSE)


class Kind(Enum):
    """Kinds of token, with the names that messages give them."""

    START_OBJECT = 1
    END_OBJECT = 2
    START_ARRAY = 3
    END_ARRAY = 4
    FIELD_NAME = 5
    VALUE_STRING = 6
    VALUE_NUMBER_INT = 7
    VALUE_NUMBER_FLOAT = 8
    VALUE_TRUE = 9
    VALUE_FALSE = 10
    VALUE_NULL = 11
    END = 12


class Token(NamedTuple):
    """One token, from byte offset `start` up to `end`."""

    kind: Kind
    start: int
    end: int


class Scanner:
    """Reads the tokens of one body in order; `kind`, `start` and `end` are those of the last one.

    What is open is kept on a list: depth costs no recursion. After `max_steps` tokens it gives up.
    """

    def __init__(self, body: bytes, max_depth: int = MAX_DEPTH, max_steps: int = MAX_STEPS) -> None:
        self.body = body
        self.kind = Kind.END
        self.start = self.end = 0
        self._max_depth = max_depth
        self._steps_left = max_steps
        self._open: list[int] = []
        self._expect: Callable[[], Kind] = self._root

    @property
    def token(self) -> Token:
        """The last token."""
        return Token(self.kind, self.start, self.end)

    def next(self) -> Kind:
        """Reads one token and gives its kind, END once the body is used up; raises `Fault`."""
        if self._steps_left == 0:
            raise fault.gave_up()
        self._steps_left -= 1
        self._skip_blank(self.end)
        return self._expect()

    def skip(self) -> None:
        """Reads to the end of the value that the last token starts; raises `Fault`."""
        if self.kind is not Kind.START_OBJECT and self.kind is not Kind.START_ARRAY:
            return
        outside = len(self._open) - 1
        while len(self._open) > outside:
            self.run()
            self.next()

    def run(self) -> None:
        """Steps over the items or members that follow the last value, as far as they are plain and without mistake."""
        if self._expect == self._separator:
            match = (_MEMBERS if self._in_object() else _ITEMS).match(self.body, self.end)
            self.end = match.end() if match else self.end

    def _root(self) -> Kind:
        if self.start == len(self.body):
            return self._take(Kind.END, self.start, self._root)
        if self.start == 0 and self.body.startswith(fault.BYTE_ORDER_MARK):
            raise fault.misplaced_mark()
        if self._lead() in (b"}", b"]"):
            raise fault.wrongly_closed(self.body, self.start, "root", None)
        return self._value()

    def _value(self) -> Kind:
        match = _VALUE.match(self.body, self.start)
        if match is None:
            raise fault.value_fault(self.body, self.start, self._container())
        kind = _KINDS[match.lastgroup or ""]
        if kind is Kind.VALUE_STRING:
            return self._string()
        if kind is Kind.START_OBJECT or kind is Kind.START_ARRAY:
            return self._enter(kind)
        self._check_end(kind, match.end())
        return self._take(kind, match.end(), self._after_value())

    def _first_item(self) -> Kind:
        return self._close() if self._lead() in (b"]", b"}", b"") else self._value()

    def _first_name(self) -> Kind:
        return self._close() if self._lead() in (b"]", b"}", b"") else self._name()

    def _name(self) -> Kind:
        if self._lead() != b'"':
            raise fault.name_fault(self.body, self.start)
        end = self._string_end()
        if self.body[end : end + 1] != b'"':
            raise fault.broken_name(self.body, self.start, end)
        return self._take(Kind.FIELD_NAME, end + 1, self._member)

    def _member(self) -> Kind:
        if self.start == len(self.body):
            raise fault.ended_inside(self.body, "Object")
        if self._lead() != b":":
            raise fault.unexpected(self.body, self.start, "was expecting a colon to separate field name and value")
        self._skip_blank(self.start + 1)
        return self._value()

    def _separator(self) -> Kind:
        if self._lead() != b",":
            return self._close()
        self._skip_blank(self.start + 1)
        return self._name() if self._in_object() else self._value()

    def _close(self) -> Kind:
        lead, container = self._lead(), self._container()
        if lead == b"":
            raise fault.never_closed(self.body, container, self._open[-1])
        if lead != b"]" and lead != b"}":
            raise fault.unexpected(self.body, self.start, f"was expecting comma to separate {container} entries")
        if (lead == b"}") is not self._in_object():
            raise fault.wrongly_closed(self.body, self.start, container, self._open[-1])
        self._open.pop()
        return self._take(Kind.END_OBJECT if lead == b"}" else Kind.END_ARRAY, self.start + 1, self._after_value())

    def _enter(self, kind: Kind) -> Kind:
        depth = len(self._open) + 1
        if depth > self._max_depth:
            raise fault.too_deep(self.start, depth, self._max_depth)
        self._open.append(self.start)
        return self._take(kind, self.start + 1, self._first_name if kind is Kind.START_OBJECT else self._first_item)

    def _string(self) -> Kind:
        end = self._string_end()
        if self.body[end : end + 1] != b'"':
            raise fault.string_fault(self.body, end, "VALUE_STRING", "string value")
        return self._take(Kind.VALUE_STRING, end + 1, self._after_value())

    def _check_end(self, kind: Kind, end: int) -> None:
        """Raises for what a pattern cannot see in a number or word: its length, and what it runs into."""
        following = self.body[end : end + 1]
        if kind in _WORDS:
            if following >= b"\x80":
                raise fault.literal_fault(self.body, end)
            return
        if end - self.start > _MAX_DIGITS and (digits := _digits(self.body[self.start : end])) > _MAX_DIGITS:
            raise fault.too_long(self.start, digits, _MAX_DIGITS)
        if not self._open and following not in (b"", b" ", b"\t", b"\r", b"\n"):
            raise fault.root_fault(self.body, end)

    def _take(self, kind: Kind, end: int, following: Callable[[], Kind]) -> Kind:
        self.kind, self.end, self._expect = kind, end, following
        return kind

    def _after_value(self) -> Callable[[], Kind]:
        return self._separator if self._open else self._root

    def _container(self) -> str:
        if not self._open:
            return "root"
        return "Object" if self._in_object() else "Array"

    def _in_object(self) -> bool:
        return self.body[self._open[-1]] == 0x7B

    def _lead(self) -> bytes:
        return self.body[self.start : self.start + 1]

    def _string_end(self) -> int:
        match = _STRING.match(self.body, self.start + 1)
        return match.end() if match else self.start + 1

    def _skip_blank(self, at: int) -> None:
        self.start = at
        if self.body[at : at + 1] <= b" " and (match := _BLANK.match(self.body, at)):
            self.start = match.end()


_KINDS = {kind.name: kind for kind in Kind}
_WORDS = (Kind.VALUE_TRUE, Kind.VALUE_FALSE, Kind.VALUE_NULL)


def _digits(number: bytes) -> int:
    return len(number) - sum(number.count(mark) for mark in (b"-", b"+", b".", b"e", b"E"))
