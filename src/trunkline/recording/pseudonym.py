"""Other values for those that nobody else shall read: the same for the same, and of the same kind.

They come of a key that is kept apart, so that without it nobody can try which value would have this pseudonym.
"""

import hashlib
import hmac
import re
from functools import lru_cache

VOWELS, CONSONANTS = "aeiou", "bdfgklmnprstvz"
SECRET = "masked-"
"""How the pseudonym of a secret begins."""

NOBODYS = ".example"
"""How every domain ends that is a pseudonym (RFC 2606)."""

TURNED = 7
"""The digits of a telephone number that are others; those before are the country's and the area's."""

REMEMBERED = 10_000
"""Words whose pseudonyms are remembered."""

_FREE_TEXT = re.compile(
    r"(?P<email>[\w.+'-]+@[\w-]+(?:\.[\w-]+)+)|(?P<phone>\+\d[\d ().-]{6,}\d)|(?P<kept><[^<>]*>|&\w+;)"
    r"|(?P<digits>\d{3,})|(?P<word>[^\W\d_]+)"
)
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.-])\+\d[\d ().-]{6,}\d(?!\w)")


class Pseudonyms:
    """Those of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # People use few words, and each of them often.
        self._known_word = lru_cache(REMEMBERED)(self._make_word)

    def word(self, text: str) -> str:
        """A word that can be said, with capitals where the other has them."""
        return self._known_word(text)

    def _make_word(self, text: str) -> str:
        number, letters = self._number("word", text.lower()), []
        for place in range(len(text) if len(text) > 3 else 4):
            choice = VOWELS if place % 2 else CONSONANTS
            number, chosen = divmod(number, len(choice))
            letters.append(choice[chosen])
        made = "".join(letters)
        return made.upper() if text.isupper() and len(text) > 1 else made.capitalize() if text[:1].isupper() else made

    def email(self, text: str) -> str:
        """An address at a domain that is nobody's."""
        name, _, domain = text.lower().rpartition("@")
        return f"{self.word(name)[:12]}{self._number('name', name) % 10_000}@{self.domain(domain)}"

    def domain(self, text: str) -> str:
        """A domain that is nobody's."""
        return f"{self.word(text.lower())[:12]}{self._number('domain', text.lower()) % 1_000}{NOBODYS}"

    def phone(self, text: str) -> str:
        """A number written in the same way, with the same country and area."""
        digits = re.sub(r"\D", "", text)
        last = digits[-TURNED:]
        turned = iter(digits[:-TURNED] + self.digits(last))
        return re.sub(r"\d", lambda _: next(turned), text)

    def digits(self, text: str) -> str:
        """As many digits, of which the first is not zero."""
        return "".join(str(self._number(f"digit {n}", text) % 9 + 1) for n in range(len(text)))

    def number(self, text: str) -> str:
        """An id of eight digits."""
        return str(10_000_000 + self._number("number", text) % 90_000_000)

    def secret(self, text: str) -> str:
        """What stands for a token or password."""
        return f"{SECRET}{self._number('secret', text) % 16**12:012x}"

    def text(self, text: str) -> str:
        """A text with other words and numbers, and the same marks between them."""
        return _FREE_TEXT.sub(self._part, text)

    def _part(self, found: re.Match[str]) -> str:
        make = {"email": self.email, "phone": self.phone, "digits": self.digits, "word": self.word}.get(
            found.lastgroup or ""
        )
        return make(found[0]) if make else found[0]

    def _number(self, kind: str, text: str) -> int:
        return int.from_bytes(hmac.digest(self._key, f"{kind}\0{text}".encode(), hashlib.sha256), "big")
