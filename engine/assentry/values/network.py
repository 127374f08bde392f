"""IP addresses and networks.

Text is read strictly: no leading zeros, no zone (`%eth0`), and no IPv4 address inside an IPv6 one
written with dots (`::ffff:192.168.0.1`). Written with hexadecimal digits (`::ffff:c0a8:1`), it is that
IPv4 address: one machine, one value. Otherwise an IPv4 address equals no IPv6 one and lies in no network
of them.

Source: the Network library of cel-go (ext/network.go) and of Kubernetes; RFC 5952.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family
from assentry.values.runtime import CIDR, IP
from assentry.values.types import BOOL, INT, STRING
from assentry.values.types import CIDR as CIDR_TYPE
from assentry.values.types import IP as IP_TYPE

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

FAMILY = Family("network", "IP addresses and networks.")

_BITS: Final = {4: 32, 6: 128}
_MAPPED: Final = 0xFFFF
"""The first 96 bits of an IPv6 address that stands for an IPv4 one (RFC 4291, 2.5.5.2)."""
_LONGEST: Final = 64
"""More characters than any address or network has."""

IP_FUNCTION = FAMILY.function(
    "ip",
    "The address that text stands for, or the address of a network.",
    ("string(ip('2001:DB8::68'))", "'2001:db8::68'"),
    ("ip('127.0.0.1') == ip('127.0.0.2')", "false"),
    ("ip('127.0.0.1.0')", "error: invalid argument"),
    ("ip('fe80::1%en0')", "error: invalid argument"),
    ("ip('::ffff:c0a8:1') == ip('192.168.0.1')", "true"),
    ("string(cidr('192.168.1.5/24').ip())", "'192.168.1.5'"),
)
IS_IP = FAMILY.function(
    "isIP", "Whether text stands for an address.", ("isIP('::1')", "true"), ("isIP('1.2.3')", "false")
)
IS_CANONICAL = FAMILY.function(
    "ip.isCanonical",
    "Whether text is an address as it is written by rule: lower case, zeros left out.",
    ("ip.isCanonical('2001:db8::68')", "true"),
    ("ip.isCanonical('2001:DB8::68')", "false"),
    ("ip.isCanonical('here')", "error: invalid argument"),
)
FAMILY_FUNCTION = FAMILY.function("family", "4 or 6.", ("ip('127.0.0.1').family()", "4"))
IS_UNSPECIFIED = FAMILY.function(
    "isUnspecified", "Whether it is 0.0.0.0 or `::`.", ("ip('::').isUnspecified()", "true")
)
IS_LOOPBACK = FAMILY.function(
    "isLoopback", "Whether it is the machine itself.", ("ip('127.0.0.5').isLoopback()", "true")
)
IS_LINK_LOCAL_MULTICAST = FAMILY.function(
    "isLinkLocalMulticast",
    "Whether it is multicast on the local link.",
    ("ip('224.0.0.1').isLinkLocalMulticast()", "true"),
)
IS_LINK_LOCAL_UNICAST = FAMILY.function(
    "isLinkLocalUnicast",
    "Whether it is one machine on the local link.",
    ("ip('169.254.169.254').isLinkLocalUnicast()", "true"),
)
IS_GLOBAL_UNICAST = FAMILY.function(
    "isGlobalUnicast",
    "Whether it is one machine beyond the local link, private networks included.",
    ("ip('192.168.0.1').isGlobalUnicast()", "true"),
    ("ip('255.255.255.255').isGlobalUnicast()", "false"),
)
CIDR_FUNCTION = FAMILY.function(
    "cidr",
    "The network that text stands for; bits beyond the prefix may be set.",
    ("string(cidr('10.0.0.1/8'))", "'10.0.0.1/8'"),
    ("cidr('10.0.0.0/33')", "error: invalid argument"),
)
IS_CIDR = FAMILY.function(
    "isCIDR", "Whether text stands for a network.", ("isCIDR('10.0.0.0/8')", "true"), ("isCIDR('10.0.0.0')", "false")
)
CONTAINS_IP = FAMILY.function(
    "containsIP",
    "Whether an address lies in the network.",
    ("cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))", "true"),
    ("cidr('10.0.0.0/8').containsIP('11.0.0.1')", "false"),
)
CONTAINS_CIDR = FAMILY.function(
    "containsCIDR",
    "Whether a network lies in the network.",
    ("cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", "true"),
    ("cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')", "false"),
)
MASKED = FAMILY.function(
    "masked",
    "The network with the bits beyond the prefix cleared.",
    ("string(cidr('192.168.1.5/24').masked())", "'192.168.1.0/24'"),
)
IS_MASK = FAMILY.function(
    "isMask", "Whether no bit beyond the prefix is set.", ("cidr('192.168.1.5/24').isMask()", "false")
)
PREFIX_LENGTH = FAMILY.function(
    "prefixLength", "How many bits the prefix has.", ("cidr('10.0.0.0/8').prefixLength()", "8")
)
STRING_FUNCTION = FAMILY.function("string", "An address or network as text.", ("string(ip('::1'))", "'::1'"))

# ---- text ----


@lru_cache(maxsize=1024)
def _read_ip(text: str) -> IP | None:
    """The address, or None when the text is none."""
    from ipaddress import ip_address

    if "%" in text or not text.isascii():
        return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    address = int(found)
    if found.version == 6 and address >> 32 == _MAPPED:
        return None if "." in text else IP(4, address & 0xFFFF_FFFF)
    return IP(found.version, address)


@lru_cache(maxsize=1024)
def _read_cidr(text: str) -> CIDR | None:
    """The network, or None when the text is none."""
    address, slash, digits = text.partition("/")
    ip = _read_ip(address)
    if ip is None or (ip.version == 4 and ":" in address):
        return None
    if not slash or not digits.isascii() or not digits.isdecimal() or len(digits) > 3:
        return None
    prefix = int(digits)
    if str(prefix) != digits or prefix > _BITS[ip.version]:
        return None
    return CIDR(ip, prefix)


def parse_ip(text: str) -> IP:
    """Raises EvaluationError(INVALID_ARGUMENT)."""
    if len(text) > _LONGEST or (found := _read_ip(text)) is None:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the text is not an ip address")
    return found


def parse_cidr(text: str) -> CIDR:
    """Raises EvaluationError(INVALID_ARGUMENT)."""
    if len(text) > _LONGEST or (found := _read_cidr(text)) is None:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the text is not a network address")
    return found


def is_ip(text: str) -> bool:
    return len(text) <= _LONGEST and _read_ip(text) is not None


def is_cidr(text: str) -> bool:
    return len(text) <= _LONGEST and _read_cidr(text) is not None


def is_canonical(text: str) -> bool:
    return ip_text(parse_ip(text)) == text


def _address(value: IP) -> IPv4Address | IPv6Address:
    from ipaddress import IPv4Address, IPv6Address

    return IPv4Address(value.address) if value.version == 4 else IPv6Address(value.address)


def ip_text(value: IP) -> str:
    """The canonical text (RFC 5952), never with dots in an IPv6 address: `ip` reads what it writes."""
    return str(_address(value))


def cidr_text(value: CIDR) -> str:
    return f"{ip_text(value.ip)}/{value.prefix}"


# ---- what an address is ----


def family(value: IP) -> int:
    return value.version


def is_unspecified(value: IP) -> bool:
    return value.address == 0


def _starts(value: IP, v4: tuple[int, int], v6: tuple[int, int]) -> bool:
    """Whether the first bits are those given, as (bits, how many)."""
    bits, count = v4 if value.version == 4 else v6
    return value.address >> (_BITS[value.version] - count) == bits


def is_loopback(value: IP) -> bool:
    return _starts(value, (127, 8), (1, 128))


def is_link_local_multicast(value: IP) -> bool:
    """224.0.0.0/24, and ff02::/16 whatever its flags."""
    if value.version == 6:
        return value.address >> 120 == 0xFF and value.address >> 112 & 0x0F == 2
    return value.address >> 8 == 0xE00000


def is_link_local_unicast(value: IP) -> bool:
    return _starts(value, (0xA9FE, 16), (0x3FA, 10))


def _is_multicast(value: IP) -> bool:
    return _starts(value, (0xE, 4), (0xFF, 8))


def is_global_unicast(value: IP) -> bool:
    return not (
        (value.version == 4 and value.address == 0xFFFF_FFFF)
        or is_unspecified(value)
        or is_loopback(value)
        or _is_multicast(value)
        or is_link_local_unicast(value)
    )


# ---- networks ----


def _host_bits(value: CIDR) -> int:
    return _BITS[value.ip.version] - value.prefix


def contains_ip(network: CIDR, address: IP) -> bool:
    host = _host_bits(network)
    return network.ip.version == address.version and network.ip.address >> host == address.address >> host


def contains_ip_text(network: CIDR, text: str) -> bool:
    return contains_ip(network, parse_ip(text))


def contains_cidr(network: CIDR, other: CIDR) -> bool:
    return network.prefix <= other.prefix and contains_ip(network, other.ip)


def contains_cidr_text(network: CIDR, text: str) -> bool:
    return contains_cidr(network, parse_cidr(text))


def address_of(network: CIDR) -> IP:
    return network.ip


def masked(network: CIDR) -> CIDR:
    host = _host_bits(network)
    return CIDR(IP(network.ip.version, network.ip.address >> host << host), network.prefix)


def is_mask(network: CIDR) -> bool:
    return masked(network) == network


def prefix_length(network: CIDR) -> int:
    return network.prefix


IP_FUNCTION.add("string_to_ip", (STRING,), IP_TYPE, parse_ip)
IP_FUNCTION.add("cidr_ip", (CIDR_TYPE,), IP_TYPE, address_of, member=True)
IS_IP.add("is_ip", (STRING,), BOOL, is_ip)
IS_CANONICAL.add("ip_is_canonical", (STRING,), BOOL, is_canonical)
FAMILY_FUNCTION.add("ip_family", (IP_TYPE,), INT, family, member=True)
IS_UNSPECIFIED.add("ip_is_unspecified", (IP_TYPE,), BOOL, is_unspecified, member=True)
IS_LOOPBACK.add("ip_is_loopback", (IP_TYPE,), BOOL, is_loopback, member=True)
IS_LINK_LOCAL_MULTICAST.add("ip_is_link_local_multicast", (IP_TYPE,), BOOL, is_link_local_multicast, member=True)
IS_LINK_LOCAL_UNICAST.add("ip_is_link_local_unicast", (IP_TYPE,), BOOL, is_link_local_unicast, member=True)
IS_GLOBAL_UNICAST.add("ip_is_global_unicast", (IP_TYPE,), BOOL, is_global_unicast, member=True)
CIDR_FUNCTION.add("string_to_cidr", (STRING,), CIDR_TYPE, parse_cidr)
IS_CIDR.add("is_cidr", (STRING,), BOOL, is_cidr)
CONTAINS_IP.add("cidr_contains_ip_ip", (CIDR_TYPE, IP_TYPE), BOOL, contains_ip, member=True)
CONTAINS_IP.add("cidr_contains_ip_string", (CIDR_TYPE, STRING), BOOL, contains_ip_text, member=True)
CONTAINS_CIDR.add("cidr_contains_cidr", (CIDR_TYPE, CIDR_TYPE), BOOL, contains_cidr, member=True)
CONTAINS_CIDR.add("cidr_contains_cidr_string", (CIDR_TYPE, STRING), BOOL, contains_cidr_text, member=True)
MASKED.add("cidr_masked", (CIDR_TYPE,), CIDR_TYPE, masked, member=True)
IS_MASK.add("cidr_is_mask", (CIDR_TYPE,), BOOL, is_mask, member=True)
PREFIX_LENGTH.add("cidr_prefix_length", (CIDR_TYPE,), INT, prefix_length, member=True)
STRING_FUNCTION.add("ip_to_string", (IP_TYPE,), STRING, ip_text)
STRING_FUNCTION.add("cidr_to_string", (CIDR_TYPE,), STRING, cidr_text)
