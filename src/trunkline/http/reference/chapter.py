"""What a chapter tells of one operation."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from trunkline.http.body import FORM
from trunkline.http.reference.edition import Edition
from trunkline.http.reference.entries import Entry
from trunkline.http.reference.fields import ALWAYS, REQUIRED, field, fields
from trunkline.http.reference.limits import PLACE, PREFIX
from trunkline.http.reference.markup import Html, element, filled, joined, paragraphs, prose
from trunkline.http.reference.samples import samples
from trunkline.http.reference.trying import trying
from trunkline.language import Say

Json = dict[str, Any]

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
NAMED = (
    "No access token: the app names itself with `client_id` and `client_secret` in the form, or in an "
    "`Authorization: Basic` header."
)


def article(edition: Edition, entry: Entry, limits: str) -> Html:
    """The article of one operation: what HubSpot's own page shows of it, and the errors.

    `limits` is where the rate limits are told.
    """
    told, title = entry.told, f"{entry.anchor}-title"
    return element(
        "article",
        element("h2", element("a", told["summary"], href=f"#{entry.anchor}"), id=title),
        element("p", badge(entry.method), " ", element("code", entry.path, class_="path"), class_="route"),
        element(
            "div",
            element("div", *_told(edition, entry, limits), class_="told"),
            element(
                "div",
                trying(edition, entry),
                *samples(edition.say, entry.anchor, told),
                class_="shown",
            ),
            class_="columns",
        ),
        id=entry.anchor,
        aria_labelledby=title,
    )


def badge(method: str) -> Html:
    """The method as a coloured word."""
    return element("span", method, class_=f"method {method.lower()}")


def _told(edition: Edition, entry: Entry, limits: str) -> Iterator[Html | None]:
    say, told, whole = edition.say, entry.told, edition.document
    schemas, errors = whole["components"]["schemas"], whole["x-errors"]
    yield paragraphs(told["description"])
    yield _facts(say, entry, limits)
    yield _parameters(say, told, whole["components"]["parameters"])
    yield _body(say, told, schemas)
    yield _answer(say, told, schemas, errors)
    yield _errors(say, told, errors)


def _facts(say: Say, entry: Entry, limits: str) -> Html:
    told = entry.told
    rows = {
        "Authorization": _authorization(say, told),
        "Required scope": _scopes(say, told["x-required-scopes"]),
        "Rate limits": _limits(say, told, limits),
        "Supported products": _products(say, told.get("x-hubspot-product-tier-requirements", {})),
        "Also in": _others(entry),
    }
    shown = (joined(element("dt", say(name)), element("dd", row)) for name, row in rows.items() if row)
    return element("dl", *shown, class_="facts")


def _authorization(say: Say, told: Json) -> Html:
    if "security" not in told:
        return prose(say("`Authorization: Bearer TOKEN`, an access token"))
    if is_form(told):
        return prose(say(NAMED))
    return joined(say("No access token: whoever has the token that it is about may ask."))


def _limits(say: Say, told: Json, place: str) -> Html | None:
    """Which headers tell what is left."""
    shown = [name for status in told["responses"].values() for name in status.get("headers", {})]
    if not shown:
        return None
    which = say(
        "Counted in ten seconds, and in a day" if f"{PREFIX}Remaining" in shown else "Counted as a search, and in a day"
    )
    return element("a", which, href=f"{place}#{PLACE}")


def _scopes(say: Say, scopes: Mapping[str, list[str]]) -> Html:
    """The scopes by object type; types with the same scopes together, and one of the scopes is enough."""
    types: dict[tuple[str, ...], list[str]] = {}
    for type_, names in scopes.items():
        types.setdefault(tuple(names), []).append(type_)
    return joined(*(_scope(say, names, types_) for names, types_ in types.items()))


def _scope(say: Say, names: tuple[str, ...], types: list[str]) -> Html:
    between = f" {say('or')} "
    choices = (joined(between if number else None, element("code", name)) for number, name in enumerate(names))
    return element("div", f"{', '.join(types)}: ", *choices, class_="scope")


def _products(say: Say, products: Mapping[str, str]) -> Html | None:
    if not products:
        return None
    names = ", ".join(f"{PRODUCTS.get(key, key)} {edition.capitalize()}" for key, edition in products.items())
    free = set(products.values()) == {FREE}
    here = "{names}, or higher. Every portal has that."
    return joined(say(here if free else "{names}, or higher. A portal needs one that is not free.", names=names))


def _others(entry: Entry) -> Html | None:
    links = (joined(" " if n else None, element("a", v, href=url)) for n, (v, url) in enumerate(entry.others.items()))
    return element("span", *links, class_="others") if entry.others else None


def _parameters(say: Say, told: Json, parameters: Json) -> Html | None:
    given = [parameters[reference["$ref"].rpartition("/")[2]] for reference in told["parameters"]]
    parts = {"Path": "path", "Query": "query", "Headers": "header"}
    lists = ((title, [one for one in given if one["in"] == place]) for title, place in parts.items())
    return joined(*(_part(say(title), _parameter_list(say, rows)) for title, rows in lists if rows))


def _part(title: str, *inside: Html | None) -> Html:
    return element("section", element("h3", title), *inside)


def _parameter_list(say: Say, rows: list[Json]) -> Html:
    items = (
        field(
            say,
            row["name"],
            row["schema"] | {"description": row["description"]},
            REQUIRED if "required" in row else None,
        )
        for row in rows
    )
    return element("ul", *items, class_="fields")


def _body(say: Say, told: Json, schemas: Json) -> Html | None:
    if "requestBody" not in told:
        return None
    title = say("Body, a form" if is_form(told) else "Body")
    return _part(title, fields(say, schema(told["requestBody"]), schemas, REQUIRED))


def is_form(told: Json) -> bool:
    """Whether an operation takes the fields of a form."""
    return "requestBody" in told and FORM in told["requestBody"]["content"]


def schema(message: Json) -> Json:
    """The schema of a body or an answer."""
    (media,) = message["content"].values()
    return dict(media["schema"])


def _answer(say: Say, told: Json, schemas: Json, errors: Json) -> Html:
    """The successes, and the fields of their messages."""
    successes = {status: response for status, response in told["responses"].items() if status < "300"}
    rows = (_status(say, status, response, errors) for status, response in successes.items())
    messages = [schema(response) for response in successes.values() if "content" in response]
    shown = (fields(say, message, schemas, ALWAYS) for n, message in enumerate(messages) if message not in messages[:n])
    return _part(say("Answer"), element("ul", *rows, class_="statuses"), *shown)


def _errors(say: Say, told: Json, errors: Json) -> Html:
    rows = (_status(say, status, response, errors) for status, response in told["responses"].items() if status >= "400")
    return _part(say("Errors"), element("ul", *rows, class_="statuses"))


def _status(say: Say, status: str, response: Json, errors: Json) -> Html:
    return element(
        "li",
        element("strong", status),
        f" {HTTPStatus(int(status)).phrase}. ",
        prose(response["description"]),
        _kinds(say, response["x-error-codes"], errors) if "x-error-codes" in response else None,
    )


def _kinds(say: Say, codes: list[str], errors: Json) -> Html:
    rows = (
        joined(
            element("dt", element("a", code, href=f"{ERRORS}/{code}")),
            element(
                "dd", prose(errors[code]["meaning"]), _body_of(say, errors[code]), " ", prose(errors[code]["advice"])
            ),
        )
        for code in codes
    )
    title = element("summary", say("Which errors ({count})", count=len(codes)))
    return element("details", title, element("dl", *rows))


def _body_of(say: Say, told: Json) -> Html | None:
    """What stands in the body of an error that the authorization server tells."""
    if "body" not in told:
        return None
    parts = {name: element("code", told["body"][name]) for name in ("status", "error")}
    return joined(" ", filled(say("`status` is {status}, `error` is {error}."), **parts))
