"""Infer: types for every condition; from here on the rule set is in its compiled form.

Constants, definitions and functions come first, in dependency order, each in the names of its own file;
then rules, with what their `with` says. A statement with an error is left out, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assentry.cel.environment import Constant, Environment, Function, FunctionHead
from assentry.cel.infer import infer as infer_expression
from assentry.cel.infer import infer_condition
from assentry.cel.nodes import Node
from assentry.code import form
from assentry.compiler import risk
from assentry.compiler.bind import Bound, Entity
from assentry.compiler.constants import data_constant
from assentry.compiler.inputs import Inputs
from assentry.compiler.metadata import check_defaults, read_metadata
from assentry.compiler.report import Report
from assentry.compiler.schema import Schema
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.language import nodes
from assentry.source import Source
from assentry.values.types import DYN


@dataclass(frozen=True, slots=True)
class Inferred:
    """The rule set in its compiled form: definitions in dependency order, rules sorted by id."""

    inputs: Inputs
    sources: tuple[Source, ...]
    schema: Schema
    default: Literal["allow", "deny"]
    definitions: tuple[form.DefinitionForm, ...]
    rules: tuple[form.RuleForm, ...]


def infer(bound: Bound, report: Report) -> Inferred:
    """The compiled form of all that has no error; errors go to the report."""
    names = _Names(bound, report)
    definitions = []
    for entity in bound.order:
        if entity.what == "definition":
            definitions.append(_definition(entity, names))
            names.definitions[entity.id] = len(definitions) - 1
        elif entity.what == "function":
            _add_function(entity, names)
        else:
            _add_constant(entity, names)
    names.settle()
    rules = []
    for package in bound.packages.values():
        check_defaults(package.defaults, bound.files, report)
        rules += [
            _rule(f"{package.name}.{placed.node.name.text}", placed.file, placed.node, names)
            for placed in package.rules.values()
        ]
    ways = risk.ways(definitions)
    return Inferred(
        bound.inputs,
        tuple(file.source for file in bound.files),
        bound.inputs.schema,
        bound.default,
        tuple(definitions),
        tuple(
            sorted((_reading(rule, ways) for rule in rules if rule is not None), key=lambda rule: rule.id),
        ),
    )


class _Names:
    """What names mean so far: grows with each entity, and gives each file its environment."""

    def __init__(self, bound: Bound, report: Report) -> None:
        self.bound = bound
        self.report = report
        self.roots = {root.name: root for root in bound.inputs.schema.roots}
        self.constants: dict[str, Constant] = {}
        self.definitions: dict[str, int] = {}
        self.functions: dict[str, Function] = {}
        data = {file.key: data_constant(file) for imports in bound.imports for file in imports.values()}
        self.rules = frozenset(
            f"{package.name}.{name}" for package in bound.packages.values() for name in package.rules
        )
        self._settled: list[Environment] = []
        self.imports = [{name: data[file.key] for name, file in imports.items()} for imports in bound.imports]

    def settle(self) -> None:
        """From here on no name is added: what names mean is looked up once."""
        self._settled = [replace(self.environment(file), meanings={}) for file in range(len(self.bound.files))]

    def environment(self, file: int) -> Environment:
        """The names of one file as they stand now."""
        if self._settled:
            return self._settled[file]
        return Environment(
            shapes=self.bound.inputs.schema.shapes,
            roots=self.roots,
            constants={**self.constants, **self.imports[file]} if self.imports[file] else self.constants,
            definitions=self.definitions,
            functions=self.functions,
            container=self.bound.files[file].package.name.text,
            risk=True,
            mixed_numbers=True,
            file=file,
            rules=self.rules,
        )

    def conditions(self, conditions: tuple[Node, ...], file: int) -> tuple[form.Expr, ...] | None:
        """All conditions of a body in their compiled form; None when one has an error."""
        environment, source = self.environment(file), self.bound.files[file].source
        found = [infer_condition(condition, environment, source, self.report.findings) for condition in conditions]
        result = tuple(condition for condition in found if condition is not None)
        return result if len(result) == len(found) else None


def _reading(rule: form.RuleForm, ways: Sequence[risk.Ways]) -> form.RuleForm:
    """The rule, marked when its text reads `risk`. Told here, before folding may drop the reading: what a
    rule can open must not hang on the value of a constant."""
    reads = any(True for condition in rule.conditions for _ in risk.uses(condition, ways))
    return replace(rule, reads_risk=True) if reads else rule


def _definition(entity: Entity, names: _Names) -> form.DefinitionForm:
    """A definition with an error in one of its heads has none: `check` knows it by that."""
    heads = []
    for placed in entity.heads:
        conditions = names.conditions(placed.node.body.conditions, placed.file)
        if conditions is not None:
            heads.append(form.HeadForm(placed.file, placed.node.name.span, conditions))
    return form.DefinitionForm(entity.id, tuple(heads) if len(heads) == len(entity.heads) else ())


def _add_function(entity: Entity, names: _Names) -> None:
    heads = []
    for placed in entity.heads:
        file, head = placed.file, placed.node
        source = names.bound.files[file].source
        environment = names.environment(file)
        params = tuple(param.text for param in head.params or ())
        heads.append(FunctionHead(params, head.body.conditions, source, file, environment))
        _check_alone(params, head, source, environment, names.report)
    names.functions[entity.id] = Function(entity.id, tuple(heads))


def _check_alone(
    params: tuple[str, ...], head: nodes.Head, source: Source, environment: Environment, report: Report
) -> None:
    """A function is checked once with arguments of any type, so that one nobody calls is checked too."""
    alone = replace(environment, variables=dict.fromkeys(params, DYN))
    for condition in head.body.conditions:
        infer_condition(condition, alone, source, report.findings)


def _add_constant(entity: Entity, names: _Names) -> None:
    placed = entity.constant
    assert placed is not None
    source = names.bound.files[placed.file].source
    found = infer_expression(placed.node.value, names.environment(placed.file), source, names.report.findings)
    if found is None:
        names.constants[entity.id] = Constant(None, DYN)
        return
    expression, type_ = found
    value = Exact(World((source,))).value(expression) if _is_closed(expression) else None
    if not _is_closed(expression) or isinstance(value, Failure):
        names.report.error(
            "not-constant",
            f"`{entity.name}` is not a constant",
            source,
            placed.node.value.span,
            help="this expression has no value: " + value.first.kind.value
            if isinstance(value, Failure)
            else "a constant is made of literals, other constants and data, not of the action",
        )
        value = None
    names.constants[entity.id] = Constant(value, type_)


def _is_closed(expression: form.Expr) -> bool:
    """Whether an expression reads nothing of the action: no place, definition or risk is in it."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, form.Raw | form.Define | form.Risk):
            return False
        stack.extend(form.children(node))
    return True


def _rule(id: str, file: int, rule: nodes.Rule, names: _Names) -> form.RuleForm | None:
    source = names.bound.files[file].source
    defaults = names.bound.packages[names.bound.files[file].package.name.text].defaults
    metadata = read_metadata(rule, source, defaults, names.bound.files, names.bound.inputs.schema, names.report)
    conditions = names.conditions(rule.body.conditions, file)
    if conditions is None:
        return None
    return form.RuleForm(
        id=id,
        effect=rule.effect,
        file=file,
        span=rule.name.span,
        conditions=conditions,
        title=metadata.title,
        reason=metadata.reason,
        controls=metadata.controls,
        seats=metadata.seats,
        within=metadata.within,
        redact=metadata.redact,
        weight=rule.weight or 0,
        shadow=metadata.shadow,
        meta=tuple(sorted(metadata.meta.items())),
    )
