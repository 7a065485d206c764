"""Which addresses are public, however they are written."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskferry.transport.addresses import is_foreign, is_public, literal


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_addresses_that_providers_have_no_business_with(address: str) -> None:
    """This machine, its network, its cloud's metadata, multicast, documentation, and what wraps one of them."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "100.128.0.1",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_addresses_of_the_open_internet(address: str) -> None:
    """Those behind a translator from IPv6 included."""
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: ipaddress.IPv4Address) -> None:
    """Mapped, translated and tunnelled, it is as public as it is bare."""
    wrapped = [
        ipaddress.IPv6Address(0xFFFF << 32 | int(address)),
        ipaddress.IPv6Address((0x64_FF9B << 96) | int(address)),
        ipaddress.IPv6Address((0x2002 << 112) | int(address) << 80 | 1),
    ]

    assert {is_public(one) for one in wrapped} == {is_public(address)}


@given(st.ip_addresses(v=6))
def test_nothing_outside_of_global_unicast_is_public(address: ipaddress.IPv6Address) -> None:
    """But for what is translated to IPv4."""
    outside = int(address) >> 125 != 1 and int(address) >> 32 not in (0xFFFF, 0x64_FF9B << 64)

    assert not (outside and is_public(address))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0251.0376.0251.0376", "169.254.169.254"),
        ("169.254.169.254.", "169.254.169.254"),
        ("::ffff:7f00:1", "::ffff:7f00:1"),
        ("[::1]", "::1"),
        ("localhost", "127.0.0.1"),
        ("files.localhost.", "127.0.0.1"),
    ],
)
def test_every_spelling_of_an_address_is_read(host: str, address: str) -> None:
    """As the system's own resolver reads it."""
    assert literal(host) == ipaddress.ip_address(address)


@pytest.mark.parametrize("host", ["cdn.example", "127.0.0.1.cdn.example", "", "١٢٧.0.0.1", "a" * 300, "1.2.3.4.5"])
def test_a_name_is_no_address(host: str) -> None:
    """It is looked up."""
    assert literal(host) is None


@pytest.mark.parametrize(
    ("url", "base_url", "foreign"),
    [
        ("https://api.acme.example/1", "https://api.acme.example/v1", False),
        ("https://api.acme.example:443/1", "https://api.acme.example/v1", False),
        ("https://api.acme.example:8443/1", "https://api.acme.example/v1", True),
        ("http://api.acme.example/1", "https://api.acme.example/v1", True),
        ("https://cdn.acme.example/1", "https://api.acme.example/v1", True),
        ("https://10.0.0.5/1", "https://10.0.0.5/v1", False),
        ("https://10.0.0.6/1", "https://10.0.0.5/v1", True),
        ("http://127.0.0.1:1/1", "http://localhost:2", False),
        ("http://127.0.0.1:1/1", "https://api.acme.example", True),
        ("https://cdn.example/1", "http://127.0.0.1:2", True),
    ],
)
def test_only_the_base_urls_own_origin_is_not_foreign(url: str, base_url: str, foreign: bool) -> None:
    """The user set it, so it may be anywhere; stand-ins on this machine count as one."""
    assert is_foreign(url, base_url) is foreign
