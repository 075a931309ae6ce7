"""Whatever is written: the journal tells all of it once, in order, in batches of any size, and again the same."""

import asyncio
from itertools import count
from random import Random

import httpx
import pytest
from consenting import Flow, flow
from inprocess import client
from pulling import (
    CONTACTS,
    JOURNAL,
    LOCAL,
    PORTAL,
    SCOPES,
    SNAPSHOTS,
    SUBSCRIPTIONS,
    Json,
    change,
    everything,
    file_of,
    made,
    short,
    wish,
)

Told = tuple[str, int, Json]


class Story:
    """Random writes in a portal, and what they are to be told as."""

    def __init__(self, api: httpx.AsyncClient, seed: int) -> None:
        self.told: list[Told] = []
        self._api = api
        self._random = Random(seed)
        self._records: dict[int, Json] = {}
        self._names = count()

    async def go_on(self) -> None:
        """One more write."""
        steps = [self._create, self._create, self._update, self._update, self._archive, self._shoot, self._elsewhere]
        await self._random.choice(steps)()

    def _values(self) -> dict[str, str]:
        names = self._random.sample(["firstname", "lastname", "city"], self._random.randint(1, 3))
        return {name: f"{name} {next(self._names)}" for name in names}

    async def _create(self) -> None:
        inputs = [{"properties": self._values()} for _ in range(self._random.randint(1, 4))]
        results = (await made(self._api, f"{CONTACTS}/batch/create", {"inputs": inputs}))["results"]
        for one in sorted(results, key=lambda one: int(one["id"])):
            (sent,) = [i["properties"] for i in inputs if i["properties"].items() <= one["properties"].items()]
            self._records[int(one["id"])] = dict(sent)
            self.told.append(("CREATE", int(one["id"]), {k: v for k, v in sent.items() if k != "city"}))

    async def _update(self) -> None:
        if self._records:
            id_, values = self._random.choice([*self._records]), self._values()
            await change(self._api, str(id_), **values)
            self._records[id_] |= values
            if values.keys() - {"city"}:
                self.told.append(("UPDATE", id_, {k: v for k, v in values.items() if k != "city"}))

    async def _archive(self) -> None:
        if self._records:
            id_ = self._random.choice([*self._records])
            del self._records[id_]
            (await self._api.delete(f"{CONTACTS}/{id_}")).raise_for_status()
            self.told.append(("DELETE", id_, {}))

    async def _shoot(self) -> None:
        if self._records:
            id_ = self._random.choice([*self._records])
            asked = {"portalId": PORTAL, "objectTypeId": "0-1", "objectId": id_, "properties": ["city"]}
            await made(self._api, SNAPSHOTS, {"snapshotRequests": [asked]})
            values = {k: v for k, v in self._records[id_].items() if k == "city"}
            self.told.append(("SNAPSHOT", id_, values))

    async def _elsewhere(self) -> None:
        await made(self._api, "/crm/v3/objects/companies", {"properties": {"name": "Nobody reads of it"}})


class Reader:
    """Somebody who reads on from where they were, a batch at a time."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.told: list[Told] = []
        self._api = api
        self._place = "earliest"

    async def go_on(self, size: int) -> bool:
        """Reads one more batch; False when there was none."""
        answer = await self._api.get(f"{JOURNAL}/batch/{self._place}/{size}")
        results = answer.raise_for_status().json()["results"]
        for entry in results:
            self.told += short((await file_of(self._api, entry))["journalEvents"])
        if results:
            self._place = f"{results[-1]['currentOffset']}/next"
        return bool(results)


@pytest.mark.parametrize("seed", range(4))
def test_every_change_is_told_once_and_in_order(seed: int) -> None:
    async def test() -> None:
        async with client() as api:
            await made(api, SUBSCRIPTIONS, wish("CREATE", "UPDATE", "DELETE", properties=["firstname", "lastname"]))
            # A second one to the same makes nothing come twice.
            await made(api, SUBSCRIPTIONS, wish("DELETE"))
            story, reader, chance = Story(api, seed), Reader(api), Random(seed)
            for _ in range(120):
                await story.go_on()
                if chance.random() < 0.1:
                    await reader.go_on(chance.randint(1, 3))
            while await reader.go_on(chance.randint(1, 100)):
                pass
            assert {action for action, _, _ in story.told} == {"CREATE", "UPDATE", "DELETE", "SNAPSHOT"}
            assert reader.told == story.told
            for size in (1, 7, 100, 1):
                assert short(await everything(api, size)) == story.told

    asyncio.run(test())


def test_an_app_with_its_own_credentials_reads_of_all_portals_that_let_it_in() -> None:
    async def test() -> None:
        async with flow() as app:
            await app.register(portal=PORTAL, scopes=[*SCOPES])
            other, closed = [(await app.control("POST", "/portals", {"name": n})).json()["id"] for n in ("b", "c")]
            scope = " ".join(SCOPES)
            let_in = await app.answer(app.link(scope=scope), portal=str(other))
            installed = (await app.exchange(httpx.URL(let_in.headers["location"]).params["code"])).json()
            own = (await app.token("2026-03", grant_type="client_credentials", scope=scope)).json()
            headers, theirs = [{"authorization": f"Bearer {one['access_token']}"} for one in (own, installed)]
            for portal in (PORTAL, other):
                await made(app.http, SUBSCRIPTIONS, wish("CREATE", portal=portal), headers=headers)
            refused = await app.http.post(SUBSCRIPTIONS, json=wish("CREATE", portal=closed), headers=headers)
            assert refused.status_code == 400

            for number in range(3):
                for writer in (headers, theirs):
                    body = {"properties": {"firstname": f"{number}"}}
                    (await app.http.post(CONTACTS, json=body, headers=writer)).raise_for_status()
            found = await everything(app.http, headers=headers)
            for portal in (PORTAL, other):
                told = [one["propertyChanges"]["firstname"] for one in found if one["portalId"] == portal]
                assert told == ["0", "1", "2"]
                query = {"installPortalId": portal}
                local = await app.http.get(f"{LOCAL}/earliest", params=query, headers=headers)
                assert {e["portalId"] for e in (await file_of(app.http, local.json()))["journalEvents"]} == {portal}
            assert len(found) == 6
            assert await everything(app.http, 2, headers=headers) == found
            assert {one["portalId"] for one in await everything(app.http, headers=theirs)} == {other}
            await _read_on(app, headers, theirs)

    asyncio.run(test())


async def _read_on(app: Flow, headers: dict[str, str], theirs: dict[str, str]) -> None:
    """What comes after the latest entry is what was written since, in whichever portal."""
    latest = (await app.http.get(f"{JOURNAL}/latest", headers=headers)).json()["currentOffset"]
    for number, writer in enumerate((headers, theirs, headers)):
        body = {"properties": {"firstname": f"later {number}"}}
        (await app.http.post(CONTACTS, json=body, headers=writer)).raise_for_status()
        entry = (await app.http.get(f"{JOURNAL}/offset/{latest}/next", headers=headers)).json()
        (event,) = (await file_of(app.http, entry))["journalEvents"]
        assert event["propertyChanges"] == body["properties"]
        latest = entry["currentOffset"]
