"""Masks: the tests of many rules on one place, answered for all of them by one look at it.

Bit i of a mask stands for the i-th of some rules. The table of a place is a plain tuple, so that emitted code gets at
its parts as fast as Python can:

    (a, b, absent, unsure, users)

`absent` are the rules not excluded where nothing stands, `unsure` those of them that are in error then; `users` are
the rules with a test there, which a value that does not fit puts in error. What a and b are depends on the kind:

    text      `get` of a dict from value to mask, and the mask of all other texts
    bool      the masks of true and false
    number    the ascending bounds, and a mask for each stretch between them
    list      `get` of a dict from text to the rules that it satisfies, and the rules without a test
    presence  the mask of something that fits, twice
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from assentry.code import form
from assentry.code.masks import mask
from assentry.values.fit import MISSING, item_shape, read_shallow
from assentry.values.limits import MAX_LIST
from assentry.values.shapes import Shape, Shapes

Table = tuple[Any, Any, int, int, int]
Asked = Sequence[tuple[int, form.TestForm]]
"""Tests on one place: the bit's number of the rule, and what it asks."""

EVERY = -1
"""The mask that excludes no rule."""


def table(kind: form.PlaceKind, asked: Asked, width: int) -> Table:
    """The table of a place for `width` rules, of which those in `asked` have a test there."""
    full = (1 << width) - 1
    users = mask((bit for bit, _ in asked), width)
    unsure = mask((bit for bit, test in asked if test.absent == "error"), width)
    absent = full & ~mask((bit for bit, test in asked if test.absent == "false"), width)
    answers = _ANSWERS[kind](asked, width, full & ~users)
    return (*answers, absent, unsure, users)


def _texts(asked: Asked, width: int, free: int) -> tuple[Callable[..., int], int]:
    """By value: rules that have no test, those that want the value, and those that do not mind it."""
    wanted: defaultdict[object, list[int]] = defaultdict(list)
    unwanted: defaultdict[object, list[int]] = defaultdict(list)
    for bit, test in asked:
        for wish in test.values:
            (unwanted if test.negated else wanted)[wish].append(bit)
    others = free | mask((bit for bit, test in asked if test.negated), width)
    masks = {value: others | mask(bits, width) for value, bits in wanted.items()}
    for value, bits in unwanted.items():
        masks[value] = masks.get(value, others) & ~mask(bits, width)
    return masks.get, others


def _bools(asked: Asked, width: int, free: int) -> tuple[int, int]:
    def holding(value: bool) -> int:
        return free | mask((bit for bit, test in asked if (value in test.values) != test.negated), width)

    return holding(True), holding(False)


def _numbers(asked: Asked, width: int, free: int) -> tuple[list[int | float], list[int]]:
    """From bound to bound, the mask changes by the rules whose answer does."""
    turns: defaultdict[int | float, list[int]] = defaultdict(list)
    for bit, test in asked:
        for bound in test.values:
            assert isinstance(bound, int | float)
            turns[bound].append(bit)
    bounds = sorted(turns)
    masks = [free | mask((bit for bit, test in asked if test.negated), width)]
    for bound in bounds:
        masks.append(masks[-1] ^ mask(turns[bound], width))
    return bounds, masks


def _lists(asked: Asked, width: int, free: int) -> tuple[Callable[..., int | None], int]:
    satisfied: defaultdict[object, list[int]] = defaultdict(list)
    for bit, test in asked:
        for text in test.values:
            satisfied[text].append(bit)
    return {value: mask(bits, width) for value, bits in satisfied.items()}.get, free


def _presences(asked: Asked, width: int, free: int) -> tuple[int, int]:
    present = free | mask((bit for bit, test in asked if test.negated), width)
    return present, present


_ANSWERS: dict[form.PlaceKind, Callable[[Asked, int, int], tuple[Any, Any]]] = {
    "text": _texts,
    "bool": _bools,
    "number": _numbers,
    "list": _lists,
    "presence": _presences,
}


# ---- looking up what is unusual ----

Unusual = Callable[[object, Table], tuple[int, int]]
"""What stands at a place and a table to the rules not excluded, and those of them that are in error."""


def searched(shape: Shape, shapes: Shapes) -> Unusual:
    """The look at a list, as Python's own: true as soon as an element is one, else in error if one does not fit."""
    allowed = item_shape(shape, shapes).allowed

    def search(there: object, table: Table) -> tuple[int, int]:
        get, free, absent, unsure, users = table
        if there is MISSING:
            return absent, unsure
        if type(there) is not list or len(there) > MAX_LIST:
            return EVERY, users
        found, fit = free, True
        for element in there:
            if type(element) is str and (allowed is None or element in allowed):
                found |= get(element, 0)
            else:
                fit = False
        return (found, 0) if fit else (EVERY, users & ~found)

    return search


def unusual(kind: form.PlaceKind) -> Callable[[Shape, Shapes], Unusual]:
    """The look at a scalar or a presence where no inline check settles it."""

    def made(shape: Shape, shapes: Shapes) -> Unusual:
        def look(there: object, table: Table) -> tuple[int, int]:
            if there is MISSING:
                return table[2], table[3]
            try:
                return answer(kind, read_shallow(there, shape, ""), table), 0
            except Exception:  # noqa: BLE001  # a misfit, or an object of the host that raises when touched
                return EVERY, table[4]

        return look

    return made


def answer(kind: form.PlaceKind, value: Any, table: Table) -> int:
    """The rules not excluded by a value that fits."""
    if kind == "text":
        return int(table[0](value, table[1]))
    if kind == "number":
        return int(table[1][bisect_right(table[0], value)])
    return int(table[0] if kind == "presence" or value else table[1])
