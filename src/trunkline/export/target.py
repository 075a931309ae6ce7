"""Where a file is written: beside its place, and into it once it is whole."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from trunkline.load.private import own

STANDARD = Path("-")
"""Stands for the standard output, which is written as it comes."""


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `file` when all went well, and else is removed.

    Only its owner may read it, as it may be full of people. What was cut off by a crash is left as `FILE.partial`.
    """
    if file == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = file.with_name(f"{file.name}.partial")
    try:
        with open(partial, "wb", opener=own) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise
