"""The form that sends a request from the page; a script makes it work, and shows it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.http.reference.edition import Edition
from trunkline.http.reference.entries import Entry
from trunkline.http.reference.intro import READY
from trunkline.http.reference.markup import Html, element, filled
from trunkline.language import Say

Json = dict[str, Any]

KEPT = (
    "It is kept in this tab until you close it, and sent to this server and to no other. The forms below send it with "
    "your requests, which are really carried out."
)


def token(say: Say) -> Html:
    """The field for the token that all forms of a page take; nothing of the server's own is in it."""
    ready = filled(say("Use {token}, which is the one of `make serve`"), token=element("code", READY))
    return element(
        "div",
        element("label", say("Your access token"), for_="token"),
        element("input", id="token", autocomplete="off", spellcheck="false", aria_describedby="token-kept"),
        element("button", ready, type="button", class_="ready", data_token=READY, hidden=True),
        element("p", say(KEPT), id="token-kept", class_="note"),
        class_="token",
        hidden=True,
    )


def trying(edition: Edition, entry: Entry) -> Html:
    """The form of one operation, filled with its first example."""
    say, told = edition.say, entry.told
    examples = told["x-examples"] or [{"title": ""}]
    form = element(
        "form",
        _choice(say, examples),
        *_inputs(edition, entry, examples[0]),
        element("button", say("Send"), type="submit"),
        element("div", class_="reply", role="status"),
        data_method=entry.method,
        data_path=entry.path,
        data_media=_media(told),
        data_token="security" not in told,
        aria_label=say("Try it: {summary}", summary=told["summary"]),
    )
    return element("details", element("summary", say("Try it")), form, class_="try", hidden=True)


def _choice(say: Say, examples: list[Json]) -> Html | None:
    """Which example fills the form."""
    if len(examples) < 2:
        return None
    options = (
        element("option", say(example["title"]), data_example=json.dumps(example, ensure_ascii=False))
        for example in examples
    )
    return element("label", element("span", say("Example")), element("select", *options, class_="example"))


def _inputs(edition: Edition, entry: Entry, example: Json) -> Iterator[Html]:
    told, say = entry.told, edition.say
    parameters = edition.document["components"]["parameters"]
    for reference in told["parameters"]:
        one = parameters[reference["$ref"].rpartition("/")[2]]
        given = example.get("headers" if one["in"] == "header" else one["in"], {})
        yield _input(one["in"], one["name"], one["schema"], given.get(one["name"], ""), "required" in one)
    if "requestBody" not in told:
        return
    media = _media(told)
    if media == "json":
        yield _text("body", "", say("Body"), example.get("body", "{}"))
        return
    for name in _fields(told, edition.document["components"]["schemas"], example):
        yield _field(name, example.get("form", {}).get(name, ""))
    for name, content in example.get("files", {}).items():
        yield _text("file", name, filled(say("File {name}"), name=element("code", name)), content)


def _fields(told: Json, schemas: Json, example: Json) -> list[str]:
    """The names of a form's fields, but for that of the files."""
    (media,) = told["requestBody"]["content"].values()
    schema = schemas[media["schema"]["$ref"].rpartition("/")[2]]
    return [name for name in dict.fromkeys((*example.get("form", {}), *schema["properties"])) if name != "files"]


def _media(told: Json) -> str | None:
    """What the body is: `json`, `form`, `multipart`."""
    if "requestBody" not in told:
        return None
    (type_,) = told["requestBody"]["content"]
    return {"application/json": "json", "multipart/form-data": "multipart"}.get(type_, "form")


def _input(place: str, name: str, schema: Json, value: str, required: bool) -> Html:
    """One parameter; where its values are known, one of these."""
    choices = ["false", "true"] if schema["type"] == "boolean" else schema.get("enum", [])
    attributes: Mapping[str, str | bool] = {"data_place": place, "name": name, "required": required}
    label = element("code", name)
    if choices and place != "path":
        options = (element("option", choice, selected=choice == value) for choice in ("", *choices))
        return element("label", label, element("select", *options, **attributes))
    return element("label", label, element("input", value=value, spellcheck="false", autocomplete="off", **attributes))


def _field(name: str, value: str) -> Html:
    """One field of a form; what has lines is shown with them."""
    if "\n" in value:
        return _text("form", name, element("code", name), value)
    return element(
        "label",
        element("code", name),
        element("input", value=value, data_place="form", name=name, autocomplete="off", spellcheck="false"),
    )


def _text(place: str, name: str, label: str, value: str) -> Html:
    rows = str(min(20, value.count("\n") + 2))
    # A text area drops a line break at its start.
    area = element("textarea", f"\n{value}", data_place=place, name=name or None, rows=rows, spellcheck="false")
    return element("label", element("span", label), area, class_="wide")
