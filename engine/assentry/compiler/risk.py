"""The one direction in which a rule may read `risk`.

More risk must never loosen a verdict, and an error counts in full. So deny and require approval rules
compare upwards (`risk >= 60`), allow rules downwards (`risk < 20`), never where the outcome could turn
around (below `!`, in `?:`, as an argument), and risk rules do not read it at all.

In a require approval rule `risk` stands beside no alternative either. There an error denies, and firing only
asks: in `risk >= 60 || x` a risk rule that fires would absorb the error of `x` and turn a denial into a question.
Two rules say the same and keep the denial. (docs/decisions/0008)
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
    alternative: bool


Ways = frozenset[tuple[str, bool]]
"""How a definition reads `risk`: operators, each with whether an alternative stands beside it."""


def uses(
    expr: form.Expr, definitions: Sequence[Ways], *, direct: bool = True, alternative: bool = False
) -> Iterator[Use]:
    """The readings of `risk` in a condition; `direct` is false where its outcome could turn around, `alternative`
    true where `||` or another head stands beside it.

    `definitions` holds, for each definition before this one, how it reads risk.
    """
    return _uses(expr, definitions, direct, alternative) if _may_read(expr) else iter(())


def _may_read(expr: form.Expr) -> bool:
    """Whether `risk` or a definition is named: most conditions do neither, and need no closer look."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _READS):
            return True
        waiting += form.children(node)
    return False


_READS = (form.Risk, form.Define)


def _uses(expr: form.Expr, definitions: Sequence[Ways], direct: bool, alternative: bool) -> Iterator[Use]:
    match expr:
        case form.Risk(operator=operator, span=span):
            yield Use(operator, span, direct, alternative)
        case form.Define(index=index, span=span):
            for through, beside in sorted(definitions[index]):
                yield Use(through, span, direct, alternative or beside)
        case form.And() | form.Or() | form.Inlined():
            alternative = alternative or isinstance(expr, form.Or)
            for child in form.children(expr):
                yield from _uses(child, definitions, direct, alternative)
        case _:
            for child in form.children(expr):
                yield from _uses(child, definitions, False, alternative)


def ways(definitions: Sequence[form.DefinitionForm]) -> list[Ways]:
    """For each definition, in dependency order, how it reads `risk`."""
    found: list[Ways] = []
    for definition in definitions:
        several = len(definition.heads) > 1
        conditions = [condition for head in definition.heads for condition in head.conditions]
        read = (use for condition in conditions for use in uses(condition, found, alternative=several))
        found.append(frozenset((use.operator, use.alternative) for use in read))
    return found


def check_rule(rule: form.RuleForm, source: Source, definitions: Sequence[Ways], report: Report) -> None:
    """Reports each reading of `risk` that the rule's effect forbids."""
    for condition in rule.conditions if rule.reads_risk else ():
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
            elif rule.effect == "require_approval" and use.alternative:
                report.error(
                    "risk-use",
                    "in a `require approval` rule `risk` cannot stand beside an alternative",
                    source,
                    use.span,
                    help="write two rules, one of which compares `risk`: more risk must not hide an error that denies",
                )


def refuse_indirect(use: Use, source: Source, report: Report) -> None:
    report.error(
        "risk-use",
        "`risk` stands where its outcome could turn around",
        source,
        use.span,
        help="compare it as a condition of its own or with `&&` and `||`, not below `!`, in `?:` or as an argument",
    )
