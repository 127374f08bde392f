"""Infer: types for every condition; from here on the rule set is in its compiled form.

Constants, definitions and functions come first, in dependency order, each in the names of its own file;
then rules, with what their `with` says. A statement with an error is left out, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assentry.cel.environment import Constant, Environment, Function, FunctionHead
from assentry.cel.fold import fold
from assentry.cel.infer import infer as infer_expression
from assentry.cel.infer import infer_condition
from assentry.code import form
from assentry.compiler.bind import Bound, Entity, Package, Placed
from assentry.compiler.inputs import Inputs
from assentry.compiler.metadata import check_defaults, read_metadata
from assentry.compiler.report import Report
from assentry.compiler.schema import Schema
from assentry.language import nodes
from assentry.source import Source
from assentry.values.types import type_of_constant


@dataclass(frozen=True, slots=True)
class Inferred:
    """The rule set in its compiled form: definitions in dependency order, rules sorted by id."""

    inputs: Inputs
    sources: tuple[Source, ...]
    schema: Schema
    default: Literal["allow", "deny"]
    definitions: tuple[form.DefinitionForm, ...]
    rules: tuple[form.RuleForm, ...]


class _Names:
    """What names mean so far: grows with each entity, and gives each file its environment."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.constants: dict[str, Constant] = {}
        self.definitions: dict[str, int] = {}
        self.functions: dict[str, Function] = {}
        self.imports = [
            {name: Constant.of(data.value) for name, data in imported.items()} for imported in bound.imports
        ]
