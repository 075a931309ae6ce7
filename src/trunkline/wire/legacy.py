"""The shapes of definitions from before version 3: properties in version 2 of their API, pipelines in version 1."""

from collections.abc import Collection, Iterable

import msgspec
from msgspec import Struct

from trunkline.crm.pipeline import Pipeline, Stage
from trunkline.crm.property import Property


class LegacyOption(Struct, rename="camel", kw_only=True):
    """One option of a definition."""

    label: str
    value: str
    description: str
    display_order: int
    hidden: bool
    read_only: bool = False
    double_data: float = 0.0


class LegacyProperty(Struct, rename="camel", kw_only=True):
    """A definition as version 2 answers it: every member is there, null where it has nothing; times in milliseconds."""

    name: str
    label: str
    description: str
    group_name: str
    type: str
    field_type: str
    field_level_permission: None = None
    referenced_object_type: str | None
    external_options_reference_type: None = None
    option_sort_strategy: None = None
    number_display_hint: str | None
    created_user_id: None = None
    searchable_in_global_search: bool
    has_unique_value: bool
    updated_user_id: None = None
    deleted: bool | None
    updated_at: int | None
    read_only_definition: bool
    form_field: bool
    display_order: int
    read_only_value: bool
    mutable_definition_not_deletable: bool
    favorited: bool = False
    favorited_order: int = -1
    calculated: bool
    external_options: bool
    display_mode: str = "current_value"
    show_currency_symbol: bool | None
    hubspot_defined: bool | None
    hidden: bool
    currency_property_name: str | None
    text_display_hint: str | None
    options_are_mutable: None = None
    search_text_analysis_mode: None = None
    is_customized_default: bool = False
    options: list[LegacyOption]
    created_at: int | None


def render(definition: Property, searchable: Collection[str]) -> LegacyProperty:
    """A definition in the old shape; `searchable` are the properties in which a search looks for words."""
    shipped = definition.hubspot_defined
    hint = definition.hints.get
    symbol = hint("showCurrencySymbol")
    return LegacyProperty(
        name=definition.name,
        label=definition.label,
        description=definition.description,
        group_name=definition.group_name,
        type=definition.type,
        field_type=definition.field_type,
        referenced_object_type=definition.referenced_object_type,
        number_display_hint=_text(hint("numberDisplayHint")),
        searchable_in_global_search=definition.name in searchable,
        has_unique_value=definition.has_unique_value,
        deleted=None if shipped else False,
        updated_at=None if shipped else definition.updated,
        read_only_definition=shipped,
        form_field=definition.form_field,
        display_order=definition.display_order,
        read_only_value=definition.read_only,
        mutable_definition_not_deletable=shipped,
        calculated=definition.calculated,
        external_options=definition.external_options,
        show_currency_symbol=symbol if isinstance(symbol, bool) else None,
        hubspot_defined=True if shipped else None,
        hidden=definition.hidden,
        currency_property_name=_text(hint("currencyPropertyName")),
        text_display_hint=_text(hint("textDisplayHint")),
        options=[
            LegacyOption(
                label=o.label, value=o.value, description=o.description, display_order=o.display_order, hidden=o.hidden
            )
            for o in definition.options
        ],
        created_at=None if shipped else definition.created,
    )


def _text(hint: str | bool | None) -> str | None:
    return hint if isinstance(hint, str) else None


def encode(definition: Property, searchable: Collection[str]) -> bytes:
    """The answer of a read."""
    return msgspec.json.encode(render(definition, searchable))


def encode_list(definitions: Iterable[Property], searchable: Collection[str]) -> bytes:
    """The answer of a list: a bare array, sorted by name."""
    ordered = sorted(definitions, key=lambda definition: definition.name)
    return msgspec.json.encode([render(definition, searchable) for definition in ordered])


class LegacyStage(Struct, rename="camel"):
    """A stage as version 1 of the pipelines API tells it; times in milliseconds."""

    stage_id: str
    label: str
    display_order: int
    metadata: dict[str, str]
    created_at: int
    updated_at: int
    active: bool


class LegacyPipeline(Struct, rename="camel"):
    """A pipeline as version 1 tells it; the `default` one came with the account."""

    pipeline_id: str
    object_type: str
    object_type_id: str
    label: str
    display_order: int
    active: bool
    stages: list[LegacyStage]
    created_at: int
    updated_at: int
    default: bool


class LegacyPipelines(Struct):
    """All live pipelines of an object type."""

    results: list[LegacyPipeline]


def encode_pipelines(pipelines: Iterable[Pipeline], type_name: str, type_id: str, shipped: Collection[str]) -> bytes:
    """The answer of a list of pipelines; `shipped` are the ids of those that come with the account."""
    told = [
        LegacyPipeline(
            pipeline_id=one.id,
            object_type=type_name,
            object_type_id=type_id,
            label=one.label,
            display_order=one.display_order,
            active=one.archived is None,
            stages=[_stage(stage) for stage in one.stages],
            created_at=one.created,
            updated_at=one.updated,
            default=one.id in shipped,
        )
        for one in pipelines
    ]
    return msgspec.json.encode(LegacyPipelines(told))


def _stage(stage: Stage) -> LegacyStage:
    active = stage.archived is None
    return LegacyStage(stage.id, stage.label, stage.display_order, stage.metadata, stage.created, stage.updated, active)
