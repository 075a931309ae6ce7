"""Who is calling, and what they may do. Every operation passes here and nowhere else."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from msgspec import Struct

from trunkline.errors import MissingScopes, Unauthenticated
from trunkline.store.protocol import Token

EVERYTHING = "*"
"""The scope of a fixed token: all of them."""

FIXED_APP = 1
"""The app of the fixed token; those of stored tokens start far above."""


class Caller(Struct, frozen=True):
    """The app that calls, the portal it calls for, and what it was granted."""

    portal: int
    app: int
    scopes: frozenset[str]

    def require(self, scopes: Sequence[str]) -> None:
        """Raises `MissingScopes` unless one of these scopes was granted (behaviour 6.3)."""
        if EVERYTHING not in self.scopes and self.scopes.isdisjoint(scopes):
            raise MissingScopes(scopes)


class Gate:
    """The tokens that are good, by the digest of their text. The texts themselves are nowhere."""

    def __init__(self, tokens: Iterable[Token], secret: str) -> None:
        self._callers: dict[bytes, Caller] = {}
        self._secret = digest(secret)
        for token in tokens:
            self.admit(token)

    def admit(self, token: Token) -> None:
        """Lets a token in, unless it is revoked."""
        if token.revoked is None:
            self._callers[token.digest] = Caller(token.portal, token.app, frozenset(token.scopes))

    def admit_fixed(self, text: str, portal: int) -> None:
        """Lets the operator's fixed token in, with every scope in one portal."""
        self._callers[digest(text)] = Caller(portal, FIXED_APP, frozenset((EVERYTHING,)))

    def dismiss(self, app: int) -> None:
        """Refuses the token of an app from now on."""
        self._callers = {key: caller for key, caller in self._callers.items() if caller.app != app}

    def caller(self, authorization: str | None) -> Caller:
        """Who an Authorization header speaks for; raises `Unauthenticated` (behaviour 6.1)."""
        scheme, _, text = (authorization or "").partition(" ")
        caller = self._callers.get(digest(text.strip())) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Unauthenticated
        return caller

    def require_secret(self, text: str | None) -> None:
        """Raises `Unauthenticated` unless the text is the secret of the control namespace."""
        if not hmac.compare_digest(digest(text or ""), self._secret):
            raise Unauthenticated


def digest(text: str) -> bytes:
    """What is kept of a token: its SHA-256. The texts are random and long, so no slower hash is needed."""
    return hashlib.sha256(text.encode()).digest()
