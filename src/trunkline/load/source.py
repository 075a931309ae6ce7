"""The rows of a file, of whatever kind it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from trunkline.load.exported import require_arrow
from trunkline.load.formats import Format, Layout
from trunkline.load.lines import Lines
from trunkline.load.rows import Row, Rows

_PARQUET = b"PAR1"


class Source(Protocol):
    """Iterates over a file's rows in constant memory. `columns` are those of the whole file, if it has such."""

    layout: Layout
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Row]: ...

    @property
    def place(self) -> int:
        """Bytes of the file that were read, about."""

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """What heads the original cells in the rejects file."""

    def kept(self, row: Row) -> Sequence[str | None]:
        """The row's original cells for the rejects file, in the order of `kept_columns`."""


def opened(file: BinaryIO, wanted: Format) -> Source:
    """The rows of an open file. Raises `Stopped` for one that cannot be what `wanted` says."""
    if wanted is Format.PARQUET or (wanted is Format.AUTO and peeked(file) == _PARQUET):
        require_arrow()
        from trunkline.load.parquet import ParquetRows

        return ParquetRows(file)
    return Rows(Lines(file), wanted)


def peeked(file: BinaryIO) -> bytes:
    """How a file begins, which is still to be read."""
    peek = getattr(file, "peek", None)
    return bytes(peek(len(_PARQUET))[: len(_PARQUET)]) if peek else b""


def size(file: BinaryIO) -> int | None:
    """The file's length; None for what has none, as a pipe."""
    if not file.seekable():
        return None
    return Path(file.name).stat().st_size or None
