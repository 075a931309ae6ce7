"""The reference to read: of each version the contents, and a page for each chapter, in each language."""

from collections.abc import Iterator, Mapping

from trunkline.http.reference import entries as places
from trunkline.http.reference import intro, limits
from trunkline.http.reference.chapter import article, badge
from trunkline.http.reference.document import OAUTH
from trunkline.http.reference.edition import Edition
from trunkline.http.reference.entries import PATH, Entry
from trunkline.http.reference.markup import Html, element, joined, prose
from trunkline.http.reference.trying import token
from trunkline.language import ASKED, LANGUAGES, TAGS, Say

SCRIPTS = ("page.js", "search.js", "try.js")
SAID = ("Copied", "Nothing found.", "Sending…", "No answer came.", "Fill in {name} first.", "Headers")
"""What only the scripts say; they find it with the page."""


def contents(edition: Edition, name: str) -> bytes:
    """The contents of a version as HTML, with the placeholder for the server's address."""
    of_tags, say = places.entries(edition.document, name), edition.say
    main = element("main", intro.intro(say, name), _contents(edition, name, of_tags), limits.section(say), id="main")
    return _whole(edition, name, None, say("The API, {version}", version=places.title(name)), of_tags, main)


def chapter(edition: Edition, name: str, tag: str) -> bytes:
    """The chapter of a tag in a version."""
    of_tags, say = places.entries(edition.document, name), edition.say
    main = element(
        "main",
        element("h1", say(tag)),
        element("p", prose(say(_described(edition)[tag])), class_="note"),
        intro.oauth(say) if tag == OAUTH else None,
        token(say),
        *(article(edition, entry, places.contents(name)) for entry in of_tags[tag]),
        id="main",
    )
    return _whole(edition, name, tag, f"{say(tag)}, {places.title(name)}", of_tags, main)


def _described(edition: Edition) -> dict[str, str]:
    return {tag["name"]: tag["description"] for tag in edition.document["tags"]}


def _whole(
    edition: Edition, name: str, tag: str | None, title: str, of_tags: Mapping[str, list[Entry]], main: Html
) -> bytes:
    body = element(
        "body",
        element("a", edition.say("Skip to the content"), href="#main", class_="skip"),
        _header(edition, name, tag),
        element("div", _menu(edition.say, name, tag, of_tags), main, class_="frame"),
        _words(edition.say),
    )
    html = element("html", _head(title), body, lang=TAGS[edition.language])
    return f"<!doctype html>\n{html}\n".encode()


def _head(title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Trunkline: {title}"),
        element("link", rel="icon", href="/face/icon.svg", type="image/svg+xml"),
        element("link", rel="stylesheet", href="/face/ground.css"),
        element("link", rel="stylesheet", href=f"{PATH}/page.css"),
        *(element("script", src=f"{PATH}/{script}", type="module") for script in SCRIPTS),
    )


def _header(edition: Edition, name: str, tag: str | None) -> Html:
    say = edition.say
    return element(
        "header",
        element("a", "Trunkline", href=places.contents(name), class_="brand"),
        _search(edition, name),
        element("button", say("Contents"), type="button", popovertarget="menu", class_="open-menu"),
        element("nav", *_versions(edition, name, tag), class_="versions", aria_label=say("Versions")),
        element("nav", *_languages(edition.language), class_="languages", aria_label=say("Language")),
        element("a", "openapi.json", href="/openapi.json", class_="raw"),
    )


def _search(edition: Edition, name: str) -> Html:
    """The box that a script searches with."""
    label = edition.say("Find an operation")
    box = element(
        "input",
        id="sought",
        type="search",
        role="combobox",
        placeholder=label,
        autocomplete="off",
        spellcheck="false",
        aria_label=label,
        aria_expanded="false",
        aria_controls="found",
        aria_autocomplete="list",
        aria_keyshortcuts="/",
    )
    found = element("ul", id="found", role="listbox", aria_label=edition.say("Operations"), hidden=True)
    state = element("p", id="found-state", role="status")
    index = f"{PATH}/{name}/search.json?{ASKED}={edition.language}"
    return element("div", box, found, state, class_="search", data_index=index, hidden=True)


def _versions(edition: Edition, name: str, tag: str | None) -> Iterator[Html]:
    """Links to the same chapter in each version, or to the contents of one that lacks it."""
    for other in places.names():
        has_it = tag is not None and tag in places.entries(edition.document, other)
        href = places.link(other, tag) if tag is not None and has_it else places.contents(other)
        yield element("a", places.title(other), href=href, aria_current="page" if other == name else None)


def _languages(shown: str) -> Iterator[Html]:
    for code, name in LANGUAGES.items():
        current = "true" if code == shown else None
        yield element("a", name, href=f"?{ASKED}={code}", lang=TAGS[code], hreflang=TAGS[code], aria_current=current)


def _menu(say: Say, name: str, tag: str | None, of_tags: Mapping[str, list[Entry]]) -> Html:
    items = (
        element(
            "li",
            element("a", say(other), href=places.link(name, other), aria_current="page" if other == tag else None),
            element("ul", *(_item(entry) for entry in entries)) if other == tag else None,
        )
        for other, entries in of_tags.items()
    )
    return element("nav", element("ul", *items), id="menu", popover=True, aria_label=say("Contents"))


def _item(entry: Entry) -> Html:
    """A link to an operation of this page."""
    return element(
        "li",
        element("a", badge(entry.method), " ", element("code", _breakable(entry.place)), href=f"#{entry.anchor}"),
    )


def _breakable(place: str) -> Html:
    """A path that may be broken at each stroke."""
    return joined(*(joined("/" if n else None, element("wbr"), part) for n, part in enumerate(place.split("/"))))


def _contents(edition: Edition, name: str, of_tags: Mapping[str, list[Entry]]) -> Html:
    described, say = _described(edition), edition.say
    return element(
        "section",
        element("h2", say("Operations")),
        *(
            element(
                "section",
                element("h3", element("a", say(tag), href=places.link(name, tag))),
                element("p", prose(say(described[tag])), class_="note"),
                element("ul", *(_line(entry, places.link(name, tag)) for entry in entries)),
            )
            for tag, entries in of_tags.items()
        ),
        class_="contents",
    )


def _line(entry: Entry, page: str) -> Html:
    """An operation in the contents; its place there is what short addresses lead to."""
    route = joined(badge(entry.method), " ", element("code", _breakable(entry.place)))
    summary = element("a", entry.told["summary"], href=f"{page}#{entry.anchor}")
    return element("li", summary, element("span", route, class_="route"), id=entry.anchor)


def _words(say: Say) -> Html:
    """What the scripts say, by the English text."""
    said = (element("data", say(english), value=english) for english in SAID)
    return element("div", *said, id="words", hidden=True)
