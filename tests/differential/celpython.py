"""cel-python's InterpretedRunner as a third opinion, on the part of the language in which it conforms.

(Its CompiledRunner is not asked here: it is not safe to share between threads, see tests/cel/test_threads.py.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import celpy
from celpy import celtypes
from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import CELEvalError

from assentry.values.runtime import Uint, key_value, map_key
from tests.differential.ours import Errs, Gives, Outcome, Refused

CELParser.CEL_PARSER = None  # kept on the class, with the tree nodes of whichever runner came first
_ENVIRONMENT = celpy.Environment(runner_class=celpy.InterpretedRunner)


def by_celpython(text: str, bindings: Mapping[str, object]) -> Outcome:
    try:
        program = _ENVIRONMENT.program(_ENVIRONMENT.compile(text))
    except CELParseError as error:
        return Refused(frozenset({str(error)}))
    try:
        return Gives(_value(program.evaluate({name: _given(value) for name, value in bindings.items()})))
    except CELEvalError as error:
        return Errs(frozenset({str(error)}))


def _given(value: object) -> Any:
    match value:
        case bool():
            return celtypes.BoolType(value)
        case Uint():
            return celtypes.UintType(value)
        case int():
            return celtypes.IntType(value)
        case str():
            return celtypes.StringType(value)
        case list():
            return celtypes.ListType([_given(item) for item in value])
        case dict():
            return celtypes.MapType({_given(key_value(key)): _given(item) for key, item in value.items()})
    raise TypeError(f"not asked about {type(value).__name__}")


def _value(found: Any) -> object:
    match found:
        case celtypes.BoolType() | bool():
            return bool(found)
        case celtypes.UintType():
            return Uint(found)
        case celtypes.IntType():
            return int(found)
        case str():
            return str(found)
        case celtypes.ListType() | list():
            return [_value(item) for item in found]
        case celtypes.MapType():
            return {map_key(_value(key)): _value(item) for key, item in found.items()}
    raise TypeError(f"cel-python gave {type(found).__name__}")
