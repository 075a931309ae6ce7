"""What of HubSpot's specification is served, document by document: the page `docs/reference/coverage.md`.

HubSpot's OpenAPI is not part of this repository. Its operations are, in `specified.json`: a list of methods and paths
for each document and version, written anew wherever the folder `../shared/specs` is there.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from tables import NOTE, table

from trunkline.crm.catalog import shipped_types
from trunkline.http.routes import OPERATIONS

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATIONS = ROOT.parent / "shared" / "specs"
ROOMS = ("auth", "crm", "webhooks")
SPECIFIED = Path(__file__).with_name("specified.json")
NUMBERED = ("v1", "v3", "v4")
VERSIONS = (*NUMBERED, "2025-09", "2026-03", "2026-09")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
YES, NOT_YET, NONE = "yes", "no", "-"
TEST_DOCUMENTS = frozenset(("bucket_test111",))
"""Documents that HubSpot published by mistake."""

SPELLINGS = sorted((alias for type_ in shipped_types() for alias in type_.aliases()), key=len, reverse=True)
OF_TYPE = re.compile(rf"/objects/({'|'.join(map(re.escape, SPELLINGS))})(?=/|$)")
GENERIC = "objects"
"""The document of records of any type."""

Specified = Mapping[str, Mapping[str, list[str]]]
"""By document and version the operations, as `GET /crm/v3/objects/calls`."""


def page() -> str:
    """The page: how many operations of each document are served, and of those that no object type has, which."""
    documents = specified()
    counts = [_count(ops, version) for versions in documents.values() for version, ops in versions.items()]
    done, total = (sum(numbers) for numbers in zip(*counts, strict=True))
    text = "".join(_family(name, versions) for name, versions in documents.items() if not _of_type(name, versions))
    return (
        f"{NOTE}# Coverage\n\nEvery operation of HubSpot's specification documents of the CRM and of OAuth, in all "
        f"their versions: {done} of {total} are served.\nWhat is not is told with its reason in "
        "[differences.md](../differences.md#what-is-not-served); what is served beyond these documents is in "
        f"[routes.md](routes.md).\n\n## Documents\n\nOperations that are served, and those that there are.\n\n"
        f"{table(('document', *VERSIONS), _summary(documents))}"
        "\nThe operations of the documents that are not about one object type follow. Paths are written without the "
        f"version: `/crm/lists` is `/crm/v3/lists` in v3 and `/crm/lists/2026-03` in 2026-03. `{NONE}` says that the "
        f"version has no such operation.\n{text}"
    )


@cache
def specified() -> Specified:
    """The operations of HubSpot's documents: from the documents themselves where they are, else as they were noted."""
    if SPECIFICATIONS.is_dir():
        SPECIFIED.write_text(json.dumps(_read(), indent=1, sort_keys=True) + "\n")
    found: Specified = json.loads(SPECIFIED.read_text())
    return found


def missing() -> dict[str, int]:
    """The documents of which operations are not served, with how many in all versions."""
    left = {name: sum(_left(*one) for one in versions.items()) for name, versions in specified().items()}
    return {name: number for name, number in left.items() if number}


def _left(version: str, operations: Iterable[str]) -> int:
    served, all_ = _count(operations, version)
    return all_ - served


def _read() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for file in sorted(file for room in ROOMS for file in SPECIFICATIONS.glob(f"{room}/*.json")):
        name, _, version = file.stem.rpartition(".")
        name = name.partition(".")[0]
        if name not in TEST_DOCUMENTS:
            paths = json.loads(file.read_text())["paths"]
            found.setdefault(name, {}).setdefault(version, set()).update(
                f"{method.upper()} {path}" for path, methods in paths.items() for method in methods
            )
    return {name: {v: sorted(ops) for v, ops in versions.items()} for name, versions in found.items()}


def _of_type(name: str, versions: Mapping[str, Iterable[str]]) -> bool:
    """Whether a document is about records of one object type."""
    return name != GENERIC and all("/objects/" in operation for ops in versions.values() for operation in ops)


def _summary(documents: Specified) -> Iterator[tuple[str, ...]]:
    for name, versions in documents.items():
        cells = (f"{'/'.join(map(str, _count(versions[v], v)))}" if v in versions else NONE for v in VERSIONS)
        yield name.replace("_", " "), *cells


def _count(operations: Iterable[str], version: str) -> tuple[int, int]:
    told = [_is_served(operation, version) for operation in operations]
    return sum(told), len(told)


def _family(name: str, versions: Mapping[str, list[str]]) -> str:
    """The operations of one document, with a column for each version."""
    columns = [version for version in VERSIONS if version in versions]
    shown: dict[str, tuple[str, dict[str, str]]] = {}
    for version in reversed(columns):
        for operation in versions[version]:
            plain = _plain(operation, version)
            _, cells = shown.setdefault(_nameless(plain), (plain, {}))
            cells[version] = YES if _is_served(operation, version) else NOT_YET
    told = (
        (*(f"`{part}`" for part in plain.split(" ")), *(cells.get(v, NONE) for v in columns))
        for plain, cells in sorted(shown.values(), key=lambda one: _order(one[0]))
    )
    return f"\n## {name.replace('_', ' ').capitalize()}\n\n{table(('method', 'path', *columns), told)}"


def _order(operation: str) -> tuple[str, int]:
    """Operations of one path stand together."""
    method, path = operation.split(" ")
    return path, METHODS.index(method)


def _is_served(operation: str, version: str) -> bool:
    """Whether there is a row for it: for that object type alone, or for all of them."""
    plain = _plain(operation, version)
    return not {(version, _nameless(plain)), (version, _nameless(OF_TYPE.sub("/objects/{}", plain)))}.isdisjoint(
        _served()
    )


@cache
def _served() -> frozenset[tuple[str, str]]:
    rows = ((row.method, version, path) for row in OPERATIONS for version, path in row.paths())
    return frozenset((version, _nameless(_plain(f"{method} {path}", version))) for method, version, path in rows)


def _plain(operation: str, version: str) -> str:
    """An operation without its version."""
    return operation.replace(f"/{version}", "", 1)


def _nameless(operation: str) -> str:
    """An operation without the names of the places in its path."""
    return re.sub(r"\{[^}]*\}", "{}", operation)
