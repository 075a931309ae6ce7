"""Requests that go deeper than the examples of the reference; what is not in here is walked with those alone."""

from trunkline.http.reference.data import Request

CALLS = {"type": "calls"}
OBJECTS = "/crm/objects/{type}"
SHOWN = {"properties": "hs_call_title,call_key", "propertiesWithHistory": "hs_call_title", "associations": "contacts"}


def _search(filter_: str, *, more: str = "") -> Request:
    body = f'{{"filterGroups": [{{"filters": [{filter_}]}}]{more}}}'
    return Request(f"POST {OBJECTS}/search", path=CALLS, body=body)


MORE: tuple[Request, ...] = (
    _search('{"propertyName": "hs_object_id", "operator": "EQ", "value": "100000000001"}'),
    _search('{"propertyName": "hs_object_id", "operator": "GTE", "value": "100000000001"}', more=', "after": 2'),
    _search('{"propertyName": "hs_object_id", "operator": "IN", "values": ["100000000001", "100000000002"]}'),
    _search('{"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "1", "highValue": "100000000002"}'),
    _search('{"propertyName": "call_key", "operator": "EQ", "value": "A-1"}'),
    _search('{"propertyName": "call_key", "operator": "NEQ", "value": "A-1"}', more=', "sorts": ["call_key"]'),
    _search('{"propertyName": "call_key", "operator": "CONTAINS_TOKEN", "value": "A-1"}'),
    _search('{"propertyName": "associations.contact", "operator": "EQ", "value": "100000000001"}'),
    _search('{"propertyName": "associations.contact", "operator": "NOT_IN", "values": ["100000000001"]}'),
    Request(f"POST {OBJECTS}/search", path=CALLS, body='{"query": "A-1", "limit": 2, "after": 0}'),
    Request(f"POST {OBJECTS}/search", path={"type": "contacts"}, body='{"query": "ada"}'),
    Request(f"GET {OBJECTS}", path=CALLS, query=SHOWN | {"archived": "true", "after": "100000000001"}),
    Request(f"GET {OBJECTS}", path={"type": "contacts"}, query={"limit": "1", "after": "0", "associations": "calls"}),
    Request(f"GET {OBJECTS}/{{id}}", path=CALLS | {"id": "100000000001"}, query=SHOWN | {"archived": "false"}),
    Request(
        f"POST {OBJECTS}/batch/read",
        path=CALLS,
        query={"archived": "false"},
        body='{"inputs": [{"id": "100000000001"}, {"id": "100000000010"}], "properties": ["call_key"]}',
    ),
    Request(
        f"POST {OBJECTS}/batch/update",
        path=CALLS,
        query=SHOWN,
        body='{"inputs": [{"id": "100000000001", "properties": {"call_key": "A-1", "hs_call_title": "Once more"}}]}',
    ),
    Request(f"POST {OBJECTS}/gdpr-delete", path=CALLS, body='{"objectId": "100000000002"}'),
    Request(
        f"GET {OBJECTS}/{{id}}/associations/{{to}}",
        path={"type": "contacts", "id": "100000000001", "to": "calls"},
        query={"limit": "1", "after": "0"},
    ),
)
