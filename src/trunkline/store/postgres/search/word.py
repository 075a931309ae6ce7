"""Words on their way into the index, and patterns on their way to it: both are cut here, and so they meet.

A row of words has room for a megabyte, and each of them for 2,046 bytes.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

LONGEST = 400
"""Characters of a word that is kept whole; each has at most four bytes."""

MOST = 1_000_000
"""Bytes of the words of one record. Of a record with more the last ones are not found."""

_SIGN = "."
"""What stands between a long word's start and what tells it from others that start so; it is in no word."""


def kept(word: str) -> str:
    """What stands for a word: different words never have the same."""
    if len(word) <= LONGEST:
        return word
    return f"{word[:LONGEST]}{_SIGN}{blake2b(word.encode(), digest_size=16).hexdigest()}"


def row(marked: Iterable[tuple[str, Iterable[str]]]) -> str:
    """The words of one record, each part's with its mark before them, parted by spaces, each once."""
    parts = ((mark, list(dict.fromkeys(words))) for mark, words in marked)
    text = " ".join(mark + f" {mark}".join(_all_kept(words)) for mark, words in parts if words)
    if len(text) > MOST // 4 and len(text.encode()) > MOST:
        text = text.encode()[:MOST].decode(errors="ignore").rpartition(" ")[0]
    return text


def _all_kept(words: list[str]) -> list[str]:
    return words if len(max(words, key=len)) <= LONGEST else [kept(word) for word in words]


def starting(mark: str, word: str) -> str:
    """The query for what starts with a word; of a very long one only its start is looked at."""
    return f"'{mark}{word[:LONGEST]}':*"


def matching(mark: str, pattern: str) -> str:
    """The query for what is a word as a whole, or starts so where the pattern has its only star at the end."""
    return starting(mark, pattern[:-1]) if pattern.endswith("*") else f"'{mark}{kept(pattern)}'"


def is_plain(pattern: str) -> bool:
    """Whether a pattern has no star but at its end."""
    return "*" not in pattern[:-1]


def start(mark: str, pattern: str) -> str | None:
    """The query for what starts as a pattern does before its first star; None where it starts with that."""
    first = pattern.partition("*")[0]
    return starting(mark, first) if first else None


def alike(mark: str, pattern: str) -> tuple[str, str]:
    """A pattern for LIKE that the text of a row with a matching word meets, and an expression that no other meets.

    Words that are not kept whole match none.
    """
    pieces = pattern.split("*")
    likely = "%".join(pieces)
    exact = f"[^'{_SIGN}]*".join(map(re.escape, pieces))
    return f"%'{mark}{likely}'%", f"'{re.escape(mark)}{exact}'"
