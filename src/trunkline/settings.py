"""What an operator may set: each has a `TRUNKLINE_*` variable and a flag of `trunkline serve` of the same name.

The secret and the token for the metrics have no flag, since everybody on a machine may read the command lines on it.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Durability = Literal["full", "normal"]


class Settings(Struct, frozen=True, kw_only=True):
    """How one server runs. Sizes are bytes unless the name says otherwise, times are seconds."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes any free one.")] = 8787
    tls: Annotated[bool, Meta(description="Serve https, with a certificate of an authority on this machine.")] = False
    tls_name: Annotated[
        str, Meta(description="Names and addresses that the certificate is for as well, parted by commas.")
    ] = ""
    tls_folder: Annotated[
        str | None,
        Meta(description="The folder of that authority, made when it is not there; by default with the user's data."),
    ] = None
    data: Annotated[
        str, Meta(min_length=1, description="The store's file, `:memory:`, or the URL of a database: `postgresql://…`.")
    ] = "trunkline.db"
    database_connections: Annotated[
        int, Meta(ge=2, le=1000, description="Connections that each process keeps to a PostgreSQL database, at most.")
    ] = 10
    workers: Annotated[
        int, Meta(ge=1, le=64, description="Processes that serve the port; more than one need a PostgreSQL database.")
    ] = 1
    secret: Annotated[
        Annotated[str, Meta(min_length=32)] | None,
        Meta(
            description="What opens the control namespace, and seals links and forms; the same on servers that stand "
            "for one another. At least 32 characters; by default a new one for each run."
        ),
    ] = None
    token: Annotated[
        str | None, Meta(description="A fixed token with every scope in the default portal, beside the stored ones.")
    ] = None
    durability: Annotated[
        Durability,
        Meta(
            description="`full`: an acknowledged write survives power loss. "
            "`normal`: it survives a crash of the process, and power loss may take the last moments."
        ),
    ] = "full"
    cache_mb: Annotated[int, Meta(ge=1, le=1_000_000, description="Page cache of the writer, in MiB.")] = 64
    max_body: Annotated[int, Meta(ge=1024, description="Largest request body that is read.")] = 16 * 1024 * 1024
    body_timeout: Annotated[float, Meta(gt=0, description="Seconds in which a request body must arrive.")] = 30.0
    max_connections: Annotated[int, Meta(ge=1, description="Connections served at once; more are told 503.")] = 1000
    max_client_connections: Annotated[
        int, Meta(ge=1, description="Connections of one address served at once; more are told 503.")
    ] = 500
    write_timeout: Annotated[
        float, Meta(gt=0, description="Seconds after which a client that takes nothing of its answer is hung up on.")
    ] = 30.0
    stop_timeout: Annotated[int, Meta(ge=0, description="Seconds that requests in flight have when stopping.")] = 10
    stop_delay: Annotated[
        float,
        Meta(ge=0, description="Seconds that a server told to stop goes on as before, but says that it is not ready."),
    ] = 0.0
    search_lag: Annotated[
        float, Meta(ge=0, description="Seconds after which a write is found by a search, as HubSpot's are; 0: at once.")
    ] = 0.0
    search_wait: Annotated[
        float, Meta(gt=0, description="Seconds that a search waits at most for writes before it to be indexed.")
    ] = 10.0
    search_timeout: Annotated[float, Meta(gt=0, description="Seconds that a search may take.")] = 10.0
    job_days: Annotated[int, Meta(ge=1, description="Days that the outcome of a batch carried out later is kept.")] = 7
    token_minutes: Annotated[
        int, Meta(ge=1, le=60 * 24 * 365, description="Minutes for which an OAuth access token is good.")
    ] = 30
    rotate_refresh: Annotated[
        bool, Meta(description="Whether a refresh token works once and brings the next; HubSpot's stay the same.")
    ] = False
    sign_in: Annotated[
        Literal["auto", "always"],
        Meta(description="Who sees pages or consents to an app signs in: `auto` not on a server for its own machine."),
    ] = "auto"
    limits: Annotated[
        Literal["off", "hubspot"],
        Meta(description="`hubspot`: rate limits refuse, unless a portal says otherwise. `off`: they only show."),
    ] = "off"
    free_failures: Annotated[
        int,
        Meta(ge=1, description="Failures of one address to prove who it is, in a minute, that do not wait."),
    ] = 20
    webhook_private: Annotated[
        Literal["auto", "off", "loopback", "on"],
        Meta(
            description="Which private addresses webhooks are delivered to: `off` none, `loopback` this machine, `on` "
            "all. `auto`: this machine, where the server listens on it alone."
        ),
    ] = "auto"
    webhook_signature: Annotated[
        Literal["v1", "v2"],
        Meta(description="The version of `X-HubSpot-Signature` in webhooks; version 3 is in a header of its own."),
    ] = "v1"
    audit_days: Annotated[int, Meta(ge=1, description="Days that the audit trail is kept.")] = 90
    request_log: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="Requests that each process remembers, to be looked at; 0: none."),
    ] = 1000
    request_log_mb: Annotated[int, Meta(ge=1, le=100_000, description="MiB of memory that they take at most.")] = 32
    metrics_token: Annotated[
        Annotated[str, Meta(min_length=16)] | None,
        Meta(description="A token of 16 characters or more that opens `/_trunkline/metrics` alone."),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least level that is logged; with `debug`, each request is a line."),
    ] = "info"
    log_format: Annotated[
        Literal["json", "console"], Meta(description="`json`: a line for programs. `console`: one for people.")
    ] = "json"

    def __post_init__(self) -> None:
        """Raises `ValueError` for what does not go together."""
        if self.metrics_token is not None and self.metrics_token == self.token:
            raise ValueError("metrics_token is the fixed token: no token of the API may open the metrics")

    def __repr__(self) -> str:
        """Nothing of what they are, since some are secrets."""
        return "Settings(...)"


def from_environment(environment: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """The settings of the `TRUNKLINE_*` variables, overruled by what is given and not None.

    Raises `ValueError` with a sentence that names the setting when a value does not fit.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        variable = variable_name(field.name)
        if given.get(field.name) is not None:
            values[field.name] = _read(field.name, given[field.name], field.type)
        elif environment.get(variable):
            values[field.name] = _read(variable, environment[variable], field.type)
    return Settings(**values)


def variable_name(setting: str) -> str:
    """The environment variable of a setting, as `TRUNKLINE_MAX_BODY` of `max_body`."""
    return f"TRUNKLINE_{setting.upper()}"


def _read(name: str, value: object, type_: Any) -> Any:
    try:
        return msgspec.convert(value, type_, strict=False)
    except msgspec.ValidationError as cause:
        raise ValueError(f"{name}: {cause}") from cause
