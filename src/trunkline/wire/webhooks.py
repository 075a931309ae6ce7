"""HubSpot's shapes of what an app is told of, and where (/webhooks/v3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.values import moment, text
from trunkline.feeds.subscription import Subscription, Target, Wish
from trunkline.wire.body import Reader
from trunkline.wire.error import StandardError
from trunkline.wire.property import Order, Truth, Words
from trunkline.wire.shape import Array, Flag, Object, Shape, Text, Whole

MODELS = "com.hubspot.webhooks.models"


class Throttling(Struct, rename="camel"):
    """By how many requests at once an app is told; `period` is always SECONDLY, and means nothing."""

    max_concurrent_requests: Order
    period: Words | None = None


class TargetBody(Struct, rename="camel"):
    """Where an app is to be told."""

    target_url: Words
    throttling: Throttling


class SubscriptionBody(Struct, rename="camel"):
    """What an app is to be told of."""

    event_type: Words
    active: Truth | None = None
    property_name: Words | None = None
    object_type_id: Words | None = None
    event_type_name: Words | None = None


class SwitchBody(Struct):
    """Whether a subscription is active."""

    active: Truth | None = None


class SwitchInput(Struct):
    """A subscription, and whether it is active."""

    id: Order
    active: Truth


class SwitchesBody(Struct):
    """The body of a batch that changes subscriptions."""

    inputs: list[SwitchInput]


_flag: Mapping[str, Shape] = {"active": Flag()}
_throttling: Mapping[str, Shape] = {"maxConcurrentRequests": Whole(), "period": Text()}
_target = Reader(
    TargetBody,
    Object(
        f"{MODELS}.SettingsChangeRequest",
        {
            "targetUrl": Text(),
            "throttling": Object(f"{MODELS}.ThrottlingSettings", _throttling, required=("maxConcurrentRequests",)),
        },
        required=("targetUrl", "throttling"),
    ),
)
_subscription = Reader(
    SubscriptionBody,
    Object(
        f"{MODELS}.SubscriptionCreateRequest",
        {**dict.fromkeys(("eventType", "propertyName", "objectTypeId", "eventTypeName"), Text()), **_flag},
        required=("eventType",),
    ),
)
_switch = Reader(SwitchBody, Object(f"{MODELS}.SubscriptionPatchRequest", _flag))
_switches = Reader(
    SwitchesBody,
    Object(
        f"{MODELS}.BatchInputSubscriptionBatchUpdateRequest",
        {
            "inputs": Array(
                "java.util.ArrayList",
                Object(
                    f"{MODELS}.SubscriptionBatchUpdateRequest",
                    {"id": Whole(), **_flag},
                    required=("active", "id"),
                    nullable=False,
                ),
                nullable=False,
            )
        },
        required=("inputs",),
    ),
)


def decode_target(body: bytes) -> tuple[str, int]:
    """The URL, and how many requests at once; raises `MalformedBody`."""
    sent = _target.read(body)
    return text(sent.target_url), int(sent.throttling.max_concurrent_requests)


def decode_wish(body: bytes) -> Wish:
    """A subscription to make; raises `MalformedBody`."""
    sent = _subscription.read(body)
    return Wish(text(sent.event_type), bool(_truth(sent.active)), text(sent.property_name), text(sent.object_type_id))


def decode_switch(body: bytes) -> bool | None:
    """Whether a subscription is to be active, if that is said; raises `MalformedBody`."""
    return _truth(_switch.read(body).active)


def decode_switches(body: bytes) -> list[tuple[int, bool]]:
    """Which subscriptions are to be active; raises `MalformedBody`."""
    return [(int(one.id), bool(_truth(one.active))) for one in _switches.read(body).inputs]


def _truth(sent: Truth | None) -> bool | None:
    return sent == "true" if isinstance(sent, str) else sent


class ThrottlingAnswer(Struct, rename="camel"):
    """By how many requests at once an app is told; the period means nothing."""

    max_concurrent_requests: int
    period: Literal["SECONDLY"] = "SECONDLY"


class SettingsAnswer(Struct, rename="camel"):
    """Where an app is told."""

    target_url: str
    throttling: ThrottlingAnswer
    created_at: str
    updated_at: str


class SubscriptionAnswer(Struct, rename="camel", kw_only=True):
    """What an app is told of."""

    id: str
    created_at: str
    updated_at: str
    event_type: str
    property_name: str | UnsetType = UNSET
    object_type_id: str | UnsetType = UNSET
    active: bool


class SubscriptionList(Struct):
    """All that an app is told of."""

    results: list[SubscriptionAnswer]


class SwitchesAnswer(Struct, rename="camel", kw_only=True):
    """The answer of a batch that changes subscriptions; the errors are there only when an input failed."""

    status: Literal["COMPLETE"] = "COMPLETE"
    results: list[SubscriptionAnswer]
    num_errors: int | UnsetType = UNSET
    errors: Sequence[StandardError] | UnsetType = UNSET
    started_at: str
    completed_at: str


def encode_target(target: Target) -> bytes:
    """The answer for where an app is told."""
    times = moment(target.created), moment(target.updated)
    return msgspec.json.encode(SettingsAnswer(target.url, ThrottlingAnswer(target.at_once), *times))


def shown(one: Subscription) -> SubscriptionAnswer:
    """A subscription as it is answered."""
    return SubscriptionAnswer(
        id=str(one.id),
        created_at=moment(one.created),
        updated_at=moment(one.updated),
        event_type=one.kind,
        property_name=one.property_name or UNSET,
        object_type_id=one.type_id or UNSET,
        active=one.active,
    )


def encode(one: Subscription) -> bytes:
    """The answer for one subscription."""
    return msgspec.json.encode(shown(one))


def encode_list(subscriptions: Iterable[Subscription]) -> bytes:
    """The answer for all that an app is told of."""
    return msgspec.json.encode(SubscriptionList([shown(one) for one in subscriptions]))
