"""What proves to an app that a request is from here, made with its client secret (behaviour 20.5)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

from trunkline.crm.record import Moment

Version = Literal["v1", "v2"]


def headers(secret: str, version: Version, url: str, body: bytes, now: Moment) -> Mapping[str, str]:
    """The headers of a POST to a URL: the older signature in one of its versions, and version 3 with its timestamp."""
    return {
        "x-hubspot-signature": older(secret, version, url, body),
        "x-hubspot-signature-version": version,
        "x-hubspot-signature-v3": third(secret, url, body, now),
        "x-hubspot-request-timestamp": str(now),
    }


def older(secret: str, version: Version, url: str, body: bytes) -> str:
    """SHA-256 of the secret and the body, in version 2 with method and URL between them, as hexadecimal text."""
    what = f"POST{url}" if version == "v2" else ""
    return hashlib.sha256(f"{secret}{what}".encode() + body).hexdigest()


def third(secret: str, url: str, body: bytes, now: Moment) -> str:
    """HMAC-SHA-256 with the secret of the method, the URL, the body and the timestamp, in base64."""
    signed = f"POST{url}".encode() + body + str(now).encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
