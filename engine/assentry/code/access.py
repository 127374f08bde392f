"""What emitted code calls to read the input where an inline check does not settle it.

None of this tells what is wrong: whatever is unusual gives `UNFIT` or raises, and the exact tier decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from assentry.errors import Misfit
from assentry.values.containers import position
from assentry.values.equality import in_list
from assentry.values.fit import MISSING, check_length, item_shape, keys_of, read_shallow, read_whole
from assentry.values.limits import MAX_LIST
from assentry.values.runtime import NONE, Optional
from assentry.values.shapes import Shape, Shapes

Read = Callable[[object], object]


class GiveUp(Exception):
    """Emitted code met something unusual: the exact tier decides."""


def fail(*_: object) -> NoReturn:
    raise GiveUp


class Unfit:
    """What stands for a value that is not there or does not fit, until something wants to use it.

    Going further down it stays what it is; anything else that Python can ask of a value raises.
    """

    __slots__ = ()

    def __getitem__(self, key: object) -> Unfit:
        return self

    def get(self, key: object, default: object = None) -> Unfit:
        return self

    def __bool__(self) -> bool:
        raise GiveUp

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = fail
    __hash__ = __len__ = __iter__ = __contains__ = fail


UNFIT: Final = Unfit()
UNSET: Final = object()
"""What a variable holds before its value is worked out."""


# ---- reads by shape ----


def whole(shape: Shape, shapes: Shapes) -> Read:
    """The CEL value of what stands there; raises when it does not fit."""

    def read(there: object) -> object:
        return read_whole(there, shape, shapes, "")

    return read


def quiet(shape: Shape, shapes: Shapes) -> Read:
    """The CEL value of what stands there, or `UNFIT`."""

    def read(there: object) -> object:
        if there is UNFIT:
            return UNFIT
        try:
            return read_whole(there, shape, shapes, "")
        except Misfit:
            return UNFIT

    return read


def fits(shape: Shape, shapes: Shapes) -> Read:
    """True of what fits as a whole; raises otherwise."""

    def check(there: object) -> bool:
        read_whole(there, shape, shapes, "")
        return True

    return check


def present(shape: Shape, shapes: Shapes) -> Read:
    """True of what fits as deep as its own node; raises otherwise."""

    def check(there: object) -> bool:
        read_shallow(there, shape, "")
        return True

    return check


def is_null(shape: Shape, shapes: Shapes) -> Read:
    """Whether null stands there; raises for what fits neither way, as deep as its own node."""

    def check(there: object) -> bool:
        return read_shallow(there, shape, "") is None

    return check


def maybe(shape: Shape, shapes: Shapes) -> Read:
    """The optional value of what stands there: none when nothing does."""

    def read(there: object) -> Optional:
        return NONE if there is MISSING else Optional.of(read_whole(there, shape, shapes, ""))

    return read


# ---- lists and maps of the input ----


def strings(there: object) -> object:
    """A list of strings as it is, or `UNFIT`."""
    if type(there) is not list or len(there) > MAX_LIST:
        return UNFIT
    for element in there:
        if type(element) is not str:
            return UNFIT
    return there


def elements(shape: Shape, shapes: Shapes) -> Read:
    """The CEL values of a list's elements, or `UNFIT` when one does not fit."""
    item = item_shape(shape, shapes)

    def read(there: object) -> object:
        if type(there) is not list or len(there) > MAX_LIST:
            return UNFIT
        try:
            return [read_whole(element, item, shapes, "") for element in there]
        except Misfit:
            return UNFIT

    return read


def singles(shape: Shape) -> Read:
    """What a loop with one variable visits: the elements of a list as they are, the keys of a map, sorted."""

    def read(there: object) -> list[object]:
        read_shallow(there, shape, "")
        if type(there) is list:
            check_length(there, shape, "")
            return there
        return [key for key, _ in _entries(there, shape)]

    return read


def pairs(shape: Shape) -> Read:
    """What a loop with two variables visits: index and element of a list, key and value of a map, keys sorted."""

    def read(there: object) -> list[tuple[object, object]]:
        read_shallow(there, shape, "")
        if type(there) is list:
            check_length(there, shape, "")
            return list(enumerate(there))
        return _entries(there, shape)

    return read


def _entries(there: object, shape: Shape) -> list[tuple[object, object]]:
    if type(there) is not dict:
        raise GiveUp
    check_length(there, shape, "")
    return [(key, there[key]) for key in keys_of(there, shape, "")]


def contains(shape: Shape, shapes: Shapes) -> Callable[[object, object], bool]:
    """`item in there`; raises when an element does not fit, though the exact tier may find an equal one."""
    item_of = item_shape(shape, shapes)

    def check(item: object, there: object) -> bool:
        read_shallow(there, shape, "")
        if type(there) is dict:
            return type(item) is str and item in there
        if type(there) is not list:
            raise GiveUp
        check_length(there, shape, "")
        return in_list(item, [read_whole(element, item_of, shapes, "") for element in there])

    return check


def element(shape: Shape) -> Callable[[object, object], object]:
    """What stands at an index of a list or under a key of an open map; raises when nothing does."""
    find = maybe_element(shape)

    def get(there: object, key: object) -> object:
        found = find(there, key)
        if found is MISSING:
            raise GiveUp
        return found

    return get


def maybe_element(shape: Shape) -> Callable[[object, object], object]:
    """As `element`, but `MISSING` when nothing stands there."""

    def find(there: object, key: object) -> object:
        read_shallow(there, shape, "")
        if type(there) is list:
            at = position(key, len(there))
            return there[at] if at >= 0 else MISSING
        if type(there) is dict:
            return there.get(key, MISSING) if type(key) is str else MISSING
        raise GiveUp

    return find


def count(shape: Shape) -> Read:
    """The size of a list or an open map; raises for anything else."""

    def size(there: object) -> int:
        read_shallow(there, shape, "")
        if type(there) is list or type(there) is dict:
            return len(there)
        raise GiveUp

    return size
