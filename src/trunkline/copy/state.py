"""What a target remembers of the copy that it becomes: of what, and how far each table is, as JSON by name."""

from collections.abc import Mapping

import msgspec

from trunkline.copy.ends import Origin, Progress
from trunkline.store.protocol import StoreRefused

ORIGIN = ""
"""The name of what the copy is of; all others are those of tables."""

_origin = msgspec.json.Decoder(Origin).decode
_progress = msgspec.json.Decoder(Progress).decode


def resumed(texts: Mapping[str, str], origin: Origin, name: str) -> dict[str, Progress]:
    """How far a copy has come that is to go on; raises `StoreRefused` when it is of anything else than before."""
    begun = _origin(texts[ORIGIN])
    if begun.name != origin.name:
        raise StoreRefused(f"{name} is half of a copy of {begun.name}: finish that one, or begin with an empty store.")
    if begun != origin:
        raise StoreRefused(
            f"{origin.name} was changed after its copy into {name} had begun: begin again with an empty store."
        )
    return {table: _progress(text) for table, text in texts.items() if table != ORIGIN}
