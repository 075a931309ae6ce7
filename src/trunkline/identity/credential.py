"""What somebody proves themselves with: tokens, client secrets, codes and sessions. Only their digests are kept."""

import hashlib
from typing import Literal

from msgspec import Struct

from trunkline.crm.record import Moment

Kind = Literal["private", "secret", "code", "access", "refresh", "session"]
"""`private` is the token of a private app and `secret` that of an OAuth app; `code`, `access` and `refresh` are made on
the way of an authorization, and `session` is a person's who signed in."""


class Credential(Struct, frozen=True, kw_only=True):
    """One credential. Its `app`, `portal` and `user` are 0 where it has none.

    `family` is shared by all that came of one consent, which end together. `redirect_uri` and `challenge` are those
    that a code was asked for with. One that is past `expires`, or that has `ended`, proves nothing.
    """

    digest: bytes
    kind: Kind
    app: int = 0
    portal: int = 0
    user: int = 0
    scopes: tuple[str, ...] = ()
    family: str = ""
    redirect_uri: str = ""
    challenge: str = ""
    created: Moment
    expires: Moment | None = None
    ended: Moment | None = None

    def good(self, now: Moment) -> bool:
        """Whether it proves anything at this time."""
        return self.ended is None and (self.expires is None or now < self.expires)


def digest(text: str) -> bytes:
    """What is kept of a credential: its SHA-256. The texts are random and long, so no slower hash is needed."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
