"""What a peer has to be, to be measured beside the others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol

from timing import mean_us
from workloads.reference import Action, Answer

PEERS = Path(__file__).parents[1] / ".peers"
"""Where `make bench-peers` puts packages and programs."""

Said = tuple[str, tuple[str, ...] | None]
"""A decision, and the sorted names of the rules that decided it where the engine can name them."""


class Absent(Exception):
    """A peer that is not installed here; the message says what is missing."""


class Peer(Protocol):
    """A rule set made ready by one engine, and the actions that it decides.

    A decision begins with the JSON-decoded action that a Python service has in its hands (a Go or Rust service has
    it in its own decoded form) and ends with the decision and, where the engine names them, the rules behind it.
    """

    version: str

    def answers(self, count: int) -> list[Said]:
        """What it says of the first so many actions."""

    def mean_us(self, count: int) -> float:
        """Microseconds a decision, over the first so many actions once each."""

    def close(self) -> None:
        """Ends what it has running."""


class InProcess:
    """An engine that is called in this process."""

    def __init__(self, decide: Callable[[Action], Said], actions: Sequence[Action], version: str) -> None:
        self.version = version
        self._decide = decide
        self._actions = actions

    def answers(self, count: int) -> list[Said]:
        return [self._decide(action) for action in self._actions[:count]]

    def mean_us(self, count: int) -> float:
        return mean_us(self._decide, self._actions[:count])

    def close(self) -> None:
        """Nothing runs."""


class Remote:
    """A program that reads rules and actions from files, decides them inside itself, and says how long that took."""

    def __init__(self, program: str, rules: Path, actions: Sequence[Action], version: str) -> None:
        self.version = version
        binary = program_of(program)
        given = rules.with_suffix(".actions.json")
        given.write_text(json.dumps(actions), encoding="utf-8")
        self._process = subprocess.Popen(
            [binary, rules, given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        if self._line() != "ready":
            raise RuntimeError(f"{program} did not start")

    def answers(self, count: int) -> list[Said]:
        self._say("answers")
        return [said(answer) for answer in json.loads(self._line())[:count]]

    def mean_us(self, count: int) -> float:
        self._say(f"time {count}")
        return int(self._line()) / count / 1e3

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def _say(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def said(answer: dict[str, object]) -> Said:
    """An answer in the form that the Rego module and the programs give it."""
    rules = answer["rules"]
    assert isinstance(rules, list)
    return str(answer["decision"]), tuple(sorted(rules))


def agrees(found: Said, expected: Answer) -> bool:
    """Whether an engine's answer is the expected one, as far as it speaks."""
    return found[0] == expected[0] and (found[1] is None or found[1] == expected[1])


def program_of(name: str) -> Path:
    """A program that `make bench-peers` has built. Raises Absent."""
    path = PEERS / "bin" / name
    if not path.exists():
        raise Absent(f"no `{name}`: `make bench-peers` builds it where its toolchain is present")
    return path


def imported(module: str) -> Any:
    """A module of a peer's package: none of them is there when types are checked."""
    return import_module(module)


def package_version(name: str) -> str:
    """`name version` of an installed package. Raises Absent."""
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        raise Absent(f"no package `{name}`: `make bench-peers` installs it") from None
