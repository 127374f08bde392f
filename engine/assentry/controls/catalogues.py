"""The control catalogues as data: what a rule may cite, by identifier.

Sources are named in `data/SOURCES.md`. Everything loads on first use; a decision needs none of it.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from assentry.controls.identifiers import SOC2_SERIES, Identifier, split

_DATA = Path(__file__).parent / "data"

_SOC2_THEMES = {
    "CC1": "control environment",
    "CC2": "communication and information",
    "CC3": "risk assessment",
    "CC4": "monitoring activities",
    "CC5": "control activities",
    "CC6": "logical and physical access",
    "CC7": "system operations",
    "CC8": "change management",
    "CC9": "risk mitigation",
    "A1": "availability",
    "C1": "confidentiality",
    "PI1": "processing integrity",
}

_NIST_FAMILIES = {
    "AC": "access control",
    "AT": "awareness and training",
    "AU": "audit and accountability",
    "CA": "assessment, authorization and monitoring",
    "CM": "configuration management",
    "CP": "contingency planning",
    "IA": "identification and authentication",
    "IR": "incident response",
    "MA": "maintenance",
    "MP": "media protection",
    "PE": "physical and environmental protection",
    "PL": "planning",
    "PM": "program management",
    "PS": "personnel security",
    "PT": "personally identifiable information processing and transparency",
    "RA": "risk assessment",
    "SA": "system and services acquisition",
    "SC": "system and communications protection",
    "SI": "system and information integrity",
    "SR": "supply chain risk management",
}


@dataclass(frozen=True, slots=True)
class Control:
    """One control of one framework.

    `id` is what rules and verdicts write (`A.8.12`, `soc2:CC6.1`), `number` the framework's own name
    for it. `title` is empty where no free source gives one; `types` (preventive, detective,
    corrective) is known for ISO/IEC 27001 only.
    """

    id: str
    framework: str
    number: str
    title: str
    theme: str
    types: tuple[str, ...] = ()


def catalogue() -> tuple[Control, ...]:
    """Every known control, framework by framework in catalogue order."""
    return tuple(_by_id().values())


def resolve(text: str) -> Control | None:
    """The control that an identifier names: `A.8.12`, `iso42001:A.8.2`, `soc2:CC6.1`, `nist:AC-2(1)`.

    `iso27001:` may be written out. None when there is no such control.
    """
    return _by_id().get(split(text).printed)


def suggest(text: str) -> str | None:
    """The identifier that a mistyped one most likely was meant to be, or None.

    Knows the usual slips: case, a missing prefix, missing or extra dots and zeros.
    """
    known = _by_id()
    for candidate in (_by_slug().get(_slug(text)), _by_slug().get(_slug(split(text).number))):
        if candidate is not None:
            return candidate
    framework = split(text).framework
    group, _, number = text.rpartition(".")
    if number.isdecimal() and (members := _numbers(group)):
        return f"{group}.{min(members, key=lambda member: abs(member - int(number[:9])))}"
    candidates = [control.id for control in known.values() if control.framework == framework] or list(known)
    near = difflib.get_close_matches(text, candidates, n=1, cutoff=0.7)
    return near[0] if near else None


def _numbers(group: str) -> list[int]:
    """The last numbers of a group's controls: 1 to 34 for `A.8`."""
    last = (identifier.removeprefix(f"{group}.") for identifier in _by_id() if identifier.startswith(f"{group}."))
    return [int(number) for number in last if number.isdecimal()]


@cache
def _by_id() -> Mapping[str, Control]:
    return MappingProxyType({control.id: control for control in _read_all()})


@cache
def _by_slug() -> Mapping[str, str]:
    """Identifiers by their bare letters and numbers, with and without prefix; the first framework wins."""
    slugs: dict[str, str] = {}
    for identifier, control in _by_id().items():
        slugs.setdefault(_slug(f"{control.framework}:{control.number}"), identifier)
        slugs.setdefault(_slug(control.number), identifier)
        if control.framework == "iso27001":
            slugs.setdefault(_slug(control.number.removeprefix("A.")), identifier)
    return MappingProxyType(slugs)


def _slug(text: str) -> str:
    words = re.findall(r"[a-z]+|\d+", text.lower())
    return ".".join(word.lstrip("0") or "0" if word.isdigit() else word for word in words)


def _read_all() -> Iterator[Control]:
    for framework in ("iso27001", "iso42001"):
        for row in read_data(framework):
            types = row.get("types", ())
            yield _control(framework, str(row["id"]), str(row["title"]), str(row["theme"]), _texts(types))
    for number in _soc2_numbers():
        theme = _SOC2_THEMES.get(number.partition(".")[0], "privacy")
        yield _control("soc2", number, "", theme)
    for row in read_data("nist"):
        number = str(row["id"])
        yield _control("nist", number, str(row["title"]), _NIST_FAMILIES[number.partition("-")[0]])


def _control(framework: str, number: str, title: str, theme: str, types: tuple[str, ...] = ()) -> Control:
    return Control(Identifier(framework, number).printed, framework, number, title, theme, types)


def _soc2_numbers() -> Iterator[str]:
    for series, groups in SOC2_SERIES.items():
        for group, count in enumerate(groups, start=1):
            yield from (f"{series}{group}.{criterion}" for criterion in range(1, count + 1))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


@cache
def read_data(name: str) -> tuple[Mapping[str, object], ...]:
    """The rows of one data file of this room, by its name without ending."""
    rows: list[dict[str, object]] = json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(MappingProxyType(row) for row in rows)
