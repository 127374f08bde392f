"""Work in threads on behalf of tasks: a task that is cancelled leaves nothing behind that it began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def to_the_end(call: Callable[[], T], undo: Callable[[T], object]) -> T:
    """Call in a thread. When the task is cancelled meanwhile, the call goes on to its end and is undone."""
    task = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None:
            await asyncio.to_thread(undo, task.result())
        raise
