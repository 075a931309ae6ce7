"""What a file is: which columns it has and how its cells are parted."""

import csv
import json
import re
from enum import StrEnum
from typing import NamedTuple

from trunkline.load.exported import content_of
from trunkline.load.stopped import Stopped


class Format(StrEnum):
    """The kinds of file that can be read; AUTO looks at the first line."""

    AUTO = "auto"
    CSV = "csv"
    NDJSON = "ndjson"
    ASTERISK = "asterisk"
    TWILIO = "twilio"
    PARQUET = "parquet"


class Layout(NamedTuple):
    """How the lines of one file are read. `header` says whether the first line names the columns.

    `exported` means that `trunkline export` wrote it: its columns are properties, and the empty text is a value.
    """

    format: Format
    delimiter: str = ","
    header: bool = True
    exported: bool = False


CDR_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
)
"""The order in which Asterisk's cdr_csv writes Master.csv; the last two only when cdr.conf asks for them."""

_CDR_DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "UNKNOWN"}
_CDR_FIXED = 16
_UNIQUEID = re.compile(r"(.+-)?\d{9,}\.\d+")
_DELIMITERS = ",;\t|"


def fold(name: str) -> str:
    """A column's name without case, spaces and marks: `Start Time`, `start_time` and `startTime` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def sniff(first: str, wanted: Format = Format.AUTO) -> Layout:
    """The layout of a file whose first line is `first`; `wanted` is what the user said it is.

    Raises Stopped for one JSON array, which is not NDJSON.
    """
    if first.lstrip().startswith("["):
        raise Stopped("The file is one JSON array; write one JSON object per line (NDJSON) instead.")
    if wanted is Format.NDJSON or (wanted is Format.AUTO and first.lstrip().startswith("{")):
        return Layout(Format.NDJSON, exported=_is_exported(first))
    delimiter = max(_DELIMITERS, key=first.count)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    names = {fold(cell) for cell in cells}
    if wanted in (Format.AUTO, Format.CSV) and content_of([cell.strip() for cell in cells]) is not None:
        return Layout(Format.CSV, delimiter, exported=True)
    kind = _kind(cells, names) if wanted is Format.AUTO else wanted
    return Layout(kind, delimiter, header=kind is not Format.ASTERISK or {"src", "dst"} <= names)


def _kind(cells: list[str], names: set[str]) -> Format:
    if {"src", "dst", "disposition"} <= names or _is_cdr(cells):
        return Format.ASTERISK
    if names & {"sid", "callsid"} and names & {"starttime", "direction"}:
        return Format.TWILIO
    return Format.CSV


def _is_exported(line: str) -> bool:
    """Whether a line of NDJSON is a record as the API tells it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"id", "archived", "properties"} <= record.keys()


def _is_cdr(cells: list[str]) -> bool:
    if not _CDR_FIXED <= len(cells) <= len(CDR_COLUMNS):
        return False
    return cells[14] in _CDR_DISPOSITIONS and cells[9][:4].isdigit()


def cdr_columns(cells: list[str]) -> tuple[str, ...]:
    """The columns of one row of a Master.csv without a header.

    A row of 17 has either a uniqueid or a userfield, as cdr.conf says (loguniqueid, loguserfield); what stands there
    tells which. A row of another length gets all the columns, and so does not fit.
    """
    if len(cells) == _CDR_FIXED:
        return CDR_COLUMNS[:_CDR_FIXED]
    if len(cells) == _CDR_FIXED + 1:
        return CDR_COLUMNS[:-1] if _UNIQUEID.fullmatch(cells[-1]) else (*CDR_COLUMNS[:_CDR_FIXED], "userfield")
    return CDR_COLUMNS
