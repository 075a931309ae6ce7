"""HubSpot's shapes of the rules for values, and of which object types are in use (behaviour 17.6, 17.8)."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.catalog import ObjectType
from trunkline.crm.rule import Rule
from trunkline.crm.values import text
from trunkline.wire.body import Reader
from trunkline.wire.property import Truth, Words
from trunkline.wire.shape import Array, Flag, Object, Text


class RuleBody(Struct, rename="camel", kw_only=True):
    """What a rule shall be; null is as good as left out."""

    rule_arguments: list[Words]
    should_apply_normalization: Truth | None = None


_body = Reader(
    RuleBody,
    Object(
        "com.hubspot.properties.validation.PublicPropertyValidationRuleUpdate",
        {
            "ruleArguments": Array("java.util.ArrayList<java.lang.String>", Text(), nullable=False),
            "shouldApplyNormalization": Flag(),
        },
        required=("ruleArguments",),
    ),
)


def decode(body: bytes) -> tuple[tuple[str, ...], bool | None]:
    """The arguments of a rule, and whether it puts values right; raises `MalformedBody`."""
    sent = _body.read(body)
    normalize = sent.should_apply_normalization
    return tuple(map(text, sent.rule_arguments)), None if normalize is None else normalize in (True, "true")


class RuleAnswer(Struct, rename="camel"):
    """A rule as HubSpot answers it."""

    rule_type: str
    rule_arguments: list[str]
    should_apply_normalization: bool | UnsetType = UNSET


class RuleList(Struct):
    """The rules of one property; there are no pages."""

    results: list[RuleAnswer]


class RulesOfProperty(Struct, rename="camel"):
    """A property that has rules, with these."""

    property_name: str
    property_validation_rules: list[RuleAnswer]


class RulesByProperty(Struct):
    """The properties of an object type that have rules; there are no pages."""

    results: list[RulesOfProperty]


class Enablement(Struct):
    """Whether an object type is in use."""

    enablement: bool


class EnablementByType(Struct, rename="camel"):
    """Which object types are in use, of those that an account may go without."""

    enablement_by_object_type_id: dict[str, bool]


def encode(rule: Rule) -> bytes:
    """One rule."""
    return msgspec.json.encode(_render(rule))


def encode_list(rules: Iterable[Rule]) -> bytes:
    """The rules of a property."""
    return msgspec.json.encode(RuleList([_render(rule) for rule in rules]))


def encode_all(rules: Mapping[str, Iterable[Rule]]) -> bytes:
    """The rules of an object type, by property."""
    found = [RulesOfProperty(name, [_render(rule) for rule in own]) for name, own in rules.items()]
    return msgspec.json.encode(RulesByProperty(found))


def encode_enablement(types: Iterable[ObjectType]) -> bytes:
    """That all these object types are in use."""
    return msgspec.json.encode(EnablementByType({type_.id: True for type_ in types}))


def encode_enabled() -> bytes:
    """That an object type is in use: all that are served are."""
    return msgspec.json.encode(Enablement(enablement=True))


def _render(rule: Rule) -> RuleAnswer:
    normalize = UNSET if rule.normalize is None else rule.normalize
    return RuleAnswer(rule.kind, list(rule.arguments), normalize)
