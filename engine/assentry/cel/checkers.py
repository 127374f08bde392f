"""Checks of declared lists and maps as a whole, for those that most expressions are about.

What is as it should be is given back as it is; anything else goes to the taker of its type, which copies it,
or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from assentry.cel.bindings import Taker
from assentry.code.access import GiveUp
from assentry.values.limits import MAX_LIST
from assentry.values.runtime import INT_MAX, INT_MIN


def _strings(take: Taker) -> Taker:
    def strings(value: object) -> object:
        """A list of strings, as it is when it is one."""
        if type(value) is not list:
            return _short(take(value))
        for item in value:
            if type(item) is not str:
                return _short(take(value))
        return _short(value)

    return strings


def _integers(take: Taker) -> Taker:
    def integers(value: object) -> object:
        """A list of ints, as it is when it is one."""
        if type(value) is not list:
            return _short(take(value))
        for item in value:
            if type(item) is not int or not INT_MIN <= item <= INT_MAX:
                return _short(take(value))
        return _short(value)

    return integers


def _texts(take: Taker) -> Taker:
    def texts(value: object) -> object:
        """A map from string to string, as it is when it is one."""
        if type(value) is not dict:
            return take(value)
        for key, held in value.items():
            if type(key) is not str or type(held) is not str:
                return take(value)
        return value

    return texts


def _short(value: object) -> object:
    """Loops over it need not look at its length; the exact tier knows what to say of a longer one."""
    if isinstance(value, list) and len(value) <= MAX_LIST:
        return value
    raise GiveUp


CHECKERS: Final[Mapping[str, Callable[[Taker], Taker]]] = {
    "list(string)": _strings,
    "list(int)": _integers,
    "map(string, string)": _texts,
}
"""By the text of the type."""
