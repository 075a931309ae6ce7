"""Writes the generated reference pages; with --check says which of them are not up to date.

    python tools/reference.py [--check]

What the running server tells of itself comes from the same sources; the answers of its examples are recorded by
`tools/examples.py`.

The coverage page, which compares the route table with HubSpot's OpenAPI, is made by `coverage.py`, and that of
the command line by `commandline.py`.
"""

import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import commandline
import coverage
import msgspec
from tables import NOTE, in_line, table

from trunkline.bench.fault import KINDS, Fault
from trunkline.crm.catalog import custom_type, shipped_types
from trunkline.crm.warning import HEADER, LONGEST, MISTAKES, MOST_HEADERS
from trunkline.errors import OAuthRefusal, Refusal
from trunkline.http.call import Answer, Call
from trunkline.http.control import PREFIX, explanation, refusals
from trunkline.http.control.table import VERBS
from trunkline.http.later import LOOKED_AT
from trunkline.http.measure import MEASURES, Measure
from trunkline.http.measuring import OTHER
from trunkline.http.oauth.consent import AUTHORIZE, SIGN_IN, SIGN_OUT
from trunkline.http.operation import Operation
from trunkline.http.reference.document import anchor
from trunkline.http.reference.entries import PATH
from trunkline.http.reference.prose import first_sentence
from trunkline.http.routes import OPERATIONS
from trunkline.settings import Settings, variable_name
from trunkline.stopwatch import STEPS
from trunkline.testing.portal import Portal

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
OF_ONE = AUTHORIZE.replace("/authorize", "/{portal}/authorize")
TITLES = {
    "/oauth": "OAuth",
    "/account-info": "Account",
    "/properties": "Properties before version 3",
    "/crm-object-schemas": "Custom objects",
    "/crm-pipelines": "Pipelines before version 3",
}
NONE = "-"


def routes() -> str:
    """Every operation, from the route table."""
    return (
        f"{NOTE}# Routes\n\n`{{type}}` is an object type by plural name, singular, or type id, in any case: "
        f"{_types()}.\nA cell is the status of success in that version, and behind the stroke the one of a batch of "
        "which a part failed; `-` says that the version has no such operation.\nThe last column is where the "
        "running server's own pages tell all about the operation.\nEvery other path answers HubSpot's 404 page, "
        "another method its 405 page.\n"
        + "".join(_section(api, list(rows)) for api, rows in itertools.groupby(OPERATIONS, lambda r: (r.root, r.api)))
        + f"\n## Scopes\n\nOne of the scopes named is enough.\n\n{_scopes()}"
        + "\n## Trunkline's own\n\n"
        + table(("method", "path", "success", "opens to", "what it does"), _own())
    )


def _own() -> Iterator[tuple[str, ...]]:
    """What HubSpot does not have, or has at another address."""
    yield from (
        ("`GET`", "`/docs`", "200", "anyone", "Shows this reference, with examples and forms that send them"),
        ("`GET`", "`/openapi.json`", "200", "anyone", "Tells programs the same, as OpenAPI 3.1"),
        ("`GET`", f"`{AUTHORIZE}`", "200", "a browser", "Asks a person whether an app may be let in"),
        ("`POST`", f"`{AUTHORIZE}`", "303", "a browser", "Takes the answer, and sends the browser back to the app"),
        ("`GET`", f"`{OF_ONE}`", "200", "a browser", "Asks for one portal"),
        ("`POST`", f"`{OF_ONE}`", "303", "a browser", "Takes the answer for one portal"),
        ("`GET`", f"`{SIGN_IN}`", "200", "a browser", "Asks a person for address and password"),
        ("`POST`", f"`{SIGN_IN}`", "303", "a browser", "Signs a person in"),
        ("`POST`", f"`{SIGN_OUT}`", "303", "a browser", "Signs a person out"),
        ("`GET`", f"`{PREFIX}/health`", "200", "anyone", "Tells that the server is up, and its version"),
        (
            "`GET`",
            f"`{PREFIX}/ready`",
            "200",
            "anyone",
            "Tells whether it takes requests; 503 with the reason if not",
        ),
        (
            "`GET`",
            f"`{PREFIX}/metrics`",
            "200",
            "the secret, or `metrics_token`",
            "Shows Prometheus what was measured",
        ),
        ("`GET`", f"`{PREFIX}/errors/{{code}}`", "200", "anyone", "Explains a kind of error"),
        ("`GET`", f"`{PREFIX}/warnings/{{code}}`", "200", "anyone", "Explains a kind of warning"),
        (
            "`GET`",
            f"`{PREFIX}/changes`",
            "200",
            "the server's secret",
            "Tells what is written, as it is written, as server-sent events",
        ),
    )
    for verb in VERBS:
        does = first_sentence(verb.work.__doc__)
        yield f"`{verb.method}`", f"`{PREFIX}{verb.path}`", str(verb.status), "the server's secret", does


