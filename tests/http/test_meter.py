"""What the meter counts, tells in headers and refuses, and the bodies of its refusals (behaviour 6.4 to 6.10)."""

import gc
import json
import re
from datetime import UTC, datetime

import pytest

from trunkline.errors import RateLimited
from trunkline.http.meter import Charge, Meter
from trunkline.identity.limit import Window
from trunkline.identity.portal import Enforcement, Portal, Tier
from trunkline.wire import error

NOW = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)
MIDNIGHT = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)

DAILY = "x-hubspot-ratelimit-daily"
DAILY_LEFT = "x-hubspot-ratelimit-daily-remaining"
MAX = "x-hubspot-ratelimit-max"
LEFT = "x-hubspot-ratelimit-remaining"
SECONDLY_LEFT = "x-hubspot-ratelimit-secondly-remaining"


def portal(id_: int = 1, tier: Tier = "FREE", limits: Enforcement | None = "hubspot") -> Portal:
    return Portal(id=id_, name="p", created=0, products={"sales": tier}, limits=limits)


class Caller:
    """Requests of one app, told in words: what was left, or which policy refused."""

    def __init__(self, meter: Meter, of: Portal, app: int = 1, *, public: bool = False, search: bool = False) -> None:
        self._meter = meter
        self._portal = of
        self._app = app
        self._public = public
        self._search = search

    def charge(self, now: int = NOW) -> Charge:
        return self._meter.charge(self._portal, self._app, public=self._public, search=self._search, now=now)

    def left(self, header: str, now: int = NOW) -> int:
        return int(told(self.charge(now))[header])

    def passed(self, times: int, now: int = NOW) -> int:
        return sum(self.charge(now).refusal is None for _ in range(times))

    def policy(self, now: int = NOW) -> str | None:
        refusal = self.charge(now).refusal
        return None if refusal is None else refusal.policy


def told(charge: Charge) -> dict[str, str]:
    return {name.decode("ascii"): value.decode("ascii") for name, value in charge.headers}


PRIVATE = {
    "FREE": ["250000", "249999", "10000", "100", "99", "10", "9"],
    "STARTER": ["250000", "249999", "10000", "100", "99", "10", "9"],
    "PROFESSIONAL": ["625000", "624999", "10000", "190", "189", "19", "18"],
    "ENTERPRISE": ["1000000", "999999", "10000", "190", "189", "19", "18"],
}
NAMES = [
    "x-hubspot-ratelimit-daily",
    "x-hubspot-ratelimit-daily-remaining",
    "x-hubspot-ratelimit-interval-milliseconds",
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-secondly",
    "x-hubspot-ratelimit-secondly-remaining",
]


@pytest.mark.parametrize("limits", ["off", "hubspot"])
@pytest.mark.parametrize("tier", PRIVATE)
def test_the_headers_of_the_first_request(tier: Tier, limits: Enforcement) -> None:
    of = portal(tier=tier, limits=limits)
    private = Caller(Meter("off"), of).charge()
    assert list(told(private).items()) == list(zip(NAMES, PRIVATE[tier], strict=True))
    search = Caller(Meter("off"), of, search=True).charge()
    assert list(told(search).items()) == list(zip(NAMES[:2], PRIVATE[tier][:2], strict=True))
    public = Caller(Meter("off"), of, public=True).charge()
    assert list(told(public).items()) == list(zip(NAMES[2:], ["10000", "110", "109", "11", "10"], strict=True))
    assert Caller(Meter("off"), of, public=True, search=True).charge() == Charge([])


def test_the_highest_tier_of_all_products_counts() -> None:
    of = Portal(id=1, name="p", created=0, products={"sales": "FREE", "cms": "PROFESSIONAL", "service": "STARTER"})
    assert told(Caller(Meter("off"), of).charge())[MAX] == "190"
    assert told(Caller(Meter("off"), Portal(id=1, name="p", created=0, products={})).charge())[MAX] == "100"


