"""Faults of a portal, as the operator adds them and takes them away."""

from functools import cache

import msgspec

from trunkline.bench.fault import KINDS, Fault, Rule, shape
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.control.asked import Asked, Shown
from trunkline.http.routes import OPERATIONS


async def list_all(asked: Asked) -> Shown:
    """Lists the faults of a portal in their order, with how many requests each met and struck."""
    return {"results": [_counted(rule) for rule in asked.state.bench.faults.of(await _portal(asked))]}


async def add(asked: Asked) -> Shown:
    """Adds a fault to a portal; another of its name goes."""
    portal, fault = await _portal(asked), asked.read(Fault)
    if fault.route is not None and "{" in fault.route and shape(fault.route) not in _shapes():
        raise InvalidParameter("body", "route")
    return _described(await asked.state.bench.add(portal, fault))


async def clear(asked: Asked) -> None:
    """Takes all faults of a portal away."""
    await asked.state.bench.clear(await _portal(asked))


async def remove(asked: Asked) -> None:
    """Takes one fault of a portal away."""
    if not await asked.state.bench.clear(await _portal(asked), asked.request.path_params["name"]):
        raise RecordNotFound


async def _portal(asked: Asked) -> int:
    if asked.state.bench.doubtful:
        await asked.state.bench.refresh()
    return await asked.own_portal()


@cache
def _shapes() -> frozenset[str]:
    """The shapes of the templates of all routes."""
    return frozenset(shape(path) for row in OPERATIONS for _, path in row.paths())


def _described(fault: Fault) -> dict[str, object]:
    shown: dict[str, object] = msgspec.to_builtins(fault)
    return {"name": fault.name, **shown, "carriedOut": fault.late, "meaning": KINDS[fault.kind].meaning}


def _counted(rule: Rule) -> dict[str, object]:
    return {**_described(rule.fault), "met": rule.met, "struck": rule.struck}
