"""What a newcomer pastes first."""

from urllib.parse import urlsplit

_TEXT = """
Your token: {token}      Stop with Ctrl-C. The calls stay in {data}.
In a browser, what is there: {url}/      Every operation, with examples to paste: {url}/docs

With curl (define a unique property once, then create or update by it):

AUTH='Authorization: Bearer {token}' TYPE='Content-Type: application/json'{trust}
curl -s {url}/crm/v3/properties/calls -H "$AUTH" -H "$TYPE" -d '{{
  "name": "call_key", "label": "Call key", "type": "string", "fieldType": "text", "groupName": "call",
  "hasUniqueValue": true}}'
curl -s {url}/crm/v3/objects/calls/batch/upsert -H "$AUTH" -H "$TYPE" -d '{{"inputs": [{{
  "idProperty": "call_key", "id": "A-1", "properties": {{"hs_timestamp": "2025-04-24T20:01:33Z",
  "hs_call_title": "First call", "hs_call_status": "COMPLETED"}}}}]}}'

With Python, HubSpot's own client, in another terminal and this folder:{trust}

.venv/bin/python - <<'PASTE'
from hubspot import HubSpot
from hubspot.crm.objects.calls import BatchInputSimplePublicObjectBatchInputUpsert as Batch
from hubspot.crm.properties import PropertyCreate
client = HubSpot(access_token="{token}", host="{url}")
if not any(p.name == "call_key" for p in client.crm.properties.core_api.get_all("calls").results):
    client.crm.properties.core_api.create("calls", PropertyCreate(name="call_key", label="Call key", type="string",
        field_type="text", group_name="call", has_unique_value=True))
answer = client.crm.objects.calls.batch_api.upsert(Batch(inputs=[{{"idProperty": "call_key", "id": "A-2",
    "properties": {{"hs_timestamp": "2025-04-24T20:05:00Z", "hs_call_title": "Second call"}}}}]))
print(answer.status, [(r.id, r.new, r.properties["hs_call_title"]) for r in answer.results])
PASTE
"""


def hints_for(url: str, token: str, data: str, authority: str = "") -> str:
    """A curl and a Python snippet for a server that has just started; both work when pasted, again and again.

    `authority` is the file with the certificate that the server is known by, if it serves https.
    """
    trust = f"\nexport SSL_CERT_FILE={authority} CURL_CA_BUNDLE={authority}" if authority else ""
    return _TEXT.format(url=url, token=token, data=_shown(data), trust=trust)


def _shown(data: str) -> str:
    """Where the calls go, without the password of a database."""
    parts = urlsplit(data)
    return data if parts.password is None else data.replace(f":{parts.password}@", ":***@", 1)
