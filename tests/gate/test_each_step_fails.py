"""One story, told again and again: each time the next call of the ledger, the directory or a channel fails, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from assentry.cli.ledger.laws import replay
from assentry.errors import AssentryError, LedgerClock, LedgerReadOnly, LedgerUnavailable, LedgerUnknown
from assentry.gate import Tool
from assentry.ledger.clock import SetClock
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import NOON, House, memory, people

T = TypeVar("T")

SHARE = Tool("share", "data.share", schema={"properties": {"n": {"x-effect": True}}})
TRIES = 4


class Failing:
    """Passes calls on, but for the n-th, which fails. Where `stands`, what it should do was done all the same."""

    def __init__(self, real: Any, error: type[Exception], *, stands: bool = False) -> None:
        self._real = real
        self._error = error
        self._stands = stands
        self.left = -1

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                if self._stands:
                    found(*args, **kwargs)
                raise self._error("it fails, once")
            return found(*args, **kwargs)

        return call


class Ear:
    """A channel."""

    def tell(self, events: object) -> None:
        assert events


class Story:
    """A call that one person agrees to. Whoever meets a failure tries again."""

    def __init__(self, what: str, error: type[Exception], number: int) -> None:
        real = {"ledger": memory(SetClock(NOON)), "directory": people(), "channel": Ear()}
        self.failing = Failing(real[what], error, stands=error is LedgerUnknown)
        self.log: Any = real["ledger"]
        parts: dict[str, Any] = {**real, what: self.failing}
        options = {"tools": [SHARE], "channels": [parts["channel"]]}
        self.house = House(ledger=parts["ledger"], directory=parts["directory"], options=options)
        self.done: list[int] = []
        self.failing.left = number

    def tell(self) -> str:
        gate = self.house.gate
        guarded = gate.guard("data.share", resource={"type": "table", "id": "t"}, wait=False)(self.done.append)
        pending: Any = self._tried(lambda: guarded(1))
        self._tried(lambda: self._agree(pending.request))
        self._tried(lambda: pending.result(timeout=0.1))
        with pytest.raises((AssentryError, TimeoutError)):
            guarded(1).result(timeout=0)  # the same effect again
        return str(self._tried(lambda: gate.view(pending.request).status))

    def _agree(self, request: str) -> None:
        if self.house.gate.view(request).status == "pending":
            self.house.approve(request, "bob")

    def _tried(self, step: Callable[[], T]) -> T:
        for _ in range(TRIES - 1):
            try:
                return step()
            except (AssentryError, TimeoutError):
                continue
        return step()


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("ledger", LedgerUnavailable),
        ("ledger", LedgerUnknown),
        ("ledger", LedgerClock),
        ("ledger", LedgerReadOnly),
        ("directory", RuntimeError),
        ("channel", OSError),
    ],
)
def test_whatever_fails_it_runs_once_and_the_log_is_legal(what: str, error: type[Exception]) -> None:
    number = 0
    while True:
        number += 1
        story = Story(what, error, number)
        status = story.tell()
        assert story.done == [1], number
        # Only what the last report says can be missing: then its lease ends, and a person says what became of it.
        assert status in {"committed", "consumed"}, number
        assert verify(Stored(story.log), [story.log.head().key], replay=replay).good, number
        if story.failing.left > 0:
            return
