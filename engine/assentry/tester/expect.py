"""What a case expects of a verdict, and how a verdict is held against it.

`decision`, `rules` and `risk` are exact, as is each part of `approval`; `controls`, `redact`, `errors`
and `shadow` mean at least these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Span
from assentry.yamlfile import YamlList, YamlMap, YamlNode, YamlScalar, plain

DECISIONS = ("allow", "deny", "require_approval")
KEYS = ("decision", "rules", "risk", "approval", "controls", "redact", "errors", "shadow")

Find = Callable[[str, str, Span, str | None], None]


@dataclass(frozen=True, slots=True)
class Expect:
    """What is expected; None is what a case does not speak of. `errors` and `shadow` name rules."""

    decision: str | None = None
    rules: tuple[str, ...] | None = None
    risk: int | None = None
    approval: Mapping[str, object] | None = None
    controls: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    shadow: tuple[str, ...] = ()


def read_expect(node: YamlNode, find: Find) -> Expect | None:
    """An expectation: a decision alone, or a map; None after reporting that it is neither."""
    if isinstance(node, YamlScalar):
        return Expect(decision=decision) if (decision := _decision(node, find)) is not None else None
    if not isinstance(node, YamlMap) or not node.entries:
        find("test-expect", f"expected a decision ({one_of(DECISIONS)}) or a map of expectations", node.span, None)
        return None
    found: dict[str, Any] = {}
    for key, value in node.entries:
        name = str(key.value)
        if name not in KEYS:
            help = did_you_mean(name, KEYS) or f"an expectation has the keys {', '.join(f'`{k}`' for k in KEYS)}"
            find("test-key", f"unknown key `{name}`", key.span, help)
        elif name == "decision":
            found[name] = _decision(value, find)
        elif name == "risk":
            found[name] = _risk(value, find)
        elif name == "approval":
            found[name] = _approval(value, find)
        else:
            found[name] = _names(value, name, find)
    return Expect(**found)


def _decision(node: YamlNode, find: Find) -> str | None:
    value = plain(node)
    if isinstance(value, str) and value in DECISIONS:
        return value
    help = did_you_mean(str(value), DECISIONS) or f"a decision is {one_of(DECISIONS)}"
    find("test-expect", f"`{value}` is not a decision", node.span, help)
    return None


def _risk(node: YamlNode, find: Find) -> int | None:
    value = plain(node)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    find("test-expect", "`risk` must be a whole number from 0", node.span, None)
    return None


def _approval(node: YamlNode, find: Find) -> Mapping[str, object] | None:
    """`{seats: [{count: 2, group: dpo}], within: 30m}`, as a verdict writes it, or a part of that."""
    value = plain(node)
    if isinstance(value, dict) and value and value.keys() <= {"seats", "within"}:
        return value
    find("test-expect", "`approval` must be a map with `seats`, `within` or both", node.span,
         "for example {seats: [{count: 2, group: data-protection}], within: 30m}")  # fmt: skip
    return None


def _names(node: YamlNode, key: str, find: Find) -> tuple[str, ...]:
    if isinstance(node, YamlList) and all(isinstance(item, YamlScalar) for item in node.items):
        values = [plain(item) for item in node.items]
        if all(isinstance(value, str) for value in values):
            return tuple(values)
    find("test-expect", f"`{key}` must be a list of names", node.span, None)
    return ()


# ---- a verdict against an expectation ----


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that a verdict does not meet. `code` is the expectation's key, or `vacuous`."""

    code: str
    message: str


def compare(expect: Expect, verdict: Mapping[str, Any], rules: Sequence[str]) -> Iterator[Failure]:
    """What a verdict (as plain data) fails of an expectation; `rules` are all the ids of the policy."""
    if expect.decision is not None and verdict["decision"] != expect.decision:
        yield Failure("decision", f"expected {expect.decision}, decided {verdict['decision']}{_because(verdict)}")
    fired = [rule["id"] for rule in verdict["rules"]]
    if expect.rules is not None:
        yield from _exactly("rules", expect.rules, fired, rules)
    if expect.risk is not None and verdict["risk"] != expect.risk:
        yield Failure("risk", f"expected a risk of {expect.risk}, found {verdict['risk']}")
    yield from _approval_differs(expect.approval, verdict["approval"])
    yield from _at_least("controls", expect.controls, verdict["controls"])
    yield from _at_least("redact", expect.redact, verdict["redact"])
    yield from _at_least("errors", expect.errors, [entry["id"] for entry in verdict["errors"]])
    yield from _at_least("shadow", expect.shadow, [entry["id"] for entry in verdict["shadow"]])
    if expect.rules is None and not fired and not verdict["errors"] and not expect.shadow:
        yield Failure("vacuous", "no rule speaks here, only the default; say `rules: []` when that is meant")


def _because(verdict: Mapping[str, Any]) -> str:
    fired = [rule["id"] for rule in verdict["rules"]]
    if fired:
        return f" by {_quoted(fired)}"
    if verdict["errors"]:
        return f" because of an error in {_quoted([entry['id'] for entry in verdict['errors']])}"
    return " by default"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _exactly(key: str, expected: Sequence[str], found: Sequence[str], known: Sequence[str]) -> Iterator[Failure]:
    for name in sorted(set(expected) - set(found)):
        unknown = "" if name in known else f"; there is no such rule{_maybe(name, known)}"
        yield Failure(key, f"expected `{name}` to fire, it did not{unknown}")
    for name in sorted(set(found) - set(expected)):
        yield Failure(key, f"`{name}` fired, which is not expected")


def _maybe(name: str, known: Sequence[str]) -> str:
    hint = did_you_mean(name, known)
    return f": {hint}" if hint is not None else ""


def _at_least(key: str, expected: Sequence[str], found: Sequence[str]) -> Iterator[Failure]:
    for name in expected:
        if name not in found:
            yield Failure(key, f"expected `{name}` among the {_WORDS[key]}, found {_quoted(found) or 'none'}")


_WORDS = {"controls": "controls", "redact": "redactions", "errors": "rules in error", "shadow": "shadow rules"}


def _approval_differs(expected: Mapping[str, object] | None, found: Mapping[str, object] | None) -> Iterator[Failure]:
    for key, value in (expected or {}).items():
        there = (found or {}).get(key)
        if key == "seats" and isinstance(value, list) and isinstance(there, list):
            same = sorted(map(_sortable, value)) == sorted(map(_sortable, there))
        else:
            same = value == there
        if not same:
            yield Failure("approval", f"expected `{key}` to be {_text(value)}, found {_text(there)}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sortable(seat: object) -> str:
    return repr(sorted(seat.items())) if isinstance(seat, dict) else repr(seat)
