"""Copying an account's records here: all of them at first, then what changed."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from trunkline.load.account import BATCH, Account, Held, following, parts
from trunkline.load.verdict import Json, Refused, Written
from trunkline.mirror import REMOTE_ID
from trunkline.mirror.pending import Pending
from trunkline.mirror.saved import Pulled, Saved
from trunkline.mirror.schema import ensure_copied
from trunkline.mirror.ties import Ties

MOST_FOUND = 10_000
"""Records that one search leads to, in all its pages (behaviour 7.4)."""

OVERLAP = 60_000
"""Milliseconds before the newest change that was seen, from which changes are looked for again: searches lag."""


class Counts(Struct):
    """What became of the records of a run."""

    read: int = 0
    tied: int = 0
    parted: int = 0
    archived: int = 0
    refused: int = 0


class Pull:
    """One run. `keys` has the unique property by type under which a record may be here already, `told` gets notes."""

    def __init__(
        self,
        remote: Account,
        local: Account,
        saved: Saved,
        keys: Mapping[str, str],
        pending: Pending,
        told: Callable[[str], None],
    ) -> None:
        self._remote = remote
        self._local = local
        self._saved = saved
        self._keys = keys
        self._pending = pending
        self._told = told
        self.counts = Counts()

    async def run(self, types: Sequence[str], *, ties: bool = False) -> None:
        """Copies these types, and then what ties their records: those that changed, or with `ties` all of them."""
        seen: dict[str, list[str]] = {}
        for type_ in types:
            names = await ensure_copied(self._remote, self._local, type_)
            seen[type_] = await self._records(type_, names)
            await self._archive(type_)
        await self._tie(types, seen, everything=ties)

    async def _tie(self, types: Sequence[str], seen: Mapping[str, Sequence[str]], *, everything: bool) -> None:
        ties = Ties(self._remote, self._local, types, self._pending, self._told)
        for type_, ids in seen.items():
            pulled = self._saved.state.pulled[type_]
            await ties.copy(type_, await self._all(type_) if everything or not pulled.tied else ids)
            pulled.tied = True
            self._saved.save()
        self.counts.tied += ties.made
        self.counts.parted += ties.parted

    async def _all(self, type_: str) -> list[str]:
        """The ids there of all records that are here."""
        found: list[str] = []
        path, after = f"/crm/v3/objects/{type_}?limit=100&properties={REMOTE_ID}", ""
        while True:
            answer = await self._local.ask("GET", path + after)
            found += [id_ for one in answer["results"] if (id_ := one["properties"].get(REMOTE_ID))]
            token = following(answer)
            if token is None:
                return found
            after = f"&after={token}"

    async def _records(self, type_: str, names: Sequence[str]) -> list[str]:
        """The ids there of the records that were copied."""
        state = self._saved.state.pulled.setdefault(type_, Pulled())
        modified = "lastmodifieddate" if type_ == "contacts" else "hs_lastmodifieddate"
        seen: list[str] = []
        if not state.whole:
            state.since = state.since or round(time.time() * 1000) - OVERLAP
            while page := await self._search(type_, names, "hs_object_id", "GT", str(state.after)):
                seen += await self._take(type_, names, page)
                state.after = max(int(one.id) for one in page)
                self._saved.save()
            state.whole = True
            self._saved.save()
            return seen
        # The whole of a window first: a search leads no further than so many records, and then begins at the last.
        window = state.since
        while page := await self._search(type_, [*names, modified], modified, "GTE", str(window), all_pages=True):
            known = set(seen)
            seen += await self._take(type_, names, [one for one in page if one.id not in known], clears=True)
            newest = max(_moment(one.properties.get(modified)) for one in page)
            if len(page) < MOST_FOUND or newest <= window:
                window = max(newest, window)
                break
            window = newest
        state.since = max(state.since, window - OVERLAP)
        self._saved.save()
        return seen

    async def _search(
        self, type_: str, names: Sequence[str], by: str, operator: str, value: str, *, all_pages: bool = False
    ) -> list[Held]:
        asked = {
            "filterGroups": [{"filters": [{"propertyName": by, "operator": operator, "value": value}]}],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(names),
            "limit": BATCH,
        }
        found: list[Held] = []
        after: str | None = None
        while True:
            answer = await self._remote.ask(
                "POST", f"/crm/v3/objects/{type_}/search", asked | ({"after": after} if after else {})
            )
            found += [Held(str(one["id"]), one["properties"]) for one in answer["results"]]
            after = following(answer)
            if not all_pages or after is None or len(found) >= MOST_FOUND:
                return found

    async def _take(self, type_: str, names: Sequence[str], page: Sequence[Held], *, clears: bool = False) -> list[str]:
        """Writes records here; returns their ids there."""
        for some in parts(page):
            left = await self._pending.names(self._local, type_, [one.id for one in some])
            inputs = [_input(one, names, left.get(one.id, frozenset()), clears) for one in some]
            outcomes = await self._local.write(type_, "upsert", [one for one in inputs if one["properties"]])
            await self._adopt(type_, _refusals(outcomes))
            self.counts.read += len(some)
        return [one.id for one in page]

    async def _adopt(self, type_: str, refused: Sequence[Refused]) -> None:
        """Records that are here already under a key of their own, and from now on remember the one there."""
        key, again, lost = self._keys.get(type_, ""), [], []
        for one in refused:
            values = one.input["properties"]
            if value := values.get(key):
                known = {**values, REMOTE_ID: one.input["id"]}
                again.append({"idProperty": key, "id": value, "properties": known})
            else:
                lost.append(one)
        if again:
            lost += _refusals(await self._local.write(type_, "upsert", again))
        for one in lost:
            self._told(f"{type_} {one.input['id']}: {one.why}")
        self.counts.refused += len(lost)

    async def _archive(self, type_: str) -> None:
        """Archives here what is archived there."""
        path, after = f"/crm/v3/objects/{type_}?archived=true&limit=100", ""
        while True:
            answer = await self._remote.ask("GET", path + after)
            gone = [str(one["id"]) for one in answer["results"]]
            held = await self._local.read(type_, gone, [REMOTE_ID], REMOTE_ID) if gone else []
            await self._local.archive(type_, [one.id for one in held])
            self.counts.archived += len(held)
            token = following(answer)
            if token is None:
                return
            after = f"&after={token}"


def _input(one: Held, names: Iterable[str], left: frozenset[str], clears: bool) -> Json:
    """The input that makes a record here like the one there, but for what is left as it is."""
    values = {name: one.properties.get(name) for name in names if name not in left}
    kept = {name: value or "" for name, value in values.items() if value or clears}
    return {"idProperty": REMOTE_ID, "id": one.id, "properties": kept}


def _refusals(outcomes: Iterable[Written | Refused]) -> list[Refused]:
    return [one for one in outcomes if isinstance(one, Refused)]


def _moment(text: str | None) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000) if text else 0