def _section(api: tuple[str, str], rows: list[Operation]) -> str:
    """The operations of one part of the API, with a column for each version."""
    versions = sorted({version for row in rows for version in row.versions}, key=_age)
    root, part = api
    prefixes = ", ".join(f"`{_prefix(rows[0].roots.get(version, root), part, version)}`" for version in versions)
    lines = (
        (
            f"`{row.method}`",
            f"`{row.path}`",
            *(_status(row, version) for version in versions),
            _scope(row),
            first_sentence(row.handler.__doc__),
            f"`{PATH}#{anchor(row)}`",
        )
        for row in rows
    )
    head = ("method", "path", *versions, "scope", "what it does", "reference")
    title = TITLES.get(api[0]) or (api[1] or api[0]).strip("/").capitalize()
    return f"\n## {title}\n\nUnder {prefixes}.\n\n{table(head, lines)}"


def _age(version: str) -> tuple[bool, str]:
    """Numbered versions before dated ones."""
    return not version.startswith("v"), version


def _prefix(root: str, api: str, version: str) -> str:
    empty = Operation("GET", "", "read", _nothing, root=root, api=api, versions=(version,))
    return dict(empty.paths())[version]


async def _nothing(call: Call) -> Answer:
    raise NotImplementedError


def _scope(row: Operation) -> str:
    """Whose scopes a token needs."""
    if row.verb == "any":
        return " or ".join(row.scopes) or "any token"
    return " or ".join(filter(None, (row.verb, row.also))) or "no token"


def _status(row: Operation, version: str) -> str:
    if version not in row.versions:
        return NONE
    success, partial = row.status_in(version), row.partial_in(version)
    return f"{success}" if partial == success else f"{success} / {partial}"


def _types() -> str:
    return "; ".join(f"`{t.plural}`, `{t.singular}`, `{t.type_id}`" for t in shipped_types())


def _scopes() -> str:
    """The scopes of each object type."""
    verbs = list(shipped_types()[0].scopes)
    rows = (
        (f"`{type_.plural}`", *(", ".join(f"`{scope}`" for scope in type_.scopes[verb]) for verb in verbs))
        for type_ in (*shipped_types(), custom_type())
    )
    return table(("type", *verbs), rows)


def settings() -> str:
    """Every setting, from the struct that reads them."""

    serve = commandline.root().commands["serve"]
    flags = {parameter.name: f"`{parameter.opts[0]}`" for parameter in serve.params}

    def rows() -> Iterator[tuple[str, ...]]:
        for field in msgspec.structs.fields(Settings):
            description = next(meta.description for meta in _metas(field.type) if meta.description)
            flag = flags.get(field.name, NONE)
            default = "none" if field.default is None else f"`{field.default}`"
            yield flag, f"`{variable_name(field.name)}`", default, description

    return (
        f"{NOTE}# Settings\n\nEach is a flag of `trunkline serve` and a variable of its environment; the flag wins.\n"
        "What is secret has no flag, since everybody on a machine may read its command lines.\n\n"
        + table(("flag", "variable", "default", "meaning"), rows())
    )


