"""Who is calling, and what they may do. Every operation passes here and nowhere else."""

import hashlib
import hmac
from collections.abc import Sequence

from msgspec import Struct

from trunkline.clock import Clock
from trunkline.crm.values import moment
from trunkline.errors import ApiKeyGone, ExpiredToken, MissingScopes, Unauthenticated
from trunkline.identity.credential import Credential, digest
from trunkline.identity.person import OWNER
from trunkline.identity.portal import Portal
from trunkline.store.accounts import Accounts

EVERYTHING = "*"
"""The scope of a fixed token: all of them."""

FIXED_APP = 1
"""The app of the fixed token; those of stored tokens start far above."""

FIXED_NAME = "fixed token"
"""What that app is called."""

MOST_KNOWN = 10_000
"""Tokens that are remembered; others are looked up again when they come."""

OPENING = ("private", "access")
"""The kinds of credential that are access tokens."""


class Caller(Struct, frozen=True):
    """The app that calls, the portal and the person it calls for, and what it was granted, until when.

    A `public` one is an OAuth app, as against a private app of the portal's own; one that calls on its `own` proved
    itself with its client secret, for nobody who let it in.
    """

    portal: int
    app: int
    scopes: frozenset[str]
    user: int = 0
    public: bool = False
    expires: int | None = None
    own: bool = False

    def require(self, scopes: Sequence[str]) -> None:
        """Raises `MissingScopes` unless one of these scopes was granted (behaviour 6.3)."""
        if EVERYTHING not in self.scopes and self.scopes.isdisjoint(scopes):
            raise MissingScopes(scopes)


NOBODY = Caller(0, 0, frozenset())
"""Who calls an operation that asks for no token."""


class Gate:
    """Lets tokens in, by the digest of their text. It remembers those that came lately; the store knows them all."""

    def __init__(self, accounts: Accounts, secret: str, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._callers: dict[bytes, Caller] = {}
        self._portals: dict[int, Portal] = {}
        self._fixed: dict[bytes, Caller] = {}
        self._secret = digest(secret)

    def admit_fixed(self, text: str, portal: int) -> None:
        """Lets the operator's fixed token in, with every scope in one portal."""
        self._fixed[digest(text)] = Caller(portal, FIXED_APP, frozenset((EVERYTHING,)), OWNER)

    def forget(self) -> None:
        """Looks everything up anew from now on: something was granted, changed, revoked or removed."""
        # What is being looked up goes into what was known before, since it may have been read before the change.
        self._callers = {}
        self._portals = {}

    async def caller(self, authorization: str | None, *, keyed: bool = False) -> Caller:
        """Who an Authorization header speaks for; `keyed` says that an API key was sent.

        Raises `Unauthenticated` (behaviour 6.1), `ExpiredToken` (6.2), and `ApiKeyGone` (6.7) for a key alone.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise ApiKeyGone if keyed else Unauthenticated
        key = digest(text.strip())
        caller = self._callers.get(key) or self._fixed.get(key) or await self._look_up(key)
        if caller is None or (caller.portal not in self._portals and await self.portal(caller.portal) is None):
            raise Unauthenticated
        if caller.expires is not None and (ago := self._clock.now(caller.portal) - caller.expires) >= 0:
            raise ExpiredToken(ago, moment(caller.expires))
        return caller

    async def holder(self, text: str) -> Caller | None:
        """Who an access token speaks for, also one that has expired; None when nobody does."""
        key = digest(text)
        return self._callers.get(key) or self._fixed.get(key) or await self._look_up(key)

    def known(self, id_: int) -> Portal | None:
        """A portal that is remembered, as that of whoever was just let in."""
        return self._portals.get(id_)

    async def portal(self, id_: int) -> Portal | None:
        """A portal that is there."""
        known = self._portals
        found = known.get(id_)
        if found is None and (found := await self._accounts.portal(id_)) is not None:
            known[id_] = found
        return found

    async def _look_up(self, key: bytes) -> Caller | None:
        known = self._callers
        credential = await self._accounts.credential(key)
        if credential is None or credential.kind not in OPENING or credential.ended is not None:
            return None
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[key] = caller = _caller(credential)
        return caller

    def seal(self, text: str) -> str:
        """What proves that this server wrote a text: nobody else can make it."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def require_secret(self, text: str | None) -> None:
        """Raises `Unauthenticated` unless the text is the secret of the control namespace."""
        if not hmac.compare_digest(digest(text or ""), self._secret):
            raise Unauthenticated


def _caller(credential: Credential) -> Caller:
    return Caller(
        credential.portal,
        credential.app,
        frozenset(credential.scopes),
        credential.user or OWNER,
        credential.kind == "access",
        credential.expires,
        credential.kind == "access" and not credential.user,
    )
