"""How much of its limits a caller has left: counted with every request, told in headers, enforced where that is on."""

from functools import partial

from msgspec import Struct

from trunkline.errors import RateLimited
from trunkline.http.ledger import Ledger
from trunkline.identity.limit import Counting, Policy, Window, Windows, shipped_limits
from trunkline.identity.portal import Enforcement, Portal

Header = tuple[bytes, bytes]

_LIMITS = shipped_limits()

_PREFIX = b"x-hubspot-ratelimit-"
DAILY_REMAINING = _PREFIX + b"daily-remaining"
REMAINING = _PREFIX + b"remaining"
SECONDLY_REMAINING = _PREFIX + b"secondly-remaining"


class Charge(Struct, frozen=True):
    """What one request costs: headers to send whatever its answer is, and the refusal where it may not pass."""

    headers: list[Header]
    refusal: RateLimited | None = None


class Meter:
    """Counts the requests of all apps in all portals, in memory: a new server begins anew.

    `enforcement` is the server's own; a portal's `limits` overrule it. `ledger` is where the processes of one server
    count together.
    """

    def __init__(self, enforcement: Enforcement, ledger: Ledger | None = None) -> None:
        self._enforcement = enforcement
        self._ledger = ledger
        self._accounts: dict[int, _Account] = {}

    def forget(self, portal: int) -> None:
        """Drops what was counted of a portal that is gone."""
        self._accounts.pop(portal, None)

    def charge(self, portal: Portal, app: int, *, public: bool, search: bool, now: int) -> Charge:
        """Counts one request of an app in a portal, at a time in milliseconds since 1970, unless it is refused.

        The day is counted first, by portal and without public apps, then a search by portal or anything else by portal
        and app. What the second limit refuses stays counted for the day, as the real service does it (behaviour 6.10).
        """
        account = self._account(portal)
        enforced = (portal.limits or self._enforcement) == "hubspot"
        headers: list[Header] = []
        refusal = None
        if not public:
            used, refusal = _take(account.day, account.daily, _LIMITS.daily, enforced, now)
            headers = account.headers(used)
        if search:
            if refusal is None:
                _, refusal = _take(account.second, _LIMITS.searches.per_second, _LIMITS.search, enforced, now)
            return Charge(headers, refusal)
        burst, window = _PUBLIC if public else account.burst, account.apps.of(app, now)
        if refusal is None:
            used, refusal = _take(window, burst.most, _LIMITS.burst, enforced, now)
        else:
            used = window.used(now)
        return Charge(headers + burst.headers(used), refusal)

    def _account(self, portal: Portal) -> "_Account":
        account = self._accounts.get(portal.id)
        if account is None:
            account = self._accounts[portal.id] = _Account(portal, self._ledger)
        elif account.portal is not portal:
            account.allow(portal)
        return account


def _take(window: Counting, most: int, policy: Policy, enforced: bool, now: int) -> tuple[int, RateLimited | None]:
    """How much is counted then, and the refusal when one more may not pass and is not counted."""
    used = window.used(now)
    if used >= most and enforced:
        return used, RateLimited(policy.name)
    window.count()
    return used + 1, None


class _Account:
    """What is counted of one portal, which is allowed what its products allow."""

    def __init__(self, portal: Portal, ledger: Ledger | None) -> None:
        def window(policy: Policy, app: int = 0) -> Counting:
            return Window(policy) if ledger is None else ledger.window(policy, portal.id, app)

        self.day = window(_LIMITS.daily)
        self.second = window(_LIMITS.search)
        self.apps = Windows(_LIMITS.burst, partial(window, _LIMITS.burst))
        self.allow(portal)

    def allow(self, portal: Portal) -> None:
        """Goes by the portal as it is now; what was counted stays."""
        allowance = _LIMITS.private[portal.tier]
        self.portal = portal
        self.burst = _Burst(allowance.burst)
        self.daily = allowance.daily
        self._daily = (_PREFIX + b"daily", b"%d" % allowance.daily)

    def headers(self, used: int) -> list[Header]:
        """The headers of the day when so much was sent."""
        return [self._daily, (DAILY_REMAINING, b"%d" % max(self.daily - used, 0))]


class _Burst:
    """How much an app may send in ten seconds, and the headers of it.

    The limit of one second is gone, and its headers tell a tenth of the others (behaviour 6.5).
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._interval = (_PREFIX + b"interval-milliseconds", b"%d" % _LIMITS.burst.span)
        self._max = (_PREFIX + b"max", b"%d" % most)
        self._secondly = (_PREFIX + b"secondly", b"%d" % (most // 10))

    def headers(self, used: int) -> list[Header]:
        """The headers when so much was sent."""
        left = max(self.most - used, 0)
        remaining, secondly_remaining = (REMAINING, b"%d" % left), (SECONDLY_REMAINING, b"%d" % (left // 10))
        return [self._interval, self._max, remaining, self._secondly, secondly_remaining]


_PUBLIC = _Burst(_LIMITS.public.burst)
