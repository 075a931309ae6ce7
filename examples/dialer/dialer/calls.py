"""A call that is over, as the dialer tells it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Call:
    """`key` is the dialer's own, and the same whenever the call is told again; `status` is in HubSpot's words."""

    key: str
    began: datetime
    lasted: timedelta
    number: str
    status: str = "COMPLETED"
