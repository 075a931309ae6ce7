"""A person who signs in, with a password, and decides for portals."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from trunkline.crm.record import Moment

_hasher = PasswordHasher()

OWNER = 10_000_001
"""The id of the person that every store has: whoever runs the server, and decides for all its portals."""

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024


class Person(Struct, frozen=True, kw_only=True):
    """One person. `portals` are those that they decide for; without a `password` nobody signs in as them."""

    id: int = 0
    email: str
    portals: tuple[int, ...] = ()
    password: str | None = None
    created: Moment
    removed: Moment | None = None

    def may_decide_for(self, portal: int) -> bool:
        """Whether they may let apps into a portal."""
        return self.id == OWNER or portal in self.portals


def hashed(password: str) -> str:
    """What is kept of a password (Argon2id). It takes long on purpose: not on the event loop."""
    return _hasher.hash(password)


def matches(person: Person | None, password: str) -> bool:
    """Whether a password is the person's; as slow for nobody. Not on the event loop."""
    kept = person.password if person is not None and person.password else _of_nobody()
    try:
        _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
    return person is not None and bool(person.password)


@cache
def _of_nobody() -> str:
    """What a password is compared with when nobody has the address, so that this takes as long as a wrong one."""
    return _hasher.hash("")
