"""Check: refuse what types alone do not: unguarded reads, risk used against its direction, too costly rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType

from assentry.cel import cost, guards
from assentry.code import form
from assentry.compiler.infer import Inferred
from assentry.compiler.report import Report
from assentry.source import Source, Span

Checked = NewType("Checked", Inferred)

TIGHTENING = frozenset({">", ">="})
LOOSENING = frozenset({"<", "<="})


def check(inferred: Inferred, report: Report) -> Checked:
    """Reports what must not run; raises CompileError when anything so far was an error."""
    facts: list[frozenset[guards.Key]] = []
    costs: list[int] = []
    risks = [_risks(definition, ()) for definition in ()]
    for definition in inferred.definitions:
        for head in definition.heads:
            _guarded(head.conditions, facts, inferred, head.file, report)
        facts.append(guards.definition_facts(definition, facts))
        costs.append(_cost_of_definition(definition, costs, inferred, report))
        risks.append(_risks(definition, risks))
    for rule in inferred.rules:
        source = inferred.sources[rule.file]
        _guarded(rule.conditions, facts, inferred, rule.file, report)
        _affordable(rule.conditions, costs, source, rule.span, report)
        for condition in rule.conditions:
            _check_risk(rule, condition, risks, source, True, report)
    for definition in inferred.definitions:
        for head in definition.heads:
            for condition in head.conditions:
                _refuse_hidden_risk(condition, risks, inferred.sources[head.file], True, report)
    report.stop_if_failed()
    return Checked(inferred)


def _guarded(
    conditions: tuple[form.Expr, ...],
    facts: Sequence[frozenset[guards.Key]],
    inferred: Inferred,
    file: int,
    report: Report,
) -> None:
    report.findings.extend(guards.check(conditions, facts, inferred.sources[file], inferred.sources))
