"""Data files as constants: their values as CEL values, with the most telling type that they show."""

from __future__ import annotations

from functools import reduce

from assentry.cel.environment import Constant
from assentry.compiler.inputs import DataFile
from assentry.values.runtime import type_of_value
from assentry.values.types import DYN, STRING, Type, list_of, map_of


def data_constant(file: DataFile) -> Constant:
    """A data file's document as a constant."""
    return Constant(file.value, deep_type(file.value))


def deep_type(value: object) -> Type:
    """The type of a constant with what its lists and maps hold: `list(string)`; `dyn` where that differs."""
    match value:
        case list():
            return list_of(_common([deep_type(item) for item in value]))
        case dict():
            return map_of(STRING, _common([deep_type(item) for item in value.values()]))
        case _:
            return type_of_value(value)


def _common(types: list[Type]) -> Type:
    return reduce(lambda first, second: first if first == second else DYN, types) if types else DYN
