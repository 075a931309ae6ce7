"""What is masked, wherever it is said, and what stays as it is."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from trunkline.recording.case import Case
from trunkline.recording.exchange import Exchange, case_of
from trunkline.recording.mask import Mask

KEY = b"k" * 32
TOKEN = "pat-na1-11111111-2222-3333-4444-555555555555"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def taken(
    method: str = "POST",
    target: str = "/crm/v3/objects/contacts",
    asked: Any = None,
    answered: Any = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    mask: Mask | None = None,
) -> Case:
    """The case of an exchange; a body that is no text is JSON."""
    body, answer = (
        b"" if part is None else part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (asked, answered)
    )
    given = httpx.Headers({"authorization": f"Bearer {TOKEN}", **JSON, **(headers or {})})
    exchange = Exchange(
        method, target, given, body, status, httpx.Headers({**JSON, "set-cookie": "s=secret-cookie"}), answer
    )
    return case_of(exchange, mask or Mask(KEY), 1, "recorded")


def said(case: Case) -> str:
    return msgspec.json.encode(case).decode()


SECRETS: list[tuple[str, str, dict[str, Any]]] = [
    ("the token", TOKEN, {}),
    ("the token in a message", TOKEN, {"answered": {"message": f"The token {TOKEN} is expired"}}),
    ("a token in an answer", "CJSPabc-123", {"answered": {"access_token": "CJSPabc-123"}}),
    ("a token that comes up twice", "CJSPabc-1", {"answered": {"accessToken": "CJSPabc-1", "x": "of CJSPabc-1"}}),
    ("a secret in a form", "cs-9999", {"asked": b"grant_type=x&client_secret=cs-9999", "headers": FORM}),
    ("a code in a form", "code-8888", {"asked": b"code=code-8888", "headers": FORM}),
    ("a key in a query", "hap-7777", {"target": "/x?hapikey=hap-7777&limit=1"}),
    ("a token in a path", "rt-6666", {"target": "/oauth/v1/refresh-tokens/rt-6666"}),
    ("a token of another app", "pat-eu1-99999999-aaaa", {"asked": {"note": "use pat-eu1-99999999-aaaa"}}),
    ("a signed token", "eyJhbGci.eyJzdWIi.c2lnbmF0", {"answered": {"x": "eyJhbGci.eyJzdWIi.c2lnbmF0"}}),
    ("a cookie of the client", "crumb-5555", {"headers": {"cookie": "session=crumb-5555"}}),
    ("a cookie of the service", "secret-cookie", {}),
    ("a header of the client's own", "x-key-4444", {"headers": {"x-api-key": "x-key-4444"}}),
    ("the portal", "62515", {"answered": {"portalId": 62515, "message": "portal 62515 is suspended"}}),
    ("the portal in an address", "62515", {"answered": {"url": "https://app-eu1.hubspot.com/contacts/62515/record/0-1/9"}}),
    ("the portal in a query", "62515", {"target": "/x?portalId=62515"}),
]  # fmt: skip

PEOPLE: list[tuple[str, str, dict[str, Any]]] = [
    ("an address", "jane.doe@acme.com", {"asked": {"properties": {"email": "Jane.Doe@acme.com"}}}),
    ("an address in a path", "acme.com", {"target": "/crm/v3/objects/contacts/jane%40acme.com?idProperty=email"}),
    ("an address in a query", "acme.com", {"target": "/x?email=jane%40acme.com"}),
    ("an address in a message", "jane@acme.com", {"answered": {"message": "jane@acme.com exists"}}),
    ("an address in a filter", "jane@", {"asked": {"filters": [{"propertyName": "email", "value": "jane@acme.com"}]}}),
    ("the domain of an address", "acme.com", {"answered": {"email": "j@acme.com", "hs_email_domain": "acme.com"}}),
    ("a website", "acme", {"asked": {"properties": {"website": "https://www.acme.com"}}}),
    ("a number", "123-4567", {"asked": {"properties": {"phone": "(555) 123-4567"}}}),
    ("a number called", "1234567", {"asked": {"properties": {"hs_call_to_number": "+15551234567"}}}),
    ("a number in an older body", "1234567", {"asked": {"metadata": {"toNumber": "5551234567"}}}),
    ("a number in a text", "1234567", {"answered": {"message": "+15551234567 is not called"}}),
    ("a name", "Jane", {"asked": {"properties": {"firstname": "Jane"}}}),
    ("a name in a message", "Janet", {"asked": {"lastname": "Janet"}, "answered": {"message": "Janet is no"}}),
    ("a name in a filter", "Jane", {"asked": {"filters": [{"propertyName": "firstname", "values": ["Jane"]}]}}),
    ("a name in a list", "Jane", {"asked": {"property": "firstname", "operation": {"values": ["Jane"]}}}),
    ("a name in an older body", "Jane", {"asked": {"properties": [{"property": "firstname", "value": "Jane"}]}}),
    ("a name with its history", "Jane", {"answered": {"propertiesWithHistory": {"lastname": [{"value": "Jane"}]}}}),
    ("a name of another", "Jane", {"answered": {"hs_email_to_firstname": "Jane"}}),
    ("a name in JSON in a text", "Jane", {"answered": {"hs_email_headers": '{"from":{"firstName":"Jane"}}'}}),
    ("an address as a name", "jane@acme", {"answered": {"jane@acme.com": {"found": True}}}),
    ("a name searched for", "Jane", {"asked": {"query": "Jane"}}),
    ("the title of a call", "Jane", {"asked": {"properties": {"hs_call_title": "With Jane"}}}),
    ("what was said", "secret plan", {"asked": {"properties": {"hs_call_body": "<b>Our secret plan</b>"}}}),
    ("the body of a note", "plan", {"answered": {"properties": {"hs_note_body": "plan"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "exchange"), [row[1:] for row in SECRETS], ids=[row[0] for row in SECRETS])
@pytest.mark.parametrize("people", [True, False])
def test_a_secret_is_masked(secret: str, exchange: dict[str, Any], people: bool) -> None:
    assert secret not in said(taken(**exchange, mask=Mask(KEY, people=people)))


@pytest.mark.parametrize(("private", "exchange"), [row[1:] for row in PEOPLE], ids=[row[0] for row in PEOPLE])
def test_what_is_a_persons_is_masked_unless_told_otherwise(private: str, exchange: dict[str, Any]) -> None:
    masked, open_ = said(taken(**exchange)), said(taken(**exchange, mask=Mask(KEY, people=False)))
    assert private.lower() not in masked.lower()
    assert private.lower() in open_.lower().replace("%40", "@")


def test_what_is_nobodys_stays_as_it_is() -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    body = {
        "id": "51",
        "properties": {
            "hs_timestamp": "2025-04-24T20:01:33Z",
            "hs_call_status": "COMPLETED",
            "hs_call_duration": "1200000",
        },
        "associations": [{"to": {"id": "123456789"}, "types": types}],
        "archived": False,
        "total": 3,
        "context": {"ids": ["5"]},
        "paging": {"next": {"after": "100"}},
    }
    case = taken(target="/crm/v3/objects/calls/51?properties=a%2Cb&archived=false", asked=body, answered=body)
    assert case.request.path == "/crm/v3/objects/calls/51?properties=a%2Cb&archived=false"
    assert case.request.body == case.expect["body_equals"] == body


def test_a_value_has_the_same_pseudonym_everywhere_and_with_the_same_key_only() -> None:
    """What a service derives of a pseudonym is the pseudonym of what it derives, or a case could not be replayed."""
    properties = {
        "email": "Jane@Acme.com",
        "hs_email_domain": "acme.com",
        "phone": "+1 (555) 123-4567",
        "mobilephone": "5551234567",
        "hs_call_body": "<p>Ask Jane, jane@acme.com or +15551234567</p>",
        "hs_body_preview": "Ask Jane, jane@acme.com or +15551234567",
        "firstname": "Jane",
        "lastname": "JANE",
    }
    shown = taken(asked={"properties": properties}).request.body["properties"]
    email, name = shown["email"], shown["firstname"]
    assert shown["hs_email_domain"] == email.partition("@")[2]
    assert "".join(filter(str.isdigit, shown["phone"])) == "1" + shown["mobilephone"]
    assert shown["hs_call_body"] == f"<p>{shown['hs_body_preview']}</p>"
    assert f" {name}, {email} " in shown["hs_body_preview"]
    assert shown["hs_body_preview"].endswith(f" +1{shown['mobilephone']}")
    assert shown["lastname"] == name.upper()
    other = taken(asked={"properties": properties}, mask=Mask(b"x" * 32)).request.body["properties"]
    assert not set(shown.values()) & set(other.values())


def test_a_property_can_be_named() -> None:
    mask = Mask(KEY, people=False, also=frozenset({"nick"}))
    body = taken(asked={"properties": {"nick": "Jay", "other": "Jay"}}, mask=mask).request.body
    assert body["properties"]["nick"] != "Jay" == body["properties"]["other"]


def test_who_was_refused_has_a_token_that_nobody_knows() -> None:
    refused = taken(answered={"status": "error"}, status=401)
    assert refused.request.headers["Authorization"].startswith("Bearer masked-")
    assert refused.given == []
    assert "Authorization" not in taken().request.headers


def test_who_had_no_token_has_none() -> None:
    assert taken(headers={"authorization": ""}).given == [{"no_token": True}]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", b"<p>jane</p>"), ("multipart/form-data; boundary=x", b"--x jane"), ("application/json", b"{jane"),
     ("application/json", b"\xff"), ("application/x-www-form-urlencoded", b"jane")],
)  # fmt: skip
def test_a_body_that_cannot_be_masked_is_not_kept(kind: str, body: bytes) -> None:
    case = taken(asked=body, headers={"content-type": kind})
    assert "jane" not in said(case)
    assert case.note.startswith("The body of the request is not kept")
