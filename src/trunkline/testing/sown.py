"""What a test seeds its portal with."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from trunkline.document import read

OTHERS = ("id", "name", "tokens", "products", "limits")
"""What a seed document says of a portal that a test's portal has of its own."""


def sown(what: Mapping[str, Any] | str | PathLike[str]) -> Mapping[str, Any]:
    """One portal of a seed document without what is of the portal itself; raises `ValueError` for a file of several."""
    document = what if isinstance(what, Mapping) else read(Path(what))
    if isinstance(document, Mapping) and "portals" in document:
        if len(document["portals"]) != 1:
            raise ValueError(f"A test has one portal, and the seed has {len(document['portals'])}.")
        (document,) = document["portals"]
    return {name: value for name, value in document.items() if name not in OTHERS}
