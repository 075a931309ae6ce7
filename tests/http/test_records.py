"""What the wire cases leave out: queries on upsert, histories, and writes that meet a new catalog."""

import asyncio

from inprocess import client
from server import UNIQUE

AT = "2025-04-24T20:01:33Z"
UPSERT = "/crm/v3/objects/calls/batch/upsert"


def batch(*ids: str, **properties: str) -> dict[str, object]:
    sent = {"hs_timestamp": AT} | properties
    return {"inputs": [{"idProperty": "ext_ref", "id": id_, "properties": sent} for id_ in ids]}


def test_upsert_shows_more_on_request() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            await http.post(UPSERT, json=batch("A", hs_call_title="one", hs_call_body="<b>x</b>"))
            query = {
                "properties": "hs_call_body,hs_call_status,nope",
                "propertiesWithHistory": ["hs_call_title", "nope"],
            }
            answer = await http.post(UPSERT, json=batch("A", hs_call_title="two"), params=query)
            (result,) = answer.json()["results"]
            assert result["properties"]["hs_call_body"] == "<b>x</b>"
            assert result["properties"]["hs_call_status"] is None
            assert "nope" not in result["properties"]
            assert list(result["propertiesWithHistory"]) == ["hs_call_title"]
            history = result["propertiesWithHistory"]["hs_call_title"]
            assert [entry["value"] for entry in history] == ["two", "one"]
            assert history[0] == {
                "value": "two",
                "timestamp": result["updatedAt"],
                "sourceType": "INTEGRATION",
                "sourceId": "1",
            }

    asyncio.run(test())


def test_histories_of_more_than_fifty_inputs_are_refused_and_nothing_is_written() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            many = batch(*(str(number) for number in range(51)))
            answer = await http.post(UPSERT, json=many, params={"propertiesWithHistory": "hs_call_title"})
            assert answer.status_code == 400
            assert answer.json()["message"].endswith("for property histories is 50")
            assert all(result["new"] for result in (await http.post(UPSERT, json=many)).json()["results"])

    asyncio.run(test())


def test_definitions_and_upserts_at_once_end_in_one_of_their_orders() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            name = "/crm/v3/properties/calls/late"
            late = {"name": "late", "label": "Late", "type": "string", "fieldType": "text", "groupName": "call"}
            sent = [http.post(UPSERT, json=batch(str(n), late="x")) for n in range(5)]
            answers = await asyncio.gather(http.post("/crm/v3/properties/calls", json=late), *sent)
            assert answers[0].status_code == 201
            assert {answer.status_code for answer in answers[1:]} <= {200, 400}
            assert (await http.post(UPSERT, json=batch("after", late="x"))).status_code == 200
            assert (await http.delete(name)).status_code == 204
            assert (await http.post(UPSERT, json=batch("after", late="y"))).status_code == 400

    asyncio.run(test())


def test_an_archived_unique_property_keeps_its_values_held_and_gives_them_back() -> None:
    async def test() -> None:
        async with client() as http:
            made = await http.post("/crm/v3/properties/calls", json=UNIQUE)
            first = (await http.post(UPSERT, json=batch("A"))).json()["results"][0]["id"]
            await http.delete("/crm/v3/properties/calls/ext_ref")
            assert (await http.post(UPSERT, json=batch("A"))).status_code == 400
            read = await http.get(f"/crm/v3/objects/calls/{first}", params={"properties": "ext_ref"})
            assert "ext_ref" not in read.json()["properties"]
            again = await http.post("/crm/v3/properties/calls", json=UNIQUE)
            assert again.status_code == 201 and again.json()["createdAt"] == made.json()["createdAt"]
            (result,) = (await http.post(UPSERT, json=batch("A"))).json()["results"]
            assert (result["id"], result["new"]) == (first, False)

    asyncio.run(test())


def test_lists_in_a_query_may_be_repeated_or_parted_by_commas_and_flags_be_of_any_case() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            id_ = (await http.post(UPSERT, json=batch("A"))).json()["results"][0]["id"]
            for query in (
                "properties=hs_call_title&properties=hs_call_body",
                "properties=hs_call_title,%20hs_call_body",
            ):
                read = await http.get(f"/crm/v3/objects/calls/{id_}/?{query}&archived=False")
                assert {"hs_call_title", "hs_call_body"} <= read.json()["properties"].keys()

    asyncio.run(test())
