from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
from hypothesis import given

from assentry.errors import Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import CIDR, IP
from tests.support.values import cidrs, fails, ips


def ip(text: str) -> Any:
    return dispatch("ip", [text], False)


def cidr(text: str) -> Any:
    return dispatch("cidr", [text], False)


def ask(value: object, question: str, *args: object) -> Any:
    return dispatch(question, [value, *args], True)


def text_of(value: object) -> Any:
    return dispatch("string", [value], False)


def address(value: IP) -> IPv4Address | IPv6Address:
    return IPv4Address(value.address) if value.version == 4 else IPv6Address(value.address)


@given(ips)
def test_an_address_survives_text(value: IP) -> None:
    text = text_of(value)
    assert ip(text) == value
    assert text == str(address(value))
    assert dispatch("ip.isCanonical", [text], False) is True
    assert dispatch("isIP", [text], False) is True
    assert ask(value, "family") == value.version


@given(cidrs, ips)
def test_networks_are_what_python_says(value: CIDR, other: IP) -> None:
    text = text_of(value)
    assert cidr(text) == value
    assert dispatch("isCIDR", [text], False) is True
    network = ip_network(text, strict=False)
    assert text_of(ask(value, "masked")) == str(network)
    assert ask(value, "isMask") is (ask(value, "masked") == value)
    assert ask(value, "containsIP", value.ip) is True
    assert ask(value, "containsIP", other) is (address(other) in network)
    assert ask(value, "containsCIDR", value) is True
    assert ask(value, "prefixLength") == value.prefix
    assert ask(value, "ip") == value.ip


@given(cidrs, cidrs)
def test_a_network_lies_in_another_when_all_its_addresses_do(outer: CIDR, inner: CIDR) -> None:
    one, other = ip_network(text_of(outer), strict=False), ip_network(text_of(inner), strict=False)
    contained = one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]
    assert ask(outer, "containsCIDR", inner) is contained
    assert ask(outer, "containsCIDR", text_of(inner)) is contained


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1.0",
        "127.0.0",
        "127.0.0.256",
        "127.0.0.01",
        "0x7f.0.0.1",
        "1.2.3.4 ",
        "\u0661.2.3.4",
        "fe80::1%en0",
        "fe80::1%",
        "::ffff:192.168.0.1",
        "1::2::3",
        "12345::",
        "[::1]",
        "10.0.0.0/8",
        "1" * 100_000,
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert dispatch("isIP", [text], False) is False
    for function in ("ip", "ip.isCanonical"):
        with fails(Kind.INVALID_ARGUMENT):
            dispatch(function, [text], False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.0/255.0.0.0",
        "::/129",
        "::ffff:192.168.0.1/24",
        "::ffff:c0a8:1/120",
        "fe80::%1/10",
        "/8",
        "10.0.0.0/8/8",
        "10.0.0.0/\u0668",
    ],
)
def test_what_is_no_network(text: str) -> None:
    assert dispatch("isCIDR", [text], False) is False
    with fails(Kind.INVALID_ARGUMENT):
        cidr(text)


def test_a_mapped_address_is_the_ipv4_address_that_it_stands_for() -> None:
    mapped = ip("::ffff:c0a8:1")
    assert mapped == ip("192.168.0.1")
    assert dispatch("string", [mapped], False) == "192.168.0.1"
    assert ask(mapped, "family") == 4
    assert ask(cidr("192.168.0.0/16"), "containsIP", "::ffff:c0a8:1") is True
    assert ask(cidr("::/0"), "containsIP", mapped) is False
    assert dispatch("ip.isCanonical", ["::ffff:c0a8:1"], False) is False


def test_an_ipv4_address_is_no_ipv6_one() -> None:
    assert ip("::7f00:1") != ip("127.0.0.1")
    assert ask(cidr("::/0"), "containsIP", ip("1.2.3.4")) is False
    assert ask(cidr("0.0.0.0/0"), "containsIP", ip("::1")) is False


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("0.0.0.0", {"isUnspecified"}),
        ("::", {"isUnspecified"}),
        ("127.8.0.1", {"isLoopback"}),
        ("::1", {"isLoopback"}),
        ("169.254.169.254", {"isLinkLocalUnicast"}),
        ("fe80::1", {"isLinkLocalUnicast"}),
        ("febf::1", {"isLinkLocalUnicast"}),
        ("224.0.0.251", {"isLinkLocalMulticast"}),
        ("224.0.1.1", set()),
        ("ff02::1", {"isLinkLocalMulticast"}),
        ("ff12::1", {"isLinkLocalMulticast"}),
        ("ff05::1", set()),
        ("255.255.255.255", set()),
        ("192.168.0.1", {"isGlobalUnicast"}),
        ("8.8.8.8", {"isGlobalUnicast"}),
        ("fec0::1", {"isGlobalUnicast"}),
        ("fd00::1", {"isGlobalUnicast"}),
        ("2001:db8::1", {"isGlobalUnicast"}),
    ],
)
def test_kinds_of_addresses(text: str, kinds: set[str]) -> None:
    questions = ("isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast")
    assert {question for question in questions if ask(ip(text), question)} == kinds


def test_canonical_text() -> None:
    for text, canonical in (
        ("2001:DB8::68", False),
        ("2001:db8:0:0:0:0:0:1", False),
        ("2001:db8::1", True),
        ("::1.2.3.4", False),
    ):
        assert dispatch("ip.isCanonical", [text], False) is canonical


def test_only_text_is_asked_whether_it_is_an_address() -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("isIP", [cidr("10.0.0.0/8")], False)
