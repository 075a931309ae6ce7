"""The pages of an authorization: what they show, what they never let through, and the rules they give to browsers."""

import asyncio
from typing import Any

import httpx
import jinja2
import pytest
from pages import ACME, ALONE, CONSENT, FAILED, NO_USERS, NORTH, PAGES, REFUSED, SIGN_IN, Context
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.applications import Starlette

from trunkline.http.oauth.pages import STYLE, leading_to, render, routes

HOSTILE = "<script>alert(1)</script>\"'&"


def shown(name: str, context: Context) -> LexborHTMLParser:
    return LexborHTMLParser(bytes(render(name, **context).body).decode())


def texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def only(page: LexborHTMLParser, selector: str) -> LexborNode:
    (node,) = page.css(selector)
    return node


def values(page: LexborHTMLParser, name: str) -> list[str | None]:
    return [node.attributes["value"] for node in page.css(f'[name="{name}"]')]


def hostile(value: Any) -> Any:
    """The same shape, with a hostile text in place of each text."""
    match value:
        case str() if value:
            return HOSTILE
        case list() | tuple():
            return [hostile(each) for each in value]
        case _:
            return value


def get(path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Starlette(routes=routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return await http.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(("name", "context"), PAGES.values(), ids=PAGES)
def test_no_page_can_be_framed_or_kept_or_load_anything_foreign(name: str, context: Context) -> None:
    headers = render(name, status=400, **context).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-type"] == "text/html;charset=utf-8"


@pytest.mark.parametrize(("name", "context"), PAGES.values(), ids=PAGES)
def test_every_page_is_one_whole_document(name: str, context: Context) -> None:
    response = render(name, status=403, **context)
    text = bytes(response.body).decode()
    page = LexborHTMLParser(text)
    assert response.status_code == 403
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert len(page.css("h1")) == len(page.css("main")) == len(page.css("title")) == 1
    assert texts(page, "title")[0].removesuffix(" · Trunkline").strip()
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "context"), PAGES.values(), ids=PAGES)
def test_what_others_wrote_is_text_and_nothing_else(name: str, context: Context) -> None:
    tame, wild = shown(name, context), shown(name, {key: hostile(value) for key, value in context.items()})
    assert [node.tag for node in wild.css("*")] == [node.tag for node in tame.css("*")]
    assert not wild.css("script")
    assert [sorted(node.attributes) for node in wild.css("*")] == [sorted(node.attributes) for node in tame.css("*")]


def test_an_app_is_shown_by_its_name_however_it_is_written() -> None:
    page = shown("consent.html", CONSENT | {"app_name": HOSTILE})
    assert HOSTILE in texts(page, "h1")[0]
    assert only(page, "h1 bdi").text() == HOSTILE


@pytest.mark.parametrize(("name", "context"), PAGES.values(), ids=PAGES)
def test_a_page_that_lacks_something_is_not_shown(name: str, context: Context) -> None:
    page = str(bytes(render(name, **context).body))
    for left_out in context:
        fewer = {key: value for key, value in context.items() if key != left_out}
        try:
            assert str(bytes(render(name, **fewer).body)) == page, left_out
        except jinja2.UndefinedError as error:
            assert left_out in str(error)


@pytest.mark.parametrize(("name", "context"), PAGES.values(), ids=PAGES)
def test_every_page_is_sufficient_to_itself(name: str, context: Context) -> None:
    page = shown(name, context)
    assert not page.css("script, iframe, object, base, [style], [onclick], [onload], style")
    assert {node.attributes["href"] for node in page.css("link")} == {STYLE, "/face/ground.css", "/face/icon.svg"}
    assert all(form.attributes["method"] == "post" for form in page.css("form"))
    assert all(form.css_matches('input[name="csrf"][value="csrf-token"]') for form in page.css("form"))


def test_consent_asks_for_one_portal_of_several() -> None:
    page = shown("consent.html", CONSENT)
    assert values(page, "portal") == [str(portal.id) for portal in CONSENT["portals"]]
    assert all("required" in node.attributes for node in page.css('[type="radio"]'))
    assert not page.css("[checked]")
    assert texts(page, "label")[1] == f"{NORTH.name} {NORTH.id} · {NORTH.domain}"


def test_consent_puts_the_chosen_portal_first() -> None:
    page = shown("consent.html", CONSENT | {"chosen": NORTH.id})
    assert values(page, "portal") == ["1000002", "1000001", "1000003"]
    assert [node.attributes["value"] for node in page.css("[checked]")] == ["1000002"]


def test_consent_shows_the_only_portal_without_a_choice() -> None:
    page = shown("consent.html", ALONE)
    assert not page.css('[type="radio"]')
    assert values(page, "portal") == [str(ACME.id)]
    assert ACME.name in texts(page, "form")[0]