def test_remaining_counts_down_to_zero_and_no_further_where_nothing_is_refused() -> None:
    caller = Caller(Meter("off"), portal(limits=None))
    charges = [caller.charge() for _ in range(150)]
    assert [charge.refusal for charge in charges] == [None] * 150
    assert [int(told(charge)[LEFT]) for charge in charges] == [*range(99, 0, -1), *[0] * 51]
    assert all(int(told(charge)[SECONDLY_LEFT]) == int(told(charge)[LEFT]) // 10 for charge in charges)
    assert told(charges[-1])[DAILY_LEFT] == str(250_000 - 150)


@pytest.mark.parametrize(
    ("server", "own", "passed"),
    [
        ("off", None, 300),
        ("off", "off", 300),
        ("hubspot", "off", 300),
        ("hubspot", None, 100),
        ("hubspot", "hubspot", 100),
        ("off", "hubspot", 100),
    ],
)
def test_a_portal_overrules_the_server(server: Enforcement, own: Enforcement | None, passed: int) -> None:
    assert Caller(Meter(server), portal(limits=own)).passed(300) == passed


@pytest.mark.parametrize(
    ("tier", "public", "most"), [("FREE", False, 100), ("ENTERPRISE", False, 190), ("ENTERPRISE", True, 110)]
)
def test_ten_seconds_are_counted_by_portal_and_app(tier: Tier, public: bool, most: int) -> None:
    meter = Meter("hubspot")
    caller = Caller(meter, portal(tier=tier), public=public)
    assert caller.passed(most + 50) == most
    refused = caller.charge(NOW + 9_999)
    assert refused.refusal is not None and refused.refusal.policy == "TEN_SECONDLY_ROLLING"
    assert (told(refused)[LEFT], told(refused)[SECONDLY_LEFT]) == ("0", "0")
    assert Caller(meter, portal(tier=tier), app=2, public=public).passed(1) == 1
    assert Caller(meter, portal(id_=2, tier=tier), public=public).passed(1) == 1
    assert caller.passed(most + 50, NOW + 10_000) == most


def test_ten_seconds_roll() -> None:
    caller = Caller(Meter("hubspot"), portal())
    assert [caller.passed(40, NOW + 4_000 * step) for step in range(3)] == [40, 40, 20]
    assert [caller.passed(99, NOW + 1_000 * second) for second in (9, 10, 13, 14, 18, 24)] == [0, 40, 0, 40, 20, 80]


def test_what_ten_seconds_refuse_is_not_counted_in_them() -> None:
    caller = Caller(Meter("hubspot"), portal())
    assert caller.passed(100) == 100
    assert caller.passed(500, NOW + 9_000) == 0
    assert caller.passed(101, NOW + 10_000) == 100


def test_searches_are_counted_by_portal_and_second() -> None:
    meter = Meter("hubspot")
    private, public = Caller(meter, portal(), search=True), Caller(meter, portal(), app=2, public=True, search=True)
    assert (private.passed(3, NOW), public.passed(3, NOW + 500)) == (3, 2)
    assert (private.policy(NOW + 999), public.policy(NOW + 999)) == ("SECONDLY", "SECONDLY")
    assert Caller(meter, portal(id_=2), search=True).passed(9, NOW + 999) == 5
    assert private.passed(9, NOW + 1_000) == 5


def test_searches_and_other_requests_do_not_take_from_each_other() -> None:
    meter = Meter("hubspot")
    assert Caller(meter, portal(), search=True).passed(9) == 5
    assert Caller(meter, portal()).passed(200) == 100
    assert Caller(meter, portal(), search=True).passed(9, NOW + 1_000) == 5


def test_a_day_is_counted_by_portal_over_its_private_apps() -> None:
    meter = Meter("hubspot")
    one, two = Caller(meter, portal(), app=1), Caller(meter, portal(), app=2)
    search, public = Caller(meter, portal(), search=True), Caller(meter, portal(), app=3, public=True)
    assert [one.left(DAILY_LEFT), two.left(DAILY_LEFT), search.left(DAILY_LEFT)] == [249_999, 249_998, 249_997]
    assert public.passed(1) == 1
    assert one.left(DAILY_LEFT) == 249_996
    assert Caller(meter, portal(id_=2)).left(DAILY_LEFT) == 249_999


def test_what_another_limit_refuses_counts_for_the_day_as_recorded_of_searches() -> None:
    meter = Meter("hubspot")
    search = Caller(meter, portal(), search=True)
    assert search.passed(5) == 5
    refused = search.charge()
    assert (refused.refusal is not None, told(refused)) == (True, {DAILY: "250000", DAILY_LEFT: "249994"})
    assert search.left(DAILY_LEFT, NOW + 1_000) == 249_993


def test_a_day_ends_at_midnight_utc() -> None:
    meter = Meter("hubspot")
    of = portal()
    one, search, public = Caller(meter, of), Caller(meter, of, search=True), Caller(meter, of, app=2, public=True)
    start = MIDNIGHT - 100 * 250_001
    assert sum(one.passed(1, start + 100 * number) for number in range(250_000)) == 250_000
    last = MIDNIGHT - 1
    assert (one.policy(last), search.policy(last), public.policy(last)) == ("DAILY", "DAILY", None)
    refused = one.charge(last)
    assert (told(refused)[DAILY_LEFT], int(told(refused)[LEFT]) > 0) == ("0", True)
    assert (one.left(DAILY_LEFT, MIDNIGHT), search.policy(MIDNIGHT)) == (249_999, None)


def test_a_portal_that_changes_keeps_what_was_counted() -> None:
    meter = Meter("off")
    assert Caller(meter, portal(limits="off")).passed(120) == 120
    assert Caller(meter, portal()).policy() == "TEN_SECONDLY_ROLLING"
    raised = told(Caller(meter, portal(tier="PROFESSIONAL")).charge())
    assert [raised[name] for name in (MAX, LEFT, DAILY, DAILY_LEFT)] == ["190", "69", "625000", "624878"]


def test_a_portal_that_is_forgotten_begins_anew() -> None:
    meter = Meter("hubspot")
    assert [Caller(meter, portal(id_)).passed(100) for id_ in (1, 2)] == [100, 100]
    meter.forget(1)
    meter.forget(3)
    charge = Caller(meter, portal(1)).charge()
    assert (told(charge)[LEFT], told(charge)[DAILY_LEFT]) == ("99", "249999")
    assert Caller(meter, portal(2)).policy() == "TEN_SECONDLY_ROLLING"


def test_apps_that_are_idle_are_not_remembered() -> None:
    def held() -> int:
        gc.collect()
        return sum(isinstance(one, Window) for one in gc.get_objects())

    before, meter, of = held(), Meter("off"), portal()
    for app in range(5_000):
        Caller(meter, of, app).charge(NOW + 100 * app)
    assert 100 <= held() - before <= 202


CORRELATION = "01932a0e-7c11-7d1b-8f6e-3f1c5a2b4d60"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
        ("DAILY", "You have reached your daily limit."),
        ("SECONDLY", "You have reached your secondly limit."),
    ],
)
def test_the_body_of_a_refusal(policy: str, message: str) -> None:
    assert RateLimited.status == 429
    body = json.loads(error.body(RateLimited(policy), CORRELATION))
    assert UUID.fullmatch(body["requestId"]) and body["requestId"] != CORRELATION
    assert list(body.items()) == [
        ("status", "error"),
        ("message", message),
        ("errorType", "RATE_LIMIT"),
        ("correlationId", CORRELATION),
        ("policyName", policy),
        ("requestId", body["requestId"]),
    ]


def test_the_full_body_of_a_refusal_says_where_it_is_explained() -> None:
    body = json.loads(error.body(RateLimited("DAILY"), CORRELATION, full=True))
    assert body["links"]["explanation"].endswith("/RATE_LIMITED")
    assert body["subCategory"] == "trunkline.RATE_LIMITED"
