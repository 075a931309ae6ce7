"""To which addresses webhooks are delivered."""

import pytest

from trunkline.http.hooks.reach import allowed_by, may_reach

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e")
LOOPBACK = ("127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1")
PRIVATE = (
    *("10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "fe80::1%eth0", "fd00::1"),
    *("::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "192.0.2.1"),
)
NEVER = ("0.0.0.0", "::", "224.0.0.1", "ff02::1")


@pytest.mark.parametrize("address", [*PUBLIC, *LOOPBACK, *PRIVATE, *NEVER])
def test_private_addresses_are_reached_as_the_setting_says(address: str) -> None:
    assert may_reach(address, "off") is (address in PUBLIC)
    assert may_reach(address, "loopback") is (address in (*PUBLIC, *LOOPBACK))
    assert may_reach(address, "on") is (address not in NEVER)


@pytest.mark.parametrize(
    ("host", "found"), [("127.0.0.1", "loopback"), ("localhost", "loopback"), ("0.0.0.0", "off"), ("10.1.1.1", "off")]
)
def test_by_default_a_server_for_its_own_machine_alone_reaches_it(host: str, found: str) -> None:
    assert allowed_by("auto", host) == found
    assert allowed_by("on", host) == "on"
