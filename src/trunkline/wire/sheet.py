"""Files of rows: CSV, as it is sent for an import and as an export writes it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO


class UnreadableFile(Exception):
    """A file that is none of rows, with the code of an import error, and the row at which reading stopped."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


def rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file in UTF-8, with or without a byte order mark, as a stream; each with its number from 1.

    Empty lines are passed over. Raises `UnreadableFile`.
    """
    lines = io.TextIOWrapper(file, "utf-8-sig", newline="")
    number = 0
    try:
        for cells in csv.reader(lines):
            number += 1
            if cells:
                yield number, cells
    except UnicodeDecodeError as cause:
        raise UnreadableFile("INVALID_FILE_TYPE", "The file is not in UTF-8.", number + 1) from cause
    except csv.Error as cause:
        raise UnreadableFile("COULD_NOT_PARSE_ROW", f"The row cannot be read: {cause}.", number + 1) from cause
    finally:
        lines.detach()


def written(table: Iterable[Sequence[str]]) -> list[bytes]:
    """The lines of a CSV file in UTF-8, one for each row. Cells are as they are, whatever they begin with."""
    lines = []
    for row in table:
        line = io.StringIO(newline="")
        csv.writer(line).writerow(row)
        lines.append(line.getvalue().encode())
    return lines
