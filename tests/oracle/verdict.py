"""From the rules' outcomes to the verdict (language page, "How it decides", 2 to 8)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assentry.controls import order
from assentry.diagnostics import visible
from assentry.language import nodes
from assentry.source import Source
from tests.oracle.outcome import Cause, Failed
from tests.oracle.place import Place
from tests.oracle.schema import Spec

if TYPE_CHECKING:
    from tests.oracle.interpret import RuleSet


@dataclass
class Outcome:
    """What one rule came to: it fired, it is in error (`causes`), or neither."""

    package: str
    source: Source
    rule: nodes.Rule
    options: Mapping[str, nodes.Value]
    fired: bool = False
    causes: frozenset[Cause] = field(default_factory=frozenset)
    reads_risk: bool = False

    @property
    def id(self) -> str:
        return f"{self.package}.{self.rule.name.text}"

    @property
    def counts(self) -> bool:
        return self.fired or bool(self.causes)

    @property
    def shadow(self) -> bool:
        mode = self.options.get("mode")
        return isinstance(mode, nodes.Word) and mode.word == "shadow"

    @property
    def at(self) -> str:
        return f"{self.source.name}:{self.source.position(self.rule.span.start).line}"

    def text(self, key: str) -> str:
        value = self.options.get(key)
        return value.text if isinstance(value, nodes.Text) else ""

    @property
    def controls(self) -> list[str]:
        value = self.options.get("controls")
        items = value.items if isinstance(value, nodes.Items) else ()
        return in_order(item.text for item in items if isinstance(item, nodes.Control))

    @property
    def redact(self) -> list[str]:
        value = self.options.get("redact")
        items = value.items if isinstance(value, nodes.Items) else ()
        return [".".join(item.names) for item in items if isinstance(item, nodes.Path)]


def in_order(controls: Iterable[str]) -> list[str]:
    """Each once, in the order of the catalogue."""
    return sorted(set(controls), key=order)


def not_a_map(found: str) -> dict[str, Any]:
    cause = {"path": "", "expected": "map", "found": found}
    error = {"id": "(action)", "effect": "deny", "at": "", "controls": [], "causes": [cause]}
    return _verdict("deny", [], [], None, [], 0, [], [error])


def merge(rules: RuleSet, outcomes: Sequence[Outcome], risk: int, action: dict[str, Any]) -> dict[str, Any]:
    live = [found for found in outcomes if not found.shadow]
    fired = {effect: [found for found in live if found.fired and found.rule.effect == effect] for effect in EFFECTS}
    broken = [found for found in live if found.causes]
    blocking = [found for found in broken if found.rule.effect in ("deny", "require_approval")]
    opening = fired["allow"] + [found for found in fired["require_approval"] if not found.reads_risk]
    decision = decide(rules.default, fired, blocking, opening)
    deciding = fired[decision]
    cited = deciding + (blocking if decision == "deny" else [])
    redact = sorted({path for found in live if found.counts for path in found.redact})
    return _verdict(
        decision,
        [_fired(found, rules.schema, action, redact) for found in deciding],
        in_order(control for found in cited for control in found.controls),
        approval(deciding) if decision == "require_approval" else None,
        redact,
        risk,
        [_shadow(found) for found in outcomes if found.shadow and found.counts],
        [_error(found) for found in broken],
    )


EFFECTS = ("allow", "deny", "require_approval", "risk")


def decide(
    default: str, fired: Mapping[str, Sequence[Outcome]], blocking: Sequence[Outcome], opening: Sequence[Outcome]
) -> str:
    """Points 3 to 5."""
    if fired["deny"] or blocking:
        return "deny"
    if default != "allow" and not opening:
        return "deny"
    return "require_approval" if fired["require_approval"] else "allow"


def approval(deciding: Sequence[Outcome]) -> dict[str, Any]:
    """Equal selectors take the larger count, different ones add; the shortest `within`, one hour when absent."""
    counts: dict[tuple[str, str], int] = {}
    within = []
    for found in deciding:
        seats = found.options.get("approvers")
        for seat in seats.seats if isinstance(seats, nodes.Seats) else ():
            key = (seat.selector, seat.name)
            counts[key] = max(counts.get(key, 0), seat.count)
        limit = found.options.get("within")
        within.append(limit.seconds if isinstance(limit, nodes.Duration) else 3600)
    merged = [{"count": count, selector: name} for (selector, name), count in sorted(counts.items())]
    return {"seats": merged, "within": duration(min(within))}


def duration(seconds: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _fired(found: Outcome, schema: Spec, action: dict[str, Any], redact: Sequence[str]) -> dict[str, Any]:
    return {
        "id": found.id,
        "effect": found.rule.effect,
        "title": found.text("title"),
        "reason": reason(found.text("reason"), schema, action, redact),
        "controls": found.controls,
        "at": found.at,
    }


def _shadow(found: Outcome) -> dict[str, Any]:
    return {
        "id": found.id,
        "effect": found.rule.effect,
        "title": found.text("title"),
        "controls": found.controls,
        "at": found.at,
        "outcome": "fired" if found.fired else "error",
    }


def _error(found: Outcome) -> dict[str, Any]:
    causes = [cause.to_dict() for cause in sorted(found.causes)]
    return {"id": found.id, "effect": found.rule.effect, "at": found.at, "controls": found.controls, "causes": causes}


def _verdict(
    decision: str,
    rules: list[dict[str, Any]],
    controls: list[str],
    approval: dict[str, Any] | None,
    redact: list[str],
    risk: int,
    shadow: list[dict[str, Any]],
    errors: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "decision": decision,
        "rules": rules,
        "controls": controls,
        "approval": approval,
        "redact": redact,
        "risk": risk,
        "shadow": shadow,
        "errors": errors,
    }


# ---- reasons ----


def reason(template: str, schema: Spec, action: dict[str, Any], redact: Sequence[str]) -> str:
    """The template with each `{path}` replaced; `{{` and `}}` are braces."""
    out, rest = "", template
    while rest:
        if rest[:2] in ("{{", "}}"):
            out, rest = out + rest[0], rest[2:]
        elif rest[0] == "{":
            path, _, rest = rest[1:].partition("}")
            out += printed([name.strip() for name in path.split(".")], schema, action, redact)
        else:
            out, rest = out + rest[0], rest[1:]
    return out


def printed(names: Sequence[str], schema: Spec, action: dict[str, Any], redact: Sequence[str]) -> str:
    """A value on one short line; what is or lies under a redacted path is not shown, also inside a list or map."""
    hidden = [path.split(".") for path in redact]
    if redacted(names, hidden):
        return "[redacted]"
    try:
        place = Place("", schema, action)
        for name in names:
            place = place.field(name)
        place.deep()
    except Failed:
        return "(none)"
    there = as_json(place, names, hidden)
    if isinstance(there, float) and there == int(there) and abs(there) < 1e15:
        there = int(there)
    text = there if isinstance(there, str) else json.dumps(there, ensure_ascii=False, separators=(",", ":"))
    return capped(visible(text))


def redacted(names: Sequence[str], hidden: Sequence[list[str]]) -> bool:
    return any(list(names[: len(path)]) == path for path in hidden)


def as_json(place: Place, names: Sequence[str], hidden: Sequence[list[str]]) -> Any:
    """What stands there, as it was given, without what the schema says nothing of."""
    if redacted(names, hidden):
        return "[redacted]"
    if type(place.there) is list:
        return [as_json(each, [*names, str(at)], hidden) for at, each in enumerate(place.sequence())]
    if type(place.there) is dict:
        keys = sorted(key for key in place.there if place.counts(key))
        return {key: as_json(place.field(key), [*names, key], hidden) for key in keys}
    return place.there


def capped(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
