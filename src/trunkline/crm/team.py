"""Teams: who of a portal's people belongs together, and what that comes to on the records that they own."""

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec import Struct

from trunkline.crm.record import Moment

OWNER = "hubspot_owner_id"
"""The property that names who owns a record."""


class Team(Struct, frozen=True, kw_only=True):
    """A team of a portal. It is the main team of its `members`; `others` belong to it besides (ids of people)."""

    id: int
    name: str
    members: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    archived: Moment | None = None


def teams_of(person: int, teams: Iterable[Team]) -> list[tuple[Team, bool]]:
    """The live teams of somebody, the main one first, each with whether it is that."""
    found = [(team, person in team.members) for team in teams if team.archived is None]
    mine = [(team, main) for team, main in found if main or person in team.others]
    return sorted(mine, key=lambda one: (not one[1], one[0].id))


def derivation(rule: str, teams: Iterable[Team]) -> str | None:
    """The derivation that says by itself what each owner comes to; None where nobody is in a team."""
    live = [team for team in teams if team.archived is None]
    people = {person for team in live for person in (*team.members, *team.others)}
    comes_to = {str(person): text for person in people if (text := RULES[rule](teams_of(person, live)))}
    if not comes_to:
        return None
    return "@" + msgspec.json.encode({"of": OWNER, "to": comes_to}, order="sorted").decode()


RULES: Mapping[str, Callable[[list[tuple[Team, bool]]], str]] = {
    "team": lambda mine: next((str(team.id) for team, main in mine if main), ""),
    "teams": lambda mine: ";".join(str(team.id) for team, _ in mine),
}
"""Derivations that follow from who owns a record (behaviour 17.5)."""
