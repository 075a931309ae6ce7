"""Where requests come from."""

import pytest

from trunkline.http.address import client_address, place


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ({}, ""),
        ({"client": None}, ""),
        ({"client": ("192.0.2.7", 5)}, "192.0.2.7"),
        ({"client": ["192.0.2.7", 5]}, "192.0.2.7"),
        ({"client": ("2001:db8::1", 5)}, "2001:db8::1"),
        ({"client": ("::ffff:192.0.2.7", 5)}, "192.0.2.7"),
        ({"client": ("testclient", 5)}, "testclient"),
    ],
)
def test_the_address_of_a_client(scope: dict[str, object], address: str) -> None:
    assert client_address(scope) == address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("", ""),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("user 5", "user 5"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_what_an_address_is_counted_by(address: str, counted: str) -> None:
    assert place(address) == counted
