"""What an app wants to be told of, and where: its webhook settings and its subscriptions."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.record import Moment
from trunkline.errors import InvalidWebhook
from trunkline.identity.app import LOOPBACK, complete

OBJECT = "object"
"""The first part of what a subscription to any object type is to; it names the type besides."""

TYPES: Mapping[str, str] = {
    "contact": "0-1",
    "company": "0-2",
    "deal": "0-3",
    "ticket": "0-5",
    "product": "0-7",
    "line_item": "0-8",
}
"""The object types that have subscriptions of their own."""

HAPPENINGS = ("creation", "deletion", "propertyChange", "associationChange", "merge", "restore")

KINDS = frozenset(
    {
        "contact.privacyDeletion",
        *(f"{name}.{what}" for name in (*TYPES, OBJECT) for what in HAPPENINGS),
        *(f"conversation.{what}" for what in ("creation", "deletion", "newMessage", "privacyDeletion")),
        "conversation.propertyChange",
        "event.completed",
    }
    - {"product.associationChange"}
)
"""All that a subscription may be to. Of conversations and of events of an app's own there are none here."""

MOST = 1000
"""Subscriptions of an app."""

MOST_AT_ONCE = 100
"""Requests to one app that may be under way at once, at most."""

LONGEST_URL = 2000

_TYPE_ID = re.compile(r"\d{1,9}-\d{1,12}")


class Target(Struct, frozen=True, kw_only=True):
    """Where an app is told, and by how many requests at once."""

    url: str
    at_once: int
    created: Moment
    updated: Moment


class Subscription(Struct, frozen=True, kw_only=True):
    """What an app is told of. `type` is the id of the object type of one to `object.…`, and empty for others.

    `since` has for each portal the position of the journal after which it counts: what was before it was made, or
    while it was not active, is not told.
    """

    id: int
    kind: str
    active: bool
    property_name: str = ""
    type: str = ""
    created: Moment
    updated: Moment
    since: Mapping[int, int] = {}

    @property
    def happening(self) -> str:
        """What has to happen, as `creation`."""
        return self.kind.partition(".")[2]

    @property
    def type_id(self) -> str:
        """The id of the object type that it is about."""
        return self.type or TYPES.get(self.kind.partition(".")[0], "")


class Wish(Struct, frozen=True):
    """A subscription as somebody asks for it."""

    kind: str
    active: bool
    property_name: str = ""
    type: str = ""


def aimed(url: str, at_once: int, before: Target | None, now: Moment, *, plain: bool) -> Target:
    """Where an app is to be told from now on, `plain` http to everywhere included; raises `InvalidWebhook`."""
    if not usable(url, plain=plain):
        raise InvalidWebhook("The target URL must be https, or http to this machine, and complete.", "targetUrl")
    if not 0 < at_once <= MOST_AT_ONCE:
        message = f"The number of concurrent requests must be between 1 and {MOST_AT_ONCE}."
        raise InvalidWebhook(message, "throttling.maxConcurrentRequests")
    return Target(url=url, at_once=at_once, created=now if before is None else before.created, updated=now)


def usable(url: str, *, plain: bool) -> bool:
    """Whether an app may be told at a URL: https, or http to this machine, without a user or a fragment."""
    parts = complete(url)
    if parts is None or len(url) > LONGEST_URL or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (plain or parts.hostname in LOOPBACK))


def subscribed(wish: Wish, others: Iterable[Subscription], now: Moment, since: Mapping[int, int]) -> Subscription:
    """A new subscription, or the one to the same, switched as is asked; raises `InvalidWebhook` when it cannot be."""
    others = list(others)
    _require(wish)
    generic = wish.kind.startswith(f"{OBJECT}.")
    made = Subscription(
        id=max((one.id for one in others), default=0) + 1,
        kind=wish.kind,
        active=wish.active,
        property_name=wish.property_name if wish.kind.endswith(".propertyChange") else "",
        type=wish.type if generic else "",
        created=now,
        updated=now,
        since=since,
    )
    for one in others:
        if (one.kind, one.property_name, one.type) == (made.kind, made.property_name, made.type):
            return switched(one, wish.active, now, since)
    if len(others) >= MOST:
        raise InvalidWebhook(f"An app has {MOST} subscriptions at most.", "eventType")
    return made


def _require(wish: Wish) -> None:
    if wish.kind not in KINDS:
        raise InvalidWebhook(f"{wish.kind[:100]} is nothing to subscribe to.", "eventType")
    if wish.kind.endswith(".propertyChange") and not wish.property_name:
        raise InvalidWebhook("A subscription to changes of a property names the property.", "propertyName")
    if wish.kind.startswith(f"{OBJECT}.") and not _TYPE_ID.fullmatch(wish.type):
        raise InvalidWebhook("A subscription to object.… names the id of an object type.", "objectTypeId")


def switched(one: Subscription, active: bool | None, now: Moment, since: Mapping[int, int]) -> Subscription:
    """The same, active or not; one that becomes active counts from these positions on."""
    if active is None or active == one.active:
        return one
    return replace(one, active=active, updated=now, since=since if active else one.since)
