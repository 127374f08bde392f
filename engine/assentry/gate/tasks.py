"""Work in threads on behalf of tasks: a task that is cancelled leaves nothing behind that it began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(call: Callable[[], T], undo: Callable[[T], object] = lambda _: None) -> T:
    """Call in a thread. When the task is cancelled meanwhile, the call goes on to its end and is undone.

    The task waits for that, however often it is cancelled: a loop that closes behind it would take along what had not
    begun.
    """
    task = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        if not task.cancelled() and task.exception() is None:
            await _ended(asyncio.ensure_future(asyncio.to_thread(undo, task.result())))
        raise


async def _ended(task: asyncio.Future[Any]) -> None:
    while not task.done():
        with suppress(asyncio.CancelledError):  # it is raised when all is over
            await asyncio.wait([task])
