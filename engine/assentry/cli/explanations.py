"""Explanations as people read them: the verdict, then the rules that it came from, then the nearest change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assentry.cli import verdicts
from assentry.cli.page import Page, Style, Styled, count

_HEADS = {"fired": "Rules that fired", "error": "Rules in error", "not fired": "Rules that did not fire"}
_EFFECTS = (*verdicts.DECISIONS, "risk")
_OUTCOMES: Mapping[str, tuple[str, Style]] = {
    "held": ("true", "allow"),
    "failed": ("false", "deny"),
    "erred": ("error", "warning"),
}


def block(page: Page, place: str, action: object, explanation: Mapping[str, Any]) -> None:
    """One explanation in full."""
    verdicts.block(page, place, action, explanation["verdict"])
    for state, head in _HEADS.items():
        rules = [rule for rule in explanation["rules"] if rule["state"] == state]
        rules.sort(key=lambda rule: _EFFECTS.index(rule["effect"]))
        if rules:
            page.line()
            page.line(Styled(head, "strong"))
        for rule in rules:
            _rule(page, rule)
    page.line()
    _nearest(page, explanation["nearest"])
    if explanation["excluded"]:
        others = count(explanation["excluded"], "other rule")
        whom = "it" if explanation["excluded"] == 1 else "them"
        page.line(Styled(f"{others} cannot speak here: the action's name excludes {whom}", "dim"))


def _rule(page: Page, rule: Mapping[str, Any]) -> None:
    shadow = " (shadow)" if rule["shadow"] else ""
    page.line(
        "  ",
        verdicts.decision(rule["effect"]),
        "  ",
        Styled(rule["id"], "accent"),
        shadow,
        "  ",
        Styled(rule["at"], "dim"),
    )
    silent = rule["state"] == "not fired"
    # Of a rule that did not fire, what is true is beside the point, and what is in error hardly to it.
    for condition in rule["conditions"]:
        if not silent or condition["outcome"] != "held":
            _condition(page, condition, values=not silent or condition["outcome"] == "failed")
    rest = sum(silent and condition["outcome"] == "held" for condition in rule["conditions"])
    if rest:
        page.line("      ", Styled(f"{count(rest, 'other condition')} true", "dim"))


def _condition(page: Page, condition: Mapping[str, Any], *, values: bool) -> None:
    word, style = _OUTCOMES[condition["outcome"]]
    page.line("      ", Styled(f"{word:<5}", style), f"  {condition['text']}  ", Styled(condition["at"], "dim"))
    told = [value for value in condition["values"] if value["value"] != "(error)"] if values else []
    page.table([(value["text"], Styled(value["value"], "dim")) for value in told], indent=15)
    for cause in condition["causes"]:
        page.line(" " * 15, Styled(verdicts.cause(cause), "dim"))


def _nearest(page: Page, change: Mapping[str, Any] | None) -> None:
    if change is None:
        page.line(Styled("Nearest change", "strong"), ": none, no condition alters the decision")
        return
    page.line(Styled("Nearest change", "strong"), ": ", verdicts.decision(change["decision"]), ", if")
    rows = [
        (
            flip["text"],
            "were true" if flip["to"] == "held" else "were false",
            Styled(flip["rule"], "accent"),
            Styled(flip["at"], "dim"),
        )
        for flip in change["flips"]
    ]
    page.table(rows, indent=2)
