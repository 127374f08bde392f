"""A rule set compiled and saved once, with its actions and answers, for the processes that measure it.

A benchmark's first process calls `prepare`; each process that it starts then calls `Prepared.load`, which costs what
loading a saved policy costs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workloads.actions import answered
from workloads.assent import assent
from workloads.reference import Action, Answer
from workloads.rulesets import Kind, rule_set

from assentry.compiler import load_sources
from assentry.evaluator.policy import Policy, load_saved

SEEN, NEW = 11, 99
"""Seeds of the actions that a benchmark repeats, and of those that no call has seen."""


def prepare(folder: Path, kind: Kind, rules: int) -> None:
    """Writes the policy, and both streams of actions with their answers. Not done twice in a folder."""
    saved = policy_file(folder, kind, rules)
    if saved.exists():
        return
    load_sources(assent(rule_set(rules, kind))).save(saved)
    for seed in (SEEN, NEW):
        lines = [json.dumps(pair) for pair in answered(rules, kind, seed=seed)]
        _stream(folder, kind, rules, seed).write_text("\n".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class Prepared:
    """A loaded policy and 1,000 actions to decide."""

    policy: Policy
    actions: list[Action]
    answers: list[Answer]
    new: list[Action]

    @staticmethod
    def load(folder: Path, kind: Kind, rules: int, checked: bool = True) -> Prepared:
        """What `prepare` wrote. With `checked`, all answers are compared first, which also warms the policy."""
        seen, new = (stream(folder, kind, rules, seed) for seed in (SEEN, NEW))
        made = Prepared(
            load_saved(policy_file(folder, kind, rules)),
            [action for action, _ in seen],
            [answer for _, answer in seen],
            [action for action, _ in new],
        )
        if checked:
            check(made.policy, made.actions, made.answers)
        return made


def check(policy: Policy, actions: Sequence[Action], answers: Sequence[Answer]) -> None:
    """Raises AssertionError when the policy does not answer as the reference does."""
    for action, expected in zip(actions, answers, strict=True):
        verdict = policy.decide(action)
        found = verdict.decision, tuple(sorted(rule.id.removeprefix("bench.") for rule in verdict.rules))
        assert found == expected, f"{found}, where {expected} was expected, on {action}"
        assert not verdict.errors


def policy_file(folder: Path, kind: Kind, rules: int) -> Path:
    """Where the policy is saved."""
    return folder / f"{kind}-{rules}.policy"


def stream(folder: Path, kind: Kind, rules: int, seed: int = SEEN) -> list[tuple[Action, Answer]]:
    """Actions and their answers."""
    return list(_read(_stream(folder, kind, rules, seed)))


def _read(path: Path) -> Iterable[tuple[Action, Answer]]:
    """Each action is decoded by itself, as actions arrive."""
    for line in path.read_text(encoding="utf-8").splitlines():
        action, (decision, rules) = json.loads(line)
        yield action, (decision, tuple(rules))


def _stream(folder: Path, kind: Kind, rules: int, seed: int) -> Path:
    return folder / f"{kind}-{rules}-{seed}.jsonl"
