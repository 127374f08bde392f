"""Bind: whose name is whose.

Statements of all files become packages of constants, definitions, functions and rules; every name means
one thing; references between constants, definitions and functions are put in dependency order, and a
cycle among them is refused. Nothing here depends on the order of files or statements.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from assentry.cel import nodes as cel
from assentry.cel.environment import TYPE_NAMES
from assentry.compiler.inputs import DataFile, Inputs
from assentry.compiler.parse import Parsed
from assentry.compiler.references import Reference, loop_variables, references
from assentry.compiler.report import Report
from assentry.diagnostics import Related, did_you_mean, one_of
from assentry.language import nodes
from assentry.source import Source, Span
from assentry.values.registry import FUNCTIONS

RISK = "risk"
NAMESPACES = frozenset({"base64", "cel", "lists", "math", "net", "optional", "sets", "strings"})
WORDS = frozenset({RISK, "has"}) | NAMESPACES | TYPE_NAMES.keys()

What = Literal["constant", "definition", "function"]
NodeT_co = TypeVar("NodeT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Placed(Generic[NodeT_co]):
    """A statement (or a part of one) with the index of its file."""

    file: int
    node: NodeT_co


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing that conditions can read: a constant, a definition or a function, with all its heads."""

    what: What
    package: str
    name: str
    constant: Placed[nodes.Const] | None = None
    heads: tuple[Placed[nodes.Head], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.package}.{self.name}"

    @property
    def own_name(self) -> nodes.Name:
        return self.constant.node.name if self.constant is not None else self.heads[0].node.name

    @property
    def place(self) -> tuple[int, Span]:
        """The file and the span of the name where it is first defined."""
        placed = self.constant if self.constant is not None else self.heads[0]
        return placed.file, self.own_name.span


@dataclass(frozen=True, slots=True)
class Package:
    """One package over all its files. `defaults` are the entries of its `with`."""

    name: str
    entities: Mapping[str, Entity]
    rules: Mapping[str, Placed[nodes.Rule]]
    defaults: Mapping[str, Placed[nodes.Entry]]


@dataclass(frozen=True, slots=True)
class Bound:
    """The whole rule set by name. `order` lists entities so that each refers only to earlier ones;
    `imports` gives for each file the data files by the name that binds them."""

    inputs: Inputs
    files: tuple[nodes.File, ...]
    packages: Mapping[str, Package]
    imports: tuple[Mapping[str, DataFile], ...]
    order: tuple[Entity, ...]
    default: Literal["allow", "deny"]


def bind(parsed: Parsed, report: Report) -> Bound:
    """Names to things. Raises CompileError when a name is taken twice or defined by itself: what it should
    mean is then anybody's guess, and guesses would be reported as further mistakes."""
    imports = tuple(_imports(file, parsed, report) for file in parsed.files)
    packages = {
        name: _package(
            name, [i for i, file in enumerate(parsed.files) if file.package.name.text == name], parsed, report
        )
        for name in sorted({file.package.name.text for file in parsed.files})
    }
    roots = frozenset(root.name for root in parsed.inputs.schema.roots)
    _check_names(parsed, packages, imports, roots, report)
    order = _dependency_order(parsed, packages, report)
    default = _default(parsed, report)
    report.stop_if_failed()
    return Bound(parsed.inputs, parsed.files, packages, imports, order, default)


def _imports(file: nodes.File, parsed: Parsed, report: Report) -> dict[str, DataFile]:
    bound: dict[str, DataFile] = {}
    for statement in file.statements:
        if not isinstance(statement, nodes.Import):
            continue
        path = [name.text for name in statement.path]
        data = parsed.inputs.data.get("/".join(path[1:])) if path[0] == "data" else None
        if data is None:
            known = [f"data.{name.replace('/', '.')}" for name in parsed.inputs.data]
            report.error(
                "unknown-import",
                f"there is no data file for `{'.'.join(path)}`",
                file.source,
                statement.span,
                help=did_you_mean(".".join(path), known)
                or f"`import data.accounts` reads `data/accounts.yaml` under the rules' root; known here: {one_of(known) or 'none'}",
            )
            continue
        if path[-1] in bound:
            report.error("duplicate-name", f"`{path[-1]}` is imported twice", file.source, statement.span)
        bound[path[-1]] = data
    return bound


