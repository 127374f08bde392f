"""From an ISO/IEC 27001:2022 control to the controls of other frameworks that the same evidence supports.

A link is a pointer for an auditor, not a claim of equivalence: each says how many public sources agree
on it and how far it can be trusted (`data/SOURCES.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from assentry.controls.catalogues import read_data, resolve
from assentry.controls.identifiers import order

TARGETS = ("soc2", "nist", "fedramp", "fedramp-low", "fedramp-moderate", "fedramp-high", "fedramp-20x")
"""The frameworks to which there are links; `fedramp` is the high baseline, which holds the others."""

Confidence = Literal["high", "medium", "derived"]

_SOURCES = {"n": "NIST OLIR 155", "a": "Adobe CCF v5", "c": "Cisco CCF v3", "t": "public tables"}
_CONFIDENCE: Mapping[str, Confidence] = MappingProxyType({"soc2": "medium", "fedramp-20x": "derived"})


@dataclass(frozen=True, slots=True)
class Link:
    """One pair: the target's own number (`CC6.1`, `AC-2(1)`, `KSI-IAM-MFA`), how many sources agree, which, how sure."""

    number: str
    agree_count: int
    sources: tuple[str, ...]
    confidence: Confidence


def crosswalk(identifier: str, framework: str) -> tuple[str, ...]:
    """The numbers in `framework` that a control points to, in that framework's order.

    `identifier` is as in a rule. Empty when nothing is known; a control of the asked framework points to itself.
    Raises ValueError for a framework that is not in `TARGETS`.
    """
    return tuple(link.number for link in links(identifier, framework))


def links(identifier: str, framework: str) -> tuple[Link, ...]:
    """As `crosswalk`, with the standing of each pair."""
    if framework not in TARGETS:
        raise ValueError(f"unknown framework `{framework}`: expected one of {', '.join(TARGETS)}")
    control = resolve(identifier)
    if control is None:
        return ()
    return _links(control.id, control.framework, control.number, framework)


@cache
def _links(identifier: str, own: str, number: str, framework: str) -> tuple[Link, ...]:
    if own == framework:
        return (Link(number, 1, (), "high"),)
    if not framework.startswith("fedramp"):
        return _pairs().get((identifier, framework), ())
    nist = _links(identifier, own, number, "nist")
    if framework == "fedramp-20x":
        return _indicators(nist)
    level = framework.removeprefix("fedramp").removeprefix("-") or "high"
    return tuple(link for link in nist if level in _nist_lists("fedramp").get(link.number, ()))


def _indicators(nist: tuple[Link, ...]) -> tuple[Link, ...]:
    """The 20x indicators that name one of these NIST controls; the strongest pair gives the count."""
    found: dict[str, Link] = {}
    for link in nist:
        for indicator in _nist_lists("ksi").get(link.number, ()):
            if indicator not in found or found[indicator].agree_count < link.agree_count:
                found[indicator] = Link(indicator, link.agree_count, link.sources, "derived")
    return tuple(found[indicator] for indicator in sorted(found))


@cache
def _pairs() -> Mapping[tuple[str, str], tuple[Link, ...]]:
    pairs: dict[tuple[str, str], tuple[Link, ...]] = {}
    for row in read_data("crosswalk"):
        framework, rows = str(row["framework"]), row["links"]
        assert isinstance(rows, list)
        confidence = _CONFIDENCE.get(framework, "high")
        made = [
            Link(number, count, tuple(_SOURCES[letter] for letter in letters), confidence)
            for number, count, letters in rows
        ]
        made.sort(key=lambda link: order(f"{framework}:{link.number}"))
        pairs[str(row["iso27001"]), framework] = tuple(made)
    return MappingProxyType(pairs)


@cache
def _nist_lists(field: str) -> Mapping[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    for row in read_data("nist"):
        values = row.get(field)
        if isinstance(values, list):
            lists[str(row["id"])] = tuple(values)
    return MappingProxyType(lists)
