"""The rules and definitions of a saved policy: plain data here, their conditions among the trees."""

from __future__ import annotations

from typing import Literal

from assentry.code import checks, form
from assentry.code.codec import Bounds, write
from assentry.code.trees import Trees
from assentry.source import Span
from assentry.values.shapes import Shapes

_EFFECTS: tuple[Literal["allow", "deny", "require_approval", "risk"], ...] = (
    "allow",
    "deny",
    "require_approval",
    "risk",
)
_SELECTORS: tuple[Literal["group", "role"], ...] = ("group", "role")
_FIELDS = 13  # of a rule


# ---- writing ----


def definition_data(definition: form.DefinitionForm, trees: list[object]) -> list[object]:
    """A definition as data; its heads' conditions are added to the trees."""
    trees += [[write(each) for each in head.conditions] for head in definition.heads]
    return [
        definition.id,
        [[head.file, head.span.start, head.span.end, len(head.conditions)] for head in definition.heads],
    ]


def rule_data(rule: form.RuleForm, trees: list[object]) -> list[object]:
    """A rule as data; its conditions are added to the trees, and so is its reason when it prints places."""
    trees.append([write(each) for each in rule.conditions])
    prints = not all(isinstance(part, str) for part in rule.reason)
    if prints:
        trees.append([part if isinstance(part, str) else write(part) for part in rule.reason])
    return [
        rule.id,
        rule.effect,
        _head_data(rule),
        rule.title,
        None if prints else list(rule.reason),
        list(rule.controls),
        [[seat.count, seat.selector, seat.name] for seat in rule.seats],
        rule.within,
        list(rule.redact),
        rule.weight,
        rule.shadow,
        rule.reads_risk,
        [[name, value] for name, value in rule.meta],
    ]


def _head_data(head: form.HeadForm | form.RuleForm) -> list[int]:
    return [head.file, head.span.start, head.span.end, len(head.conditions)]


# ---- reading ----


class Rules:
    """Reads definitions and rules, in their order. Every method raises FormatError for what is none."""

    def __init__(self, trees: Trees, shapes: Shapes, files: int) -> None:
        self._trees = trees
        self._bounds = Bounds(shapes, files, 0)  # a definition refers only to those before it
        self._texts: dict[tuple[str, ...], tuple[str, ...]] = {}

    def definition(self, data: object) -> form.DefinitionForm:
        id, heads = checks.items(data, 2)
        read = tuple([self._head(each) for each in checks.items(heads)])
        self._bounds = self._bounds._replace(definitions=self._bounds.definitions + 1)
        return form.DefinitionForm(checks.text(id), read) if read else checks.refuse("a definition without a head")

    def _head(self, data: object) -> form.HeadForm:
        file, start, end, count = checks.items(data, 4)
        span = _span(start, end)
        conditions = self._trees.conditions(self._bounds, span, count)
        return form.HeadForm(checks.position(file, self._bounds.files), span, conditions)

    def rule(self, data: object) -> form.RuleForm:
        """A rule; definitions have to be read by then."""
        parts = checks.items(data, _FIELDS)
        id, effect_, head_, title, reason, controls, seats_, within, redact, weight, shadow, reads_risk, meta = parts
        effect = checks.one_of(effect_, _EFFECTS)
        seats = tuple([_seat(each) for each in checks.items(seats_)])
        if effect == "require_approval" and not seats:
            checks.refuse("a require approval rule without seats")
        head = self._head(head_)
        return form.RuleForm(
            id=checks.text(id),
            effect=effect,
            file=head.file,
            span=head.span,
            conditions=head.conditions,
            title=checks.text(title),
            reason=self._trees.reason(self._bounds, head.span) if reason is None else self._shared(reason),
            controls=self._shared(controls),
            seats=seats,
            within=checks.whole(within, 1),
            redact=self._shared(redact),
            weight=checks.whole(weight),
            shadow=checks.flag(shadow),
            reads_risk=checks.flag(reads_risk),
            meta=tuple([_meta(each) for each in checks.items(meta)]),
        )

    def _shared(self, data: object) -> tuple[str, ...]:
        """Texts, kept once for all rules that have the same."""
        texts = tuple([checks.text(each) for each in checks.items(data)])
        return self._texts.setdefault(texts, texts)


def _span(start: object, end: object) -> Span:
    first = checks.whole(start)
    return Span(first, checks.whole(end, first))


def _seat(data: object) -> form.SeatForm:
    count, selector, name = checks.items(data, 3)
    return form.SeatForm(checks.whole(count, 1), checks.one_of(selector, _SELECTORS), checks.text(name))


def _meta(data: object) -> tuple[str, object]:
    name, value = checks.items(data, 2)
    return checks.text(name), checks.plain(value)
