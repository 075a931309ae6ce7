"""The rows of a Parquet file."""

import os
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from trunkline.load.exported import HISTORY, content_of
from trunkline.load.formats import Format, Layout
from trunkline.load.rows import Row
from trunkline.load.stopped import Stopped

AT_ONCE = 1000
"""Rows that are read at once."""


class ParquetRows:
    """Iterates over them; a row's line is its number. What `trunkline export` keeps of the past is passed over."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._bytes = file.seek(0, os.SEEK_END)
            self._file = ParquetFile(file)
        except (pa.ArrowInvalid, OSError) as cause:
            raise Stopped(f"The file cannot be read as Parquet: {cause}.") from cause
        names = self._file.schema_arrow.names
        self.layout = Layout(Format.PARQUET, exported=content_of(names) is not None)
        self.columns = tuple(name for name in names if not (self.layout.exported and name.startswith(HISTORY)))
        self._rows: int = self._file.metadata.num_rows
        self._read = 0

    def __iter__(self) -> Iterator[Row]:
        for batch in self._file.iter_batches(AT_ONCE, columns=list(self.columns)):
            for cells in zip(*map(texts, batch.columns), strict=True):
                self._read += 1
                yield Row(self._read, self.columns, cells)

    @property
    def place(self) -> int:
        """Bytes of the file that were read, about."""
        return self._bytes * self._read // max(self._rows, 1)

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """What heads the original cells in the rejects file."""
        return self.columns

    def kept(self, row: Row) -> Sequence[str | None]:
        """The row's original cells for the rejects file."""
        return row.cells


def texts(column: pa.Array) -> list[str | None]:
    """The cells of a column as the texts of a property."""
    cells: list[Any] = column.to_pylist()
    return cells if pa.types.is_string(column.type) else [text(cell) for cell in cells]


def text(cell: Any) -> str | None:
    """What a cell of any type is as the text of a property; lists and structs are JSON."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list | dict):
        return msgspec.json.encode(cell, enc_hook=str).decode()
    return str(cell)
