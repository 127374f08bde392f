"""Waiting for people: until a request may run, is over, or the caller's patience ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from assentry.approvals import Refusal
from assentry.approvals.commands import Tick
from assentry.approvals.request import Request
from assentry.errors import Denied
from assentry.gate.asking import Asking
from assentry.gate.denying import denying
from assentry.gate.execution import Run, abandon
from assentry.gate.parts import Parts
from assentry.gate.stamp import Document
from assentry.gate.tasks import to_the_end

SLICE = 1.0
"""Seconds after which a waiter looks at clock and directory although nothing was written."""


Fits = Callable[[Document], object]
"""Raises Denied for a document that cannot be run."""


class Waiting:
    """Waits at one gate. What a waiter sees next is asked of the log, never kept."""

    def __init__(self, parts: Parts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking

    def approved(self, waiter: str, timeout: float | None, nonce: str | None = None) -> Request:
        """The request, approved. Raises Denied when it ended otherwise, TimeoutError while it is open."""
        end = _end(timeout)
        while True:
            request, size, ready = self._look(waiter, nonce)
            if ready:
                return request
            self._grown(size, _left(end))

    async def approved_async(self, waiter: str, seconds: float | None, nonce: str | None = None) -> Request:
        """As `approved`, for a task; nothing that takes long is done in the event loop's thread."""
        end = _end(seconds)
        while True:
            request, size, ready = await asyncio.to_thread(self._look, waiter, nonce)
            if ready:
                return request
            await asyncio.to_thread(self._grown, size, _left(end))

    def run(self, waiter: str, nonce: str, fits: Fits, timeout: float | None) -> Run:
        """Wait, and use the approval up: what may run now. Raises Denied, TimeoutError.

        The same nonce gets the same again, where nobody could say whether the use was recorded.
        """
        end = _end(timeout)
        while True:
            request = self.approved(waiter, None if end is None else _left(end), nonce)
            run = self._used(request.id, nonce, fits)
            if run is not None:
                return run

    async def run_async(self, waiter: str, nonce: str, fits: Fits, seconds: float | None) -> Run:
        """As `run`, for a task."""
        end = _end(seconds)
        while True:
            request = await self.approved_async(waiter, None if end is None else _left(end), nonce)
            run = await to_the_end(partial(self._used, request.id, nonce, fits), self._abandon)
            if run is not None:
                return run

    def _used(self, request: str, nonce: str, fits: Fits) -> Run | None:
        """What may run; None when it is asked once more."""
        with denying():
            fits(self._asking.document(self._parts.request(request)))
        try:
            return Run(*self._asking.consume(request, nonce))
        except Denied as denied:
            if denied.code == "superseded":
                return None
            raise

    def _abandon(self, run: Run | None) -> None:
        """It was used up for a task that is gone: nothing was done, but only a person can say so."""
        if run is not None:
            abandon(self._asking, run.permit)

    def _look(self, waiter: str, nonce: str | None) -> tuple[Request, int, bool]:
        with denying():
            request, size, ready = self._asking.answer(waiter, nonce)
            if not ready:
                self.tick(request.id)
            return request, size, ready

    def _grown(self, size: int, seconds: float) -> None:
        with denying():
            self._parts.ledger.wait(size, seconds)

    def tick(self, request: str) -> int:
        """Write down what time and the directory did to a request; the number of entries. Raises LedgerError."""
        found = self._parts.clerk.enter(lambda at: Tick(request))
        if isinstance(found, Refusal):
            return 0
        self._parts.tell(found)
        return len(found.events)


def _end(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _left(end: float | None) -> float:
    """Seconds to wait now. Raises TimeoutError when none are left."""
    if end is None:
        return SLICE
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("nobody answered yet")
    return min(left, SLICE)
