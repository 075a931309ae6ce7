"""What a process knows by heart of its database, so that no read has to look it up."""

from collections.abc import Iterable

from trunkline.errors import Unauthenticated


class Known:
    """The portals that are there. Other processes' foundings and removals come as news."""

    def __init__(self) -> None:
        self.portals: set[int] = set()

    def learn(self, portals: Iterable[int]) -> None:
        """Takes in the portals that are there, and forgets all others."""
        self.portals = set(portals)

    def require(self, portal: int) -> None:
        """Raises `Unauthenticated` when a portal is not there."""
        if portal not in self.portals:
            raise Unauthenticated
