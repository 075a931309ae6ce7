"""What the audit trail tells: who was let in, who was not, and who was given or lost what."""

from typing import Literal

from msgspec import Struct

from trunkline.crm.record import Moment

EventKind = Literal[
    "portal.created",
    "portal.changed",
    "portal.removed",
    "app.created",
    "app.changed",
    "app.removed",
    "secret.rotated",
    "token.created",
    "token.rotated",
    "token.revoked",
    "person.created",
    "person.changed",
    "person.removed",
    "team.created",
    "team.changed",
    "team.removed",
    "signed_in",
    "signed_out",
    "sign_in_refused",
    "consent.granted",
    "consent.denied",
    "consent.revoked",
    "token.issued",
    "token.refreshed",
    "token.reused",
    "token.refused",
    "client.refused",
    "request.refused",
]


class Event(Struct, frozen=True, kw_only=True):
    """One entry. `portal`, `app` and `user` are 0 where it concerns none; `address` is where it came from.

    `count` is how often the same happened in a short time: refusals are gathered, so that nobody fills a disk with
    them. No secret is ever in `detail`.
    """

    at: Moment
    kind: EventKind
    portal: int = 0
    app: int = 0
    user: int = 0
    address: str = ""
    detail: str = ""
    count: int = 1
    position: int = 0
