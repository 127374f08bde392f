"""A place in the input document and the checked read of it (language page, "How it decides", 6)."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assentry.values.equality import equal
from assentry.values.limits import MAX_DEPTH, MAX_LIST
from assentry.values.runtime import Timestamp
from tests.oracle.outcome import Failed, misread
from tests.oracle.schema import ANY, Spec

MISSING: Any = object()
JSON_TYPES = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    list: "list",
    dict: "map",
    type(None): "null",
}
INT64 = range(-(2**63), 2**63)
RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)


def date_time(text: str) -> Timestamp | None:
    """The moment that an RFC 3339 date-time names; None when the text is none, or no CEL timestamp can hold it."""
    match = RFC_3339.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, offset, _ = match.groups()
    try:
        local = datetime.fromisoformat(f"{day} {clock}")
        if offset not in ("Z", "z"):
            hours, minutes = int(offset[1:3]), int(offset[4:])
            local -= timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    except (ValueError, OverflowError):
        return None
    nanoseconds = int((fraction or ".0")[1:10].ljust(9, "0"))
    return Timestamp((local - datetime(1970, 1, 1)) // timedelta(seconds=1) * 10**9 + nanoseconds)


def json_type(value: object) -> str:
    """The type as JSON names it; anything that `json.loads` never gives is `unsupported`."""
    return "missing" if value is MISSING else JSON_TYPES.get(type(value), "unsupported")


@dataclass(frozen=True)
class Place:
    """What stands at `path` (or `MISSING`), and what the schema says of it."""

    path: str
    spec: Spec
    there: Any

    def misfit(self, found: str | None = None) -> Failed:
        return misread(self.path, self.spec.describe(), found or json_type(self.there))

    # ---- going down ----

    def container(self) -> list[Any] | dict[Any, Any]:
        """The list or map here, as such and no deeper."""
        if type(self.there) not in (list, dict):
            raise self.misfit()
        found: list[Any] | dict[Any, Any] = self.shallow()
        return found

    def mapping(self) -> dict[Any, Any]:
        """The map here, as a map and no deeper."""
        found = self.container()
        if isinstance(found, list):
            raise self.misfit()
        return found

    def sequence(self) -> list[Place]:
        """The places of the elements of the list here."""
        inner = self.spec.item or ANY
        return [Place(f"{self.path}[{at}]", inner, element) for at, element in enumerate(self.there)]

    def field(self, name: str) -> Place:
        """The place of a field: of a declared property, or of a map's entry."""
        there = self.mapping().get(name, MISSING) if self.counts(name) else MISSING
        declared = self.spec.properties.get(name)
        if declared is not None:
            return Place(f"{self.path}.{name}" if self.path else name, declared, there)
        return Place(f"{self.path}[{json.dumps(name, ensure_ascii=False)}]", self.spec.item or ANY, there)

    def counts(self, name: object) -> bool:
        """Whether a key of this map is anyone's business: undeclared keys of a closed object are not there."""
        return type(name) is str and (name in self.spec.properties or self.spec.item is not None)

    def demands(self, name: str) -> bool:
        return name in self.spec.required

    # ---- reading ----

    def shallow(self) -> Any:
        """The value, checked as deep as this node alone: a list is a list, whatever is in it."""
        spec, value = self.spec, self.there
        if value is MISSING:
            raise self.misfit()
        if value is None and (spec.nullable or spec.kind in ("null", "any")):
            return None
        if type(value) in (list, dict):
            if spec.kind not in (
                "any",
                {list: "list"}.get(type(value), "map"),
                "object" if type(value) is dict else "",
            ):
                raise self.misfit()
            return value
        return self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        kind = json_type(value) if self.spec.kind == "any" else self.spec.kind
        if type(value) is float and kind in ("int", "double") and not math.isfinite(value):
            raise self.misfit("not finite")
        if kind == "int" and type(value) is float and value.is_integer():
            value = int(value)
        if kind == "double" and type(value) is int:
            value = self._floated(value)
        if json_type(value) != ("string" if kind == "timestamp" else kind) or kind == "unsupported":
            raise self.misfit()
        if kind == "int" and value not in INT64:
            raise self.misfit("out of range")
        if kind == "timestamp":
            value = self._moment(value)
        allowed = self.spec.allowed
        if allowed is not None and not any(equal(value, choice) for choice in allowed):
            raise self.misfit("another value")
        if kind in ("int", "double") and not self.spec.within_bounds(value):
            raise self.misfit("out of range")
        return value

    def _floated(self, value: int) -> float:
        try:
            return float(value)
        except OverflowError:
            raise self.misfit("out of range") from None

    def _moment(self, text: str) -> object:
        moment = date_time(text)
        if moment is None:
            raise self.misfit("not a date-time")
        return moment

    def deep(self, level: int = 1) -> Any:
        """The whole value with all that is in it; the first misfit is the error."""
        value = self.shallow()
        if type(value) in (list, dict) and level > MAX_DEPTH:
            raise self.misfit("too deep")
        if type(value) in (list, dict) and len(value) > MAX_LIST:
            raise self.misfit("too long")
        if type(value) is list:
            return [place.deep(level + 1) for place in self.sequence()]
        if type(value) is dict:
            return {name: self.field(name).deep(level + 1) for name in self._read_names(value)}
        return value

    def _read_names(self, value: dict[str, Any]) -> list[str]:
        """Declared properties that are there or have to be, then the other keys if they are anyone's business."""
        if any(type(key) is not str for key in value):
            raise self.misfit("unsupported")
        declared = [name for name in self.spec.properties if name in value or self.demands(name)]
        others = sorted(set(value) - set(self.spec.properties)) if self.spec.item is not None else []
        return declared + others
