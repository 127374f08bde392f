"""Literals and bindings: plain values, and those at which implementations break."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from assentry.values.runtime import Duration, Timestamp, Uint

LITERALS: Final = MappingProxyType(
    {
        "bool": ["true", "false"],
        "int": [
            *("0", "1", "2", "3", "-1", "7", "10", "-3", "63", "64", "100", "0x1F", "4294967296", "9007199254740993"),
            *("9223372036854775807", "-9223372036854775808"),
        ],
        "uint": ["0u", "1u", "2u", "7u", "0xFFu", "9223372036854775808u", "18446744073709551615u"],
        "double": [
            *("0.0", "1.0", "1.5", "-2.5", "0.1", ".25", "1e3", "-0.0", "1e300", "5e-324", "9007199254740993.0"),
            *("9223372036854775807.0", "18446744073709551616.0", "(0.0 / 0.0)", "(1.0 / 0.0)", "(-1.0 / 0.0)"),
        ],
        "string": [
            *("''", "'a'", "'b'", "'k'", "'ab'", "'abc'", '"ABC"', "'a b'", "' a '", "'1'", "'-17'", "'1.5'", "'true'"),
            *("'\\u00e9'", "'\\U0001F600'", "'e\\u0301'", "r'a\\d'", "'\\t\\n'", "'10.1.2.3'", "'x y z'", "'aaa'"),
        ],
        "bytes": ["b''", "b'a'", "b'ab'", "b'\\xff'", "b'\\303\\251'"],
        "timestamp": [
            "timestamp('2023-12-25T12:30:45.5Z')",
            "timestamp('1970-01-01T00:00:00Z')",
            "timestamp('2024-02-29T23:59:59-08:00')",
            "timestamp('0001-01-01T00:00:00Z')",
            "timestamp('9999-12-31T23:59:59Z')",
            "timestamp(86400)",
        ],
        "duration": [
            "duration('0s')",
            "duration('1h')",
            "duration('-90m')",
            "duration('1.5s')",
            "duration('1h1m1s1ms')",
            "duration('-2500ms')",
        ],
        "type": ["int", "string", "list", "map", "bool", "type", "null_type", "google.protobuf.Timestamp"],
        "null": ["null"],
        "pattern": [
            *("'a'", "'^a'", "'b$'", "'^[a-c]+$'", "'.'", "'a|b'", "'(?i)ABC'", "'\\\\d+'", "r'\\s'", "'a{2,3}'", "''"),
            *("'^.$'", "'[^a]'", "'(a)(b)?'", "'('", "'a**'", "'\\\\pL'"),
        ],
        "zone": ["'UTC'", "'Europe/Berlin'", "'-08:00'", "'+05:30'", "'America/New_York'", "'Nowhere/There'"],
        "address": ["'10.1.2.3'", "'::1'", "'192.168.0.1'", "'fe80::1'", "'10.0.0'", ".s"],
        "network": ["'10.0.0.0/8'", "'::/0'", "'192.168.1.5/24'", "'10.0.0.0/33'"],
        "list(int)": ["[]", "[1, 2, 3]", "[0]"],
        "list(string)": ["[]", "['a', 'b']", "['']"],
        "list(dyn)": ["[]", "[1, 'a', null]", "[1u, 1.0, true]"],
        "list(list(int))": ["[[1], [2, 3]]", "[[]]"],
        "map(string, int)": ["{}", "{'a': 1, 'k': 2}"],
        "map(int, string)": ["{1: 'a', 2: 'b'}"],
        "map(bool, int)": ["{true: 1, false: 0}"],
        "map(string, dyn)": ["{}", "{'k': 1, 'a': 'b'}"],
        "map(dyn, dyn)": ["{1: 2, 'a': 'b'}"],
        "optional_type(int)": ["optional.none()", "optional.of(1)"],
        "optional_type(string)": ["optional.none()", "optional.of('a')"],
        "optional_type(map(string, int))": ["optional.of({'a': 1})"],
        "dyn": ["dyn(1)", "dyn('a')", "dyn(null)", "dyn(1.0)", "dyn(1u)", "dyn(true)"],
    }
)
"""The literals of each type, the simplest first."""

VARIABLES: Final = MappingProxyType(
    {
        "p": "bool",
        "q": "bool",
        "i": "int",
        "j": "int",
        "u": "uint",
        "d": "double",
        "s": "string",
        "t": "string",
        "y": "bytes",
        "ts": "timestamp",
        "du": "duration",
        "li": "list(int)",
        "ls": "list(string)",
        "ld": "list(dyn)",
        "ll": "list(list(int))",
        "m": "map(string, int)",
        "mi": "map(int, string)",
        "md": "map(string, dyn)",
        "a": "dyn",
        "b": "dyn",
        "pkg.n": "int",
        "pkg.sub.n": "string",
    }
)
"""The variables of every expression."""

VALUES: Final[dict[str, list[object]]] = {
    "bool": [False, True],
    "int": [0, 1, 2, 3, -1, 5, 10, 64, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)],
    "uint": [Uint(0), Uint(1), Uint(2), Uint(7), Uint(2**63), Uint(2**64 - 1)],
    "double": [0.0, 1.0, 1.5, -2.5, 0.1, 1e300, -0.0, 2.0**53, 2.0**63, float("inf"), float("nan")],
    "string": ["", "a", "k", "ab", "abc", "A b", "1", "-17", "é", "\U0001f600", "10.1.2.3", "true", " x\t"],
    "bytes": [b"", b"a", b"ab", b"\xff"],
    "timestamp": [
        Timestamp(0),
        Timestamp(1703507445_500_000_000),
        Timestamp(-1_000_000_000),
        Timestamp(253402300799 * 10**9),
    ],
    "duration": [Duration(0), Duration(3_600_000_000_000), Duration(-1_500_000_000), Duration(90_061_000_000_000)],
    "list(int)": [[], [1], [1, 2, 3], [0, -1], [5, 5, 5, 5], [2**63 - 1]],
    "list(string)": [[], ["a"], ["a", "b", "k"], ["", "abc", "é"]],
    "list(dyn)": [[], [1, "a"], [1.0, True, None], [[1], {"k": 1}], ["a", 2**53 + 1, 0.5]],
    "list(list(int))": [[], [[1, 2], []], [[0]]],
    "map(string, int)": [{}, {"a": 1}, {"k": 0, "a": -1, "b": 5}],
    "map(int, string)": [{}, {1: "a"}, {0: "", 2: "k", -1: "b"}],
    "map(string, dyn)": [{}, {"k": 1}, {"k": "a", "a": None}, {"k": {"k": 1.5}, "a": [1]}, {"k": True, "b": 0.0}],
    "dyn": [0, 1, "a", None, True, 1.0, 1.5, "", [1, 2], {"k": 1}, -1, False, [], {"k": {"k": 2}}, float("nan")],
}
"""What variables of each type may be bound to; numbers stand there as JSON would bring them."""
