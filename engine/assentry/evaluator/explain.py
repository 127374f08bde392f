"""Why a verdict is what it is: every rule's conditions with what they looked at, and the nearest change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from assentry.code import form
from assentry.code.references import conditions_of, needed
from assentry.diagnostics import visible
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.nearest import Change, Judged, Outcome, State, decision_after, distinct, nearest
from assentry.evaluator.outcome import Cause, Failure
from assentry.evaluator.ruling import Decision, Effect
from assentry.evaluator.taint import Taint
from assentry.evaluator.tracer import ERROR, SubValue, Tracer
from assentry.evaluator.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ExplainedCondition:
    """A condition as written, where it stands (`file:line:column`), what came of it, and what it looked at."""

    text: str
    at: str
    outcome: Outcome
    values: tuple[SubValue, ...]
    causes: tuple[Cause, ...]

    def to_dict(self) -> dict[str, object]:
        return {
            "text": self.text,
            "at": self.at,
            "outcome": self.outcome,
            "values": [value.to_dict() for value in self.values],
            "causes": [cause.to_dict() for cause in self.causes],
        }


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """A rule with all its conditions; `at` is `file:line:column` of its head."""

    id: str
    effect: Effect
    title: str
    at: str
    shadow: bool
    state: State
    conditions: tuple[ExplainedCondition, ...]

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "effect": self.effect,
            "title": self.title,
            "at": self.at,
            "shadow": self.shadow,
            "state": self.state,
            "conditions": [condition.to_dict() for condition in self.conditions],
        }


@dataclass(frozen=True, slots=True)
class ExplainedFlip:
    """One condition of a change: what it is now and what it would have to be."""

    rule: str
    text: str
    at: str
    outcome: Outcome
    to: Literal["held", "failed"]

    def to_dict(self) -> dict[str, object]:
        return {"rule": self.rule, "text": self.text, "at": self.at, "outcome": self.outcome, "to": self.to}


@dataclass(frozen=True, slots=True)
class NearestChange:
    """The fewest conditions to flip for another decision, and that decision."""

    decision: str
    flips: tuple[ExplainedFlip, ...]

    def to_dict(self) -> dict[str, object]:
        return {"decision": self.decision, "flips": [flip.to_dict() for flip in self.flips]}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons. `rules` are those that the action's name alone does not exclude, by id;
    `excluded` says how many others there are. `nearest` is None when no flip alters the decision."""

    verdict: Verdict
    rules: tuple[ExplainedRule, ...]
    excluded: int
    nearest: NearestChange | None

    def to_dict(self) -> dict[str, object]:
        """The explanation as plain data."""
        return {
            "verdict": self.verdict.to_dict(),
            "rules": [rule.to_dict() for rule in self.rules],
            "excluded": self.excluded,
            "nearest": self.nearest.to_dict() if self.nearest is not None else None,
        }

    def to_text(self) -> str:
        """The explanation as people read it, in plain text."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.to_text()


def explain(
    compiled: form.Form,
    world: World,
    action: dict[str, object],
    verdict: Verdict,
    candidates: Sequence[int],
    toward: Decision | None = None,
) -> Explanation:
    """The explanation of a verdict on an action, for the rules (by index) that its name does not exclude.

    `toward` is the decision that the nearest change is to lead to; any other than the verdict's when it is None.
    """
    exact = Exact(world, action, risk=verdict.risk)
    taint = _taint(compiled, verdict, candidates)
    key = _key(compiled.index)
    rules: list[ExplainedRule] = []
    judged: list[Judged] = []
    for index in candidates:
        rule = compiled.rules[index]
        conditions = tuple([_condition(exact, taint, rule.file, each) for each in rule.conditions])
        places = tuple([(world.sources[rule.file].name, each.span.start) for each in rule.conditions])
        outcomes, meanings = tuple([each.outcome for each in conditions]), tuple(map(_meaning, rule.conditions))
        judgement = Judged(len(rules), rule, outcomes, places, meanings, _naming(rule, key))
        at = _at(world, rule.file, rule.span.start)
        judged.append(judgement)
        rules.append(ExplainedRule(rule.id, rule.effect, rule.title, at, rule.shadow, judgement.state, conditions))
    excluded = len(compiled.rules) - len(rules)
    change = nearest(judged, compiled.default, toward)
    return Explanation(verdict, tuple(rules), excluded, _nearest(rules, judged, compiled.default, change))


def _taint(compiled: form.Form, verdict: Verdict, candidates: Sequence[int]) -> Taint:
    """What must not be shown in the rules' conditions and the definitions that they lead to."""
    conditions = [condition for index in candidates for condition in compiled.rules[index].conditions]
    for index in needed(compiled.definitions, conditions):
        conditions += conditions_of(compiled.definitions[index])
    return Taint(compiled.shapes, verdict.redact, conditions)


