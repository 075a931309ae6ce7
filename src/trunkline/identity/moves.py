"""What is to be kept of a decision about who may do what: all of it in one transaction, or nothing."""

from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.identity.app import App
from trunkline.identity.credential import Credential
from trunkline.identity.event import Event
from trunkline.identity.person import Person
from trunkline.identity.portal import Portal


class Moves(Struct, frozen=True, kw_only=True):
    """A plan for the accounts of a store.

    `portals`, `apps` and `people` are changed ones (new ones have methods of their own), `credentials` are new. `spend`
    names credentials that are over with this, and that nobody may have ended before; whether they had not expired is
    judged by the clock of their portal, before. `end` and `end_families` name those that end if they are still good
    by some portal's clock, and `expire` those that are good no longer than until a moment.
    """

    portals: tuple[Portal, ...] = ()
    apps: tuple[App, ...] = ()
    people: tuple[Person, ...] = ()
    spend: tuple[bytes, ...] = ()
    end: tuple[bytes, ...] = ()
    end_families: tuple[str, ...] = ()
    expire: tuple[tuple[bytes, Moment], ...] = ()
    credentials: tuple[Credential, ...] = ()
    events: tuple[Event, ...] = ()