def _package(name: str, members: list[int], parsed: Parsed, report: Report) -> Package:
    entities: dict[str, Entity] = {}
    rules: dict[str, Placed[nodes.Rule]] = {}
    defaults: dict[str, Placed[nodes.Entry]] = {}
    for index in members:
        file = parsed.files[index]
        for entry in file.package.defaults.entries if file.package.defaults else ():
            if (before := defaults.get(entry.key.text)) is not None:
                _twice(parsed, report, "default", entry.key, index, before.file, before.node.key.span)
                continue
            defaults[entry.key.text] = Placed(index, entry)
        for statement in file.statements:
            match statement:
                case nodes.Rule(name=own):
                    if (rule := rules.get(own.text)) is not None:
                        _twice(parsed, report, "rule", own, index, rule.file, rule.node.name.span)
                        continue
                    rules[own.text] = Placed(index, statement)
                case nodes.Const():
                    entity = Entity("constant", name, statement.name.text, constant=Placed(index, statement))
                    _add_entity(entities, entity, parsed, report)
                case nodes.Head():
                    what: What = "definition" if statement.params is None else "function"
                    entity = Entity(what, name, statement.name.text, heads=(Placed(index, statement),))
                    _add_entity(entities, entity, parsed, report)
    for own_name, rule in rules.items():
        if own_name in entities:
            other, span = entities[own_name].place
            _twice(parsed, report, "name", rule.node.name, rule.file, other, span)
    return Package(name, entities, rules, defaults)


def _add_entity(entities: dict[str, Entity], entity: Entity, parsed: Parsed, report: Report) -> None:
    """Adds an entity, or one more head to the entity of that name."""
    before = entities.get(entity.name)
    if before is None:
        entities[entity.name] = entity
    elif entity.what != before.what or entity.what == "constant":
        _twice(parsed, report, "name", entity.own_name, entity.place[0], *before.place)
    elif _arity(before) != _arity(entity):
        there, span = before.place
        report.error(
            "wrong-arity",
            f"all heads of `{entity.name}` take the same number of arguments",
            parsed.files[entity.place[0]].source,
            entity.place[1],
            related=(Related("another head is here", parsed.files[there].source, span),),
        )
    else:
        entities[entity.name] = replace(before, heads=(*before.heads, *entity.heads))


def _arity(entity: Entity) -> int:
    return len(entity.heads[0].node.params or ())


def _twice(parsed: Parsed, report: Report, what: str, own: nodes.Name, file: int, other: int, span: Span) -> None:
    """Reports the later of two places, whichever way the statements were met."""
    here, there = parsed.files[file].source, parsed.files[other].source
    report.error(
        f"duplicate-{what}",
        f"`{own.text}` is already taken in this package",
        here,
        own.span,
        help="a name means one thing: choose another"
        if what == "name"
        else f"two {what}s of one package cannot share a name",
        related=(Related("it was first used here", there, span),),
    )


# ---- names that collide across kinds ----


def _check_names(
    parsed: Parsed,
    packages: Mapping[str, Package],
    imports: tuple[Mapping[str, DataFile], ...],
    roots: frozenset[str],
    report: Report,
) -> None:
    for package in packages.values():
        for entity in package.entities.values():
            index, span = entity.place
            called = FUNCTIONS.keys() if entity.what == "function" else frozenset[str]()
            _refuse_taken(entity.name, parsed.files[index].source, span, roots, packages, report, called)
    for index, file in enumerate(parsed.files):
        package = packages[file.package.name.text]
        _refuse_taken(package.name, file.source, file.package.name.span, roots, {}, report)
        _check_imports(file, package, packages, parsed, imports[index], roots, report)
        taken = roots | packages.keys() | package.entities.keys() | imports[index].keys() | {RISK}
        _check_variables(file, taken, report)


def _check_imports(
    file: nodes.File,
    package: Package,
    packages: Mapping[str, Package],
    parsed: Parsed,
    imports: Mapping[str, DataFile],
    roots: frozenset[str],
    report: Report,
) -> None:
    for statement in file.statements:
        if not isinstance(statement, nodes.Import) or (own := statement.path[-1]).text not in imports:
            continue
        _refuse_taken(own.text, file.source, own.span, roots, packages, report)
        if (taken := package.entities.get(own.text)) is not None:
            other, span = taken.place
            related = Related("it is defined here", parsed.files[other].source, span)
            message = f"`{own.text}` is already a name of this package"
            report.error("duplicate-name", message, file.source, own.span, related=(related,))


