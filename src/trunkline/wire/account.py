"""HubSpot's shape of what an account is."""

import msgspec
from msgspec import Struct

from trunkline.identity.portal import Portal


class AccountDetails(Struct, rename="camel", kw_only=True):
    """The details of an account, members in HubSpot's order. What a portal does not have is the same for all."""

    portal_id: int
    account_type: str = "STANDARD"
    time_zone: str = "UTC"
    company_currency: str = "USD"
    additional_currencies: list[str] = []
    utc_offset: str = "+00:00"
    utc_offset_milliseconds: int = 0
    ui_domain: str = "app.hubspot.com"
    data_hosting_location: str = "na1"


def encode_details(portal: Portal) -> bytes:
    """The details of one portal."""
    return msgspec.json.encode(AccountDetails(portal_id=portal.id))
