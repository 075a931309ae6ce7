"""One operation of the imitated API: a row of the route table."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from trunkline.crm.catalog import Verb
from trunkline.http.body import Media
from trunkline.http.call import Handler


class Operation(Struct, frozen=True):
    """A method and a path in one or more versions of HubSpot's API.

    `root` and `api` are the part of the API, as /crm and objects, and `path` what follows; `roots` has those
    of versions that have another one. `verb` says which scopes of
    the object type are needed, `also` whose scopes do as well; `any` lets every token in, and needs no object type,
    or one with one of the `scopes`; without a verb no token is asked for. `products` are
    those that the portal needs beside what the object type asks. `search` tells what has a rate limit of its own
    (behaviour 6.4), `media` what a body is. `status` is that of success, `otherwise` where a version
    has another one, `multi` the versions that answer 207 when a part of a batch failed; the others answer as for
    success, with the errors in the body. `body` and `answer` are the types of both messages, `query` the names of the
    query's parameters, `fixed` parts of the path that have no place in it.
    One that is `empty` at times answers 204 then.
    """

    method: str
    path: str
    verb: Verb | Literal["any"] | None
    handler: Handler
    status: int = 200
    body: Any = None
    answer: Any = None
    root: str = "/crm"
    api: str = ""
    roots: Mapping[str, str] = {}
    versions: tuple[str, ...] = ()
    otherwise: Mapping[str, int] = {}
    multi: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    fixed: Mapping[str, str] = {}
    also: Verb | None = None
    products: Mapping[str, str] = {}
    search: bool = False
    media: Media = "json"
    scopes: tuple[str, ...] = ()
    empty: bool = False

    def paths(self) -> Iterator[tuple[str, str]]:
        """Each version and the path in it: `/crm/v3/objects/…`, but `/crm/objects/2026-03/…`."""
        for version in self.versions:
            places = (version, self.api) if version.startswith("v") else (self.api, version)
            root = self.roots.get(version, self.root)
            yield version, "/".join((root, *filter(None, places))) + self.path

    def status_in(self, version: str) -> int:
        """The status of success in a version."""
        return self.otherwise.get(version, self.status)

    def partial_in(self, version: str) -> int:
        """The status in a version when a part of a batch failed; what answers nothing tells of no part."""
        return 207 if version in self.multi and self.answer is not None else self.status_in(version)
