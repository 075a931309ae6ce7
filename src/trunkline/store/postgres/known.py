"""What a process knows by heart of its database, so that no read has to look it up."""

from trunkline.crm.schema import CUSTOM
from trunkline.errors import Unauthenticated
from trunkline.store.postgres.database import Database
from trunkline.store.protocol import Notice

THERE = "SELECT 1 FROM head WHERE portal = $1"
DEFINED = "SELECT 1 FROM definition WHERE portal = $1 AND kind = 'schema' AND type = $2 AND name = $2"


class Known:
    """The portals that are there. One that another process founded is looked up when it is asked for first.

    That one is gone comes as news; until it came, reads find what the portal had, and writes find out by themselves.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._portals: set[int] = set()
        self._customs: set[tuple[int, str]] = set()
        self._forgotten = 0

    async def require(self, portal: int) -> None:
        """Raises `Unauthenticated` when a portal is not there."""
        if portal in self._portals:
            return
        forgotten = self._forgotten
        if await self._database.one(THERE, portal) is None:
            raise Unauthenticated
        # Whatever was told of meanwhile may be newer than the answer.
        if forgotten == self._forgotten:
            self._portals.add(portal)

    async def require_type(self, portal: int, type_id: str) -> None:
        """The same for a portal that has no such custom object, not even an archived one."""
        if type_id.startswith(CUSTOM) and (portal, type_id) not in self._customs:
            if await self._database.one(DEFINED, portal, type_id) is None:
                raise Unauthenticated
            self._customs.add((portal, type_id))

    def forget(self, portal: int | None = None) -> None:
        """Knows nothing of a portal any more, or of any."""
        self._forgotten += 1
        self._customs = set() if portal is None else {one for one in self._customs if one[0] != portal}
        self._portals = set() if portal is None else self._portals - {portal}

    def hear(self, notice: Notice) -> None:
        """Takes in what another process changed."""
        if notice.kind == "all":
            self.forget()
        elif notice.kind in ("portal", "catalog"):
            self.forget(notice.portal)
