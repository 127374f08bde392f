"""The obvious slow interpreter of a rule set: written from the language page, over the syntax trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assentry.cel import nodes as cel_nodes
from assentry.diagnostics import Diagnostic
from assentry.errors import CompileError
from assentry.language import nodes
from assentry.language.parse import parse
from assentry.source import Source
from assentry.values import runtime
from tests.oracle import cel, verdict
from tests.oracle.outcome import Cause, Failed
from tests.oracle.place import MISSING, Place, json_type
from tests.oracle.schema import ANY, spec


@dataclass(frozen=True)
class Package:
    """What the files of one package say together."""

    name: str
    constants: dict[str, tuple[nodes.File, nodes.Const]] = field(default_factory=dict)
    heads: dict[str, list[tuple[nodes.File, nodes.Head]]] = field(default_factory=dict)
    rules: dict[str, tuple[nodes.File, nodes.Rule]] = field(default_factory=dict)
    defaults: dict[str, nodes.Value] = field(default_factory=dict)


class RuleSet:
    """A rule set as read: its packages, the schema, the data."""

    def __init__(self, files: Mapping[str, str], schema: Mapping[str, Any], data: Mapping[str, Any] | None = None):
        findings: list[Diagnostic] = []
        trees = [parse(Source(name, text), findings) for name, text in files.items()]
        if findings:
            raise CompileError(findings)
        self.schema = spec(schema, schema)
        self.data = dict(data or {})
        self.default = "deny"
        self.packages: dict[str, Package] = {}
        for tree in trees:
            assert tree is not None
            self._add(tree)
        self.risky = {
            (package.name, name)
            for package in self.packages.values()
            for name, (_, rule) in package.rules.items()
            if any(self._reads_risk(condition, package) for condition in rule.body.conditions)
        }

    def _add(self, file: nodes.File) -> None:
        package = self.packages.setdefault(file.package.name.text, Package(file.package.name.text))
        for entry in file.package.defaults.entries if file.package.defaults else ():
            package.defaults[entry.key.text] = entry.value
        for statement in file.statements:
            match statement:
                case nodes.Default():
                    self.default = statement.decision
                case nodes.Const():
                    package.constants[statement.name.text] = (file, statement)
                case nodes.Head():
                    package.heads.setdefault(statement.name.text, []).append((file, statement))
                case nodes.Rule():
                    package.rules[statement.name.text] = (file, statement)

    def _reads_risk(self, node: object, package: Package) -> bool:
        """Whether a condition compares `risk`, itself or through a definition."""
        if isinstance(node, cel_nodes.Ident) and node.name == "risk":
            return True
        if isinstance(node, tuple):
            return any(self._reads_risk(part, package) for part in node)
        if not isinstance(node, cel_nodes.Node):
            return False
        names = cel.dotted(node) or []
        if isinstance(node, cel_nodes.Call):
            names = [*(cel.dotted(node.target) or ["?"] if node.target else []), node.function]
        home = self.packages.get(names[0]) if len(names) == 2 else package if len(names) == 1 else None
        heads = home.heads.get(names[-1], []) if home is not None else []
        bodies = [(condition, home) for _, head in heads for condition in head.body.conditions]
        if any(self._reads_risk(condition, where) for condition, where in bodies if where is not None):
            return True
        return any(self._reads_risk(getattr(node, name), package) for name in node.__slots__)

    def decide(self, action: Any) -> dict[str, Any]:
        """The verdict as `Verdict.to_dict()` gives it, without `policy`."""
        if type(action) is not dict:
            return verdict.not_a_map(json_type(action))
        return Decision(self, action).verdict()


@dataclass(frozen=True)
class World:
    """What names mean in one file of the rule set during one decision."""

    decision: Decision
    package: Package
    file: nodes.File
    container: str = ""

    def scope(self, file: nodes.File, local: Mapping[str, Any] | None = None) -> cel.Scope:
        return cel.Scope(file.source, World(self.decision, self.package, file), local or {})

    def name(self, dotted: str, absolute: bool) -> Any:
        rules, action = self.decision.rules, self.decision.action
        if "." in dotted:
            package, _, name = dotted.partition(".")
            other = rules.packages.get(package)
            return MISSING if other is None else World(self.decision, other, self.file).own(name)
        if dotted == "risk":
            return self.decision.risk
        if dotted in rules.schema.properties:
            return Place(dotted, rules.schema.properties[dotted], action.get(dotted, MISSING))
        found = self.own(dotted)
        return found if found is not MISSING else self._other(dotted)

    def _other(self, name: str) -> Any:
        for statement in self.file.statements:
            if isinstance(statement, nodes.Import) and statement.path[-1].text == name:
                key = "/".join(part.text for part in statement.path[1:])
                return Place(name, ANY, self.decision.rules.data[key]).deep()
        return runtime.TYPE_VALUES.get(name, MISSING)

    def own(self, name: str) -> Any:
        """A constant or a definition of this package."""
        if name in self.package.constants:
            file, constant = self.package.constants[name]
            return cel.Suspended(lambda: cel.evaluate_node(constant.value, self.scope(file)))
        heads = self.package.heads.get(name)
        if heads is None or heads[0][1].params is not None:
            return MISSING
        return cel.Suspended(lambda: self.any_head(heads, ()))

    def function(self, name: str) -> Callable[[Sequence[cel_nodes.Node], cel.Scope], Any] | None:
        package, _, own = name.rpartition(".")
        home = self.package if not package else self.decision.rules.packages.get(package)
        heads = home.heads.get(own) if home is not None else None
        if home is None or heads is None:
            return None
        world = World(self.decision, home, self.file)
        return lambda args, scope: world.any_head(heads, [suspend(arg, scope) for arg in args])

    def any_head(self, heads: Sequence[tuple[nodes.File, nodes.Head]], args: Sequence[Any]) -> bool:
        """OR over the heads of AND over each head's conditions."""
        causes: set[Cause] = set()
        for file, head in heads:
            local = {param.text: arg for param, arg in zip(head.params or (), args, strict=True)}
            try:
                if cel.connect(head.body.conditions, self.scope(file, local), absorbing=False):
                    return True
            except Failed as failure:
                causes |= failure.causes
        if causes:
            raise Failed(causes)
        return False


