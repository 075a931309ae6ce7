"""The memory that the processes on one socket share: a file without a name, which all of them have open.

At its beginning is the board of those who let connections in, then the ledger of what they count.
"""

from mmap import mmap
from typing import BinaryIO

from msgspec import Struct

from trunkline.http.ledger import PART, Ledger
from trunkline.http.porter import ABSENT, Share

NUMBER = 8
"""Bytes of a number; each is read and written whole."""


class Place(Struct, frozen=True):
    """What one process has of it."""

    share: Share
    ledger: Ledger


def prepare(file: BinaryIO, places: int) -> None:
    """Makes an empty file the memory of so many processes, of which none is there yet."""
    file.truncate(NUMBER * places * (1 + PART))
    for number in range(places):
        place(file.fileno(), places, number).share.write(ABSENT)


def place(file: int, places: int, number: int) -> Place:
    """The place of one of so many processes; `file` is the number of the open file."""
    memory = memoryview(mmap(file, NUMBER * places * (1 + PART))).cast("q")
    return Place(Share(memory[:places], number), Ledger(memory[places:], places, number))
