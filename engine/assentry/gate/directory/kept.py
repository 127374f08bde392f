"""An answer from elsewhere that is kept for a while: asked for by one thread at a time, in bounded time, never too old.

Who needs it while it is young enough waits for nobody: it is renewed beside them. Ages count from before the question
was asked, by a clock that also runs while the machine sleeps.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from assentry.errors import ConfigError, DirectoryUnavailable

T = TypeVar("T")

_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def seconds() -> float:
    """Seconds since some moment, those of sleep included where the system counts them; never steps back."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True)
class Ages:
    """Seconds: an answer older than `refresh` is renewed, one older than `max_age` is no answer (0: always ask anew).

    A question takes at most `timeout`, somebody without an answer waits at most `wait`; after a failure nobody asks
    again for `retry`. Raises ConfigError for negative ones, and a `refresh` beyond `max_age`.
    """

    refresh: float = 30.0
    max_age: float = 120.0
    timeout: float = 20.0
    wait: float = 5.0
    retry: float = 2.0

    def __post_init__(self) -> None:
        if not (0 <= self.refresh <= self.max_age and self.timeout > 0 and self.wait > 0 and self.retry >= 0):
            raise ConfigError("`refresh` of a directory must lie between 0 and `max_age`, its other times above 0")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    value: T
    asked_at: float


class Kept(Generic[T]):
    """What `ask` gives, kept. `ask` makes a new coroutine; whatever it raises is a failure. Threads may share one."""

    def __init__(self, what: str, ask: Callable[[], Awaitable[T]], ages: Ages) -> None:
        self._what = what
        self._ask = ask
        self._ages = ages
        self._changed = threading.Condition()
        self._answer: _Answer[T] | None = None
        self._asking = False
        self._failed_at = float("-inf")
        self._failure = ""
        _KEPT.add(self)

    def get(self, *, newer_than: float | None = None) -> T:
        """The answer, no older than it may be; asked for after `newer_than` where that is given.

        Raises DirectoryUnavailable when there is none in time.
        """
        called = seconds()
        oldest = called - self._ages.max_age if newer_than is None else newer_than
        with self._changed:
            while self._answer is None or self._answer.asked_at < oldest:
                self._renew()
                left = called + self._ages.wait - seconds()
                if left <= 0 or not self._changed.wait(left):
                    raise DirectoryUnavailable(f"{self._what} did not answer within {self._ages.wait:g} s")
            if called - self._answer.asked_at > self._ages.refresh:
                with suppress(DirectoryUnavailable):  # what there is is young enough
                    self._renew()
            return self._answer.value

    def after_fork(self) -> None:
        """In a child process nobody is asking: the thread that did stayed behind, and with it, maybe, the lock."""
        self._changed = threading.Condition()
        self._asking = False

    def _is_pausing(self) -> bool:
        return seconds() - self._failed_at < self._ages.retry

    def _renew(self) -> None:
        """Have somebody ask; the lock is held. Raises DirectoryUnavailable shortly after a failure."""
        if self._asking:
            return
        if self._is_pausing():
            raise DirectoryUnavailable(self._failure)
        thread = threading.Thread(target=self._fly, name="assentry-directory", daemon=True)
        self._asking = True
        try:
            thread.start()
        except RuntimeError as error:
            self._asking = False
            raise DirectoryUnavailable(f"{self._what} cannot be asked: {error}") from error

    def _fly(self) -> None:
        asyncio.run(self._in_time())

    async def _in_time(self) -> None:
        asked_at = seconds()
        try:
            value = await asyncio.wait_for(self._ask(), self._ages.timeout)
        except TimeoutError:
            self._land(None, f"{self._what} took longer than {self._ages.timeout:g} s")
        except DirectoryUnavailable as error:
            self._land(None, str(error))
        except BaseException as error:  # noqa: BLE001 -- whatever it is, those who wait must hear of it
            self._land(None, f"{self._what} failed: {type(error).__name__}")
        else:
            self._land(_Answer(value, asked_at), "")

    def _land(self, answer: _Answer[T] | None, failure: str) -> None:
        with self._changed:
            self._asking = False
            if answer is None:
                self._failed_at, self._failure = seconds(), failure
            elif self._answer is not None and self._answer.value == answer.value:
                self._answer = _Answer(self._answer.value, answer.asked_at)  # the same object while nothing changed
            else:
                self._answer = answer
            self._changed.notify_all()


_KEPT: weakref.WeakSet[Kept[Any]] = weakref.WeakSet()


def _after_fork() -> None:
    for kept in list(_KEPT):
        kept.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
