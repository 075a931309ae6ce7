"""What every storage engine keeps of portals, apps, people and credentials: the part that belongs to no portal.

A credential is found before it is known whose portal it opens, so these tables are not parted by portal.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from trunkline.crm.record import Moment
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, Kind
from trunkline.identity.event import Event
from trunkline.identity.moves import Moves
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal


class AlreadySpent(Exception):
    """A credential that was to be spent is not good any more: somebody else was faster."""


@runtime_checkable
class Accounts(Protocol):
    """The accounts of a store. What is removed or ended stays for a time, and is told apart by its own members."""

    async def portals(self) -> Sequence[Portal]:
        """Those that are there, by id; the first is the default one."""

    async def portal(self, id_: int) -> Portal | None:
        """One that is there."""

    async def found(self, portal: Portal, event: Event) -> Portal:
        """Keeps a new portal, with the collections of all types; one without an id gets one that none ever had.

        The owner decides for it, too. The event is made the portal's own. Raises `StoreRefused` for an id that some
        portal has or had.
        """

    async def remove(self, id_: int, event: Event) -> None:
        """Removes a portal with all that is in it: it is gone at once, its rows piece by piece.

        Raises `StoreRefused` when there is no such portal, or no other.
        """

    async def apps(self) -> Sequence[App]:
        """All apps by id, removed ones included."""

    async def app(self, id_: int) -> App | None:
        """One app, unless it is removed."""

    async def client(self, client_id: str) -> App | None:
        """The OAuth app of a client id, unless it is removed."""

    async def register(self, app: App, moves: Moves) -> App:
        """Keeps a new app and gives it an id; credentials and events of the moves are made the app's own.

        Raises `Unauthenticated` when they are about a portal that is not there.
        """

    async def people(self) -> Sequence[Person]:
        """All people by id, removed ones included; the first is the owner of the server."""

    async def person(self, id_: int) -> Person | None:
        """One person, unless removed."""

    async def addressee(self, email: str) -> Person | None:
        """The person with an e-mail address, in any case, unless removed."""

    async def enrol(self, person: Person, event: Event) -> Person:
        """Keeps a new person and gives it an id; raises `StoreRefused` when the address is somebody else's."""

    async def credential(self, digest: bytes) -> Credential | None:
        """A credential as it stands, ended or expired ones for as long as they are kept."""

    async def credentials(self, kind: Kind, app: int = 0) -> Sequence[Credential]:
        """All that are kept of one kind, or of one kind and app, in the order in which they were made."""

    async def keep(self, moves: Moves) -> None:
        """Carries out a plan, whole or not at all.

        Raises `AlreadySpent` when a credential to spend is not good any more, `Unauthenticated` when it is about a
        portal that is not there, `StoreRefused` when the address of a person is somebody else's, and `StoreFull`.
        """

    async def events(self, *, after: int = 0, limit: int = 1000, portal: int | None = None) -> Sequence[Event]:
        """The audit trail from a position on, oldest first."""

    async def forget(self, before: Moment, events_before: Moment) -> None:
        """Removes credentials that were over before a moment, and older events than another. Apps stay."""
