"""A rule set compiled and saved once, with its actions and answers, for the processes that measure it.

A benchmark's first process calls `prepare` in the `workshop`; each process that it starts then calls `Prepared.load`,
which costs what loading a saved policy costs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from timing import progress
from workloads.actions import answered
from workloads.assent import assent
from workloads.reference import Action, Answer
from workloads.rulesets import KINDS, Kind, rule_set

from assentry.compiler import load_sources
from assentry.evaluator.policy import Policy, load_saved

FOLDER = "BENCH_FOLDER"
SEEN, NEW = 11, 99
"""Seeds of the actions that a benchmark repeats, and of those that no call has seen."""


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder to prepare in: one for all benchmarks of a run, which BENCH_FOLDER names, or one for this file alone."""
    if given := os.environ.get(FOLDER):
        yield Path(given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def prepare(folder: Path, kind: Kind, rules: int) -> None:
    """Writes the policy, and both streams of actions with their answers. Not done twice in a folder."""
    saved = policy_file(folder, kind, rules)
    if saved.exists():
        return
    for seed in (SEEN, NEW):
        lines = [json.dumps(pair) for pair in answered(rules, kind, seed=seed)]
        _stream(folder, kind, rules, seed).write_text("\n".join(lines), encoding="utf-8")
    partial = saved.with_suffix(".partial")
    load_sources(assent(rule_set(rules, kind))).save(partial)
    partial.rename(saved)


def prepare_all(folder: Path, sizes: Sequence[int], kinds: Sequence[Kind] = KINDS) -> None:
    """Prepares these sizes of each kind; kinds at the same time, as nothing is being measured then."""
    missing = {kind: [n for n in sizes if not policy_file(folder, kind, n).exists()] for kind in kinds}
    started = []
    for kind, wanted in missing.items():
        if wanted:
            progress(f"preparing {kind} {' '.join(map(str, wanted))}")
            words = [sys.executable, "-m", "workloads.prepared", str(folder), kind, *map(str, wanted)]
            started.append(subprocess.Popen(words, cwd=Path(__file__).parents[1]))
    ended = [process.wait() for process in started]
    if any(ended):
        raise SystemExit("preparing failed")


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


if __name__ == "__main__":
    for size in sys.argv[3:]:
        prepare(Path(sys.argv[1]), sys.argv[2], int(size))  # type: ignore[arg-type]
