"""What happens when somebody is not let through: it is noted, and who fails again and again is held back."""

from starlette.requests import Request

from trunkline.errors import Refusal
from trunkline.http.address import client_address
from trunkline.http.call import State
from trunkline.http.gate import Caller
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event, EventKind
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


async def hold_back(state: State, request: Request, kind: EventKind, detail: str) -> None:
    """Notes that somebody could not prove who they are, and slows down who does so too often (`trunkline.http.brake`).

    Raises `TooManyFailures`.
    """
    state.trail.note(event(state, request, kind, detail=detail))
    await state.brake.failed(address(request))
