"""Faults by rule: what goes wrong in a portal on purpose, for which of its requests, and how often.

Which request a fault strikes depends on nothing but the rule and the requests before: the same requests in the same
order meet the same faults, also where chance has a say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from hashlib import blake2b
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct
from msgspec.structs import replace

KindName = Literal[
    "rate-limit",
    "daily-limit",
    "search-limit",
    "expired-token",
    "server-error",
    "bad-gateway",
    "unavailable",
    "gateway-timeout",
    "origin-unknown",
    "origin-timeout",
    "reset",
    "slow",
    "truncated",
    "commit-then-drop",
]

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

MOST = 2**53
"""The largest number in a rule, as in JSON everywhere."""

LONGEST = 600
"""Seconds that a fault may take at most."""

_RANGE = 1 << 64
_PLACE = re.compile(r"\{[^{}]*\}")


class Met(Struct, frozen=True):
    """A request, as far as rules ask for it: its method, its path and the template of its route, and the app.

    `search` says that it is a search, `writes` that it may change something.
    """

    method: str
    path: str
    template: str
    app: int
    search: bool = False
    writes: bool = False


class Kind(Struct, frozen=True):
    """Something that really happens to clients.

    `fits` says to which requests it can happen, in words `whom`, and `carried` whether these are carried out all the
    same: always, never, or as the rule says. `status` is that of the answer where the fault makes one.
    """

    meaning: str
    status: int | None = None
    carried: Literal["always", "never", "either"] = "either"
    fits: Callable[[Met], bool] = lambda met: True
    whom: str = "all"


KINDS: Mapping[KindName, Kind] = {
    "rate-limit": Kind(
        "The limit of ten seconds is reached, and the headers say that nothing is left.",
        429,
        "never",
        lambda met: not met.search,
        "all but searches",
    ),
    "daily-limit": Kind("The limit of the day is reached.", 429, "never"),
    "search-limit": Kind(
        "The limit of searches in a second is reached.", 429, "never", lambda met: met.search, "searches"
    ),
    "expired-token": Kind("The access token has expired.", 401, "never"),
    "server-error": Kind("The service fails, and says so in JSON.", 500),
    "bad-gateway": Kind("The gateway cannot make sense of the service; a page in HTML.", 502),
    "unavailable": Kind("The gateway finds no service; a page in HTML.", 503),
    "gateway-timeout": Kind("The gateway waited for the service in vain; a page in HTML.", 504),
    "origin-unknown": Kind("Cloudflare got an answer that it cannot make sense of; a page in HTML.", 520),
    "origin-timeout": Kind("Cloudflare waited for the service in vain; a page in HTML.", 524),
    "reset": Kind("The connection is reset before there is any answer."),
    "slow": Kind("The answer comes late, after all was done.", None, "always"),
    "truncated": Kind(
        "The answer announces its whole length, and the connection is closed after half of it.", None, "always"
    ),
    "commit-then-drop": Kind(
        "The work is done and kept, and the connection is closed without an answer.",
        None,
        "always",
        lambda met: met.writes,
        "what may write",
    ),
}


class Fault(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A rule: a kind, the requests that it may strike, and how often it does.

    It may strike requests with this `method`, with this `route` (a template from the route table, whatever its places
    are called, or a pattern for the path in which `*` is any text), and of this `app`; what is not said leaves all. Of
    those it lets `after` pass, then strikes with the `probability` that `seed` draws, until it has done so `count`
    times. `seconds` pass before it does. `carried_out` says of some kinds whether the request is carried out even so.
    Raises `ValueError` for what does not go together.
    """

    kind: Annotated[KindName, Meta(description="What goes wrong.")]
    name: Annotated[
        str,
        Meta(
            max_length=100,
            pattern=r"^[A-Za-z0-9._-]*$",
            description="What it is called, by default like its kind. Another fault of its name goes.",
        ),
    ] = ""
    method: Annotated[Method | None, Meta(description="Only requests with this method.")] = None
    route: Annotated[
        Annotated[str, Meta(min_length=1, max_length=1000)] | None,
        Meta(
            description="Only requests of this route: a template from the [route table](routes.md), whatever its "
            "places are called, or a pattern for the path, in which `*` is any text."
        ),
    ] = None
    app: Annotated[
        Annotated[int, Meta(ge=1, le=MOST)] | None, Meta(description="Only requests of the app of this number.")
    ] = None
    probability: Annotated[float, Meta(ge=0, le=1, description="With which probability it strikes each of them.")] = 1.0
    seed: Annotated[int, Meta(ge=0, le=MOST, description="What chance begins with: the same seed draws the same.")] = 0
    count: Annotated[Annotated[int, Meta(ge=1, le=MOST)] | None, Meta(description="How often it strikes at most.")] = (
        None
    )
    after: Annotated[int, Meta(ge=0, le=MOST, description="How many of the requests that fit it lets pass first.")] = 0
    seconds: Annotated[
        float, Meta(ge=0, le=LONGEST, description="Seconds that pass before it strikes, up to 600; `slow` needs some.")
    ] = 0.0
    carried_out: Annotated[bool, Meta(description="Carry the request out all the same, where that can be.")] = False

    def __post_init__(self) -> None:
        if self.kind == "slow" and not self.seconds:
            raise ValueError("`slow` needs `seconds`")
        if self.carried_out and KINDS[self.kind].carried == "never":
            raise ValueError(f"`{self.kind}` never strikes a request that is carried out")
        if self.route is not None and not self.route.startswith(("/", "*")):
            raise ValueError("`route` is a path, or a pattern for one: it starts with `/` or `*`")

    @property
    def late(self) -> bool:
        """Whether the request is carried out, and it is the answer that goes wrong."""
        return self.carried_out or KINDS[self.kind].carried == "always"

    def fits(self, met: Met) -> bool:
        """Whether it may strike a request."""
        return (
            (self.method is None or self.method == met.method)
            and (self.app is None or self.app == met.app)
            and KINDS[self.kind].fits(met)
            and (self.route is None or self._leads(self.route, met))
        )

    def strikes(self, number: int) -> bool:
        """Whether it strikes a request by chance; `number` is how many that it fits came before."""
        drawn = blake2b(b"%d:%d" % (self.seed, number), digest_size=8).digest()
        return int.from_bytes(drawn, "big") < self.probability * _RANGE

    @staticmethod
    def _leads(route: str, met: Met) -> bool:
        if "{" in route:
            return shape(route) == shape(met.template)
        return fnmatchcase(met.path, route)


