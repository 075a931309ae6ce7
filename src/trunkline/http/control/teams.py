"""The teams of a portal, as the operator makes, changes and removes them."""

from collections.abc import Callable, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from trunkline.crm.catalog import Catalog
from trunkline.crm.team import Team
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.call import with_newest
from trunkline.http.control.asked import PLAIN, Asked, Shown
from trunkline.identity.event import EventKind
from trunkline.identity.moves import Moves

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]

TYPE = "0-115"
"""The object type under which teams are kept: that of users."""


class NewTeam(Struct, frozen=True):
    """A team to make, in the default portal unless one is named. It is the main team of its `members`."""

    name: Name
    portal: int | None = None
    members: list[int] = []
    others: list[int] = []


class TeamChange(Struct, frozen=True):
    """What to change of a team; what is not named stays. A list takes the place of the old one."""

    portal: int | None = None
    name: Name | UnsetType = UNSET
    members: list[int] | UnsetType = UNSET
    others: list[int] | UnsetType = UNSET


async def list_all(asked: Asked) -> Shown:
    """Lists the teams of a portal."""
    portal = await _portal(asked)
    live = (team for team in (await asked.state.load(portal)).teams if team.archived is None)
    return {"results": [described(team, portal) for team in live]}


async def create(asked: Asked) -> Shown:
    """Makes a team."""
    new = asked.read(NewTeam)
    portal = await asked.portal(new.portal)
    members, others = await _people(asked, portal, new.members), await _people(asked, portal, new.others)

    def made(teams: Sequence[Team]) -> Team:
        return Team(id=len(teams) + 1, name=new.name, members=members, others=others)

    return described(await _keep(asked, portal, "team.created", made), portal)


async def change(asked: Asked) -> Shown:
    """Changes a team's name, or who is in it."""
    new, id_ = asked.read(TeamChange), asked.id
    portal = await asked.portal(new.portal)
    lists = {name: ids for name in ("members", "others") if (ids := getattr(new, name)) is not UNSET}
    given = {name: await _people(asked, portal, ids) for name, ids in lists.items()}

    def changed(teams: Sequence[Team]) -> Team:
        team = replace(_named(teams, id_), **given)
        return team if new.name is UNSET else replace(team, name=new.name)

    return described(await _keep(asked, portal, "team.changed", changed), portal)


async def remove(asked: Asked) -> None:
    """Removes a team; its people stay."""
    id_, now = asked.id, asked.state.clock.now()
    await _keep(asked, await _portal(asked), "team.removed", lambda teams: replace(_named(teams, id_), archived=now))


async def _keep(asked: Asked, portal: int, kind: EventKind, make: Callable[[Sequence[Team]], Team]) -> Team:
    """Keeps a team; those for whom it is the main one leave what was, since they have one (behaviour 17.5)."""

    async def attempt(catalog: Catalog) -> Team:
        made = make(catalog.teams)
        left = [
            replace(other, members=tuple(one for one in other.members if one not in made.members))
            for other in catalog.teams
            if other.id != made.id and set(other.members) & set(made.members)
        ]
        version = await asked.state.store.define(portal, TYPE, catalog.version, [made, *left], kind, 0)
        await asked.state.refresh(portal, version)
        return made

    made = await with_newest(asked.state, portal, attempt)
    await asked.state.accounts.keep(Moves(events=(asked.event(kind, portal=portal, detail=made.name),)))
    return made


def _named(teams: Sequence[Team], id_: int) -> Team:
    for team in teams:
        if team.id == id_ and team.archived is None:
            return team
    raise RecordNotFound


async def _portal(asked: Asked) -> int:
    """The portal that the query names, the default one if none; raises `InvalidParameter`."""
    return await asked.portal(asked.number("portal", 0) or None)


async def _people(asked: Asked, portal: int, ids: Sequence[int]) -> tuple[int, ...]:
    """People who decide for the portal, each once; raises `InvalidParameter` for anybody else."""
    for id_ in ids:
        person = await asked.state.accounts.person(id_)
        if person is None or not person.may_decide_for(portal):
            raise InvalidParameter("body", "members")
    return tuple(dict.fromkeys(ids))


def described(team: Team, portal: int) -> dict[str, object]:
    """A team as lists show it."""
    return {"id": team.id, "portal": portal, "name": team.name, "members": team.members, "others": team.others}