def _check_variables(file: nodes.File, taken: frozenset[str], report: Report) -> None:
    """Parameters and loop variables shadow nothing."""
    for statement in file.statements:
        params = (statement.params or ()) if isinstance(statement, nodes.Head) else ()
        for at, param in enumerate(params):
            if param.text in taken or param.text in {earlier.text for earlier in params[:at]}:
                _shadow(param.text, file.source, param.span, report)
        inner = taken | {param.text for param in params}
        for node in _expressions(statement):
            for variable, span, outer in loop_variables(node):
                if variable in inner or variable in outer:
                    _shadow(variable, file.source, span, report)


def _shadow(name: str, source: Source, span: Span, report: Report) -> None:
    report.error(
        "shadowed-name",
        f"`{name}` already means something here",
        source,
        span,
        help="a name means one thing: choose another for this variable",
    )


def _refuse_taken(
    name: str,
    source: Source,
    span: Span,
    roots: frozenset[str],
    packages: Mapping[str, Package],
    report: Report,
    functions: Collection[str] = (),
) -> None:
    if name in roots:
        why = "that is a part of the action document"
    elif name in packages:
        why = "that is a package of this rule set"
    elif name in WORDS or name in functions:
        why = "the language uses that name"
    else:
        return
    report.error(
        "taken-name", f"`{name}` cannot be defined: {why}", source, span, help="a name means one thing: choose another"
    )


def _expressions(statement: nodes.Statement) -> tuple[cel.Node, ...]:
    match statement:
        case nodes.Const(value=value):
            return (value,)
        case nodes.Head(body=body) | nodes.Rule(body=body):
            return body.conditions
        case _:
            return ()


# ---- dependency order ----


def _dependency_order(parsed: Parsed, packages: Mapping[str, Package], report: Report) -> tuple[Entity, ...]:
    """Entities so that each comes after what it reads; each cycle is reported once and cut."""
    done: dict[str, Entity] = {}
    open_path: list[str] = []

    # An explicit stack: a chain of ten thousand definitions must not exhaust Python's own.
    def visit(start: Entity) -> None:
        stack = [(start, iter(_used(start, packages)))]
        open_path.append(start.id)
        while stack:
            entity, pending = stack[-1]
            reference = next(pending, None)
            if reference is None:
                stack.pop()
                open_path.pop()
                done[entity.id] = entity
                continue
            used = packages[reference.package].entities[reference.name]
            if used.id in open_path:
                _cycle(parsed, entity, reference, open_path[open_path.index(used.id) :], report)
            elif used.id not in done:
                stack.append((used, iter(_used(used, packages))))
                open_path.append(used.id)

    for package in packages.values():
        for name in sorted(package.entities):
            if package.entities[name].id not in done:
                visit(package.entities[name])
    return tuple(done.values())


def _used(entity: Entity, packages: Mapping[str, Package]) -> list[Reference]:
    """What an entity reads, by its syntax: names of its own package, `package.name` of others."""
    found: list[Reference] = []
    if entity.constant is not None:
        found += references(entity.constant.node.value, entity.package, entity.constant.file, packages)
    for head in entity.heads:
        for condition in head.node.body.conditions:
            found += references(condition, entity.package, head.file, packages)
    return found


def _cycle(parsed: Parsed, entity: Entity, reference: Reference, path: list[str], report: Report) -> None:
    ring = " > ".join(f"`{name}`" for name in [*path, path[0]])
    report.error(
        "recursive-definition",
        f"`{reference.name}` is defined by itself: {ring}",
        parsed.files[reference.file].source,
        reference.span,
        help="definitions, functions and constants cannot be recursive",
    )


def _default(parsed: Parsed, report: Report) -> Literal["allow", "deny"]:
    """The rule set's default: deny unless the one `default` statement says otherwise."""
    found = [
        (file, statement)
        for file in parsed.files
        for statement in file.statements
        if isinstance(statement, nodes.Default)
    ]
    for file, statement in found[1:]:
        first = found[0]
        report.error(
            "duplicate-default",
            "a rule set has at most one `default`",
            file.source,
            statement.span,
            related=(Related("the first one is here", first[0].source, first[1].span),),
        )
    return found[0][1].decision if found else "deny"
