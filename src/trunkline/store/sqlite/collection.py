"""One portal's records of one object type, and how they are numbered."""

from msgspec import Struct

from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS


class Collection(Struct, frozen=True):
    """One portal's records of one object type."""

    slot: int
    portal: int
    type: str

    def key(self, id_: int) -> int:
        """The row id of a record."""
        return self.slot << SLOT_BITS | id_

    @property
    def last_key(self) -> int:
        """The greatest row id that a record can have."""
        return self.slot << SLOT_BITS | LAST_ID
