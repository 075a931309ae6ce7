"""The records of a type, page by page, in the order of their ids."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from trunkline.export.wanted import Wanted
from trunkline.load.account import Account
from trunkline.load.exported import Head

PAGE, PAGE_WITH_HISTORY = 100, 50
"""Records of one answer at most (behaviour 8.5, 2.10)."""

LONGEST_QUERY = 4000
"""Characters of property names in an address; more are sent in a body, which takes a second request for each page."""

R = TypeVar("R", bound=Head)


class Next(Struct):
    """Where the next page begins."""

    after: str


class Paging(Struct):
    """There only where pages follow."""

    next: Next | None = None


class _Page(Struct, Generic[R]):
    results: list[R]
    paging: Paging | None = None

    @property
    def after(self) -> str | None:
        """Where the next page begins; None after the last."""
        return self.paging.next.after if self.paging and self.paging.next else None


class Pages(Generic[R]):
    """Asks for the pages; `kind` is what is made of each record. The next page is asked for while one is worked on."""

    def __init__(self, account: Account, wanted: Wanted, names: Sequence[str], kind: type[R]) -> None:
        self._account = account
        self._wanted = wanted
        self._size = min(PAGE_WITH_HISTORY if wanted.history else PAGE, wanted.limit or PAGE)
        self._names = list(names)
        query = {"properties": ",".join(names)} | ({"propertiesWithHistory": ",".join(names)} if wanted.history else {})
        self._query = query if sum(map(len, query.values())) <= LONGEST_QUERY else None
        self._decoder: msgspec.json.Decoder[_Page[R]] = msgspec.json.Decoder(_Page[kind])  # type: ignore[valid-type]
        self._heads = msgspec.json.Decoder(_Page[Head])

    async def __aiter__(self) -> AsyncIterator[list[R]]:
        left, coming = self._wanted.limit, self._ask(None)
        try:
            while True:
                records, after = await coming
                more = after is not None and (left is None or left > len(records))
                coming = self._ask(after) if more else coming
                yield records if left is None else records[:left]
                if not more:
                    return
                left = None if left is None else left - len(records)
        finally:
            coming.cancel()

    def _ask(self, after: str | None) -> "asyncio.Task[tuple[list[R], str | None]]":
        return asyncio.create_task(self._page(after))

    async def _page(self, after: str | None) -> tuple[list[R], str | None]:
        query = {"limit": str(self._size), "archived": "true"} if self._wanted.archived else {"limit": str(self._size)}
        query |= {} if after is None else {"after": after}
        path = f"/crm/v3/objects/{self._wanted.type}"
        if self._query is not None:
            page = await self._account.told("GET", f"{path}?{urlencode(query | self._query)}", None, self._decoder)
            return (page.results, page.after) if page else ([], None)
        heads = await self._account.told("GET", f"{path}?{urlencode(query)}", None, self._heads)
        return (await self._read(path, [one.id for one in heads.results]), heads.after) if heads else ([], None)

    async def _read(self, path: str, ids: Sequence[str]) -> list[R]:
        """Records by their ids, in that order; one that is no longer there is left out."""
        if not ids:
            return []
        past = self._names if self._wanted.history else []
        body: dict[str, Any] = {"inputs": [{"id": id_} for id_ in ids], "properties": self._names}
        archived = "?archived=true" if self._wanted.archived else ""
        page = await self._account.told(
            "POST", f"{path}/batch/read{archived}", body | {"propertiesWithHistory": past}, self._decoder
        )
        place = {id_: number for number, id_ in enumerate(ids)}
        return sorted(page.results if page else [], key=lambda one: place[one.id])
