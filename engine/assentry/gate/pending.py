"""What a caller holds while people are asked: it can wait, leave, and run once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from assentry.approvals.request import Status, judged
from assentry.errors import AssentryError, Denied, GateError
from assentry.gate.asking import Asking, Attempt
from assentry.gate.execution import Execution, Run, abandon
from assentry.gate.parts import Parts, new_id
from assentry.gate.tasks import to_the_end
from assentry.gate.tool import Tool
from assentry.gate.waiting import Fits, Waiting

T = TypeVar("T")


@dataclass(frozen=True)
class Front:
    """The parts of a gate that callers in its own process go through."""

    parts: Parts
    asking: Asking
    waiting: Waiting


class Ticket:
    """One attempt of this process, allowed or waiting. `id` is what it waits under.

    `fits` raises Denied for a document that cannot be run here: people may have changed it.
    """

    def __init__(self, front: Front, attempt: Attempt, tool: Tool | None, fits: Fits = lambda _: None) -> None:
        self._front = front
        self._attempt = attempt
        self._tool = tool
        self._fits = fits
        self._nonce = new_id("n")
        self._once = threading.Lock()

    @property
    def id(self) -> str:
        return self._attempt.waiter

    @property
    def request(self) -> str:
        """The request that people are asked about: another than `id` where the same was asked before, or it changed."""
        _, state = self._front.parts.clerk.now(self.id)
        found = state.current(self.id)
        return self.id if found is None else found.id

    @property
    def status(self) -> Status:
        """As of now. Raises LedgerError."""
        now, state = self._front.parts.clerk.now(self.id)
        request = state.current(self.id)
        return "cancelled" if request is None else judged(request, now)

    def cancel(self) -> None:
        """Wait no more; others who wait for the same go on. Raises Denied when there is nothing to leave."""
        self._front.asking.cancel(self.id)

    def execution(self, timeout: float | None = None) -> Execution:
        """Wait and use the approval up, once. Raises Denied, TimeoutError while it is open; it can be called again then."""
        self._begin()
        run = self._allowed()
        try:
            run = run or self._front.waiting.run(self.id, self._nonce, self._fits, timeout)
        except Exception:
            self._once.release()
            raise
        except BaseException:
            self.abandon()
            raise
        return self._execution(run)

    async def execution_async(self, seconds: float | None = None) -> Execution:
        """As `execution`, for a task; a task that is cancelled while it waits leaves."""
        self._begin()
        run = self._allowed()
        try:
            run = run or await self._front.waiting.run_async(self.id, self._nonce, self._fits, seconds)
        except Exception:
            self._once.release()
            raise
        except asyncio.CancelledError:
            await to_the_end(self.abandon)
            raise
        return self._execution(run)

    def _begin(self) -> None:
        if not self._once.acquire(blocking=False):
            raise Denied("used", f"`{self.id}` ran already, or is waited for elsewhere", request=self.id)

    def _allowed(self) -> Run | None:
        permit = self._attempt.permit
        return None if permit is None else Run(permit, self._attempt.document)

    def _execution(self, run: Run) -> Execution:
        return Execution(self._front.asking, run, self._tool, self._attempt.mark)

    def abandon(self) -> None:
        """Leave after an interrupt; that it cannot be written down changes nothing for who is interrupted."""
        if self._attempt.permit is not None:
            abandon(self._front.asking, self._attempt.permit)
            return
        try:
            self.cancel()
        except AssentryError:
            return


class Pending(Ticket, Generic[T]):
    """A guarded call that waits: `result()` runs it once people agree, or `await` does."""

    def __init__(
        self,
        ticket: Ticket,
        call: Callable[[Run], T] | None = None,
        call_async: Callable[[Run], Awaitable[T]] | None = None,
    ) -> None:
        super().__init__(ticket._front, ticket._attempt, ticket._tool, ticket._fits)
        self._call = call
        self._call_async = call_async

    def result(self, timeout: float | None = None) -> T:
        """Wait at most `timeout` seconds, by default until the deadline, run, and return what it returns.

        Raises Denied, TimeoutError while nobody answered, and whatever the call raises.
        """
        if self._call is None:
            raise GateError("a guarded coroutine is awaited")
        with self.execution(timeout) as run:
            return self._call(run)

    async def result_async(self, seconds: float | None = None) -> T:
        """As `result`, for a task."""
        async with await self.execution_async(seconds) as run:
            if self._call is not None:
                return self._call(run)
            assert self._call_async is not None  # one of the two it is
            return await self._call_async(run)

    def __await__(self) -> Generator[Any, None, T]:
        return self.result_async().__await__()


class Hold:
    """A block that runs once people agree: `with gate.hold(action) as run`, or `async with`.

    What it yields has the stored action; the block has to use that, and nothing else. One hold is one attempt.
    """

    def __init__(self, attempt: Callable[[], Ticket], wait: float | None) -> None:
        self._make = attempt
        self._wait = wait
        self._entered = threading.Lock()
        self._execution: Execution | None = None

    def _once(self) -> None:
        if not self._entered.acquire(blocking=False):
            raise GateError("this hold was entered before: each attempt is a `gate.hold` of its own")

    def __enter__(self) -> Run:
        self._once()
        self._execution = waited(self._make(), self._wait)
        return self._execution.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._execution is not None  # it was entered
        self._execution.__exit__(kind, error, trace)

    async def __aenter__(self) -> Run:
        self._once()
        ticket = await to_the_end(self._make, Ticket.abandon)
        self._execution = await waited_async(ticket, self._wait)
        return await self._execution.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._execution is not None  # it was entered
        await self._execution.__aexit__(kind, error, trace)


def waited(ticket: Ticket, seconds: float | None) -> Execution:
    """Wait at most so long; then Denied with code `pending`: the request stays open, and the same call joins it."""
    try:
        return ticket.execution(seconds)
    except TimeoutError as error:
        raise _still_open(ticket) from error


async def waited_async(ticket: Ticket, seconds: float | None) -> Execution:
    """As `waited`, for a task."""
    try:
        return await ticket.execution_async(seconds)
    except TimeoutError as error:
        raise _still_open(ticket) from error


def _still_open(ticket: Ticket) -> Denied:
    return Denied("pending", "people were asked, and did not answer yet", request=ticket.id)
