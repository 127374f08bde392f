"""The project under examination: its policy, its people, its ledger's settings, and actions to try things with."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assentry.approvals.directory import Directory
from assentry.approvals.memory import MemoryDirectory
from assentry.approvals.terms import Who
from assentry.config import Config
from assentry.errors import CompileError, ConfigError, DirectoryUnavailable
from assentry.evaluator.policy import Policy
from assentry.evaluator.ruling import Approval, Decision
from assentry.gate.directory.opening import open_directory
from assentry.gate.directory.source import snapshot_of
from assentry.ledger.entry import to_at
from assentry.tester.find import find_test_files, read_suites


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action with its subject as the project's tests or examples have it, and what the policy says to it now."""

    action: Mapping[str, Any]
    subject: Mapping[str, Any]
    decision: Decision
    terms: Approval | None

    @property
    def name(self) -> str:
        return str(self.action["action"]["name"])


@dataclass(frozen=True)
class Project:
    """`now` is the time of the examination, in milliseconds since 1970; `places` are where rules and tests are."""

    config: Config
    policy: Policy
    places: Sequence[Path]
    now: int

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The actions of all tests, then of all examples, each decided."""
        documents = [*_of_tests(self.places), *_of_examples(self._root)]
        return [found for document in documents if (found := self.candidate(document)) is not None]

    def candidate(self, document: object) -> Candidate | None:
        """A document as a candidate; None for one that no gate could be asked about."""
        if not isinstance(document, Mapping):
            return None
        action = {key: copy.deepcopy(value) for key, value in document.items() if key != "subject"}
        subject, context = document.get("subject"), action.get("context", {})
        parts = (action.get("action"), action.get("resource"), subject, context)
        if not all(isinstance(part, Mapping) for part in parts) or not isinstance(subject, Mapping):
            return None
        names = (action["action"].get("name"), subject.get("type"), subject.get("id"))
        if not all(isinstance(name, str) and name for name in names):
            return None
        stamped = {**action, "subject": subject, "context": {**context, "time": to_at(self.now)}}
        verdict = self.policy.decide(stamped)
        return Candidate(action, dict(subject), verdict.decision, verdict.approval)

    @property
    def _root(self) -> Path | None:
        return None if self.config.file is None else self.config.file.parent

    # ---- people ----

    @cached_property
    def directory(self) -> Directory | None:
        """The people that the settings name, as of now; None where they name none. Raises ConfigError, DirectoryUnavailable."""
        if self.config.directory is None:
            return None
        return snapshot_of(open_directory(self.config.directory).directory)

    def people(self) -> Directory:
        """The people, or invented ones for every seat where the settings name none, or they cannot be had."""
        try:
            return self.directory or self._invented()
        except (ConfigError, DirectoryUnavailable):
            return self._invented()

    def _invented(self) -> Directory:
        teams = {
            who: tuple(f"{who.selector}-{who.name}-{number}" for number in range(count + 2))
            for who, count in self.seats.items()
        }
        return MemoryDirectory(people={name: () for names in teams.values() for name in names}, teams=teams)

    @cached_property
    def seats(self) -> dict[Who, int]:
        """Whom the rules ask for, and how many at once."""
        found: dict[Who, int] = {}
        for rule in self.policy.form.rules:
            for seat in rule.seats:
                who = Who(seat.selector, seat.name)
                found[who] = max(found.get(who, 0), seat.count)
        return found


def _of_tests(places: Sequence[Path]) -> Iterator[object]:
    try:
        suites = read_suites(find_test_files(places))
    except (ConfigError, CompileError):
        return
    for suite in suites:
        yield from (case.action for case in suite.cases)


def _of_examples(root: Path | None) -> Iterator[object]:
    for file in sorted((root / "examples").glob("*.json")) if root is not None else ():
        try:
            yield json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue
