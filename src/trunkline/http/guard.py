"""What happens when somebody is not let through: it is noted, and who fails again and again is held back."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from trunkline.crm.catalog import TypeData, Verb
from trunkline.errors import ProductMissing, Refusal, Unauthenticated
from trunkline.http.address import client_address
from trunkline.http.call import State
from trunkline.http.gate import Caller
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event, EventKind
from trunkline.identity.portal import Portal
from trunkline.wire import error


def address(request: Request) -> str:
    """Where a request comes from; empty where that cannot be told."""
    return client_address(request.scope)


def event(
    state: State, request: Request, kind: EventKind, holder: Caller | Credential | None = None, detail: str = ""
) -> Event:
    """An entry of the audit trail about a request."""
    who = {"portal": holder.portal, "app": holder.app, "user": holder.user} if holder is not None else {}
    return Event(at=state.clock.now(), kind=kind, address=address(request), detail=detail, **who)


def note_refusal(state: State, request: Request, caller: Caller, refusal: Refusal) -> None:
    """Notes that a caller may not do what it asked for."""
    state.trail.note(event(state, request, "request.refused", caller, error.code(type(refusal))))


async def admit(
    state: State,
    request: Request,
    caller: Caller,
    type_: TypeData,
    verb: Verb,
    also: Verb | None = None,
    products: Mapping[str, str] | None = None,
) -> None:
    """Raises `MissingScopes` or `ProductMissing`, and notes it, unless the caller may do this with an object type.

    `also` is another verb whose scopes do as well, `products` what the portal needs beside what the type asks.
    """
    try:
        _require(await portal_of(state, caller), caller, type_, verb, also, products)
    except Refusal as refusal:
        note_refusal(state, request, caller, refusal)
        raise


async def require_scopes(
    state: State, request: Request, caller: Caller, scopes: Sequence[str], products: Mapping[str, str] | None = None
) -> None:
    """The same for what is about no object type: one of these scopes, and one of these products if any are named."""
    try:
        caller.require(scopes)
        _require_products(await portal_of(state, caller), scopes, products or {})
    except Refusal as refusal:
        note_refusal(state, request, caller, refusal)
        raise


async def may_read(state: State, caller: Caller, type_: TypeData) -> bool:
    """Whether a caller may read records of an object type; nothing is noted where it may not."""
    try:
        _require(await portal_of(state, caller), caller, type_, "read")
    except Refusal:
        return False
    return True


async def portal_of(state: State, caller: Caller) -> Portal:
    """The caller's portal; raises `Unauthenticated` when it was removed since the caller was let in."""
    portal = state.gate.known(caller.portal) or await state.gate.portal(caller.portal)
    if portal is None:
        raise Unauthenticated
    return portal


def _require(
    portal: Portal,
    caller: Caller,
    type_: TypeData,
    verb: Verb,
    also: Verb | None = None,
    products: Mapping[str, str] | None = None,
) -> None:
    scopes = type_.scopes[verb] + (type_.scopes[also] if also else ())
    caller.require(scopes)
    _require_products(portal, scopes, {**type_.products, **(products or {})})


def _require_products(portal: Portal, scopes: Sequence[str], products: Mapping[str, str]) -> None:
    if not portal.has(products):
        raise ProductMissing(scopes)


async def hold_back(state: State, request: Request, kind: EventKind, detail: str) -> None:
    """Notes that somebody could not prove who they are, and slows down who does so too often (`trunkline.http.brake`).

    Raises `TooManyFailures`.
    """
    state.trail.note(event(state, request, kind, detail=detail))
    await state.brake.failed(address(request))
