"""Check: refuse what types alone do not: unguarded reads, risk used against its direction, too costly rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NewType

from assentry.cel import cost, guards
from assentry.code import form
from assentry.compiler import risk
from assentry.compiler.infer import Inferred
from assentry.compiler.report import Report

Checked = NewType("Checked", Inferred)


def check(inferred: Inferred, report: Report) -> Checked:
    """Reports what must not run; raises CompileError when anything so far was an error."""
    _check_guards(inferred, report)
    _check_risk(inferred, report)
    _check_cost(inferred, report)
    report.stop_if_failed()
    return Checked(inferred)


def _check_guards(inferred: Inferred, report: Report) -> None:
    """Leaves out what refers to a definition with an error: its guards are not known, and a reader is not to blame."""
    facts: list[guards.Facts] = []
    doubtful: set[int] = set()
    for index, definition in enumerate(inferred.definitions):
        conditions = [condition for head in definition.heads for condition in head.conditions]
        if not definition.heads or _refers_to(conditions, doubtful):
            doubtful.add(index)
        else:
            for head in definition.heads:
                source = inferred.sources[head.file]
                report.findings.extend(guards.check(head.conditions, facts, source, inferred.sources))
        facts.append(guards.definition_facts(definition, facts))
    for rule in inferred.rules:
        if not _refers_to(rule.conditions, doubtful):
            source = inferred.sources[rule.file]
            report.findings.extend(guards.check(rule.conditions, facts, source, inferred.sources))


def _refers_to(conditions: Sequence[form.Expr], definitions: Collection[int]) -> bool:
    """Whether one of these definitions is read in the conditions themselves."""
    if not definitions:
        return False
    stack = list(conditions)
    while stack:
        node = stack.pop()
        if isinstance(node, form.Define) and node.index in definitions:
            return True
        stack.extend(form.children(node))
    return False


def _check_risk(inferred: Inferred, report: Report) -> None:
    ways = risk.ways(inferred.definitions)
    for definition in inferred.definitions:
        for head in definition.heads:
            for use in (use for condition in head.conditions for use in risk.uses(condition, ways)):
                # A use through another definition is that definition's own finding.
                if not use.direct:
                    risk.refuse_indirect(use, inferred.sources[head.file], report)
    for rule in inferred.rules:
        risk.check_rule(rule, inferred.sources[rule.file], ways, report)


def _check_cost(inferred: Inferred, report: Report) -> None:
    shapes = inferred.schema.shapes
    for definition in inferred.definitions:
        for head in definition.heads:
            source = inferred.sources[head.file]
            report.findings.extend(cost.check(head.conditions, source, head.span, shapes))
    for rule in inferred.rules:
        source = inferred.sources[rule.file]
        report.findings.extend(cost.check(rule.conditions, source, rule.span, shapes))
