"""Running `trunkline record`, and what an official client says through it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hubspot import HubSpot
from hubspot.crm.objects.calls.exceptions import ApiException as CallsRefused
from server import SECONDS, launch, recorder_line

from trunkline.recording.case import read

AT = "2025-04-24T20:01:33Z"
KEY = "call_key"


@contextmanager
def recording(upstream: str, out: Path, *options: str, **variables: str) -> Iterator[str]:
    """The address of a recorder, which is stopped as with Ctrl-C."""
    process = launch("record", "--upstream", upstream, "--port", "0", "--out", str(out), *options, **variables)
    try:
        yield recorder_line(process)
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, told
    assert told == f"{len(read(out))} cases in {out}\n"


def converse(client: HubSpot) -> None:
    """A day's work of a dialer: people, calls by their key, what ties them, what fails, and what is searched for."""
    people = [_contact(client, name) for name in ("Ada", "Grace")]
    crm = client.crm
    definition: dict[str, Any] = {"name": KEY, "label": "Key", "type": "string", "fieldType": "text"}
    crm.properties.core_api.create("calls", definition | {"groupName": "call", "hasUniqueValue": True})
    for title in ("First", "Second"):
        inputs = [{"id": f"k-{n}", "idProperty": KEY, "properties": _call(title)} for n in range(3)]
        crm.objects.calls.batch_api.upsert({"inputs": inputs})
    broken = {"id": "k-9", "idProperty": KEY, "properties": {"hs_call_duration": "long"}, "objectWriteTraceId": "t"}
    with suppress(CallsRefused):
        crm.objects.calls.batch_api.upsert({"inputs": [broken]})
    call = crm.objects.calls.basic_api.get_by_id("k-1", id_property=KEY)
    for person in people:
        crm.associations.v4.basic_api.create_default("calls", call.id, "contacts", person)
    crm.objects.calls.basic_api.get_by_id(call.id, associations=["contacts"], properties=["hs_call_title"])
    found = {"filters": [{"propertyName": KEY, "operator": "IN", "values": ["k-0", "k-1"]}]}
    crm.objects.calls.search_api.do_search({"filterGroups": [found], "limit": 1, "properties": ["hs_call_title"]})
    page = crm.objects.calls.basic_api.get_page(limit=1)
    crm.objects.calls.basic_api.get_page(limit=1, after=page.paging.next.after)
    crm.objects.calls.basic_api.archive(call.id)
    with suppress(CallsRefused):
        crm.objects.calls.basic_api.get_by_id(call.id)
    crm.owners.owners_api.get_page()


def _contact(client: HubSpot, name: str) -> str:
    properties = {"email": f"{name}@Acme.com", "firstname": name, "phone": "+1 (555) 123-4567"}
    return str(client.crm.contacts.basic_api.create({"properties": properties}).id)


def _call(title: str) -> dict[str, str]:
    said = f"<p>{title}: asked Ada, ada@acme.com, +15551234567</p>"
    return {
        "hs_timestamp": AT,
        "hs_call_title": f"{title} with Ada",
        "hs_call_body": said,
        "hs_call_status": "COMPLETED",
    }