def test_consent_without_a_portal_can_only_be_denied() -> None:
    assert values(shown("consent.html", CONSENT | {"portals": []}), "decision") == ["deny"]


def test_consent_tells_what_is_asked_for_and_where_it_leads() -> None:
    page = shown("consent.html", CONSENT)
    required, optional = page.css(".scopes")
    assert [node.text() for node in required.css("code")] == [name for name, _ in CONSENT["scopes"]]
    assert [node.text() for node in optional.css("code")] == ["tickets"]
    for _, meaning in CONSENT["scopes"]:
        assert meaning in " ".join(required.text().split())
    assert CONSENT["destination"] in texts(page, ".next strong")
    assert page.css("main form")[0].attributes["action"] == CONSENT["action"]


def test_consent_is_decided_by_either_of_two_buttons_and_no_stray_key() -> None:
    page = shown("consent.html", CONSENT)
    stray, *rest = page.css("main form button")
    assert stray.attributes == {"formmethod": "dialog", "formnovalidate": None, "hidden": None}
    assert [node.attributes["value"] for node in rest] == ["allow", "deny"]


@pytest.mark.parametrize(
    ("context", "forms"), [({}, 2), ({"signed_in": False}, 1), ({"sign_out": None}, 1)], ids=["in", "not in", "no way"]
)
def test_who_signed_in_can_sign_out(context: Context, forms: int) -> None:
    page = shown("consent.html", CONSENT | context)
    assert len(page.css("form")) == forms
    assert CONSENT["user_email"] in " ".join(texts(page, "body"))


def test_sign_in_keeps_the_address_and_never_a_password() -> None:
    page = shown("sign_in.html", FAILED)
    assert values(page, "email") == [FAILED["email"]]
    assert "value" not in only(page, '[name="password"]').attributes
    assert [node.attributes["name"] for node in page.css("[autofocus]")] == ["password"]


def test_a_failed_sign_in_is_told_with_its_fields() -> None:
    page = shown("sign_in.html", FAILED)
    assert [node.attributes["name"] for node in page.css('[aria-invalid="true"]')] == ["email", "password"]
    assert {node.attributes["aria-describedby"] for node in page.css("[aria-invalid]")} == {"failure"}
    assert only(page, "#failure").attributes["role"] == "alert"
    assert not shown("sign_in.html", SIGN_IN).css("[aria-invalid], #failure")


def test_fields_have_labels_and_say_to_password_managers_what_they_are() -> None:
    page = shown("sign_in.html", SIGN_IN)
    fields = page.css('input:not([type="hidden"])')
    assert [node.attributes["id"] for node in fields] == [node.attributes["for"] for node in page.css("label")]
    assert [node.attributes["autocomplete"] for node in fields] == ["username", "current-password"]


def test_a_server_without_people_tells_how_to_add_one() -> None:
    page = shown("sign_in.html", NO_USERS)
    assert texts(page, "pre") == ["trunkline user create EMAIL"]
    assert not page.css("form")
    assert only(page, "a").attributes["href"] == NO_USERS["action"]


def test_a_refusal_tells_what_to_do_and_how_it_is_found_again() -> None:
    text = " ".join(texts(shown("refused.html", REFUSED), "main"))
    assert all(str(value) in text for value in REFUSED.values())


@pytest.mark.parametrize(
    ("uri", "targets"),
    [
        ("https://app.example.com/done?x=1", "'self' https://app.example.com"),
        ("https://app.example.com:8443/done", "'self' https://app.example.com:8443"),
        ("http://127.0.0.1:8080/done", "'self' http://127.0.0.1:8080"),
        ("http://localhost/done", "'self' http://localhost"),
        ("http://[::1]:8080/done", "'self' http:"),
        ("com.example.app:/done", "'self' com.example.app:"),
        ("com.example.app://done", "'self' com.example.app://done"),
        ("https://a;script-src%20*/done", "'self' https:"),
    ],
)
def test_a_form_may_lead_to_where_the_app_is(uri: str, targets: str) -> None:
    assert leading_to(uri) == targets
    response = render("consent.html", form_action=targets, **CONSENT)
    assert response.headers["content-security-policy"].endswith(f"; form-action {targets}")


@pytest.mark.parametrize(
    "targets", ["", "'self';", "'self' *", "'self', https://a", "https://a\n", "'unsafe-inline'", " "]
)
def test_a_policy_cannot_be_broken_out_of(targets: str) -> None:
    with pytest.raises(ValueError, match="sources"):
        render("consent.html", form_action=targets, **CONSENT)


def test_the_style_sheet_is_sent_once() -> None:
    answer = get(STYLE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css;charset=utf-8")
    assert "url(" not in answer.text
    assert "@import" not in answer.text
    again = get(STYLE, **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
