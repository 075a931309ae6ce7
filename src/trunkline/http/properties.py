"""The operations on property definitions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import get_args

from trunkline.crm import definition, oversight
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import LARGEST_BATCH
from trunkline.crm.definition import Made
from trunkline.crm.property import NON_SENSITIVE, Property
from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, MissingScopes, PropertyNotFound, SensitiveScopeMissing, TooManyInputs
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import definitions as many
from trunkline.wire import error
from trunkline.wire import property as one


async def list_all(call: Call) -> Answer:
    """List the property definitions of an object type."""
    return Answer(call.status, one.encode_list(_asked(call).values(), call.names("properties")))


async def get(call: Call) -> Answer:
    """Read a property definition."""
    name = call.path["name"]
    found = _asked(call).get(name)
    if found is None:
        raise PropertyNotFound(name)
    return Answer(call.status, one.encode(found, call.names("properties")))


async def create(call: Call) -> Answer:
    """Create a property."""
    draft = one.decode_draft(call.body)
    now = call.now()
    _require_sensitive(call, {str(draft.hints.get("dataSensitivity", NON_SENSITIVE))})
    made = await _define(call, "property.create", lambda type_: [definition.created(draft, type_, now)])
    location = {"location": f"{call.request.url.path}/{draft.name}"}
    return Answer(call.status, one.encode(made[0]), location)


async def update(call: Call) -> Answer:
    """Change a property definition."""
    patch = one.decode_patch(call.body)
    name, now = call.path["name"], call.now()
    made = await _define(call, "property.update", lambda type_: [definition.changed(name, patch, type_, now)])
    return Answer(call.status, one.encode(made[0]))


async def archive(call: Call) -> Answer:
    """Archive a property; its values stay with the records."""
    name, now = call.path["name"], call.now()
    await _define(call, "property.archive", lambda type_: [definition.archived(name, type_, now)])
    return Answer(call.status, None)


async def create_batch(call: Call) -> Answer:
    """Create a batch of properties; those that cannot be are told, the others are made."""
    started = call.now()
    drafts = many.decode_create(call.body)
    _require_size(call, drafts)
    _require_sensitive(call, {str(draft.hints.get("dataSensitivity", NON_SENSITIVE)) for draft in drafts})
    outcome = Made([], {})

    def make(type_: ObjectType) -> list[Property]:
        nonlocal outcome
        outcome = definition.created_all(drafts, type_, started)
        return outcome.definitions

    await _define(call, "property.create", make)
    return _batch(call, outcome, started, dated=False)


async def read_batch(call: Call) -> Answer:
    """Read a batch of property definitions by their names."""
    started = call.now()
    asked = many.decode_read(call.body)
    _require_size(call, asked.names)
    known = _known(call.type, archived=asked.archived, sensitivity=asked.sensitivity)
    return _batch(call, definition.read_all(asked.names, known), started, dated=True)


async def archive_batch(call: Call) -> Answer:
    """Archive a batch of properties; those that are not there are passed over."""
    names = many.decode_archive(call.body)
    _require_size(call, names)
    now = call.now()
    await _define(call, "property.archive", lambda type_: definition.archived_all(names, type_, now))
    return Answer(call.status, None)


def _asked(call: Call) -> Mapping[str, Property]:
    """The definitions that the query lets through."""
    sensitivity = call.request.query_params.get("dataSensitivity") or NON_SENSITIVE
    if sensitivity not in get_args(one.DataSensitivity):
        raise InvalidParameter("query", "dataSensitivity")
    return _known(call.type, archived=call.flag("archived"), sensitivity=sensitivity)


def _known(type_: ObjectType, *, archived: bool, sensitivity: str) -> Mapping[str, Property]:
    """The live or the archived definitions of one sensitivity (behaviour 11.7, 11.18)."""
    known = type_.archived if archived else type_.properties
    return {name: found for name, found in known.items() if found.sensitivity == sensitivity}


def _require_size(call: Call, inputs: Sequence[object]) -> None:
    if not inputs:
        call.warnings.append(oversight.nothing_asked())
    if len(inputs) > LARGEST_BATCH:
        raise TooManyInputs(LARGEST_BATCH)


def _require_sensitive(call: Call, levels: Collection[str]) -> None:
    """Raises `SensitiveScopeMissing` unless the caller may write values of these sensitivities (behaviour 11.18)."""
    for level in set(levels) - {NON_SENSITIVE}:
        scopes = [scope.replace(".write", f".{level}.write") for scope in call.type.data.scopes["write"]]
        try:
            call.caller.require([*scopes, *(f"{scope}.v2" for scope in scopes)])
        except MissingScopes as cause:
            raise SensitiveScopeMissing from cause


async def _define(call: Call, kind: str, make: Callable[[ObjectType], list[Property]]) -> list[Property]:
    """Makes definitions against the newest catalog, keeps those that are new or changed, and loads their catalog."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> list[Property]:
        made = make(type_)
        new = [definition for definition in made if type_.properties.get(definition.name) is not definition]
        if new:
            version = await call.state.store.define(call.portal, type_.id, catalog.version, new, kind, call.caller.app)
            await call.state.refresh(call.portal, version)
        return made

    return await with_catalog(call, attempt)


def _batch(call: Call, outcome: Made, started: int, *, dated: bool) -> Answer:
    answer = many.DefinitionBatch(
        results=[one.render(found, dated=dated) for found in outcome.definitions],
        started_at=moment(started),
        completed_at=moment(call.now()),
    )
    if outcome.refused:
        answer.num_errors = len(outcome.refused)
        identifier = call.state.clock.identifier
        answer.errors = [error.grouped(refusal, (), identifier(), call.full) for refusal in outcome.refused.values()]
    return Answer(call.partial if outcome.refused else call.status, many.encode(answer))
