"""The one direction in which a rule may read `risk`.

More risk must never loosen a verdict, and an error counts in full. So deny and require approval rules
compare upwards (`risk >= 60`), allow rules downwards (`risk < 20`), never where the outcome could turn
around (below `!`, in `?:`, as an argument), and risk rules do not read it at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assentry.code import form
from assentry.compiler.report import Report
from assentry.source import Source, Span

ALLOWED = {
    "deny": frozenset({">", ">="}),
    "require_approval": frozenset({">", ">="}),
    "allow": frozenset({"<", "<="}),
    "risk": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of `risk`: through definitions the span is the definition's use."""

    operator: str
    span: Span
    direct: bool


def uses(expr: form.Expr, definitions: Sequence[frozenset[str]], direct: bool = True) -> Iterator[Use]:
    """The readings of `risk` in a condition; `direct` is false where its outcome could turn around.

    `definitions` holds, for each definition before this one, the operators with which it reads risk.
    """
    match expr:
        case form.Risk(operator=operator, span=span):
            yield Use(operator, span, direct)
        case form.Define(index=index, span=span):
            for through in sorted(definitions[index]):
                yield Use(through, span, direct)
        case form.And() | form.Or() | form.Inlined():
            for child in form.children(expr):
                yield from uses(child, definitions, direct)
        case _:
            for child in form.children(expr):
                yield from uses(child, definitions, False)


def operators(definitions: Sequence[form.DefinitionForm]) -> list[frozenset[str]]:
    """For each definition, in dependency order, the operators with which it reads `risk`."""
    found: list[frozenset[str]] = []
    for definition in definitions:
        conditions = [condition for head in definition.heads for condition in head.conditions]
        found.append(frozenset(use.operator for condition in conditions for use in uses(condition, found)))
    return found


def check_rule(rule: form.RuleForm, source: Source, definitions: Sequence[frozenset[str]], report: Report) -> None:
    """Reports each reading of `risk` that the rule's effect forbids."""
    for condition in rule.conditions:
        for use in uses(condition, definitions):
            if not use.direct:
                refuse_indirect(use, source, report)
            elif rule.effect == "risk":
                report.error("risk-use", "a risk rule cannot read `risk`", source, use.span)
            elif use.operator not in ALLOWED[rule.effect]:
                effect = rule.effect.replace("_", " ")
                wanted = "`risk < N` or `risk <= N`" if rule.effect == "allow" else "`risk >= N` or `risk > N`"
                report.error(
                    "risk-use",
                    f"`{effect}` rules cannot ask for `risk {use.operator}`: more risk must never loosen a verdict",
                    source,
                    use.span,
                    help=f"in `{effect}` rules write {wanted}",
                )


def refuse_indirect(use: Use, source: Source, report: Report) -> None:
    report.error(
        "risk-use",
        "`risk` stands where its outcome could turn around",
        source,
        use.span,
        help="compare it as a condition of its own or with `&&` and `||`, not below `!`, in `?:` or as an argument",
    )
