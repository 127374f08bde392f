"""Verdicts as people read them: a block for one action, a line each for many, a summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from assentry.cli.page import Page, Part, Parts, Style, Styled, count

_LONGEST = 48

WORDS: Mapping[str, str] = {"allow": "allow", "deny": "deny", "require_approval": "require approval"}
STYLES: Mapping[str, Style] = {"allow": "allow", "deny": "deny", "require_approval": "require_approval"}


def decision(name: str) -> Styled:
    """The word for a decision, in its colour."""
    return Styled(WORDS[name], STYLES[name])


def block(page: Page, place: str, action: object, verdict: Mapping[str, Any]) -> None:
    """One verdict in full."""
    what = headline(action, verdict["redact"])
    page.line(decision(verdict["decision"]), "  ", Styled(what, "strong"), "  ", Styled(place, "dim"))
    rows: list[tuple[str, Parts]] = []
    for rule in verdict["rules"]:
        rows += _rule(rule, first=not rows)
    if not rows:
        why = "a rule is in error" if verdict["errors"] else "no rule says otherwise: this is the default"
        rows.append(("because", why))
    rows += _approval(verdict["approval"])
    rows += _listed("redact", verdict["redact"])
    rows += _listed("controls", [_titled(control) for control in verdict["controls"]])
    if verdict["risk"]:
        rows.append(("risk", str(verdict["risk"])))
    for number, error in enumerate(verdict["errors"]):
        rows += _error(error, first=number == 0)
    rows += _listed("shadow", [_shadow(rule) for rule in verdict["shadow"]])
    page.fields(rows)


def _rule(rule: Mapping[str, Any], *, first: bool) -> list[tuple[str, Parts]]:
    label = "because" if first else ""
    rows: list[tuple[str, Parts]] = []
    for text in dict.fromkeys((rule["title"], rule["reason"])):
        if text:
            rows.append((label, text))
            label = ""
    rows.append((label, (Styled(rule["id"], "accent"), Styled(f"  {rule['at']}", "dim"))))
    return rows


def _approval(approval: Mapping[str, Any] | None) -> list[tuple[str, Parts]]:
    if approval is None:
        return []
    seats = [f"{seat['count']} of {_selector(seat)}" for seat in approval["seats"]]
    return [*_listed("approvers", seats), ("within", approval["within"])]


def _selector(seat: Mapping[str, Any]) -> str:
    return f"group {seat['group']}" if "group" in seat else f"role {seat['role']}"


def _titled(control: str) -> str:
    from assentry.controls.catalogues import resolve

    known = resolve(control)
    return f"{control}  {known.title}" if known is not None and known.title else control


def _error(error: Mapping[str, Any], *, first: bool) -> list[tuple[str, Parts]]:
    head: Parts = (
        Styled(error["id"], "accent"),
        f"  {WORDS.get(error['effect'], error['effect'])}  ",
        Styled(error["at"], "dim"),
    )
    rows: list[tuple[str, Parts]] = [("errors" if first else "", head)]
    for cause in error["causes"]:
        where = cause.get("path") or cause.get("expression") or "the action"
        rows.append(("", f"  {where}: expected {cause['expected']}, found {cause['found']}"))
    return rows


def _shadow(rule: Mapping[str, Any]) -> str:
    what = "would be in error" if rule["outcome"] == "error" else "would fire"
    return f"{rule['id']} {what}: {WORDS.get(rule['effect'], rule['effect'])}"


def _listed(label: str, items: Sequence[str]) -> list[tuple[str, Parts]]:
    return [(label if number == 0 else "", item) for number, item in enumerate(items)]


# ---- many ----


def line(page: Page, place: str, action: object, verdict: Mapping[str, Any]) -> None:
    """One verdict on one line."""
    rules = [rule["id"] for rule in verdict["rules"]] or [f"{error['id']} (error)" for error in verdict["errors"]]
    name = WORDS[verdict["decision"]]
    parts: list[Part] = [Styled(name.ljust(16), STYLES[verdict["decision"]]), "  "]
    parts += [headline(action, verdict["redact"]).ljust(_LONGEST), "  "]
    parts += [Styled(", ".join(rules) or "by default", "accent" if rules else "dim"), "  ", Styled(place, "dim")]
    page.line(*parts)


def headline(action: object, redact: Sequence[str] = ()) -> str:
    """`data.export: agent etl-7 -> table crm.people`: what an action is about, as far as it says."""

    def read(*path: str) -> str:
        value: object = action
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, str):
            return ""
        if any(f"{'.'.join(path)}.".startswith(f"{hidden}.") for hidden in redact):
            return "[redacted]"
        return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."

    subject = " ".join(filter(None, (read("subject", "type"), read("subject", "id"))))
    resource = " ".join(filter(None, (read("resource", "type"), read("resource", "id"))))
    name = read("action", "name") or "(no action name)"
    return f"{name}: {subject or '(no subject)'} -> {resource or '(no resource)'}"


@dataclass(slots=True)
class Summary:
    """Counts over many verdicts; its size depends on the rules alone, not on how many actions there are."""

    decisions: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    controls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def add(self, verdict: Mapping[str, Any]) -> None:
        self.decisions[verdict["decision"]] += 1
        self.rules.update((rule["id"], rule["effect"]) for rule in verdict["rules"])
        self.controls.update(verdict["controls"])
        self.errors.update(error["id"] for error in verdict["errors"])

    def show(self, page: Page) -> None:
        """By decision, by rule, by control, most frequent first."""
        page.line()
        total = self.decisions.total()
        page.line(Styled(count(total, "action"), "strong"))
        page.table([(_number(self.decisions[name]), decision(name)) for name in WORDS], indent=2)
        if self.unreadable:
            page.line("  ", Styled(f"{count(self.unreadable, 'record')} could not be read", "warning"))
        self._rows(
            page, "by rule", [(n, (Styled(rule, "accent"), f"  {WORDS[e]}")) for (rule, e), n in _top(self.rules)]
        )
        self._rows(page, "by control", [(n, _titled(control)) for control, n in _top(self.controls)])
        self._rows(page, "rules in error", [(n, rule) for rule, n in _top(self.errors)])

    @staticmethod
    def _rows(page: Page, title: str, rows: Sequence[tuple[int, Parts]]) -> None:
        if rows:
            page.line(Styled(title, "strong"))
            page.table([(_number(number), content) for number, content in rows], indent=2)


Counted = TypeVar("Counted")


def _top(counter: Counter[Counted]) -> list[tuple[Counted, int]]:
    return sorted(counter.items(), key=lambda entry: (-entry[1], str(entry[0])))


def _number(number: int) -> str:
    return f"{number:>7,}"
