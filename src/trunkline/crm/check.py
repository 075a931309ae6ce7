"""Checking a batch of writes against the catalog, before anything is looked up.

What is wrong with the request as a whole is raised; what is wrong with one input is kept with that input, because
whether it fails alone or takes the batch with it is decided later (`trunkline.crm.outcome`).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from trunkline.crm.association import Link, LinkInput, check_links
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.doubt import Doubtful
from trunkline.crm.values import Scalar, Unfit, text, unique_key
from trunkline.crm.warning import Warning
from trunkline.errors import (
    BlankId,
    ContradictedKey,
    DuplicateIds,
    InvalidValue,
    InvalidValues,
    NonUniqueProperty,
    Refusal,
    TooManyInputs,
    UnknownIdProperty,
)

LARGEST_BATCH = 100
"""Inputs of one batch (behaviour 1.10)."""

LARGEST_WITH_HISTORY = 50
"""Inputs of one batch that asks for histories (behaviour 2.10)."""

MOST_TOLD = 200
"""Bad properties of one input after which it is looked at no further (chosen: differences)."""


class Input(Struct, frozen=True, gc=False):
    """One input of a batch that writes, as the client sent it. Without `id_property` it addresses by record id."""

    id: Scalar
    properties: Mapping[str, Scalar]
    id_property: Scalar = None
    trace: Scalar = None


class NewInput(Struct, frozen=True):
    """One input of a batch that creates, as the client sent it."""

    properties: Mapping[str, Scalar]
    trace: Scalar = None
    associations: Sequence[LinkInput] | None = None


class Checked(Struct, frozen=True, gc=False):
    """One input after checking: how it addresses its record, and either the texts to write or what is wrong.

    `id` is the text as sent, `key` the value of the id property that it means, None if it can be none; `lacking` are
    the required properties that the input leaves unset or blank, `blanked` whether it asks to clear one of them,
    `links` the associations that a new record starts with, `warnings` what is most likely a mistake in its values.
    """

    position: int
    id: str
    id_property: str | None
    key: str | None
    trace: str | None
    values: dict[str, str]
    failure: Refusal | None
    lacking: tuple[str, ...]
    blanked: bool
    links: tuple[Link, ...] = ()
    warnings: tuple[Warning, ...] = ()


def require_size(count: int, limit: int) -> None:
    """Raises `TooManyInputs` when a batch is larger than the limit (behaviour 1.10)."""
    if count > limit:
        raise TooManyInputs(limit)


def require_addresses(inputs: Sequence[Input], type_: ObjectType, portal: int) -> None:
    """The checks of a whole request to update or upsert; raises the first that fails.

    They come in this order: usable ids, repeated ids, the id properties (behaviour 1.8 to 1.11; their order among
    themselves is chosen: differences).
    """
    ids = [text(input_.id) for input_ in inputs]
    names = [_name(input_.id_property) for input_ in inputs]
    _require_usable(ids)
    _require_distinct(ids, names)
    for name in dict.fromkeys(names):
        if name is not None:
            require_unique(name, names.index(name), type_, portal)


def check_addressed(inputs: Sequence[Input], type_: ObjectType, portal: int, first: int = 0) -> list[Checked]:
    """The inputs of an update or upsert, checked, in their order; `first` is the position of the first."""
    return [
        _check(n, text(input_.id), _name(input_.id_property), _name(input_.trace), input_.properties, type_, portal)
        for n, input_ in enumerate(inputs, first)
    ]


def check_new(inputs: Sequence[NewInput], type_: ObjectType, catalog: Catalog, first: int = 0) -> list[Checked]:
    """The inputs of a create, checked, in their order (behaviour 2.16)."""
    checked = []
    for n, input_ in enumerate(inputs, first):
        outcome = _check(n, "", None, _name(input_.trace), input_.properties, type_, catalog.portal)
        if input_.associations:
            links, failure = check_links(input_.associations, n, type_, catalog)
            outcome = msgspec.structs.replace(outcome, links=links, failure=outcome.failure or failure)
        checked.append(outcome)
    return checked


def _name(value: Scalar) -> str | None:
    """A member that names something; blank counts as not given, and a number as its text."""
    return (value if isinstance(value, str) else text(value)) or None


def _require_usable(ids: Sequence[str]) -> None:
    for position, id_ in enumerate(ids):
        if not id_ or id_.isspace() or "\0" in id_:
            raise BlankId(position)


def _require_distinct(ids: Sequence[str], names: Sequence[str | None]) -> None:
    keys = list(zip(names, ids, strict=True))
    if len(set(keys)) == len(keys):
        return
    seen: set[tuple[str | None, str]] = set()
    repeated: dict[str, int] = {}
    for position, key in enumerate(keys):
        if key in seen:
            repeated.setdefault(key[1], position)
        seen.add(key)
    raise DuplicateIds(list(repeated), list(repeated.values()))


def require_distinct_keys(inputs: Sequence[Input], type_: ObjectType) -> None:
    """Raises `DuplicateIds` when two ids that are written otherwise are one unique value, as 1 and 1.0.

    A batch that is carried out at once is refused for this when it is planned.
    """
    seen: dict[tuple[str, str], int] = {}
    for position, input_ in enumerate(inputs):
        id_, name = text(input_.id), _name(input_.id_property)
        key = None if name is None else unique_text(id_, name, type_)
        if name is not None and key is not None:
            earlier = seen.setdefault((name, key), position)
            if earlier != position:
                raise DuplicateIds(list(dict.fromkeys((text(inputs[earlier].id), id_))), [position])


def unique_text(value: str, name: str, type_: ObjectType) -> str | None:
    """The key of a unique value; None for a text that cannot be a value of the property."""
    try:
        check = type_.plain.get(name)
        return unique_key(type_.properties[name], check(value) if check else value)
    except Unfit:
        return None


def require_unique(name: str, position: int | None, type_: ObjectType, portal: int) -> None:
    """Raises `UnknownIdProperty` or `NonUniqueProperty` unless records can be addressed by this property.

    `position` is that of the input which names it, None where the query does (behaviour 1.8).
    """
    if name not in type_.properties:
        raise UnknownIdProperty(name, position)
    if name not in type_.unique:
        raise NonUniqueProperty(type_.id, name, portal, position)


def require_known(names: Iterable[str], type_: ObjectType, portal: int) -> None:
    """Raises `InvalidValues` if a property that is to be set is unknown.

    A single update tells that before it looks at an idProperty that is unknown, too: Segment's client makes the
    property that it updates companies by when it is told so.
    """
    bad = [_unwritable(name, type_, f"properties.{name}") for name in names if name not in type_.properties]
    if bad:
        raise InvalidValues(bad[:MOST_TOLD], portal)


def _check(
    position: int,
    id_: str,
    by: str | None,
    trace: str | None,
    properties: Mapping[str, Scalar],
    type_: ObjectType,
    portal: int,
) -> Checked:
    checkers = type_.doubting
    values: dict[str, str] = {}
    bad: list[InvalidValue] = []
    doubts: dict[str, Doubtful] | None = None
    for name, value in properties.items():
        try:
            values[name] = checkers[name](value)
        except Doubtful as doubt:
            values[name] = doubt.kept
            doubts = {**(doubts or {}), name: doubt}
        except (KeyError, Unfit) as cause:
            bad.append(_refused(name, cause, type_, f"inputs[{position}].properties.{name}"))
            if len(bad) == MOST_TOLD:
                break
    key, failure = _key(position, id_, by, values, type_, portal)
    if bad:
        failure = InvalidValues(bad, portal)
    lacking: tuple[str, ...] = ()
    for name in type_.required:
        if not values.get(name) and name != by and (name in values or not text(properties.get(name))):
            # What was set to a value that was refused is wrong, and not lacking; the key sets its own property.
            lacking += (name,)
    blanked = bool(lacking) and any(name in values for name in lacking)
    warnings = _warnings(position, doubts, values, type_) if doubts else ()
    return Checked(position, id_, by, key, trace, values, failure, lacking, blanked, (), warnings)


def _warnings(
    position: int, doubts: Mapping[str, Doubtful], values: Mapping[str, str], type_: ObjectType
) -> tuple[Warning, ...]:
    """What is told of doubtful values; a duration is doubtful only beside certain other values."""
    return tuple(
        Warning(doubt.code, doubt.message, f"inputs[{position}].properties.{name}")
        for name, doubt in doubts.items()
        if all(values.get(other) == value for other, value in type_.data.durations.get(name, {}).items())
    )


def _refused(name: str, cause: KeyError | Unfit, type_: ObjectType, where: str) -> InvalidValue:
    """What is wrong with a property that is set: its value does not fit, or it cannot be written at all."""
    if isinstance(cause, Unfit):
        return InvalidValue(name, cause.code, cause.message, where)
    return _unwritable(name, type_, where)


def _unwritable(name: str, type_: ObjectType, where: str) -> InvalidValue:
    """Why a property cannot be written: nobody knows it, or the service alone sets it (behaviour 4.1, 4.3)."""
    if name in type_.properties:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return InvalidValue(name, "READ_ONLY_VALUE", message, where)
    return InvalidValue(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist', where)


def _key(
    position: int, id_: str, name: str | None, values: Mapping[str, str], type_: ObjectType, portal: int
) -> tuple[str | None, Refusal | None]:
    """The value of the id property that an id means, and what is wrong with the id as such a value."""
    if name is None:
        return id_, None
    try:
        key = type_.plain[name](id_)
    except KeyError:
        return None, InvalidValues([_unwritable(name, type_, f"inputs[{position}].id")], portal)
    except Unfit as unfit:
        bad = InvalidValue(name, unfit.code, unfit.message, f"inputs[{position}].id")
        return None, InvalidValues([bad], portal)
    also = values.get(name, key)
    if also == key:
        return key, None
    definition = type_.properties[name]
    if also and unique_key(definition, also) == unique_key(definition, key):
        return key, None
    return key, ContradictedKey(name, id_, position)