def suspend(arg: cel_nodes.Node, scope: cel.Scope) -> cel.Suspended:
    return cel.Suspended(lambda: cel.look(arg, scope))


class Decision:
    """One action decided: each rule's outcome, risk rules first, since the others may read their sum."""

    def __init__(self, rules: RuleSet, action: dict[str, Any]) -> None:
        self.rules = rules
        self.action = action
        self.risk = 0
        outcomes = [self._outcome(*each) for each in self._rules() if each[2].effect == "risk"]
        self.risk = sum(found.rule.weight or 0 for found in outcomes if found.counts and not found.shadow)
        outcomes += [self._outcome(*each) for each in self._rules() if each[2].effect != "risk"]
        self.outcomes = sorted(outcomes, key=lambda found: found.id)

    def _rules(self) -> Iterator[tuple[Package, nodes.File, nodes.Rule]]:
        for package in self.rules.packages.values():
            for file, rule in package.rules.values():
                yield package, file, rule

    def _outcome(self, package: Package, file: nodes.File, rule: nodes.Rule) -> verdict.Outcome:
        world = World(self, package, file)
        own = {entry.key.text: entry.value for entry in (rule.with_.entries if rule.with_ else ())}
        options = {**package.defaults, **own}
        found = verdict.Outcome(package.name, file.source, rule, options)
        try:
            found.fired = cel.connect(rule.body.conditions, world.scope(file), absorbing=False)
        except Failed as failure:
            found.causes = failure.causes
        found.reads_risk = (package.name, rule.name.text) in self.rules.risky
        return found

    def verdict(self) -> dict[str, Any]:
        return verdict.merge(self.rules, self.outcomes, self.risk, self.action)


def interpret(
    files: Mapping[str, str], action: Any, schema: Mapping[str, Any], data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The verdict of a rule set, given as texts by name, on one action."""
    return RuleSet(files, schema, data).decide(action)
