"""One execution: what runs is stored, and how it ended is written down (law 2).

Failed is only what the tool declares to be without effect. Every other exception, a timeout, a cancellation is
unknown, and a death shows as unknown when the lease ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from assentry.approvals.request import How
from assentry.errors import AssentryError
from assentry.gate.asking import Asking
from assentry.gate.grant import Permit
from assentry.gate.stamp import Document
from assentry.gate.tasks import to_the_end
from assentry.gate.tool import Tool

T = TypeVar("T")

_LOGGER = logging.getLogger(__name__)


class TimedOut(TimeoutError):
    """The time that a guard gives its tool is over; nobody knows what the tool did, or still does."""


@dataclass(frozen=True)
class Run:
    """What may run now: the stored action, and the permit for it."""

    permit: Permit
    document: Document

    @property
    def parameters(self) -> Any:
        """The stored arguments, `action.parameters`."""
        return arguments(self.document)


def arguments(document: Document) -> Any:
    """The arguments in a stored action."""
    return document["action"].get("parameters", {})


@dataclass
class Execution:
    """The block in which an action runs; its end is reported, whatever it is, and never changes what the block does.

    An allow has the `mark` of its nonce, and its normal end is written with whatever is written next.
    """

    asking: Asking
    run: Run
    tool: Tool | None
    mark: str | None

    def __enter__(self) -> Run:
        return self.run

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        permit = self.run.permit
        try:
            if error is None and self.mark is not None:
                self.asking.returned(permit.request, self.mark)
            else:
                harmless = error is not None and self.tool is not None and self.tool.is_harmless(error)
                self.asking.report(permit.request, permit.nonce, _how(error), without_effect=harmless)
        except AssentryError as failure:
            # It was done, or not; that it cannot be said now must not look like an error of the tool.
            _LOGGER.error("how `%s` ended could not be recorded: %s", permit.request, type(failure).__name__)

    async def __aenter__(self) -> Run:
        return self.run

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self.mark is not None:
            self.__exit__(kind, error, trace)
        else:
            await to_the_end(partial(self.__exit__, kind, error, trace))


def abandon(asking: Asking, permit: Permit) -> None:
    """Say that whoever holds a permit is gone before it ran; where that cannot be said, its lease ends."""
    try:
        asking.report(permit.request, permit.nonce, "cancelled")
    except AssentryError as failure:
        _LOGGER.warning("`%s` was abandoned, which could not be recorded: %s", permit.request, type(failure).__name__)


def _how(error: BaseException | None) -> How:
    if error is None:
        return "returned"
    if isinstance(error, TimedOut):
        return "timed_out"
    return "raised" if isinstance(error, Exception) else "cancelled"


def within(seconds: float | None, call: Callable[[], T]) -> T:
    """Call in this thread, or, with a time, in another that is left alone when the time is over. Raises TimedOut."""
    if seconds is None:
        return call()
    context = contextvars.copy_context()
    done: list[tuple[T | None, BaseException | None]] = []

    def work() -> None:
        try:
            done.append((context.run(call), None))
        except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
            done.append((None, error))

    thread = threading.Thread(target=work, name="assentry-guarded", daemon=True)
    thread.start()
    thread.join(seconds)
    if not done:
        raise TimedOut(f"it did not end within {seconds:g} s")
    value, error = done[0]
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


async def within_async(seconds: float | None, call: Callable[[], Awaitable[T]]) -> T:
    """Await, or give up after a time and cancel. Raises TimedOut."""
    if seconds is None:
        return await call()
    try:
        async with asyncio.timeout(seconds) as limit:
            return await call()
    except TimeoutError as error:
        if limit.expired():
            raise TimedOut(f"it did not end within {seconds:g} s") from error
        raise
