"""The decorator: a function becomes one that runs only as an action that was decided, from its stored arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from assentry.errors import Denied, GateError, InputError
from assentry.gate.asking import Wish
from assentry.gate.binding import Binding, name_of
from assentry.gate.canonical import canonical
from assentry.gate.execution import Run, arguments, within, within_async
from assentry.gate.pending import Front, Pending, Ticket, waited, waited_async
from assentry.gate.stamp import Caller, Document, named
from assentry.gate.tasks import to_the_end
from assentry.gate.tool import Tool

P = ParamSpec("P")
T = TypeVar("T")

Fields = Mapping[str, Any] | Callable[..., Mapping[str, Any]]
"""Fields of the action: as they are, or made from the arguments by name."""

Takes = Callable[[Any], object]

Wait = bool | float | None
"""How long a guarded call waits for people: seconds, None until the deadline, False not at all."""


@dataclass(frozen=True)
class Guard:
    """How the calls of one function become actions. `who` gives the caller as of the call."""

    front: Front
    who: Callable[[], Caller]
    name: str
    resource: Fields
    tool: Tool | None
    action: Fields
    context: Fields
    about: Sequence[str] | Callable[..., Sequence[str]]
    timeout: float | None
    wait: Wait
    accepts_changes: bool

    def attempt(self, parameters: Mapping[str, Any], takes: Takes) -> Ticket:
        """Attempt the action of one call; `takes` raises Denied for parameters that the function does not. Raises Denied."""
        document = {**self._does(parameters), "context": _made(self.context, parameters)}
        about = self.about(**parameters) if callable(self.about) else self.about
        wish = Wish(accepts_changes=self.accepts_changes, about=tuple(about))
        attempt = self.front.asking.submit(document, self.who(), wish)
        return Ticket(self.front, attempt, self.tool, lambda found: self._check(found, attempt.document, takes))

    def _does(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What a call with these arguments does, and on what."""
        tool = {} if self.tool is None else {"tool": {"name": self.tool.name}}
        return {
            "action": {**_made(self.action, parameters), "name": self.name, **tool, "parameters": dict(parameters)},
            "resource": _made(self.resource, parameters),
        }

    def _check(self, found: Document, asked: Document, takes: Takes) -> None:
        """Hold what people agreed to to what the function would do, where they changed it. Raises Denied."""
        takes(arguments(found))
        agreed = _spelled(found)
        is_changed = agreed != _spelled(asked) and agreed != _spelled(self._does(arguments(found)))
        if is_changed or named(found) != named(asked):
            raise Denied("changes", "what people changed is not what this function would do then")

    @property
    def patience(self) -> float | None:
        """Seconds to wait for people; None until the deadline."""
        return None if self.wait is None or self.wait is True else float(self.wait)

    def of(self, function: Callable[P, T], carry: Sequence[str]) -> Callable[P, Any]:
        """The guarded function. Raises GateError for one that cannot be guarded."""
        if isinstance(function, classmethod | staticmethod) or not callable(function):
            raise GateError("a guard goes below `@classmethod` and `@staticmethod`, around a function")
        binding = Binding(function, carry)
        if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):
            return _guarded_async(self, cast(Callable[..., Awaitable[Any]], function), binding)
        return _guarded(self, function, binding)


def _guarded(guard: Guard, function: Callable[..., T], binding: Binding) -> Callable[..., T | Pending[T]]:
    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> T | Pending[T]:
        parameters, carried = binding.bind(args, kwargs)

        ticket = guard.attempt(parameters, lambda found: binding.call(found, carried))

        def call(run: Run) -> T:
            positional, named = binding.call(run.parameters, carried)
            return _done(within(guard.timeout, lambda: function(*positional, **named)), function)

        if guard.wait is False:
            return Pending(ticket, call)
        with waited(ticket, guard.patience) as run:
            return call(run)

    return guarded


def _guarded_async(guard: Guard, function: Callable[..., Awaitable[T]], binding: Binding) -> Callable[..., Any]:
    @functools.wraps(function)
    async def guarded(*args: Any, **kwargs: Any) -> T | Pending[T]:
        parameters, carried = binding.bind(args, kwargs)

        ticket = await to_the_end(
            lambda: guard.attempt(parameters, lambda found: binding.call(found, carried)), Ticket.abandon
        )

        async def call(run: Run) -> T:
            positional, named = binding.call(run.parameters, carried)
            return _done(await within_async(guard.timeout, lambda: function(*positional, **named)), function)

        if guard.wait is False:
            return Pending(ticket, call_async=call)
        async with await waited_async(ticket, guard.patience) as run:
            return await call(run)

    return guarded


def _spelled(document: Mapping[str, Any]) -> bytes:
    """What is done and on what, in its one spelling; the tool is the one that was declared. Raises Denied."""
    action = {name: value for name, value in document["action"].items() if name != "tool"}
    try:
        return canonical([action, document.get("resource")])
    except InputError as error:
        raise Denied("canonical", str(error)) from error


def _done(value: T, function: Callable[..., Any]) -> T:
    """What a call returned. Raises GateError where it has yet to run, behind its permit."""
    if isinstance(value, Awaitable | Generator | AsyncGenerator):
        if inspect.iscoroutine(value):
            value.close()
        raise GateError(f"`{name_of(function)}` returned a {type(value).__name__}: it would run without its permit")
    return value


def _made(fields: Fields, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(fields(**parameters) if callable(fields) else fields)
