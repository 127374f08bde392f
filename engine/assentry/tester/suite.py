"""A test file as read: its cases, each with the action it decides and what it expects.

    suite: exports
    actions:
      base: {subject: {...}, action: {name: data.export}, resource: {...}, context: {...}}
    cases:
      - name: personal data to a partner bucket pauses
        action: base
        set: {resource.labels: [pii]}
        unset: [action.rows]
        expect: {decision: require_approval, rules: [exports.pii_export], controls: [A.8.12]}
    matrix:
      - action: base
        over: {action.name: [data.read, data.export], resource.labels: [[], [pii]]}
        expect: [[allow, allow], [deny, require_approval]]

Everything that is wrong with a file is reported at once, each at its place.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from assentry.diagnostics import Diagnostic, did_you_mean, one_of, sort_key
from assentry.errors import CompileError
from assentry.source import Source, Span
from assentry.tester.expect import Expect, read_expect
from assentry.tester.paths import PathError, removed, replaced
from assentry.yamlfile import YamlFile, YamlList, YamlMap, YamlNode, YamlScalar, plain

SUFFIXES = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True)
class Case:
    """One action with what is expected of its verdict; `span` is the place of the expectation's owner."""

    name: str
    source: Source
    span: Span
    action: object
    expect: Expect

    @property
    def at(self) -> str:
        return f"{self.source.name}:{self.source.position(self.span.start).line}"


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file, those of a matrix included, in the order of the text."""

    name: str
    file: str
    cases: tuple[Case, ...]


def read_suite(file: YamlFile) -> Suite:
    """The suite in a file. Raises CompileError with every finding."""
    reader = _Reader(file.source)
    suite = reader.suite(file.root)
    if reader.findings:
        raise CompileError(sorted(dict.fromkeys(reader.findings), key=sort_key))
    return suite


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Diagnostic] = []
        self.actions: dict[str, object] = {}

    def find(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        self.findings.append(Diagnostic(code, message, self.source, span, help))

    def suite(self, root: YamlNode) -> Suite:
        table = self.table(root, "a test file", ("suite", "actions", "cases", "matrix"), ("suite",))
        name = self.text(table.get("suite"), "`suite`")
        actions = table.get("actions")
        if isinstance(actions, YamlMap):
            self.actions = {str(key.value): plain(value) for key, value in actions.entries}
        elif actions is not None:
            self.find("test-file", "`actions` must be a map of names to actions", actions.span)
        cases = [case for node in self.items(table.get("cases"), "`cases`") for case in self.case(node)]
        for number, node in enumerate(self.items(table.get("matrix"), "`matrix`"), start=1):
            cases.extend(self.matrix(node, number))
        if not cases and not self.findings:
            self.find("test-empty", "this suite has no cases", root.span, "write `cases:` or `matrix:`")
        self._refuse_twins(cases)
        return Suite(name, self.source.name, tuple(cases))

    def _refuse_twins(self, cases: Sequence[Case]) -> None:
        seen: set[str] = set()
        for case in cases:
            if case.name in seen:
                self.find("test-duplicate", f"two cases are called `{case.name}`", case.span)
            seen.add(case.name)

    # ---- cases ----

    def case(self, node: YamlNode) -> Iterator[Case]:
        known = ("name", "action", "set", "unset", "expect")
        table = self.table(node, "a case", known, ("name", "action", "expect"))
        action = self.action(table)
        expect = read_expect(table["expect"], self.find) if "expect" in table else None
        if expect is not None and action is not None:
            yield Case(self.text(table.get("name"), "`name`"), self.source, node.span, action.value, expect)

    def matrix(self, node: YamlNode, number: int) -> Iterator[Case]:
        known = ("name", "action", "set", "unset", "over", "expect")
        table = self.table(node, "a matrix", known, ("action", "over", "expect"))
        label = self.text(table["name"], "`name`") if "name" in table else f"matrix {number}"
        action, over = self.action(table), self.over(table.get("over"))
        if action is None or not over or "expect" not in table:
            return
        leaves = self.leaves(table["expect"], [len(values) for _, values in over], [path for path, _ in over])
        if leaves is None:
            return
        combinations = product(*(values for _, values in over))
        for combination, leaf in zip(combinations, leaves, strict=True):
            expect = read_expect(leaf, self.find)
            value = action.value
            for (path, _), replacement in zip(over, combination, strict=True):
                value = self.changed(value, path, replacement)
            if expect is not None:
                chosen = ", ".join(
                    f"{path.value} = {_short(part)}" for (path, _), part in zip(over, combination, strict=True)
                )
                yield Case(f"{label}: {chosen}", self.source, leaf.span, value, expect)

    def over(self, node: YamlNode | None) -> list[tuple[YamlScalar, tuple[YamlNode, ...]]]:
        if node is None:
            return []
        if not isinstance(node, YamlMap) or not node.entries:
            self.find("test-file", "`over` must be a map of paths to lists of values", node.span)
            return []
        rows = []
        for path, values in node.entries:
            if not isinstance(values, YamlList) or not values.items:
                self.find("test-file", f"`{path.value}` must have a list of values here", values.span)
                return []
            rows.append((path, values.items))
        return rows

    def leaves(self, node: YamlNode, sizes: list[int], paths: list[YamlScalar]) -> list[YamlNode] | None:
        """The expectations of a nested list, outermost path first; None after reporting a wrong shape."""
        if not sizes:
            return [node]
        if not isinstance(node, YamlList) or len(node.items) != sizes[0]:
            found = f"{len(node.items)}" if isinstance(node, YamlList) else "none"
            self.find(
                "test-matrix",
                f"expected a list of {sizes[0]}, one for each value of `{paths[0].value}`; found {found}",
                node.span,
                "`expect` nests lists in the order of `over`: the first path's values are the outermost",
            )
            return None
        parts = [self.leaves(item, sizes[1:], paths[1:]) for item in node.items]
        return None if None in parts else [leaf for part in parts if part is not None for leaf in part]

    # ---- actions ----

    def action(self, table: Mapping[str, YamlNode]) -> _Action | None:
        """The action that a case names, with its changes; None after reporting what is wrong."""
        node = table.get("action")
        if node is None:
            return None
        if isinstance(node, YamlMap):
            value = plain(node)
        elif isinstance(node, YamlScalar) and isinstance(node.value, str) and node.value in self.actions:
            value = copy.deepcopy(self.actions[node.value])
        else:
            name = str(plain(node))
            help = did_you_mean(name, self.actions) or f"known here: {one_of(list(self.actions)) or 'none'}"
            self.find("test-action", f"there is no action `{name}` in this file", node.span, help)
            return None
        if isinstance(changes := table.get("set"), YamlMap):
            for path, replacement in changes.entries:
                value = self.changed(value, path, replacement)
        elif changes is not None:
            self.find("test-file", "`set` must be a map of paths to values", changes.span)
        for gone in self.items(table.get("unset"), "`unset`"):
            try:
                value = removed(value, self.text(gone, "a path"))
            except PathError as error:
                self.find("test-path", str(error), gone.span)
        return _Action(value)

    def changed(self, value: object, path: YamlScalar, replacement: YamlNode) -> object:
        try:
            return replaced(value, str(path.value), plain(replacement))
        except PathError as error:
            self.find("test-path", str(error), path.span)
            return value

    # ---- typed reads ----

    def table(self, node: YamlNode, what: str, known: Sequence[str], required: Sequence[str]) -> dict[str, YamlNode]:
        if not isinstance(node, YamlMap):
            self.find(
                "test-file", f"{what} must be a map with the keys {', '.join(f'`{key}`' for key in known)}", node.span
            )
            return {}
        for key, _ in node.entries:
            if key.value not in known:
                help = (
                    did_you_mean(str(key.value), known) or f"{what} has the keys {', '.join(f'`{k}`' for k in known)}"
                )
                self.find("test-key", f"unknown key `{key.value}`", key.span, help)
        table = {str(key.value): value for key, value in node.entries}
        for needed in required:
            if needed not in table:
                self.find("test-key", f"{what} needs the key `{needed}`", node.span)
        return table

    def items(self, node: YamlNode | None, what: str) -> tuple[YamlNode, ...]:
        if node is None:
            return ()
        if isinstance(node, YamlList):
            return node.items
        self.find("test-file", f"{what} must be a list", node.span)
        return ()

    def text(self, node: YamlNode | None, what: str) -> str:
        if isinstance(node, YamlScalar) and isinstance(node.value, str) and node.value.strip():
            return node.value
        if node is not None:
            self.find("test-file", f"{what} must be a text", node.span)
        return ""


@dataclass(frozen=True, slots=True)
class _Action:
    """An action, which may itself be null."""

    value: object


def _short(node: YamlNode) -> str:
    text = json.dumps(plain(node), ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
