"""Records as text: CSV and NDJSON."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import msgspec
from msgspec import UNSET

from trunkline.load.exported import NULL, Content, Null, Parted, Whole


class Ndjson:
    """A line for each record, just as the API tells it."""

    kind = Whole

    def __init__(self, out: BinaryIO, content: Content) -> None:
        self._out = out
        self._encoder = msgspec.json.Encoder()

    def write(self, records: Sequence[Whole]) -> None:
        """Adds records."""
        self._out.write(b"".join(_line(self._encoder.encode(record)) for record in records))

    def close(self) -> None:
        """Ends the file."""


def _line(encoded: bytes) -> bytes:
    # Ends of lines can only stand between the members of what a service wrote for people to read, never in a text.
    if b"\n" in encoded or b"\r" in encoded:
        encoded = encoded.replace(b"\n", b" ").replace(b"\r", b" ")
    return encoded + b"\n"


class Csv:
    """A table with a header. A value is in quotes, the empty one too; where there is none, there are no quotes."""

    kind = Parted

    def __init__(self, out: BinaryIO, content: Content) -> None:
        self._out = out
        self._content = content
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_NONNUMERIC)
        self._row = self._cells()
        self._add([content.columns])

    def write(self, records: Sequence[Parted]) -> None:
        """Adds records."""
        self._add(map(self._row, records))

    def close(self) -> None:
        """Ends the file."""

    def _add(self, rows: Iterable[Sequence[str | Null]]) -> None:
        self._writer.writerows(rows)
        self._out.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()

    def _cells(self) -> Callable[[Parted], list[str | Null]]:
        names, history, types = self._content.properties, self._content.history, self._content.associations

        def cells(record: Parted) -> list[str | Null]:
            has = record.properties.get
            row = head(record)
            row += [NULL if (value := has(name)) is None else value for name in names]
            if history:
                past = record.properties_with_history or {}
                row += [bytes(past[name]).decode() if name in past else NULL for name in names]
            ties = record.associations or {}
            row += [msgspec.json.encode(ties.get(type_, [])).decode() for type_ in types]
            return row

        return cells


def head(record: Parted) -> list[str | Null]:
    """The cells that stand in front."""
    return [
        record.id,
        NULL if record.created_at is None else record.created_at,
        NULL if record.updated_at is None else record.updated_at,
        "true" if record.archived else "false",
        NULL if record.archived_at is UNSET else record.archived_at,
    ]