def _metas(type_: object) -> Iterator[msgspec.Meta]:
    for part in (*getattr(type_, "__metadata__", ()), *get_args(type_)):
        if isinstance(part, msgspec.Meta):
            yield part
        else:
            yield from _metas(part)


def errors() -> str:
    """Every kind of error, from the tree."""

    def rows() -> Iterator[tuple[str, ...]]:
        for kind in refusals():
            told = explanation(kind)
            category = f"`{told['category']}`" if told["category"] else ""
            shown = str(told["status"]), category or _status_of(kind), str(told["meaning"]), str(told["advice"])
            yield f"`{told['code']}`", *shown

    return (
        f"{NOTE}# Errors\n\nThe code is the end of the link that a full error carries (`X-Trunkline-Detail: full`);\n"
        f"`GET {PREFIX}/errors/CODE` explains it.\nEvery body has `status`, `message` and `correlationId`, and "
        "`errors`, `context`, `links` and `category` where they apply.\nWhat the authorization server refuses has "
        "`status`, `message`, `error` and `error_description` instead, and the table has its `status` and `error` in "
        "the place of the category.\n\n" + table(("code", "status", "category", "meaning", "what to do"), rows())
    )


def warnings() -> str:
    """Every mistake that is warned of, from the table."""
    rows = ((f"`{code}`", one.does, one.becomes, one.advice, _cited(one.source)) for code, one in MISTAKES.items())
    return (
        f"{NOTE}# Warnings\n\nWhere HubSpot is silent about what is most likely a mistake, so is the answer: its "
        f"status and its body are HubSpot's.\nThe mistake is told in a header beside it, `{HEADER.title()}`, one for "
        "each: its code, a semicolon, then where in the request it is and what is the matter.\n\n```\n"
        'X-Trunkline-Warning: timestamp-in-1970; inputs[3].properties.hs_timestamp "1700000000" looks like seconds, '
        "HubSpot wants milliseconds\n```\n\n"
        f"A value has at most {LONGEST} characters, all of them printable ASCII; anything else is escaped, as `\\n`.\n"
        f"After {MOST_HEADERS} headers one more says how many others there are: `and 7 more`.\n"
        f"`GET {PREFIX}/warnings/CODE` explains a code.\n"
        "A batch that is carried out later is warned of when it is taken: as a whole, and for the values of its first "
        f"{LOOKED_AT}\ninputs.\n\n"
        + table(("code", "what the request does", "what becomes of it", "what to do", "known from"), rows)
    )


def _cited(source: str) -> str:
    """A fact of the behaviour page, with a link to it."""
    return source.replace("behaviour", "[behaviour](behaviour.md)", 1)


def _status_of(kind: type[Refusal]) -> str:
    """What an error of the authorization server has instead of a category."""
    return f"`{kind.fault}`, `{kind.error}`" if issubclass(kind, OAuthRefusal) else ""


def metrics() -> str:
    """Every series that Prometheus is told, from the table that makes them."""

    def rows() -> Iterator[tuple[str, ...]]:
        for measure in MEASURES:
            labels = ", ".join(f"`{label}`" for label in measure.labels)
            yield f"`{series_of(measure)}`", measure.kind, labels or NONE, _plainly(measure)

    steps = ", ".join(f"`{step}`" for step in STEPS)
    return (
        f"{NOTE}# Metrics\n\n`GET {PREFIX}/metrics` tells them in Prometheus's text format, to who has the server's "
        "secret or the `metrics_token`.\nA histogram has the series `…_bucket`, `…_sum` and `…_count`.\n\n"
        + table(("series", "kind", "labels", "meaning"), rows())
        + f"\n`step` is one of {steps}; `route` the path of a row of the [route table](routes.md), or `{OTHER}`.\n"
        "No label holds what a client chose.\n\n"
        "Besides there are those of the process that every Prometheus client tells, on Linux: "
        + ", ".join(f"`{name}`" for name in PROCESS)
        + ".\nOf several processes on one port each has its own, with the label `pid`; all else is told for all of "
        "them together, whichever is asked.\n"
    )


