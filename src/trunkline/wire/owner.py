"""HubSpot's shapes of an owner: somebody to whom records can be assigned (behaviour 12.11)."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.values import moment
from trunkline.identity.person import Person
from trunkline.wire.record import Paging


class OwnerAnswer(Struct, rename="camel", kw_only=True):
    """An owner as HubSpot answers it, members in its order. Who was removed has no `user_id` any more."""

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


class OwnerPage(Struct):
    """One page of owners."""

    results: list[OwnerAnswer]
    paging: Paging | UnsetType = UNSET


def encode(person: Person) -> bytes:
    """The answer of a read."""
    return msgspec.json.encode(_render(person))


def encode_page(people: Iterable[Person], paging: Paging | UnsetType) -> bytes:
    """The answer of a list."""
    return msgspec.json.encode(OwnerPage([_render(person) for person in people], paging))


def _render(person: Person) -> OwnerAnswer:
    there = person.removed is None
    return OwnerAnswer(
        id=str(person.id),
        email=person.email,
        user_id=person.id if there else UNSET,
        user_id_including_inactive=person.id,
        created_at=moment(person.created),
        updated_at=moment(person.created if person.removed is None else person.removed),
        archived=not there,
    )
