"""The reference to read: one page for the numbered versions of the API, and one for each dated version."""

from collections.abc import Collection, Mapping
from typing import Any

from trunkline.http.reference import limits
from trunkline.http.reference.chapter import Entry, badge, chapter
from trunkline.http.reference.document import OAUTH, document
from trunkline.http.reference.intro import intro, oauth
from trunkline.http.reference.markup import Html, element, joined, prose

Json = dict[str, Any]

NUMBERED = "v3"
"""The page of all versions with a number: v3, and the operations of v1, v2 and v4."""

PATH = "/docs"


def names() -> list[str]:
    """The pages, each by the version that it shows."""
    return list(dict.fromkeys(_page_of(told["x-version"]) for _, _, told in _operations()))


def page(name: str) -> bytes:
    """One page as HTML, with the placeholder for the server's address."""
    entries = _entries(name)
    main = element("main", intro(name), *_parts(entries), limits.section(), id="main")
    body = element(
        "body",
        element("a", "Skip to the operations", href="#main", class_="skip"),
        _header(name),
        element("div", _menu(entries), main, class_="frame"),
    )
    return f"<!doctype html>\n{element('html', _head(name), body, lang='en')}\n".encode()


def _operations() -> list[tuple[str, str, Json]]:
    paths: Mapping[str, Json] = document()["paths"]
    return [(method.upper(), path, told) for path, methods in paths.items() for method, told in methods.items()]


def _page_of(version: str) -> str:
    return NUMBERED if version.startswith("v") else version


def _link(name: str) -> str:
    return PATH if name == NUMBERED else f"{PATH}/{name}"


def _entries(name: str) -> dict[str, list[Entry]]:
    """The operations of one page, by tag."""
    versions: dict[str, list[str]] = {}
    for _, _, told in _operations():
        versions.setdefault(_name(told), []).append(told["x-version"])
    found: dict[str, list[Entry]] = {tag["name"]: [] for tag in document()["tags"]}
    for method, path, told in _operations():
        version = told["x-version"]
        if _page_of(version) == name:
            anchors = {v: _anchor(_name(told), v, versions[_name(told)]) for v in versions[_name(told)]}
            others = {v: f"{_link(_page_of(v))}#{anchor}" for v, anchor in anchors.items() if v != version}
            found[told["tags"][0]].append(Entry(method, path, told, anchors[version], others))
    return {tag: entries for tag, entries in found.items() if entries}


def _name(told: Json) -> str:
    """What an operation is called in all versions."""
    version = told["x-version"].replace("-", "_")
    return str(told["operationId"]).removesuffix(f"_{version}").replace("_", "-")


def _anchor(operation: str, version: str, versions: Collection[str]) -> str:
    """Where a version of an operation stands on its page, where another one may have the operation's own name."""
    is_other = _page_of(version) == NUMBERED in versions and version != NUMBERED
    return f"{operation}-{version}" if is_other else operation


def _head(name: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Trunkline: the API, {name}"),
        element("link", rel="icon", href=f"{PATH}/icon.svg", type="image/svg+xml"),
        element("link", rel="stylesheet", href=f"{PATH}/page.css"),
        element("script", src=f"{PATH}/page.js", defer=True),
    )


def _header(name: str) -> Html:
    versions = (
        element("a", _title(other), href=_link(other), aria_current="page" if other == name else None)
        for other in names()
    )
    return element(
        "header",
        element("a", "Trunkline", href=PATH, class_="brand"),
        element("button", "Operations", type="button", popovertarget="menu", class_="open-menu"),
        element("nav", *versions, class_="versions", aria_label="Versions"),
        element("a", "openapi.json", href="/openapi.json", class_="raw"),
    )


def _title(name: str) -> str:
    """A page's versions, as `v3, v4`."""
    versions = dict.fromkeys(told["x-version"] for _, _, told in _operations() if _page_of(told["x-version"]) == name)
    return ", ".join(versions)


def _menu(entries: Mapping[str, list[Entry]]) -> Html:
    parts = (
        joined(element("h2", tag), element("ul", *(_item(entry) for entry in of_tag)))
        for tag, of_tag in entries.items()
    )
    return element("nav", *parts, id="menu", popover=True, aria_label="Operations")


def _item(entry: Entry) -> Html:
    summary = entry.told["summary"]
    place = joined(*(joined("/" if n else None, element("wbr"), part) for n, part in enumerate(entry.place.split("/"))))
    link = element("a", badge(entry.method), " ", element("code", place), href=f"#{entry.anchor}", title=summary)
    return element("li", link)


def _parts(entries: Mapping[str, list[Entry]]) -> list[Html]:
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    return [
        element(
            "section",
            element("h2", tag),
            element("p", prose(described[tag]), class_="note"),
            oauth() if tag == OAUTH else None,
            *(chapter(entry, document()) for entry in of_tag),
        )
        for tag, of_tag in entries.items()
    ]
