"""The lines of a file, numbered, decoded and bounded."""

from collections import deque
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from trunkline.load.stopped import Stopped

LONGEST = 1 << 20
"""Bytes of the longest line that is kept; a property holds 65,536 characters (behaviour 4.10)."""

LONGEST_EXPORTED = 64 << 20
"""Bytes of the longest line of a file in which a line has all that a record has, and perhaps had."""

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """One line with its end of line. `fault` says what is wrong with it; its text then cannot be trusted."""

    number: int
    text: str
    fault: str | None = None


class Lines:
    """Iterates over a binary file's lines in constant memory; lines may be handed back and come again.

    Bytes that are not UTF-8 survive in the text as surrogate escapes, so that they can be written out unchanged.
    Raises Stopped for a file in UTF-16. `longest` is how many bytes of a line are kept.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._returned: deque[Line] = deque()
        self._number = 0
        self.bytes_read = 0
        self.longest = LONGEST

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> Line:
        if self._returned:
            return self._returned.popleft()
        raw = self._file.readline(self.longest + 1)
        if not raw:
            raise StopIteration
        self._number += 1
        self.bytes_read += len(raw)
        if self._number == 1:
            raw = _without_mark(raw)
        if len(raw) > self.longest and not raw.endswith(b"\n"):
            self._skip_line()
            return Line(self._number, _lenient(raw[:1000]) + "\n", f"the line is longer than {self.longest} bytes")
        return _decoded(self._number, raw)

    def peek(self) -> Line | None:
        """The next line, which stays the next one; None at the end."""
        line = next(self, None)
        if line is not None:
            self._returned.appendleft(line)
        return line

    def hand_back(self, lines: Iterable[Line]) -> None:
        """Makes `lines` the next ones, in their order."""
        self._returned.extendleft(reversed(list(lines)))

    def _skip_line(self) -> None:
        while raw := self._file.readline(self.longest):
            self.bytes_read += len(raw)
            if raw.endswith(b"\n"):
                return


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith(_UTF16_MARKS):
        raise Stopped("The file is UTF-16; save it as UTF-8 (for example with: iconv -f utf-16 -t utf-8).")
    return raw.removeprefix(_UTF8_MARK)


def _decoded(number: int, raw: bytes) -> Line:
    try:
        return Line(number, raw.decode())
    except UnicodeDecodeError as cause:
        fault = f"not UTF-8: byte 0x{raw[cause.start]:02x} at place {cause.start + 1} of the line"
        return Line(number, _lenient(raw), fault)


def _lenient(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")
