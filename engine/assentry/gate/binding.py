"""Arguments bound by name, whatever way they were passed, and a call made again from the stored form."""

from __future__ import annotations

import functools
import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assentry.errors import Denied, GateError


class Binding:
    """How one function is called. `carry` names what goes along as it is and is no part of the action: a connection.

    Raises GateError for a name that the function does not have, or a function that runs later than it is called.
    """

    def __init__(self, function: Callable[..., Any], carry: Sequence[str] = ()) -> None:
        name = name_of(function)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise GateError(f"`{name}` is a generator: it would run after its permit is used up")
        self._signature = inspect.signature(function)
        self._carry = frozenset(carry)
        if missing := sorted(self._carry - self._signature.parameters.keys()):
            raise GateError(f"`{name}` has no parameter `{missing[0]}` to carry along")
        self._named = [name for name in self._signature.parameters if name not in self._carry]
        self._known = set(self._named)
        kinds = {parameter.kind for parameter in self._signature.parameters.values()}
        self._simple = kinds <= {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
        """Every parameter can be passed by name."""
        self._plain = kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD} and not self._carry
        given = self._signature.parameters.items()
        self._defaults = {name: each.default for name, each in given if each.default is not each.empty}

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The parameters by name, defaults included, and what is carried along. Raises TypeError as a call would."""
        if self._plain and len(args) <= len(self._named):
            # The usual call, in a tenth of the time; what does not fit falls through to where it is refused.
            found = {**self._defaults, **dict(zip(self._named, args, strict=False)), **kwargs}
            if found.keys() == self._known and kwargs.keys().isdisjoint(self._named[: len(args)]):
                return found, {}
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if not self._carry:
            return dict(bound.arguments), {}
        carried = {name: value for name, value in bound.arguments.items() if name in self._carry}
        return {name: bound.arguments[name] for name in self._named}, carried

    def call(self, parameters: Mapping[str, Any], carried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call with stored parameters. Raises Denied when the function does not take them."""
        if set(parameters) != set(self._named):
            raise Denied("changes", "the stored parameters are not those of the function")
        if self._simple:
            return (), {**parameters, **carried}
        arguments = inspect.BoundArguments(self._signature, OrderedDict())
        for name, parameter in self._signature.parameters.items():
            value = carried[name] if name in carried else parameters[name]
            if parameter.kind is parameter.VAR_POSITIONAL:
                value = tuple(_of_kind(list, value, name))
            elif parameter.kind is parameter.VAR_KEYWORD:
                value = _of_kind(dict, value, name)
            arguments.arguments[name] = value
        return arguments.args, arguments.kwargs


def name_of(function: Callable[..., Any]) -> str:
    """What messages and tools call a function; a partial is called after its function, an object after its class."""
    named = function.func if isinstance(function, functools.partial) else function
    return str(getattr(named, "__qualname__", type(named).__qualname__))


def _of_kind(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, kind | tuple if kind is list else kind):
        raise Denied("changes", f"the stored parameter `{name}` is not what the function takes")
    return value
