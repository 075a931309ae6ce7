"""Unique values as the database keeps them.

An index entry has room for some 2,700 bytes, and no text holds a NUL; so a long value is kept as its digest, and a
backslash says that something was replaced.
"""

import re
from hashlib import sha256

LONGEST = 500
"""Characters of a value that is kept as it is; each has at most four bytes."""


def kept(value: str) -> str:
    """What stands for a value: different values never have the same."""
    if "\\" in value or "\0" in value:
        value = value.replace("\\", "\\\\").replace("\0", "\\0")
    if len(value) > LONGEST:
        return f"\\#{sha256(value.encode()).hexdigest()}"
    return value


def restored(standing: str) -> str | None:
    """The value that something stands for; None for a long one, of which there is only the digest."""
    if "\\" not in standing:
        return standing
    if standing.startswith("\\#"):
        return None
    return re.sub(r"\\(.)", lambda found: "\0" if found[1] == "0" else found[1], standing)
