"""What the page tells of one operation."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from trunkline.http.body import FORM
from trunkline.http.reference.fields import field, fields
from trunkline.http.reference.limits import PLACE, PREFIX
from trunkline.http.reference.markup import Html, element, joined, paragraphs, prose

Json = dict[str, Any]

EMPTY = {"200": "OK, and no body", "204": "No Content"}
FREE = "FREE"

PRODUCTS = {
    "marketing": "Marketing Hub",
    "sales": "Sales Hub",
    "service": "Service Hub",
    "cms": "Content Hub",
    "commerce": "Commerce Hub",
    "crmHub": "Smart CRM",
    "dataHub": "Data Hub",
}
"""HubSpot's names of its products, by their keys in its specification."""

ERRORS = "/_trunkline/errors"


class Entry(Struct, frozen=True):
    """An operation in one version: `anchor` is where it stands on its page, `others` leads to it in other versions."""

    method: str
    path: str
    told: Json
    anchor: str
    others: Mapping[str, str] = {}

    @property
    def place(self) -> str:
        """The path in short: of records and properties what follows the version and the part of the API."""
        start = self.path.find("{") if self.path.startswith("/crm/") else 0
        return self.path[start:]


def chapter(entry: Entry, document: Json) -> Html:
    """The article of one operation: what HubSpot's own page shows of it, and the errors."""
    told, schemas = entry.told, document["components"]["schemas"]
    title = f"{entry.anchor}-title"
    return element(
        "article",
        element("h3", element("a", told["summary"], href=f"#{entry.anchor}"), id=title),
        element("p", badge(entry.method), " ", element("code", entry.path, class_="path"), class_="route"),
        element(
            "div",
            element(
                "div",
                paragraphs(told["description"]),
                _facts(entry),
                _parameters(told, document["components"]["parameters"]),
                _body(told, schemas),
                _answer(told, schemas, document["x-errors"]),
                _errors(told, document["x-errors"]),
                class_="told",
            ),
            element("div", *_examples(told), class_="shown"),
            class_="columns",
        ),
        id=entry.anchor,
        aria_labelledby=title,
    )


def badge(method: str) -> Html:
    """The method as a coloured word."""
    return element("span", method, class_=f"method {method.lower()}")


def _facts(entry: Entry) -> Html:
    told = entry.told
    rows = {
        "Authorization": _authorization(told),
        "Required scope": _scopes(told["x-required-scopes"]),
        "Rate limits": _limits(told),
        "Supported products": _products(told.get("x-hubspot-product-tier-requirements", {})),
        "Also in": _others(entry),
    }
    shown = (joined(element("dt", name), element("dd", row)) for name, row in rows.items() if row)
    return element("dl", *shown, class_="facts")


def _authorization(told: Json) -> Html:
    if "security" not in told:
        return joined(element("code", "Authorization: Bearer TOKEN"), ", an access token")
    if _is_form(told):
        return prose(
            "No access token: the app names itself with `client_id` and `client_secret` in the form, or in an "
            "`Authorization: Basic` header."
        )
    return joined("No access token: whoever has the token that it is about may ask.")


def _limits(told: Json) -> Html | None:
    """Which headers tell what is left."""
    shown = [name for status in told["responses"].values() for name in status.get("headers", {})]
    if not shown:
        return None
    which = " in ten seconds, and in a day" if f"{PREFIX}Remaining" in shown else " as a search, and in a day"
    return joined(element("a", "Counted", href=f"#{PLACE}"), which)


def _scopes(scopes: Mapping[str, list[str]]) -> Html:
    """The scopes by object type; types with the same scopes together, and one of the scopes is enough."""
    types: dict[tuple[str, ...], list[str]] = {}
    for type_, names in scopes.items():
        types.setdefault(tuple(names), []).append(type_)
    return joined(*(_scope(names, types_) for names, types_ in types.items()))


def _scope(names: tuple[str, ...], types: list[str]) -> Html:
    choices = (joined(" or " if number else None, element("code", name)) for number, name in enumerate(names))
    return element("div", f"{', '.join(types)}: ", *choices, class_="scope")


def _products(products: Mapping[str, str]) -> Html | None:
    if not products:
        return None
    names = ", ".join(f"{PRODUCTS.get(key, key)} {edition.capitalize()}" for key, edition in products.items())
    free = set(products.values()) == {FREE}
    here = "Every portal has that." if free else "A portal needs one that is not free."
    return joined(f"{names}, or higher. {here}")


