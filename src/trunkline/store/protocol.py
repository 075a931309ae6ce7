"""What every storage engine does for Trunkline. The portal is an argument of each method."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from trunkline.crm.plan import Found, Plan, UniqueKey, Wanted
from trunkline.crm.property import Property
from trunkline.crm.record import Change, Moment, Record

Decide = Callable[[Found], Plan]
"""Makes a plan from what was found, without touching the store; what it raises undoes the batch."""


class StaleCatalog(Exception):
    """The catalog changed between checking a batch and writing it: check it again."""


class StoreRefused(Exception):
    """The store cannot be opened; the message says why and what to do."""


class Definitions(Struct, frozen=True):
    """The property definitions that a portal made itself, by object type id, and the version of its catalog."""

    version: int
    custom: dict[str, list[Property]]


class Token(Struct, frozen=True, kw_only=True):
    """One access token of one app. Only the SHA-256 of its text is ever kept."""

    app: int
    portal: int
    name: str
    digest: bytes
    scopes: tuple[str, ...]
    created: Moment
    revoked: Moment | None = None


@runtime_checkable
class Store(Protocol):
    """A durable home of records, definitions, tokens and the journal.

    A method that writes returns after the write is as durable as the store was asked to be, or raises and has
    written nothing.
    """

    async def open(self) -> None:
        """Makes the store ready; raises `StoreRefused`."""

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""

    def portals(self) -> Sequence[int]:
        """The ids of all portals; the first is the default one."""

    def definitions(self, portal: int) -> Definitions:
        """The portal's own property definitions."""

    async def write(self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, all in one transaction.

        Raises what `decide` raises, `StaleCatalog` when the portal's catalog is not at `version`, and `StoreFull`
        when there is no room.
        """

    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""

    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""

    async def define(self, portal: int, type_id: str, version: int, definition: Property, kind: str, app: int) -> int:
        """Keeps a new or changed property definition and tells the journal; returns the new catalog version.

        Raises `StaleCatalog` like `write`.
        """

    def tokens(self) -> Sequence[Token]:
        """All tokens, revoked ones included."""

    async def grant(self, portal: int, name: str, digest: bytes, scopes: Sequence[str]) -> Token:
        """Keeps a new token."""

    async def revoke(self, app: int) -> bool:
        """Revokes the token of an app for good; False when there is none to revoke."""