@cache
def shape(template: str) -> str:
    """A template of a route whatever its places are called."""
    return _PLACE.sub("{}", template)


class Tally(Protocol):
    """A number that only grows, which processes may have in common."""

    def used(self, now: int) -> int:
        """How much it is; `now` is always 0."""

    def count(self) -> None:
        """Adds one."""


class Alone:
    """The tally of one process."""

    __slots__ = ("_number",)

    def __init__(self) -> None:
        self._number = 0

    def used(self, now: int) -> int:
        """How much it is."""
        return self._number

    def count(self) -> None:
        """Adds one."""
        self._number += 1


Tallies = Callable[[int, int, int], Tally]
"""What makes the tally of a portal, of a place, and of what is counted there."""


class Kept(Struct, frozen=True):
    """A fault as it is kept, with its place among those of its portal; no place is given twice."""

    fault: Fault
    place: int


class Rule:
    """A fault at work, with how many requests it met that it fits, and how many of them it struck."""

    __slots__ = ("_met", "_struck", "fault", "place")

    def __init__(self, kept: Kept, met: Tally, struck: Tally) -> None:
        self.fault, self.place = kept.fault, kept.place
        self._met, self._struck = met, struck

    @property
    def met(self) -> int:
        """How many requests it met that it fits."""
        return self._met.used(0)

    @property
    def struck(self) -> int:
        """How many of them it struck."""
        return self._struck.used(0)

    def strike(self, met: Met) -> bool:
        """Whether it strikes this request, which it counts if it fits."""
        fault = self.fault
        if not fault.fits(met):
            return False
        number, struck = self.met, self.struck
        self._met.count()
        spent = fault.count is not None and struck >= fault.count
        if number < fault.after or spent or not fault.strikes(number):
            return False
        self._struck.count()
        return True


class Rules:
    """The faults of all portals at work, in the order in which they were added.

    `tallies` makes what they are counted with, which by default are the process's own.
    """

    def __init__(self, tallies: Tallies = lambda portal, place, what: Alone()) -> None:
        self._tallies = tallies
        self._rules: dict[int, Mapping[str, Rule]] = {}

    def of(self, portal: int) -> Collection[Rule]:
        """Those of a portal; mostly none."""
        rules = self._rules.get(portal)
        return () if rules is None else rules.values()

    def placed(self, portal: int, fault: Fault, now: int) -> Kept:
        """A fault to be added to a portal, behind those that are there; one without a name is called like its kind.

        `now` is the time in milliseconds since 1970: a place is a time, so that none is given twice.
        """
        rules = self.of(portal)
        named = fault if fault.name else _named(fault, {rule.fault.name for rule in rules})
        return Kept(named, max(now, *(rule.place + 1 for rule in rules), 0))

    def put(self, kept: Iterable[tuple[int, Kept]]) -> None:
        """Sets up all faults of all portals; those that were at work before go on counting."""
        rules: dict[int, dict[str, Rule]] = {}
        for portal, each in sorted(kept, key=lambda pair: pair[1].place):
            name = each.fault.name
            known = self._rules.get(portal, {}).get(name)
            at_work = known is not None and (known.fault, known.place) == (each.fault, each.place)
            rules.setdefault(portal, {})[name] = known if known and at_work else self._rule(portal, each)
        self._rules = dict(rules)

    def forget(self, portal: int) -> None:
        """Drops those of a portal that is gone."""
        self._rules.pop(portal, None)

    def _rule(self, portal: int, kept: Kept) -> Rule:
        return Rule(kept, *(self._tallies(portal, kept.place, what) for what in (0, 1)))


def drawn(rules: Iterable[Rule], met: Met) -> Fault | None:
    """The fault that strikes a request: the first that does, and those behind it do not see the request."""
    return next((rule.fault for rule in rules if rule.strike(met)), None)


def _named(fault: Fault, taken: set[str]) -> Fault:
    name, number = str(fault.kind), 1
    while name in taken:
        number += 1
        name = f"{fault.kind}-{number}"
    return replace(fault, name=name)
