"""Signatures are those of HubSpot's documentation, for its examples (validating requests: versions 1 and 2)."""

import pytest

from trunkline.feeds.signature import Version, headers

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"
EVENTS = (
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    '"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW",'
    '"appId":54321}]'
)


@pytest.mark.parametrize(
    ("version", "body", "signature"),
    [
        ("v1", EVENTS, "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"),
        (
            "v2",
            '{"example_field":"example_value"}',
            "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
        ),
    ],
)
def test_examples_of_the_documentation(version: Version, body: str, signature: str) -> None:
    made = headers(SECRET, version, URL, body.encode(), 0)
    assert (made["x-hubspot-signature"], made["x-hubspot-signature-version"]) == (signature, version)
