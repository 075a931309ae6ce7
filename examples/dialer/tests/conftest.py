"""The dialer's way into HubSpot, connected to the portal of a test."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from buggy import BUGS
from dialer.hubspot import HubSpot
from dialer.login import Login
from dialer.sync import Sync

from trunkline.testing.portal import Portal

SEED = Path(__file__).resolve().parent.parent / "seed.yaml"
RIGHT = (HubSpot, Sync)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bug NAME` has the tests try the code with a planted bug."""
    parser.addoption("--bug", choices=BUGS)


@pytest.fixture
def sync(trunkline: Portal, pytestconfig: pytest.Config) -> Iterator[Sync]:
    """As in production, but that waiting moves the portal's clock, which stands still otherwise."""
    asking, pushing = BUGS.get(pytestconfig.getoption("bug"), RIGHT)
    trunkline.seed(SEED)
    trunkline.freeze("2026-03-02T09:00:00Z")
    app = trunkline.install()
    login = Login(app.token_url, app.client_id, app.client_secret, app.refresh_token, app.access_token)
    with httpx.Client(base_url=trunkline.url) as http:
        yield pushing(asking(http, login, wait=trunkline.advance))
