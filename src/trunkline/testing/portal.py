"""A portal of a test's own: how to reach it, what it has, its clock, its faults, and what was asked of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

from trunkline.testing.operator import Json, Operator, part

if TYPE_CHECKING:
    import httpx
    from hubspot import HubSpot

    from trunkline.testing.installed import InstalledApp

CHECKPOINT = "test"
"""What a checkpoint is called that is not named."""

PAGE = 100
"""Records that are read in one request."""

MOST = 100_000
"""Requests of the log that are read in one."""


class Portal:
    """One portal of a server. `url` and `token` are for whatever shall call it; `portal` is its number.

    What it is asked goes through the control namespace: raises `Refused` with the server's words.
    """

    def __init__(self, url: str, portal: int, token: str, operator: Operator) -> None:
        self.url = url
        self.portal = portal
        self.token = token
        self._operator = operator
        self._apps: list[int] = []
        self._since: str | None = None

    @cached_property
    def client(self) -> "HubSpot":
        """HubSpot's own client for Python, with this portal's token; raises `ImportError` where it is not installed."""
        try:
            from hubspot import HubSpot
        except ImportError as cause:
            raise ImportError(
                "trunkline.client is HubSpot's own client, which is not installed: pip install hubspot-api-client"
            ) from cause
        return HubSpot(access_token=self.token, host=self.url)

    @cached_property
    def http(self) -> "httpx.Client":
        """A plain client with the server's address and this portal's token; it is closed at the end of the test."""
        import httpx

        # Whom to trust takes long to load, and nobody who speaks plain HTTP is asked.
        return httpx.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {self.token}"},
            trust_env=False,
            verify=self.url.startswith("https://"),
        )

    def seed(self, what: Mapping[str, Any] | str | PathLike[str]) -> Json:
        """Puts properties, records and associations into the portal, all of them or nothing; says how many.

        `what` is one portal of a seed document, or a file with one, YAML or JSON. Its id, name and tokens are not this
        portal's, and left out. What was changed (`changes`) is from then on what was changed since.
        """
        from trunkline.testing.sown import sown

        done = self._ask("POST", "/seed", sown(what))
        self._since = "seed"
        return done

    def reset(self) -> None:
        """Makes the portal what it was when it was seeded; empties it if it never was."""
        self._ask("POST", "/reset")

    @property
    def now(self) -> datetime:
        """What time it is in the portal."""
        return datetime.fromisoformat(self._ask("GET", "/clock")["now"])

    def freeze(self, when: datetime | str | None = None) -> datetime:
        """Stops the portal's clock, at a time (`2026-01-31T12:00:00Z`) or where it is; answers what time it is."""
        return self._turn(freeze=True if when is None else _instant(when))

    def advance(self, by: float | timedelta) -> datetime:
        """Moves the portal's clock on, by seconds; tokens expire, and what is due falls due."""
        return self._turn(advance=by.total_seconds() if isinstance(by, timedelta) else by)

    def set(self, when: datetime | str) -> datetime:
        """Sets the portal's clock; it goes on from there, or stands there if it stands."""
        return self._turn(set=_instant(when))

    def release(self) -> datetime:
        """Has the portal's clock show the real time again."""
        return self._turn(release=True)

    def fail_next(
        self,
        kind: str,
        count: int = 1,
        *,
        route: str | None = None,
        method: str | None = None,
        after: int = 0,
        seconds: float = 0,
        carried_out: bool = False,
    ) -> Json:
        """Has the next requests meet a fault, as `rate-limit` or `commit-then-drop`; answers the rule.

        It strikes `count` requests, after `after` that pass; those of a `route`, as `/crm/v3/objects/{type}/search` or
        `*/search`, and with a `method`, if these are given. The kinds are in `docs/reference/faults.md`.
        """
        rule = {"kind": kind, "count": count, "route": route, "method": method, "after": after, "seconds": seconds}
        return self.fault(**rule, carriedOut=carried_out)

    def fault(self, **rule: object) -> Json:
        """Adds a fault by a whole rule, as `docs/reference/faults.md` has it; answers the rule."""
        return self._ask("POST", "/faults", {name: value for name, value in rule.items() if value is not None})

    @property
    def faults(self) -> list[Json]:
        """The faults of the portal, with how many requests each `met` and `struck`."""
        return self._list("/faults")

    def clear_faults(self) -> None:
        """Takes all faults away."""
        self._ask("DELETE", "/faults")

    @property
    def changes(self) -> list[Json]:
        """What was written since the test began, or since it was last seeded, in order; what was undone is left out."""
        return self._list("/changes", {} if self._since is None else {"since": self._since})

    @property
    def requests(self) -> list[Json]:
        """What was asked of this portal since the test began, the newest last: as `trunkline requests` lists it.

        What the test itself asks with `http`, `client`, `records` and `expect_no_duplicates` is among it. Each has
        `method`, `path`, `route`, `status`, `duration` in milliseconds, `fault`, `warnings`, `changeCount` and
        `correlationId`.
        """
        return self._operator.pages("/requests", {"portal": self.portal, "limit": MOST})

    def request(self, correlation_id: str) -> Json:
        """All of one request: headers and bodies of both directions, and the changes that it made."""
        return self._operator.ask("GET", f"/requests/{part(correlation_id)}")

    @property
    def warnings(self) -> list[Json]:
        """What the requests of the test were warned of, where HubSpot would have been silent about a mistake."""
        return [warning for request in self.requests for warning in request["warnings"]]

    def checkpoint(self, name: str = CHECKPOINT) -> str:
        """Makes a checkpoint of the portal as it is; answers its name."""
        self._ask("POST", "/checkpoints", {"name": name})
        return name

    def rewind(self, name: str = CHECKPOINT) -> Json:
        """Undoes all that was changed since a checkpoint; says how much that was."""
        return self._ask("POST", "/rewind", {"to": name})

    def changes_since(self, checkpoint: str) -> list[Json]:
        """What was written since a checkpoint."""
        return self._list("/changes", {"since": checkpoint})

    def enforce_limits(self, on: bool = True) -> None:
        """Has HubSpot's rate limits refuse, in this portal alone; or has them only show."""
        self._ask("PATCH", "", {"limits": "hubspot" if on else "off"})

    def install(self, scopes: Sequence[str] = (), **members: object) -> "InstalledApp":
        """An OAuth app that somebody let into this portal, with its access and refresh tokens.

        Without scopes it may do what is done with calls and contacts. `members` are others of the app's.
        """
        from trunkline.testing.installed import install

        app = install(self.url, self.portal, self._operator, scopes, members)
        self._apps.append(app.number)
        return app

    def records(self, object_type: str, properties: Sequence[str] = ()) -> list[Json]:
        """All live records of a type, as the API lists them, with these properties."""
        return list(self._records(object_type, properties))

    def expect_no_duplicates(self, object_type: str, by: str | Sequence[str]) -> None:
        """Raises `AssertionError` when records of a type have the same values of a property, or of several.

        Records in which one of them has no value do not count.
        """
        names = (by,) if isinstance(by, str) else tuple(by)
        found: dict[tuple[str, ...], list[str]] = {}
        for record in self._records(object_type, names):
            key = tuple(record["properties"].get(name) or "" for name in names)
            if all(key):
                found.setdefault(key, []).append(record["id"])
        twice = [f"{' '.join(key)}: {', '.join(ids)}" for key, ids in found.items() if len(ids) > 1]
        if twice:
            raise AssertionError(f"{object_type} that are the same by {', '.join(names)}:\n" + "\n".join(twice))

    def close(self) -> None:
        """Gives back what it holds: its connections, and the apps that were installed."""
        if "http" in self.__dict__:
            self.http.close()
        for app in self._apps:
            self._operator.ask("DELETE", f"/apps/{app}")

    def _records(self, object_type: str, properties: Sequence[str]) -> Iterator[Json]:
        query: dict[str, str | int] = {"limit": PAGE, "properties": ",".join(properties)}
        while True:
            answer = self.http.get(f"/crm/v3/objects/{part(object_type)}", params=query)
            page: Json = answer.raise_for_status().json()
            yield from page["results"]
            if "paging" not in page:
                return
            query["after"] = page["paging"]["next"]["after"]

    def _turn(self, **turn: object) -> datetime:
        return datetime.fromisoformat(self._ask("POST", "/clock", turn)["now"])

    def _ask(self, method: str, path: str, body: object = None) -> Json:
        return self._operator.ask(method, f"/portals/{self.portal}{path}", body)

    def _list(self, path: str, query: Mapping[str, object] | None = None) -> list[Json]:
        return self._operator.pages(f"/portals/{self.portal}{path}", query)


def _instant(when: datetime | str) -> str:
    if isinstance(when, str):
        return when
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} could be anywhere: give it a time zone, as datetime.UTC.")
    return when.isoformat()
