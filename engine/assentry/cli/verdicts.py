"""Verdicts as people read them: a block for one action, a line each for many, a summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from assentry.cli.page import Page, Parts, Style, Styled, count
from assentry.diagnostics import visible

_LONGEST = 48

DECISIONS = ("deny", "require_approval", "allow")
STYLES: Mapping[str, Style] = {
    "deny": "deny",
    "require_approval": "require_approval",
    "allow": "allow",
    "risk": "warning",
}


def decision(name: str) -> Styled:
    """The word for a decision or an effect, in its colour."""
    return Styled(name.replace("_", " "), STYLES[name])


def block(page: Page, place: str, action: object, verdict: Mapping[str, Any]) -> None:
    """One verdict in full."""
    what = headline(action, verdict["redact"])
    page.line(decision(verdict["decision"]), "  ", Styled(what, "strong"), "  ", Styled(place, "dim"))
    rows: list[tuple[str, Parts]] = []
    for rule in verdict["rules"]:
        rows += _rule(rule, label="and" if rows else "because")
    if not rows:
        rows.append(("because", _silent(verdict)))
    rows += _approval(verdict["approval"])
    rows += _listed("redact", verdict["redact"])
    width = max(map(len, verdict["controls"]), default=0)
    rows += _listed("controls", [f"{control.ljust(width)}  {_title(control)}" for control in verdict["controls"]])
    if verdict["risk"]:
        rows.append(("risk", str(verdict["risk"])))
    for number, error in enumerate(verdict["errors"]):
        rows += _error(error, first=number == 0)
    rows += _listed("shadow", [_shadow(rule) for rule in verdict["shadow"]])
    page.fields(rows)


def _silent(verdict: Mapping[str, Any]) -> str:
    """Why something was decided though no rule fired with that effect."""
    blocking = [error["id"] for error in verdict["errors"] if error["effect"] in {"deny", "require_approval"}]
    if blocking == ["(action)"]:
        return "the action is not a map"
    if blocking and verdict["decision"] == "deny":
        return f"{', '.join(blocking)} in error"
    return "by default: no rule says otherwise"


def _rule(rule: Mapping[str, Any], *, label: str) -> list[tuple[str, Parts]]:
    rows: list[tuple[str, Parts]] = []
    for text in dict.fromkeys((rule["title"], rule["reason"])):
        if text:
            rows.append((label, text if rows else Styled(text, "strong")))
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


def _title(control: str) -> str:
    from assentry.controls.catalogues import resolve

    known = resolve(control)
    return known.title if known is not None else ""


def _error(error: Mapping[str, Any], *, first: bool) -> list[tuple[str, Parts]]:
    head: Parts = (
        Styled(error["id"], "accent"),
        f"  {decision(error['effect']).text}  ",
        Styled(error["at"], "dim"),
    )
    rows: list[tuple[str, Parts]] = [("errors" if first else "", head)]
    rows += [("", f"  {cause(each)}") for each in error["causes"]]
    return rows


def cause(found: Mapping[str, Any]) -> str:
    """`action.rows: expected int, found string`."""
    where = found.get("path") or found.get("expression") or "the action"
    return f"{where}: expected {found['expected']}, found {found['found']}"


def _shadow(rule: Mapping[str, Any]) -> str:
    what = "would be in error" if rule["outcome"] == "error" else "would fire"
    return f"{rule['id']} {what}: {decision(rule['effect']).text}"


def _listed(label: str, items: Sequence[str]) -> list[tuple[str, Parts]]:
    return [(label if number == 0 else "", item) for number, item in enumerate(items)]


# ---- many ----


def line(page: Page, place: str, action: object, verdict: Mapping[str, Any]) -> None:
    """One verdict on one line; columns widen when they must, since nothing is known of the lines to come."""
    said = decision(verdict["decision"])
    rules = [rule["id"] for rule in verdict["rules"]]
    name, who_to_what = _told(action, verdict["redact"])
    page.line(
        Styled(f"{said.text:<16}", said.style),
        f"  {name:<36}  ",
        Styled((", ".join(rules) or _silent(verdict)).ljust(32), "accent" if rules else "dim"),
        f"  {who_to_what}  ",
        Styled(place, "dim"),
    )


def headline(action: object, redact: Sequence[str] = ()) -> str:
    """`data.export: agent etl-7 -> table crm.people`: what an action is about, as far as it says."""
    return ": ".join(_told(action, redact))


def _told(action: object, redact: Sequence[str]) -> tuple[str, str]:
    def read(*path: str) -> str:
        value: object = action
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, str):
            return ""
        if any(f"{'.'.join(path)}.".startswith(f"{hidden}.") for hidden in redact):
            return "[redacted]"
        return _shortened(visible(value))

    subject = " ".join(filter(None, (read("subject", "type"), read("subject", "id"))))
    resource = " ".join(filter(None, (read("resource", "type"), read("resource", "id"))))
    return read("action", "name") or "(no action name)", f"{subject or '(no subject)'} -> {resource or '(no resource)'}"


def _shortened(text: str) -> str:
    """Beginning and end of a long text: identifiers differ at their ends."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 3]}...{text[-(_LONGEST * 2 // 3 - 3) :]}"


@dataclass(slots=True)
class Summary:
    """Counts over many verdicts; its size depends on the rules alone, not on how many actions there are."""

    decisions: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    controls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    shadow: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unreadable: int = 0

    def add(self, verdict: Mapping[str, Any]) -> None:
        self.decisions[verdict["decision"]] += 1
        self.rules.update((rule["id"], rule["effect"], rule["title"]) for rule in verdict["rules"])
        self.controls.update(verdict["controls"])
        self.errors.update(error["id"] for error in verdict["errors"])
        self.shadow.update((rule["id"], rule["effect"], rule["title"]) for rule in verdict["shadow"])

    def show(self, page: Page) -> None:
        """By decision, by rule, by control, most frequent first."""
        page.line()
        page.line(Styled(count(self.decisions.total(), "action"), "strong"))
        _rows(page, [(self.decisions[name], (decision(name),)) for name in DECISIONS])
        if self.unreadable:
            page.line("  ", Styled(f"{count(self.unreadable, 'record')} could not be read", "warning"))
        self._section(page, "By rule", [(n, _named(*rule)) for rule, n in _top(self.rules)])
        self._section(page, "By control", [(n, (control, _title(control))) for control, n in _top(self.controls)])
        self._section(page, "Rules in error", [(n, (rule,)) for rule, n in _top(self.errors)])
        self._section(page, "What rules in shadow mode would do", [(n, _named(*rule)) for rule, n in _top(self.shadow)])

    @staticmethod
    def _section(page: Page, title: str, rows: Sequence[tuple[int, Sequence[Parts]]]) -> None:
        if rows:
            page.line()
            page.line(Styled(title, "strong"))
            _rows(page, rows)


def _named(rule: str, effect: str, title: str) -> Sequence[Parts]:
    return (decision(effect), Styled(rule, "accent"), title)


def _rows(page: Page, rows: Sequence[tuple[int, Sequence[Parts]]]) -> None:
    width = max(len(f"{number:,}") for number, _ in rows)
    page.table([(f"{number:,}".rjust(width), *cells) for number, cells in rows], indent=2)


Counted = TypeVar("Counted")


def _top(counter: Counter[Counted]) -> list[tuple[Counted, int]]:
    return sorted(counter.items(), key=lambda entry: (-entry[1], str(entry[0])))
