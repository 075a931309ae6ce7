"""How far the mirror is, in a file that is never half written."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct, field

from trunkline.load.stopped import Stopped


class Pulled(Struct):
    """How far the copy of one object type is: first all by id, up to `after`; then what changed after `since`.

    `tied` once the associations of all its records were copied.
    """

    after: int = 0
    whole: bool = False
    since: int = 0
    tied: bool = False


class State(Struct):
    """How far both directions are. `sent` is the position of the journal here up to which all was sent on."""

    portal: int = 0
    remote: str = ""
    pulled: dict[str, Pulled] = field(default_factory=dict)
    sent: int | None = None


class Saved:
    """A state in its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = State()
        if path.exists():
            try:
                self.state = msgspec.json.decode(path.read_bytes(), type=State)
            except (msgspec.MsgspecError, OSError) as cause:
                raise Stopped(f"{path} is not the state of a mirror: {cause}") from cause

    def between(self, portal: int, remote: str) -> None:
        """Binds the state to one portal and one account; raises `Stopped` for the state of others."""
        known = self.state.portal, self.state.remote
        if known != (0, "") and known != (portal, remote):
            raise Stopped(f"{self.path} is the state between portal {known[0]} and {known[1]}: name another --state.")
        self.state.portal, self.state.remote = portal, remote

    def save(self) -> None:
        """Keeps the state as it is now."""
        partial = self.path.with_name(f"{self.path.name}.partial")
        with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(msgspec.json.encode(self.state))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)