def _others(entry: Entry) -> Html | None:
    links = (joined(" " if n else None, element("a", v, href=url)) for n, (v, url) in enumerate(entry.others.items()))
    return joined(*links) if entry.others else None


def _parameters(told: Json, parameters: Json) -> Html | None:
    given = [parameters[reference["$ref"].rpartition("/")[2]] for reference in told["parameters"]]
    parts = {"Path": "path", "Query": "query", "Headers": "header"}
    lists = ((title, [one for one in given if one["in"] == place]) for title, place in parts.items())
    return joined(*(_part(title, _parameter_list(rows)) for title, rows in lists if rows))


def _part(title: str, *inside: Html | None) -> Html:
    return element("section", element("h4", title), *inside)


def _parameter_list(rows: list[Json]) -> Html:
    items = (
        field(
            row["name"], row["schema"] | {"description": row["description"]}, "required" if "required" in row else None
        )
        for row in rows
    )
    return element("ul", *items, class_="fields")


def _body(told: Json, schemas: Json) -> Html | None:
    if "requestBody" not in told:
        return None
    title = "Body, a form" if _is_form(told) else "Body"
    return _part(title, fields(_schema(told["requestBody"]), schemas, "required"))


def _is_form(told: Json) -> bool:
    return "requestBody" in told and FORM in told["requestBody"]["content"]


def _schema(message: Json) -> Json:
    (media,) = message["content"].values()
    return dict(media["schema"])


def _answer(told: Json, schemas: Json, errors: Json) -> Html:
    """The successes, and the fields of their messages."""
    successes = {status: response for status, response in told["responses"].items() if status < "300"}
    rows = (_status(status, response, errors) for status, response in successes.items())
    messages = [_schema(response) for response in successes.values() if "content" in response]
    shown = (fields(message, schemas, "always") for n, message in enumerate(messages) if message not in messages[:n])
    return _part("Answer", element("ul", *rows, class_="statuses"), *shown)


def _errors(told: Json, errors: Json) -> Html:
    rows = (_status(status, response, errors) for status, response in told["responses"].items() if status >= "400")
    return _part("Errors", element("ul", *rows, class_="statuses"))


def _status(status: str, response: Json, errors: Json) -> Html:
    return element(
        "li",
        element("strong", status),
        f" {HTTPStatus(int(status)).phrase}. ",
        prose(response["description"]),
        _kinds(response["x-error-codes"], errors) if "x-error-codes" in response else None,
    )


def _kinds(codes: list[str], errors: Json) -> Html:
    rows = (
        joined(
            element("dt", element("a", code, href=f"{ERRORS}/{code}")),
            element("dd", prose(f"{errors[code]['meaning']}{_body_of(errors[code])} {errors[code]['advice']}")),
        )
        for code in codes
    )
    return element("details", element("summary", f"Which errors ({len(codes)})"), element("dl", *rows))


def _body_of(told: Json) -> str:
    """What stands in the body of an error that the authorization server tells."""
    return f" `status` is `{told['body']['status']}`, `error` is `{told['body']['error']}`." if "body" in told else ""


def _examples(told: Json) -> Iterator[Html]:
    for sample in told["x-codeSamples"]:
        title = sample["label"]
        yield element(
            "figure",
            element("figcaption", title),
            command(sample["source"]),
            *_shown(title, told["responses"]),
        )


def command(source: str) -> Html:
    """A command with a button that copies it; the button is there only where it works."""
    button = element("button", "Copy", type="button", class_="copy", hidden=True)
    return element("div", button, element("pre", element("code", source), tabindex="0"), class_="command")


def _shown(title: str, responses: Json) -> Iterator[Html]:
    for status, response in responses.items():
        for media in response.get("content", {}).values():
            example = media.get("examples", {}).get(title)
            if example is not None:
                yield _answered(status, example)
                return
    for status in ("200", "204"):
        if status in responses and "content" not in responses[status]:
            yield element("p", element("strong", status), f" {EMPTY[status]}", class_="answered")


def _answered(status: str, example: Json) -> Html:
    text = json.dumps(example["value"], indent=2, ensure_ascii=False)
    return element(
        "details",
        element("summary", element("strong", status), f" {HTTPStatus(int(status)).phrase}"),
        element("p", example["description"], class_="note") if "description" in example else None,
        element("pre", element("code", text), tabindex="0"),
        class_="answered",
        open=True,
    )
