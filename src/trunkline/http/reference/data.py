"""What the reference takes from data files, read when it is first needed."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

Json = dict[str, Any]


class Request(Struct, frozen=True):
    """A request that can be sent: `operation` is a key of the route table, as `GET /crm/objects/{type}`.

    `path`, `query` and `headers` are the parameters by name, `body` the JSON as it is shown, `form` the fields of a
    form, and `files` what its file holds, by the file's name. `$JOB` in a path, in a field or in the JSON stands for a
    variable of the reader's shell. `not_in` are versions in which the request means nothing. `shorten` keeps so many
    results of the answer. `keep` names a variable for the first UUID in the answer.
    """

    operation: str
    title: str = ""
    path: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: str | None = None
    form: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    not_in: tuple[str, ...] = ()
    shorten: int | None = None
    keep: str | None = None


class About(Struct, frozen=True):
    """What is told of an operation beside its row: what it is for, and examples."""

    operation: str
    purpose: str
    example: tuple[Request, ...] = ()


class Guide(Struct, frozen=True):
    """The file `operations.toml`: `prepare` makes what the examples work on."""

    prepare: tuple[Request, ...]
    operation: tuple[About, ...]


class Answered(Struct, frozen=True):
    """What an example request answered in some versions; `total` is the number of results before shortening."""

    versions: tuple[str, ...]
    status: int
    body: Any = None
    total: int | None = None


def _read(name: str) -> str:
    return (files("trunkline") / "data" / "reference" / name).read_text("utf-8")


@cache
def guide() -> Guide:
    """The purposes of the operations, and the example requests."""
    raw = tomllib.loads(_read("operations.toml"))
    for about in raw["operation"]:
        about["example"] = [{"operation": about["operation"], **example} for example in about.get("example", ())]
    return msgspec.convert(raw, Guide)


@cache
def abouts() -> Mapping[str, About]:
    """What is told of each operation, by its key."""
    return {about.operation: about for about in guide().operation}


@cache
def answers() -> Mapping[str, tuple[tuple[Answered, ...], ...]]:
    """By operation, for each of its examples, the answers that differ by version."""
    return msgspec.json.decode(_read("answers.json"), type=dict[str, tuple[tuple[Answered, ...], ...]])


@cache
def shapes() -> Mapping[str, Json]:
    """Names and fields of the messages, by module and class."""
    return tomllib.loads(_read("shapes.toml"))


@cache
def products() -> Mapping[str, Mapping[str, str]]:
    """By part of the API, the least edition of each of HubSpot's products that has it."""
    found: dict[str, dict[str, str]] = json.loads(_read("products.json"))
    return found