def _condition(exact: Exact, taint: Taint, file: int, expr: form.Expr) -> ExplainedCondition:
    outcome = exact.condition(expr, file)
    return ExplainedCondition(
        text=visible(exact.world.sources[file].excerpt(expr.span)),
        at=_at(exact.world, file, expr.span.start),
        outcome="erred" if isinstance(outcome, Failure) else "held" if outcome else "failed",
        values=Tracer(exact.world, exact.action, exact.risk, taint).values(expr, file),
        causes=outcome.ordered if isinstance(outcome, Failure) else (),
    )


def _meaning(part: object) -> object:
    """A condition without its place: equal for conditions that say the same."""
    match part:
        case form.Expr():
            names = (each.name for each in fields(part) if each.name not in {"span", "file"})
            return type(part), tuple(_meaning(getattr(part, name)) for name in names)
        case tuple():
            return tuple(map(_meaning, part))
        case str() | bool() | int() | None:
            return part
        case _:
            return repr(part)


def rules_met(compiled: form.Form, exact: Exact) -> list[int]:
    """The rules that an action's name does not exclude; all when it does not fit."""
    index = compiled.index
    read = _key(index)
    everything = range(len(compiled.rules))
    if read is None or isinstance(name := exact.value(read), Failure):
        return list(everything)
    excluding = {
        number
        for number, test in enumerate(index.tests)
        if test.place == index.key and not test.negated and name not in test.values
    }
    return [rule for rule in everything if excluding.isdisjoint(index.rules[rule].tests)]


def _key(index: form.IndexForm) -> form.Fit | None:
    if index.key is None:
        return None
    raw = index.places[index.key].raw
    return form.Fit(raw.span, raw)


def _naming(rule: form.RuleForm, key: form.Fit | None) -> frozenset[int]:
    """The conditions that read the index's key, the action's name, and nothing else."""
    name = _meaning(key)
    found = set()
    for at, condition in enumerate(rule.conditions):
        reads = set()
        stack: list[form.Expr] = [condition]
        while stack:
            node = stack.pop()
            if isinstance(node, form.Fit | form.Raw | form.Define | form.Risk):
                reads.add(_meaning(node))
            else:
                stack.extend(form.children(node))
        if reads == {name}:
            found.add(at)
    return frozenset(found)


def _at(world: World, file: int, offset: int) -> str:
    line, column = world.sources[file].position(offset)
    return f"{visible(world.sources[file].name)}:{line}:{column}"


def _nearest(
    rules: Sequence[ExplainedRule],
    judged: Sequence[Judged],
    default: Literal["allow", "deny"],
    change: Change | None,
) -> NearestChange | None:
    if change is None:
        return None
    flips = []
    for flip in distinct(judged, change):
        rule = rules[flip.rule]
        condition = rule.conditions[flip.condition]
        flips.append(ExplainedFlip(rule.id, condition.text, condition.at, condition.outcome, flip.to))
    return NearestChange(decision_after(judged, change, default), tuple(flips))


# ---- as text ----

_STATES = {"held": "held", "failed": "failed", "erred": "in error"}


def _lines(explanation: Explanation) -> Iterator[str]:
    verdict = explanation.verdict
    yield f"{verdict.decision}, risk {verdict.risk}"
    for error in verdict.errors if not explanation.rules else ():
        yield from (f"    {visible(error.id)}: {_cause(cause)}" for cause in error.causes)
    for rule in explanation.rules:
        yield ""
        yield from _rule_lines(rule)
    yield ""
    if explanation.excluded:
        rules = "rule" if explanation.excluded == 1 else "rules"
        yield f"not concerned by the action's name: {explanation.excluded} other {rules}"
    yield from _nearest_lines(explanation.nearest)


def _rule_lines(rule: ExplainedRule) -> Iterator[str]:
    shadow = ", in shadow mode" if rule.shadow else ""
    yield f"{rule.id}: {rule.effect.replace('_', ' ')}{shadow}, {rule.state}  ({rule.at})"
    # Of a rule that did not fire, what held is beside the point.
    told = [each for each in rule.conditions if rule.state != "not fired" or each.outcome != "held"]
    for condition in told:
        yield f"    {_STATES[condition.outcome]:8}  {condition.text}  ({condition.at})"
        told_values = [value for value in condition.values if value.value != ERROR]
        yield from (f"              {value.text} is {value.value}" for value in told_values)
        yield from (f"              {_cause(cause)}" for cause in condition.causes)
    rest = len(rule.conditions) - len(told)
    if rest:
        yield f"    {rest} more held"


def _cause(cause: Cause) -> str:
    where = visible(cause.where) or "the action"
    return f"{where}: expected {visible(cause.expected)}, found {cause.found}"


def _nearest_lines(change: NearestChange | None) -> Iterator[str]:
    if change is None:
        yield "nearest change: none; no condition alters the decision"
        return
    count = f"{len(change.flips)} condition{'' if len(change.flips) == 1 else 's'}"
    yield f"nearest change: {change.decision} with {count}"
    for flip in change.flips:
        wish = "would have to hold" if flip.to == "held" else "would have to fail"
        yield f"    {flip.rule}: `{flip.text}` {wish}  ({flip.at})"
