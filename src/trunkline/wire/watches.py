"""HubSpot's shapes of what an app reads of in the journal of webhooks (/webhooks-journal/subscriptions)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, get_args

from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.values import moment, text
from trunkline.feeds.watch import Action, Condition, Filter, Kind, Operator, Watch, Wish
from trunkline.wire.body import Reader
from trunkline.wire.journal import MODELS, NUMBER, Number
from trunkline.wire.property import Words
from trunkline.wire.shape import Array, Choice, Object, Shape, Text

T = TypeVar("T")

LIST = "java.util.ArrayList"


class WatchBody(Struct, rename="camel", kw_only=True):
    """What an app is to read of. Which members mean something depends on the type of subscription."""

    subscription_type: Kind
    portal_id: Number | None = None
    object_type_id: Words | None = None
    event_type_id: Words | None = None
    actions: list[Action] | None = None
    properties: list[Words] | None = None
    object_ids: list[Number] | None = None
    associated_object_type_ids: list[Words] | None = None
    list_ids: list[Number] | None = None


class ConditionBody(Struct, rename="camel", kw_only=True):
    """What the value of a property has to be like."""

    filter_type: str
    property: Words
    operator: Operator
    value: Words | None = None
    values: list[Words] | None = None


class ConditionsBody(Struct):
    """Conditions that all have to be met."""

    conditions: list[ConditionBody]


class FilterBody(Struct, rename="camel"):
    """A filter for a subscription."""

    subscription_id: Number
    filter: ConditionsBody


_texts = Array(LIST, Text())
_numbers = Array(LIST, NUMBER)
_watch = Reader(
    WatchBody,
    Object(
        f"{MODELS}.SubscriptionUpsertRequest",
        {
            "subscriptionType": Choice(f"{MODELS}.SubscriptionType", get_args(Kind)),
            "portalId": NUMBER,
            **dict.fromkeys(("objectTypeId", "eventTypeId"), Text()),
            "actions": Array(LIST, Choice(f"{MODELS}.SubscriptionAction", get_args(Action))),
            **dict.fromkeys(("properties", "associatedObjectTypeIds"), _texts),
            **dict.fromkeys(("objectIds", "listIds"), _numbers),
        },
        required=("subscriptionType",),
    ),
)
_condition: Mapping[str, Shape] = {
    "filterType": Choice(f"{MODELS}.FilterType", ("CRM_OBJECT_PROPERTY",)),
    "property": Text(),
    "operator": Choice(f"{MODELS}.FilterOperator", get_args(Operator)),
    "value": Text(),
    "values": _texts,
}
_conditions = Object(
    f"{MODELS}.Filter",
    {
        "conditions": Array(
            LIST,
            Object(f"{MODELS}.Condition", _condition, required=("filterType", "operator", "property"), nullable=False),
            nullable=False,
        )
    },
    required=("conditions",),
)
_filter = Reader(
    FilterBody,
    Object(
        f"{MODELS}.FilterCreateRequest",
        {"subscriptionId": NUMBER, "filter": _conditions},
        required=("filter", "subscriptionId"),
    ),
)


def decode(body: bytes) -> Wish:
    """What an app is to read of; raises `MalformedBody`."""
    sent = _watch.read(body)
    return Wish(
        kind=sent.subscription_type,
        portal=int(sent.portal_id or 0),
        type=text(sent.event_type_id if sent.subscription_type == "APP_LIFECYCLE_EVENT" else sent.object_type_id),
        actions=_each_once(sent.actions),
        properties=_each_once(text(name) for name in sent.properties or ()),
        records=_each_once(int(one) for one in sent.object_ids or ()),
        others=_each_once(text(one) for one in sent.associated_object_type_ids or ()),
        lists=_each_once(int(one) for one in sent.list_ids or ()),
    )


def _each_once(values: Iterable[T] | None) -> list[T]:
    return list(dict.fromkeys(values or ()))


def decode_filter(body: bytes) -> tuple[int, list[Condition]]:
    """The subscription that a filter is for, and its conditions; raises `MalformedBody`."""
    sent = _filter.read(body)
    return int(sent.subscription_id), [
        Condition(
            text(one.property),
            one.operator,
            [text(value) for value in (*(one.values or ()), *(() if one.value is None else (one.value,)))],
        )
        for one in sent.filter.conditions
    ]


class WatchAnswer(Struct, rename="camel", kw_only=True):
    """What an app reads of."""

    id: int
    app_id: int
    subscription_type: Kind
    object_type_id: str
    portal_id: int | UnsetType = UNSET
    actions: Sequence[Action]
    properties: Sequence[str]
    object_ids: Sequence[int]
    associated_object_type_ids: Sequence[str]
    list_ids: Sequence[int]
    created_by: int
    created_at: str
    updated_at: str


class WatchesAnswer(Struct):
    """All that an app reads of."""

    results: list[WatchAnswer]


class ConditionAnswer(Struct, rename="camel", kw_only=True):
    """What the value of a property has to be like."""

    filter_type: str = "CRM_OBJECT_PROPERTY"
    property: str
    operator: Operator
    value: str | UnsetType = UNSET
    values: Sequence[str] | UnsetType = UNSET


class ConditionsAnswer(Struct):
    """Conditions that all have to be met."""

    conditions: list[ConditionAnswer]


class FilterAnswer(Struct, rename="camel"):
    """A filter of a subscription."""

    id: int
    created_at: int
    filter: ConditionsAnswer


class FilterMade(Struct, rename="camel"):
    """The id of a new filter."""

    filter_id: int


def shown(app: int, one: Watch) -> WatchAnswer:
    """A subscription as it is answered."""
    wish = one.wish
    return WatchAnswer(
        id=one.id,
        app_id=app,
        subscription_type=wish.kind,
        object_type_id=wish.type,
        portal_id=wish.portal or UNSET,
        actions=wish.actions,
        properties=wish.properties,
        object_ids=wish.records,
        associated_object_type_ids=wish.others,
        list_ids=wish.lists,
        created_by=one.user,
        created_at=moment(one.created),
        updated_at=moment(one.updated),
    )


def shown_filter(one: Filter) -> FilterAnswer:
    """A filter as it is answered."""
    return FilterAnswer(one.id, one.created, ConditionsAnswer([_condition_of(each) for each in one.conditions]))


def _condition_of(one: Condition) -> ConditionAnswer:
    listed = one.operator in ("IN", "NOT_IN")
    return ConditionAnswer(
        property=one.property,
        operator=one.operator,
        value=one.values[0] if one.values and not listed else UNSET,
        values=one.values if listed else UNSET,
    )
