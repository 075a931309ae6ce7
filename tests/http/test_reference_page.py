"""The pages under /docs: complete, well made, and sufficient to themselves."""

import asyncio
import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any

import httpx
import pytest
from inprocess import client
from selectolax.lexbor import LexborHTMLParser, LexborNode

from trunkline.http.body import FORM
from trunkline.http.reference.chapter import PRODUCTS
from trunkline.http.reference.data import products
from trunkline.http.reference.document import OAUTH, anchor, document
from trunkline.http.reference.entries import NUMBERED, chapters, contents, link, names
from trunkline.http.reference.examples import HERE, NAMES
from trunkline.http.reference.limits import HEADERS, PREFIX
from trunkline.http.reference.markup import Html, element, filled, joined, paragraphs, prose
from trunkline.http.reference.serving import STATIC
from trunkline.http.routes import OPERATIONS

CONTENTS = ["/docs", "/docs/2025-09", "/docs/2026-03", "/docs/2026-09"]
CHAPTERS = [link(name, tag) for name in names() for tag in chapters(name).values()]
PATHS = [*CONTENTS, *CHAPTERS]


def get(path: str, **headers: str) -> httpx.Response:
    """One request without a token."""
    (answer,) = get_all([path], **headers)
    return answer


def get_all(paths: list[str], **headers: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with client() as http:
            del http.headers["authorization"]
            return [await http.get(path, headers=headers) for path in paths]

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def pages() -> dict[str, LexborHTMLParser]:
    return {path: LexborHTMLParser(answer.text) for path, answer in zip(PATHS, get_all(PATHS), strict=True)}


def text(node: LexborNode | None) -> str:
    assert node is not None
    return node.text()


def version_of(path: str) -> str:
    return next((name for name in names() if f"{path}/".startswith(f"/docs/{name}/")), NUMBERED)


def versions_of(path: str) -> set[str]:
    shown = version_of(path)
    all_ = {version for row in OPERATIONS for version in row.versions}
    return {shown} if shown != NUMBERED else {version for version in all_ if version.startswith("v")}


def told(path: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """The operations that a page should have: by anchor the method, the path and what the document tells."""
    shown = versions_of(path)
    tag = chapters(version_of(path)).get(path.rpartition("/")[2])
    all_ = {
        named(anchor(row), version, {*row.versions} & shown): (
            *(row.method, place),
            document()["paths"][place][row.method.lower()],
        )
        for row in OPERATIONS
        for version, place in row.paths()
        if version in shown
    }
    return {id_: each for id_, each in all_.items() if tag is None or each[2]["tags"] == [tag]}


def named(operation: str, version: str, versions: set[str]) -> str:
    """Where a version stands on a page that has several: the newest has the operation's own name."""
    return operation if version == NUMBERED or NUMBERED not in versions else f"{operation}-{version}"


def test_each_version_has_contents() -> None:
    assert [contents(name) for name in names()] == CONTENTS


@pytest.mark.parametrize("path", CONTENTS)
def test_the_contents_lead_to_every_operation_and_chapter(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    page, expected, name = pages[path], told(path), version_of(path)
    links = {node.attributes["id"]: node.css_first("a") for node in page.css(".contents li")}
    assert links.keys() == expected.keys()
    for id_, (_, _, operation) in expected.items():
        node = links[id_]
        assert text(node) == operation["summary"]
        assert node is not None and node.attributes["href"] == f"{link(name, operation['tags'][0])}#{id_}"
    assert [node.attributes["href"] for node in page.css("#menu a")] == [
        link(name, tag) for tag in chapters(name).values()
    ]


@pytest.mark.parametrize("path", CHAPTERS)
def test_every_operation_is_in_its_chapter_and_in_the_list(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    page, expected = pages[path], told(path)
    articles = {node.attributes["id"]: node for node in page.css("article")}
    assert articles.keys() == expected.keys()
    assert [node.attributes["href"] for node in page.css("#menu ul ul a")] == [f"#{id_}" for id_ in articles]
    for id_, (method, place, operation) in expected.items():
        article = articles[str(id_)]
        assert text(article.css_first("h2")) == operation["summary"]
        assert text(article.css_first(".route")) == f"{method} {place}"
        commands = [node.text() for node in article.css(".command pre")]
        assert commands == [sample["source"].replace(HERE, "http://test") for sample in operation["x-codeSamples"]]
        kinds = [node.text() for node in article.css(".sample > summary")]
        assert kinds == ["curl", "Python", "Node"] * len(operation["x-examples"])


@pytest.mark.parametrize("path", CHAPTERS)
def test_an_operation_shows_all_that_its_document_tells(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    components = document()["components"]
    for id_, (_, _, operation) in told(path).items():
        article = pages[path].css_first(f"#{id_}")
        assert article is not None
        said = article.text()
        for type_, scopes in operation["x-required-scopes"].items():
            assert type_ in said and all(scope in said for scope in scopes)
        api = operation.get("x-hubspot-product-tier-requirements", {})
        assert all(PRODUCTS[product] in said for product in api)
        fields = {node.text() for node in article.css(".fields .name")}
        assert {
            components["parameters"][p["$ref"].rpartition("/")[2]]["name"] for p in operation["parameters"]
        } <= fields
        assert members(operation, components["schemas"]) <= fields
        statuses = {node.text() for node in article.css(".statuses > li > strong")}
        assert statuses == operation["responses"].keys()
        codes = {node.text() for node in article.css(".statuses dt")}
        assert codes == {code for r in operation["responses"].values() for code in r.get("x-error-codes", [])}


@pytest.mark.parametrize("path", CHAPTERS)
def test_the_form_of_an_operation_has_all_that_can_be_sent(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    components = document()["components"]
    for id_, (method, place, operation) in told(path).items():
        (form,) = pages[path].css(f"#{id_} form")
        assert (form.attributes["data-method"], form.attributes["data-path"]) == (method, place)
        assert ("data-token" in form.attributes) is ("security" not in operation)
        given = [components["parameters"][p["$ref"].rpartition("/")[2]] for p in operation["parameters"]]
        for where in ("path", "query", "header"):
            inputs = [node.attributes["name"] for node in form.css(f"[data-place={where}]")]
            assert inputs == [each["name"] for each in given if each["in"] == where]
        content = operation.get("requestBody", {}).get("content", {})
        assert len(form.css("[data-place=body]")) == ("application/json" in content)
        assert bool(form.css("[data-place=form]")) is (bool(content) and "application/json" not in content)
        first = (operation["x-examples"] or [{}])[0]
        for node in form.css("[data-place=body]"):
            assert node.text().strip() == first.get("body", "{}")
        for node in form.css("[data-place=path]"):
            assert node.attributes["value"] == first.get("path", {}).get(node.attributes["name"], "")


@pytest.mark.parametrize("path", CHAPTERS)
def test_who_may_call_and_what_is_counted_is_said(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    for id_, (_, _, operation) in told(path).items():
        facts = pages[path].css_first(f"#{id_} .facts")
        names = [node.text() for node in facts.css("dt")] if facts is not None else []
        said = text(facts)
        assert ("Authorization: Bearer" in said) is ("security" not in operation)
        assert ("No access token" in said) is ("security" in operation)
        assert ("client_secret" in said) is (FORM in operation.get("requestBody", {}).get("content", {}))
        assert ("Rate limits" in names) is ("headers" in operation["responses"]["429"])
        assert ("as a search" in said) is operation["operationId"].startswith("search_")


@pytest.mark.parametrize("path", CONTENTS)
def test_the_contents_tell_of_the_rate_limits(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    (heading,) = pages[path].css("#rate-limits")
    section = heading.parent
    assert section is not None
    assert [node.text() for node in section.css(".fields .name")] == [PREFIX + name for name in HEADERS]
    numbers = {row.text(): text(row.next) for row in section.css("dt")}
    assert numbers["Professional"] == "190 in ten seconds, 625,000 in a day"
    assert numbers["An OAuth app"].startswith("110 in ten seconds")
    assert numbers["Searches"].startswith("5 in a second")


@pytest.mark.parametrize("path", CHAPTERS)
def test_before_the_operations_of_oauth_stands_what_they_take(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    found = pages[path].css("main > .intro")
    assert len(found) == (text(pages[path].css_first("h1")) == OAUTH)
    for section in found:
        assert [node.text() for node in section.css("dt")] == list(NAMES)
        registering, asking = (node.text() for node in section.css(".command pre"))
        assert registering.startswith("trunkline app create")
        assert "http://test/oauth/authorize?client_id=" in asking


def members(operation: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The names of all fields of the messages of an operation's successes."""
    messages = [r.get("content") for status, r in operation["responses"].items() if status < "300"]
    waiting: list[object] = [operation.get("requestBody", {}), *messages]
    found: set[str] = set()
    seen: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            reference = part.get("$ref", "").rpartition("/")[2]
            if reference and reference not in seen:
                seen.add(reference)
                found |= schemas[reference]["properties"].keys()
                waiting.append(list(schemas[reference]["properties"].values()))
            waiting.extend(inner for name, inner in part.items() if name not in ("examples", "$ref"))
    return found


@pytest.mark.parametrize("path", CHAPTERS)
def test_the_example_answers_are_shown(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    for id_, (_, _, operation) in told(path).items():
        article = pages[path].css_first(f"#{id_}")
        assert article is not None
        given = [
            example["value"]
            for response in operation["responses"].values()
            for media in response.get("content", {}).values()
            for example in media.get("examples", {}).values()
        ]
        shown = [json.loads(node.text().replace("http://test", HERE)) for node in article.css("details.answered pre")]
        assert sorted(map(json.dumps, shown)) == sorted(map(json.dumps, given))
        assert given or article.css_first("p.answered") is not None


@pytest.mark.parametrize("path", PATHS)
def test_nothing_comes_from_elsewhere_and_links_lead_somewhere(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    page = pages[path]
    here = {node.attributes["id"] for node in page.css("[id]")}
    for node in page.css("[src], [href]"):
        link = node.attributes.get("src") or node.attributes.get("href") or ""
        assert re.fullmatch(r"#\S+|\?lang=\w\w|/(docs|face|openapi\.json|_trunkline/errors)\S*", link), link
        target, _, fragment = link.partition("#")
        if fragment:
            there = here if not target else {n.attributes["id"] for n in pages[target].css("[id]")}
            assert fragment in there, link
    assert not page.css("[style], style, script:not([src]), iframe, img, form[action], [onclick]")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_well_made(path: str, pages: dict[str, LexborHTMLParser]) -> None:
    page = pages[path]
    ids = Counter(node.attributes["id"] for node in page.css("[id]"))
    assert [id_ for id_, times in ids.items() if times > 1] == []
    html = page.css_first("html")
    assert html is not None and html.attributes["lang"] == "en"
    assert text(page.css_first("title")) and len(page.css("h1")) == 1
    assert [node.text() for node in page.css("a, button, summary") if not node.text(strip=True)] == []
    for node in page.css("[aria-labelledby]"):
        assert node.attributes["aria-labelledby"] in ids
    levels = [int((node.tag or "h0")[1]) for node in page.css("main h1, main h2, main h3, main h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    current = [node for node in page.css(".versions a") if node.attributes.get("aria-current") == "page"]
    assert [node.attributes["href"] for node in current] == [path]
    assert [node.text() for node in page.css(".languages a") if "aria-current" in node.attributes] == ["English"]
    assert "`" not in "".join(node.text() for node in page.css("p, dd"))


@pytest.mark.parametrize(
    "path", [*PATHS[:6], *(f"/docs/{name}" for name in STATIC), "/docs/v3/search.json", "/openapi.json"]
)
def test_pages_forbid_everything_from_elsewhere_and_are_sent_once(path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert get(path, **{"if-none-match": answer.headers["etag"]}).status_code == 304


def test_the_parts_load_nothing() -> None:
    for name in STATIC:
        content = get(f"/docs/{name}").text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|@import|url\(|XMLHttpRequest|import\s*\(|innerHTML|eval\(", content), name
        assert set(re.findall(r'from "([^"]+)"', content)) <= {"./page.js"}


@pytest.mark.parametrize(
    "path",
    [
        "/docs/v4",
        "/docs/nope",
        "/docs/page",
        "/docs/..%2fapp.py",
        "/docs/2025-09/x",
        "/docs/x/search.json",
        "/docs/v3/batches/x",
    ],
)
def test_what_is_no_page_answers_one(path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert "<title>Error 404" in answer.text


def test_the_products_have_names() -> None:
    assert {product for api in products().values() for product in api} == PRODUCTS.keys()


@pytest.mark.parametrize(
    ("html", "text_"),
    [
        (element("p", "<script>&"), "<p>&lt;script&gt;&amp;</p>"),
        (element("p", element("b", "x"), None, ""), "<p><b>x</b></p>"),
        (element("a", href="\"'><x", class_="y"), '<a href="&quot;&#x27;&gt;&lt;x" class="y"></a>'),
        (element("meta", charset="utf-8"), '<meta charset="utf-8">'),
        (element("nav", popover=True, hidden=False, aria_label=None), "<nav popover></nav>"),
        (joined("<", Html("<i>")), "&lt;<i>"),
        (prose("a `<b>` c"), "a <code>&lt;b&gt;</code> c"),
        (filled("{a} `b` <", a=element("i", "&")), "<i>&amp;</i> <code>b</code> &lt;"),
        (paragraphs("a\n\n`b`"), "<p>a</p><p><code>b</code></p>"),
    ],
)
def test_texts_are_escaped(html: Html, text_: str) -> None:
    assert html == text_