PROCESS = (
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_virtual_memory_bytes",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
)


def series_of(measure: Measure) -> str:
    """The name as it is asked for: counters end in `_total`."""
    return f"{measure.name}_total" if measure.kind == "counter" else measure.name


def _plainly(measure: Measure) -> str:
    bounds = ", ".join(f"{bound:g}" for bound in measure.bounds)
    return f"{measure.meaning} Buckets: {bounds}." if bounds else measure.meaning


def faults() -> str:
    """Every kind of fault, and what a rule may say, from the structs that read and apply it."""

    def kinds() -> Iterator[tuple[str, ...]]:
        for name, kind in KINDS.items():
            carried = {"always": "yes", "never": "no", "either": "if `carriedOut`"}[kind.carried]
            yield f"`{name}`", str(kind.status or NONE), kind.meaning, kind.whom, carried

    def members() -> Iterator[tuple[str, ...]]:
        for field in msgspec.structs.fields(Fault):
            meaning = next(meta.description for meta in _metas(field.type) if meta.description)
            default = (
                NONE if field.default in (None, "", msgspec.NODEFAULT) else msgspec.json.encode(field.default).decode()
            )
            yield f"`{field.encode_name}`", "required" if field.required else default, meaning

    return (
        f"{NOTE}# Faults\n\nWhat can go wrong in a portal on purpose: [how to](../how-to/rehearse-failures.md).\n\n"
        "## Kinds\n\nAn answer that a fault has touched carries its name in `X-Trunkline-Fault`.\n\n"
        + table(("kind", "status", "what happens", "what it strikes", "carried out even so"), kinds())
        + f"\n## What a rule says\n\nThe body of `POST {PREFIX}/portals/{{id}}/faults`, "
        "and the options of `trunkline faults add`.\n\n" + table(("member", "default", "meaning"), members())
    )


def testing() -> str:
    """What a test has, from the class that does it."""

    def rows() -> Iterator[tuple[str, ...]]:
        for name, member in vars(Portal).items():
            if not name.startswith("_") and name != "close":
                yield _spelt(name, member), in_line(inspect.getdoc(member))

    return (
        f"{NOTE}# What a test has\n\n"
        "The fixture `trunkline` of the pytest plugin, `self.trunkline` of "
        "`trunkline.testing.case.TrunklineTestCase`, and what `server.portal()` gives: "
        "[how to](../how-to/test-a-dialer-integration.md).\n\n"
        "`trunkline.url` is the server's address, `trunkline.token` a token with every scope in this portal, "
        "`trunkline.portal` the number of the portal.\n\n" + table(("member", "meaning"), rows())
    )


def _spelt(name: str, member: Any) -> str:
    """A property by its name, a method with what it takes."""
    if not inspect.isfunction(member):
        return f"`{name}`"
    taken = list(inspect.signature(member).parameters.values())[1:]
    return f"`{name}({', '.join(_taken(one) for one in taken)})`"


def _taken(one: inspect.Parameter) -> str:
    if one.kind is one.VAR_KEYWORD:
        return f"**{one.name}"
    return one.name if one.default is one.empty else f"{one.name}={one.default!r}"


MAKERS: dict[str, Callable[[], str]] = {
    "routes.md": routes,
    "settings.md": settings,
    "errors.md": errors,
    "warnings.md": warnings,
    "metrics.md": metrics,
    "command-line.md": commandline.page,
    "faults.md": faults,
    "testing.md": testing,
    "coverage.md": coverage.page,
}


def stale() -> list[str]:
    """The names of the pages that are not what would be written now."""
    return [name for name, text in pages().items() if _read(PAGES / name) != text]


def pages() -> dict[str, str]:
    """Every page, by its file name."""
    return {name: make() for name, make in MAKERS.items()}


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"Not up to date, run `make reference`: {', '.join(stale())}" if stale() else 0)
    for name, text in pages().items():
        (PAGES / name).write_text(text)
