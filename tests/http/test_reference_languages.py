"""The pages under /docs in each language: whole, chosen by the reader or by the browser, and light."""

import gzip
import re
from collections.abc import Mapping
from functools import cache

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from threaded import ThreadedServer

from trunkline.http.reference import page
from trunkline.http.reference.edition import edited
from trunkline.http.reference.entries import chapters, contents, link, names
from trunkline.http.reference.page import SCRIPTS
from trunkline.http.reference.serving import STATIC
from trunkline.language import COOKIE, LANGUAGES, TAGS, shelf

TRANSLATED = [code for code in LANGUAGES if code != "en"]
PATHS = [path for name in names() for path in (contents(name), *(link(name, tag) for tag in chapters(name).values()))]
WEIGHT = 200_000
"""The most bytes that a first visit of a page may take."""


@cache
def said() -> frozenset[str]:
    """Every English text of all pages."""
    found: set[str] = set()

    def say(english: str, **values: object) -> str:
        found.add(english)
        return english.format(**values) if values else english

    edition = edited("en", say)
    for name in names():
        page.contents(edition, name)
        for tag in chapters(name).values():
            page.chapter(edition, name, tag)
    return frozenset(found)


def translations(code: str) -> Mapping[str, str]:
    return {**shelf(code, "docs"), **shelf(code, "reference")}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_and_nothing_else_is(code: str) -> None:
    missing = said() - translations(code).keys()
    assert not missing, f"Put these into data/languages/{code}/reference.toml, or docs.toml: {sorted(missing)}"
    left = translations(code).keys() - said()
    assert not left, f"These are on no page any more: {sorted(left)}"


def test_no_text_is_on_two_shelves() -> None:
    for code in TRANSLATED:
        assert shelf(code, "docs").keys() & shelf(code, "reference").keys() == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_is_not_the_english_text(code: str) -> None:
    """Words that are the same in both languages are short."""
    same = {english for english, translated in translations(code).items() if english == translated}
    assert {english for english in same if len(english.split()) > 2} == set()


@pytest.mark.parametrize("path", [PATHS[0], link("v3", "Batches"), link("2026-03", "Webhooks"), link("v3", "OAuth")])
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_is_in_the_language_that_is_asked_for(code: str, path: str, trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        answer = http.get(path, params={"lang": code})
        kept = http.get(path)
    html = LexborHTMLParser(answer.text)
    root = html.css_first("html")
    assert root is not None and root.attributes["lang"] == TAGS[code]
    (current,) = html.css(".languages [aria-current]")
    assert current.text() == LANGUAGES[code]
    assert kept.text == answer.text
    expected = translations(code) if code != "en" else {english: english for english in said()}
    whole = html.css_first("body")
    assert whole is not None
    for english in ("Skip to the content", "Find an operation", "Contents"):
        assert expected[english] in str(whole.html)
    titles = {node.text() for node in html.css("article h2")}
    assert titles <= set(expected.values())


def test_the_browser_chooses_unless_the_reader_did(trunkline: ThreadedServer) -> None:
    german, english = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}, '<html lang="en">'
    with client(trunkline) as http:
        first = http.get("/docs", headers=german)
        assert '<html lang="de">' in first.text
        assert "set-cookie" not in first.headers
        assert {"Accept-Language", "Cookie"} <= set(first.headers["vary"].split(", "))
        assert english in http.get("/docs?lang=en", headers=german).text
        assert http.cookies[COOKIE] == "en"
        assert english in http.get("/docs/v3/batches", headers=german).text


@pytest.mark.parametrize("asked", ["xx", "..%2Fde", "de%0d%0aset-cookie:%20a=b", ""])
def test_a_language_that_there_is_not_is_not_heeded(asked: str, trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        answer = http.get(f"/docs?lang={asked}")
    assert answer.status_code == 200 and '<html lang="en">' in answer.text
    assert "set-cookie" not in answer.headers


def test_each_language_has_an_entity_of_its_own(trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        tags = {code: http.get("/docs", headers={"accept-language": code}).headers["etag"] for code in LANGUAGES}
        assert len(set(tags.values())) == len(LANGUAGES)
        same = {"accept-language": "pt", "if-none-match": tags["pt"]}
        assert http.get("/docs", headers=same).status_code == 304
        assert http.get("/docs", headers=same | {"accept-language": "de"}).status_code == 200


def test_what_programs_read_is_english(trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        one, other = (http.get("/openapi.json", headers={"accept-language": code}) for code in ("en", "de"))
    assert one.content == other.content


def test_the_search_looks_through_titles_in_the_language(trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        index = http.get("/docs/v3/search.json?lang=de").json()
        batches = LexborHTMLParser(http.get("/docs/v3/batches?lang=de").text)
        places = {node.attributes["id"] for node in batches.css("article")}
    upsert = next(each for each in index if each["url"] == "/docs/v3/batches#batches-upsert")
    assert (
        upsert["title"] == translations("de")["Create or update a batch of records by the values of a unique property"]
    )
    assert (upsert["method"], upsert["path"]) == ("POST", "/crm/v3/objects/{type}/batch/upsert")
    assert {"idProperty", "objectWriteTraceId", "numErrors", "propertiesWithHistory"} <= set(upsert["fields"].split())
    here = {each["url"].partition("#")[2] for each in index if each["url"].startswith("/docs/v3/batches#")}
    assert here == places
    assert len(index) == len({each["url"] for each in index})


def test_a_first_visit_is_light(trunkline: ThreadedServer) -> None:
    """What travels, packed: the page and all that it loads, and what its search looks through."""
    with client(trunkline) as http:
        parts = sum(travelled(http, f"/docs/{name}") for name in STATIC)
        assert re.search(r"/docs/page\.css", http.get("/docs").text) and {*SCRIPTS} < {*STATIC}
        for name in names():
            index = travelled(http, f"/docs/{name}/search.json")
            for path in (contents(name), *(link(name, tag) for tag in chapters(name).values())):
                assert parts + index + travelled(http, path) < WEIGHT / 2, path


def travelled(http: httpx.Client, path: str) -> int:
    with http.stream("GET", path) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed)
    return len(packed)


def test_who_cannot_unpack_gets_it_plain(trunkline: ThreadedServer) -> None:
    with client(trunkline) as http:
        plain = http.get("/docs", headers={"accept-encoding": "identity"})
        packed = http.get("/docs")
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text
    assert plain.headers["etag"] != packed.headers["etag"]


def client(server: ThreadedServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, trust_env=False, verify=False)
