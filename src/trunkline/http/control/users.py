"""The people who sign in, as the operator makes, changes and removes them."""

import asyncio
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from trunkline.crm.values import moment
from trunkline.errors import Conflict, InvalidParameter, RecordNotFound
from trunkline.http.control.asked import Asked, Shown
from trunkline.identity.event import EventKind
from trunkline.identity.moves import Moves
from trunkline.identity.person import LONGEST_PASSWORD, OWNER, SHORTEST_PASSWORD, Person, hashed
from trunkline.store.protocol import StoreRefused

Password = Annotated[str, Meta(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$")]


class NewUser(Struct, frozen=True):
    """A person who shall sign in, and decide for some portals."""

    email: Email
    password: Password
    portals: list[int] = []


class UserChange(Struct, frozen=True):
    """What to change of a person; what is not named stays. A new password ends all sessions."""

    password: Password | UnsetType = UNSET
    portals: list[int] | UnsetType = UNSET


async def list_all(asked: Asked) -> Shown:
    """Lists the people, without their passwords."""
    return {"results": [described(one) for one in await asked.state.accounts.people() if one.removed is None]}


async def create(asked: Asked) -> Shown:
    """Makes a person."""
    new, accounts = asked.read(NewUser), asked.state.accounts
    made = Person(
        email=new.email,
        portals=await _portals(asked, new.portals),
        password=await asyncio.to_thread(hashed, new.password),
        created=asked.state.clock.now(),
    )
    try:
        return described(await accounts.enrol(made, asked.event("person.created", detail=new.email)))
    except StoreRefused as cause:
        raise Conflict(str(cause)) from cause


async def change(asked: Asked) -> Shown:
    """Changes a person's password or portals."""
    new, known = asked.read(UserChange), await _person(asked)
    person = known
    if new.portals is not UNSET:
        person = replace(person, portals=await _portals(asked, new.portals))
    if new.password is not UNSET:
        person = replace(person, password=await asyncio.to_thread(hashed, new.password))
    await _keep(asked, person, "person.changed", ends_sessions=new.password is not UNSET)
    return described(person)


async def remove(asked: Asked) -> None:
    """Removes a person; what they allowed apps stays allowed."""
    person = await _person(asked)
    if person.id == OWNER:
        raise Conflict("The owner of the server stays.")
    await _keep(asked, replace(person, removed=asked.state.clock.now()), "person.removed", ends_sessions=True)


async def _keep(asked: Asked, person: Person, kind: EventKind, *, ends_sessions: bool) -> None:
    sessions = [c.digest for c in await asked.state.accounts.credentials("session") if c.user == person.id]
    event = asked.event(kind, user=person.id, detail=person.email)
    moves = Moves(people=(person,), end=tuple(sessions) if ends_sessions else (), events=(event,))
    await asked.state.accounts.keep(moves)


async def _portals(asked: Asked, ids: list[int]) -> tuple[int, ...]:
    there = await asked.state.store.portals()
    if any(id_ not in there for id_ in ids):
        raise InvalidParameter("body", "portals")
    return tuple(ids)


async def _person(asked: Asked) -> Person:
    found = await asked.state.accounts.person(asked.id)
    if found is None:
        raise RecordNotFound
    return found


def described(person: Person) -> dict[str, object]:
    """A person as lists show them."""
    return {
        "id": person.id,
        "email": person.email,
        "portals": "all" if person.id == OWNER else person.portals,
        "signsIn": person.password is not None,
        "createdAt": moment(person.created),
    }
