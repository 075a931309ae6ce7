"""HubSpot's shapes of an owner: somebody to whom records can be assigned (behaviour 12.11)."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.team import Team, teams_of
from trunkline.crm.values import moment
from trunkline.identity.person import Person
from trunkline.wire.record import Paging


class TeamAnswer(Struct):
    """A team of an owner; `primary` is their main one."""

    id: str
    name: str
    primary: bool


class OwnerAnswer(Struct, rename="camel", kw_only=True):
    """An owner as HubSpot answers it, members in its order.

    Who was removed has no `user_id` any more, and who is in no team no `teams`.
    """

    id: str
    email: str
    type: Literal["PERSON"] = "PERSON"
    first_name: str = ""
    last_name: str = ""
    user_id: int | UnsetType = UNSET
    user_id_including_inactive: int
    created_at: str
    updated_at: str
    archived: bool
    teams: list[TeamAnswer] | UnsetType = UNSET


class OwnerPage(Struct):
    """One page of owners."""

    results: list[OwnerAnswer]
    paging: Paging | UnsetType = UNSET


def encode(person: Person, teams: Sequence[Team]) -> bytes:
    """The answer of a read."""
    return msgspec.json.encode(_render(person, teams))


def encode_page(people: Iterable[Person], teams: Sequence[Team], paging: Paging | UnsetType) -> bytes:
    """The answer of a list."""
    return msgspec.json.encode(OwnerPage([_render(person, teams) for person in people], paging))


def _render(person: Person, teams: Sequence[Team]) -> OwnerAnswer:
    there = person.removed is None
    mine = [TeamAnswer(str(team.id), team.name, main) for team, main in teams_of(person.id, teams)]
    return OwnerAnswer(
        id=str(person.id),
        email=person.email,
        user_id=person.id if there else UNSET,
        user_id_including_inactive=person.id,
        created_at=moment(person.created),
        updated_at=moment(person.created if person.removed is None else person.removed),
        archived=not there,
        teams=mine or UNSET,
    )
