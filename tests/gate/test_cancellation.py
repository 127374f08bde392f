"""A task that is cancelled at each of its awaits: nothing runs twice, nothing stays held, and the log knows how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

import pytest

from assentry.gate import Tool
from tests.gate.house import House, act, voter

SHARE = Tool("share", "data.share", schema={"properties": {"n": {"x-effect": True}}})
READ = Tool("read", "data.read", schema={"properties": {"n": {"x-effect": True}}})
MANY = 25


class CancelledAt:
    """Awaits a coroutine, and cancels its own task when that suspends for the n-th time; or from then on, every time."""

    def __init__(self, coroutine: Coroutine[Any, Any, object], number: int, *, on: bool) -> None:
        self._coroutine = coroutine
        self._number = number
        self._on = on
        self.suspended = 0

    def __await__(self) -> Generator[Any, Any, object]:
        steps = self._coroutine.__await__()
        resume: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                awaited = resume()
            except StopIteration as end:
                return end.value
            self.suspended += 1
            task = asyncio.current_task()
            is_due = self.suspended >= self._number if self._on else self.suspended == self._number
            if is_due and task is not None:
                task.cancel()
            try:
                resume = partial(steps.send, (yield awaited))
            except BaseException as error:  # noqa: BLE001 -- thrown in where it was awaited
                resume = partial(steps.throw, error)


class Story:
    """One call that is cancelled once: what it did, and what the log says of it."""

    def __init__(self) -> None:
        self.house = House(options={"tools": [SHARE, READ]})
        self.done: list[str] = []

    async def work(self, n: int) -> int:
        self.done.append("begun")
        await asyncio.sleep(0)
        self.done.append("ended")
        return n

    def guarded(self, name: str) -> Coroutine[Any, Any, object]:
        call = self.house.gate.guard(name, resource={"type": "table", "id": "t"})(self.work)
        made: Coroutine[Any, Any, object] = call(1)
        return made

    async def held(self, name: str) -> object:
        async with self.house.gate.hold(act(name, parameters={"n": 1})) as run:
            return await self.work(**run.parameters)

    async def _answer(self) -> None:
        for _ in range(1000):
            for each in await asyncio.to_thread(self.house.gate.requests, "pending"):
                card = await asyncio.to_thread(self.house.card, each.id)
                await asyncio.to_thread(self.house.gate.vote, each.id, voter("bob"), "approve", card)
                return
            await asyncio.sleep(0.001)

    async def tell(self, call: Coroutine[Any, Any, object], number: int, *, on: bool) -> bool:
        """Whether it came to its end before it was to be cancelled."""
        people = asyncio.create_task(self._answer())
        awaited = CancelledAt(call, number, on=on)

        async def main() -> object:
            return await awaited

        outcome = (await asyncio.gather(asyncio.create_task(main()), return_exceptions=True))[0]
        people.cancel()
        await asyncio.gather(people, return_exceptions=True)
        assert outcome == 1 or isinstance(outcome, asyncio.CancelledError)
        return awaited.suspended < number

    def status(self) -> str:
        """How the request stands, with what was put off written down."""
        ledger: Any = self.house.ledger
        ledger.close()
        kinds = [entry.type for entry in ledger.entries() if entry.request is not None]
        return kinds[-1] if kinds else "nothing"


@pytest.mark.parametrize("name", ["data.read", "data.share"])
@pytest.mark.parametrize("way", ["guarded", "held"])
@pytest.mark.parametrize("on", [False, True], ids=["once", "on and on"])
def test_cancelled_at_each_await(way: str, name: str, on: bool) -> None:
    for number in range(1, MANY):
        story = Story()
        is_over = asyncio.run(story.tell(getattr(story, way)(name), number, on=on))
        ended = {
            (): {"cancelled", "unknown"},
            ("begun",): {"unknown"},
            ("begun", "ended"): {"committed"},
        }[tuple(story.done)]
        assert story.status() in ended, (number, story.done, story.house.kinds())
        if is_over:
            return
    pytest.fail(f"it awaits more than {MANY} times")
