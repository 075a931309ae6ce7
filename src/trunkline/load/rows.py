"""Reading the rows of a file, one at a time."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, NoReturn

import msgspec
from msgspec import Raw, Struct

from trunkline.load.exported import HEAD, REJECTED, TIES, column_of
from trunkline.load.formats import CDR_COLUMNS, Format, Layout, cdr_columns, sniff
from trunkline.load.lines import LONGEST_EXPORTED, Line, Lines
from trunkline.load.stopped import Stopped


class Row(NamedTuple):
    """One row as it stands in the file.

    `line` is the line it starts on, the first being 1. `columns` and `cells` are of one length unless `fault` says
    what is wrong. `declared` means that the file itself calls the columns properties.
    """

    line: int
    columns: tuple[str, ...]
    cells: Sequence[str | None]
    fault: str | None = None
    declared: bool = False
    text: str | None = None


class Rows:
    """Iterates over a file's rows in constant memory. Rows without any value are passed over; bad ones carry a fault.

    `columns` are those of the whole file, known before the first row; empty for NDJSON, where each row has its own.
    Raises Stopped when the file cannot be what `wanted` says.
    """

    def __init__(self, lines: Lines, wanted: Format = Format.AUTO) -> None:
        self._lines = lines
        first = _first_line(lines)
        self.layout = sniff(first, wanted) if first is not None else Layout(Format.CSV, header=False)
        self.columns: tuple[str, ...] = ()
        self._beside = 0
        lines.longest = LONGEST_EXPORTED if self.layout.exported else lines.longest
        if self.layout.format is not Format.NDJSON:
            self._records = (Quoted if self.layout.exported else Records)(lines, self.layout.delimiter)
            self.columns = self._header() if self.layout.header else CDR_COLUMNS

    def __iter__(self) -> Iterator[Row]:
        if self.layout.format is Format.NDJSON:
            row = exported_row if self.layout.exported else json_row
            return (row(line) for line in self._lines if not line.text.isspace())
        return (self._tabular(one) for one in self._records if any(cell and cell.strip() for cell in one.cells))

    @property
    def place(self) -> int:
        """Bytes of the file that were read."""
        return self._lines.bytes_read

    def kept(self, row: Row) -> Sequence[str | None]:
        """The row's original cells for the rejects file, in the order of `kept_columns`."""
        if row.text is not None:
            return [row.text]
        if row.fault is None and row.columns != self.columns:
            cells = dict(zip(row.columns, row.cells, strict=True))
            return [cells.get(column) or "" for column in self.columns]
        return row.cells

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """What heads the original cells in the rejects file."""
        return self.columns or ("json",)

    def _header(self) -> tuple[str, ...]:
        record = next(self._records)
        if record.fault:
            raise Stopped(f"The header line cannot be read: {record.fault}.")
        names = tuple((cell or "").strip() for cell in record.cells)
        # A file of rejected rows is read like the one that they were in.
        self._beside = len(REJECTED) if self.layout.exported and names[: len(REJECTED)] == REJECTED else 0
        return names[self._beside :]

    def _tabular(self, record: "Record") -> Row:
        line, fault, cells = record.line, record.fault, record.cells
        if fault is None and self._beside:
            cells = cells[self._beside :]
        columns = self.columns if self.layout.header else cdr_columns([cell or "" for cell in cells])
        if fault is None and len(cells) != len(columns):
            fault = f"the row has {len(cells)} cells where {len(columns)} are due"
        return Row(line, columns, cells, fault)


class Record(NamedTuple):
    """One CSV record: the line it starts on and its cells, or the raw line as the only cell beside a fault."""

    line: int
    cells: Sequence[str | None]
    fault: str | None = None


