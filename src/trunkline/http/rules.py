"""The operations on the rules for a property's values."""

from trunkline.crm import rule
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.errors import InvalidParameter
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import rule as wire


async def list_all(call: Call) -> Answer:
    """List the properties of an object type that have rules for their values, with these."""
    return Answer(call.status, wire.encode_all(call.type.rules))


async def list_of(call: Call) -> Answer:
    """List the rules for the values of a property."""
    type_ = call.type
    definition = type_.definition(call.path["name"])
    return Answer(call.status, wire.encode_list(type_.rules.get(definition.name, ())))


async def get(call: Call) -> Answer:
    """Read one rule for the values of a property."""
    type_ = call.type
    definition = type_.definition(call.path["name"])
    return Answer(call.status, wire.encode(rule.found(_kind(call), definition.name, type_.rules)))


async def put(call: Call) -> Answer:
    """Set a rule for the values of a property, in place of the one of its kind."""
    kind, (arguments, normalize) = _kind(call), wire.decode(call.body)

    async def attempt(catalog: Catalog, type_: ObjectType) -> None:
        now = call.now()
        asked = rule.Rule(name=call.path["name"], kind=kind, arguments=arguments, normalize=normalize, made=now)
        made = rule.made(asked, type_.properties)
        if not rule.known(made, type_.rules):
            version = await call.state.store.define(
                call.portal, type_.id, catalog.version, [made], "rule.put", call.caller.app
            )
            await call.state.refresh(call.portal, version)

    await with_catalog(call, attempt)
    return Answer(call.status, None)


def _kind(call: Call) -> str:
    """The kind of rule that the path names; raises `InvalidParameter`."""
    if call.path["rule"] not in rule.KINDS:
        raise InvalidParameter("path", "ruleType")
    return call.path["rule"]
