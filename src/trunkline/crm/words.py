"""How texts are compared in a search: without regard to case, whole or word by word.

A store that keeps its own index has to cut its texts with these functions, so that both sides agree on what a word is.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_PATTERN = re.compile(r"(?:[^\W_]|\*)+")
_STARS = re.compile(r"\*+")


def folded(text: str) -> str:
    """A text as it is compared in any case; composed and decomposed spellings of a letter become one."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def words(text: str) -> list[str]:
    """The words of a text, case-folded, in order: runs of letters and digits of any script (behaviour 7.18)."""
    return _WORD.findall(folded(text))


def patterns(text: str) -> list[str]:
    """The words that a token filter asks for, each once; a `*` in one stands for any characters (behaviour 7.18).

    What holds nothing but stars asks for nothing and is left out.
    """
    found = (_STARS.sub("*", pattern) for pattern in _PATTERN.findall(folded(text)))
    return [pattern for pattern in dict.fromkeys(found) if pattern != "*"]