class Records:
    """Iterates over CSV records. A quote that is never closed costs its own line only: reading goes on at the next."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self._lines = lines
        self._taken: list[Line] = []
        self._starved = False
        self._reader = csv.reader(_Feed(self._pull), delimiter=delimiter)

    def __iter__(self) -> "Records":
        return self

    def __next__(self) -> Record:
        self._taken.clear()
        self._starved = False
        try:
            cells = next(self._reader)
        except csv.Error as cause:
            return self._broken(f"not readable as CSV: {cause}")
        if self._starved:
            return self._broken("a quoted value is never closed")
        fault = next((line.fault for line in self._taken if line.fault), None)
        return Record(self._taken[0].number, cells, fault)

    def _pull(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self._starved = True
            raise StopIteration
        self._taken.append(line)
        return line.text

    def _broken(self, fault: str) -> Record:
        first = self._taken[0]
        self._lines.hand_back(self._taken[1:])
        return Record(first.number, [first.text.rstrip("\r\n")], fault)


class Quoted(Records):
    """Iterates over CSV records in which a cell of nothing, without even quotes, has no value."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        super().__init__(lines, delimiter)
        self._delimiter = delimiter
        other = re.escape(delimiter)
        self._cell = re.compile(rf'(?:(")([^"]*(?:""[^"]*)*)"|([^"{other}\r\n]*)){other}')

    def __next__(self) -> Record:
        self._taken.clear()
        text = [self._pull()]
        quotes = text[0].count('"')
        while quotes % 2:
            try:
                text.append(self._pull())
            except StopIteration:
                return self._broken("a quoted value is never closed")
            quotes += text[-1].count('"')
        cells = self._cells("".join(text))
        if cells is None:
            return self._broken("not readable as CSV: a quote stands within a value that is not in quotes")
        fault = next((line.fault for line in self._taken if line.fault), None)
        return Record(self._taken[0].number, cells, fault)

    def _cells(self, text: str) -> list[str | None] | None:
        """The cells of a record; None when it is more than cells."""
        text = text.removesuffix("\n").removesuffix("\r") + self._delimiter
        found = self._cell.findall(text)
        length = sum(len(inner) + len(bare) + (3 if quote else 1) for quote, inner, bare in found)
        if length != len(text):
            return None
        return [
            (inner.replace('""', '"') if '"' in inner else inner) if quote else bare or None
            for quote, inner, bare in found
        ]


class _Feed:
    """What csv.reader pulls from. No generator: one that has ended stays so, and lines may come back after the end."""

    def __init__(self, pull: Callable[[], str]) -> None:
        self._pull = pull

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        return self._pull()


def json_row(line: Line) -> Row:
    """The row of one NDJSON line: flat properties, or `{"properties": {...}}`, also as an input of a batch.

    An input's `idProperty` and `id` become a property like the others. Numbers keep the text they are written in.
    """
    text = line.text.rstrip("\r\n")
    try:
        if line.fault:
            raise ValueError(line.fault)
        record = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
        flat, declared = _properties(record)
        cells = [_cell(name, value) for name, value in flat.items()]
        "".join(flat).encode()
        return Row(line.number, tuple(flat), cells, declared=declared, text=text)
    except UnicodeEncodeError:
        fault = "half of a surrogate pair is no text"
    except RecursionError:
        fault = "the JSON is nested too deeply"
    except ValueError as cause:
        fault = str(cause) if not isinstance(cause, json.JSONDecodeError) else f"not JSON: {cause}"
    return Row(line.number, (), (), fault, text=text)


def exported_row(line: Line) -> Row:
    """The row of one NDJSON line that `trunkline export` wrote: a column for each property and type of association."""
    text = line.text.rstrip("\r\n")
    try:
        if line.fault:
            raise ValueError(line.fault)
        record = _whole.decode(text.encode())
    except (ValueError, RecursionError, msgspec.MsgspecError) as cause:
        return Row(line.number, (), (), f"not a record: {cause}", text=text)
    ties = record.associations or {}
    columns = _columns(tuple(record.properties), tuple(ties))
    cells = [record.id, *record.properties.values(), *(bytes(told).decode() for told in ties.values())]
    return Row(line.number, columns, cells, declared=True, text=text)


@lru_cache(maxsize=256)
def _columns(names: tuple[str, ...], types: tuple[str, ...]) -> tuple[str, ...]:
    return (HEAD[0], *map(column_of, names), *(TIES + type_ for type_ in types))


class _Whole(Struct):
    id: str
    properties: dict[str, str | None]
    associations: dict[str, Raw] | None = None


_whole = msgspec.json.Decoder(_Whole)


def _properties(record: object) -> tuple[dict[str, object], bool]:
    if not isinstance(record, dict):
        raise ValueError("the line is not a JSON object")
    properties = record.get("properties")
    if not isinstance(properties, dict):
        return record, False
    key, name = record.get("id"), record.get("idProperty")
    if isinstance(key, str) and isinstance(name, str):
        return {name: key, **properties}, True
    return properties, True


def _cell(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        if value is not None:
            value.encode()
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise ValueError(f"{name}: {'an object' if isinstance(value, dict) else 'a list'} cannot be a property's value")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


def _first_line(lines: Lines) -> str | None:
    while (line := lines.peek()) is not None:
        if line.text.strip():
            return line.text
        next(lines)
    return None
