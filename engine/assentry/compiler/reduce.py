"""Conditions to tests: what a rule asks of single places, as far as it compares them with constants.

The index answers tests for all rules at once. A test that a condition implies screens the rule; a condition that
is no more than its tests needs no evaluation at all. What is left, comparisons between two fields, calls, loops, is
the rule's rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assentry.code import form
from assentry.code.reads import Route, route
from assentry.compiler.answers import Among, Answer, Beyond, Holding, both, compared, either, negated
from assentry.values.shapes import Shape, Shapes

_MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_", "_==_": "_==_", "_!=_": "_!=_"}
_SCALARS: dict[str, form.PlaceKind] = {"string": "text", "bool": "bool", "int": "number", "double": "number"}


class Spot(NamedTuple):
    """A place as tests know it: by the path and the way of looking."""

    route: Route
    kind: form.PlaceKind


@dataclass(frozen=True, slots=True)
class Told:
    """What a condition implies of single places; `whole` when it says no more than that.

    `firm`: where one of the answers is an error, the condition is false or an error.
    """

    answers: dict[Spot, Answer]
    whole: bool
    firm: bool = True


_NOTHING = Told({}, False)
_PRESENT = Among(frozenset(), True, "false")


class Reducer:
    """Reduces the conditions of one rule set, and collects the places that they ask for.

    `definitions` are in dependency order: each refers only to earlier ones.
    """

    def __init__(self, shapes: Shapes, definitions: Sequence[form.DefinitionForm]) -> None:
        self._shapes = shapes
        self.places: dict[Spot, form.Raw] = {}
        self.reads: set[Route] = set()
        self._definitions: list[Told] = []
        for definition in definitions:
            self._definitions.append(_any([self.every(head.conditions)[0] for head in definition.heads]))

    def every(self, conditions: Sequence[form.Expr]) -> tuple[Told, tuple[int, ...]]:
        """What some conditions imply together, and which of them say more than that."""
        answers: dict[Spot, Answer] = {}
        rest: list[int] = []
        firm = True
        for number, condition in enumerate(conditions):
            try:
                told = self.told(condition)
            except RecursionError:  # deeper than Python goes: evaluated as it is
                told = _NOTHING
            firm = firm and told.firm
            if not _add(answers, told) or not told.whole:
                rest.append(number)
        for spot, answer in list(answers.items()):
            # A list that is searched where it is there: one look says both.
            presence = Spot(spot.route, "presence")
            if isinstance(answer, Holding) and answers.get(presence) == _PRESENT:
                answers[spot] = Holding(answer.values, "false")
                del answers[presence]
        return Told(answers, not rest, firm), tuple(rest)

    def told(self, condition: form.Expr) -> Told:
        """What a condition implies."""
        match condition:
            case form.And(operands=operands):
                return self.every(operands)[0]
            case form.Or(operands=operands):
                return _any([self.told(operand) for operand in operands])
            case form.Not(operand=operand):
                return _not(self.told(operand))
            case form.Inlined(body=body):
                return self.told(body)
            case form.Define(index=number):
                return self._definitions[number]
            case form.Fit(raw=raw):
                return self._one(raw, "bool", Among(frozenset({True}), False, "error"))
            case form.Has(field=field):
                return self._present(field)
            case form.Contains(item=form.Lit(value=str(text)), raw=raw):
                return self._one(raw, "list", Holding(frozenset({text}), "error"))
            case form.Call(function=function, args=(form.Fit(raw=raw), form.Lit(value=value))):
                return self._compared(raw, function, value)
            case form.Call(function=function, args=(form.Lit(value=value), form.Fit(raw=raw))) if function in _MIRRORED:
                return self._compared(raw, _MIRRORED[function], value)
            case _:
                return _NOTHING

    def is_nullable(self, spot: Spot) -> bool:
        """Whether null fits a place."""
        return self._shapes[self.places[spot].shape].nullable

    # ---- one place ----

    def _compared(self, raw: form.Raw, function: str, value: object) -> Told:
        match self._kind(raw), function, value:
            case ("text" | "bool" as kind, "_==_" | "_!=_", str() | bool() | None):
                return self._one(raw, kind, Among(frozenset({value}), function == "_!=_", "error"))
            case ("text" as kind, "@in", list()) if all(isinstance(each, str | None) for each in value):
                return self._one(raw, kind, Among(frozenset(value), False, "error"))
            case ("number" as kind, "@in", list()) if value and all(_is_number(each) for each in value):
                whole = self._shapes[raw.shape].kind == "int"
                answers = [compared("_==_", each, whole) for each in value]
                return _any([self._one(raw, kind, answer) if answer else _NOTHING for answer in answers])
            case ("number" as kind, _, int() | float()) if _is_number(value):
                answer = compared(function, value, self._shapes[raw.shape].kind == "int")
                return self._one(raw, kind, answer) if answer else _NOTHING
            case _:
                return _NOTHING

    def _present(self, field: form.Field) -> Told:
        kind = self._kind(field)
        absent = Among(frozenset(), True, "error" if field.required else "false")
        if kind == "number":
            return self._one(field, kind, Beyond((), True, absent.absent))
        return self._one(field, kind if kind in {"text", "bool"} else "presence", absent)

    def _one(self, raw: form.Raw, kind: form.PlaceKind, answer: Answer) -> Told:
        """A test on a place, when the place is one that the index can look at in this way."""
        where = route(raw)
        if where is None or (kind != "presence" and self._kind(raw) != kind) or not self._is_declared(raw):
            return _NOTHING
        spot = Spot(where, kind)
        self.places.setdefault(spot, raw)
        self.reads.add(where)
        return Told({spot: answer}, True)

    def _kind(self, raw: form.Raw) -> form.PlaceKind | None:
        """How the index looks at the value of a place."""
        shape = self._shapes[raw.shape]
        if shape.kind == "list":
            item = None if shape.item is None else self._shapes[shape.item]
            texts = item is not None and item.kind == "string" and not item.nullable and _are_texts(item)
            return "list" if texts and not shape.nullable and shape.allowed is None else None
        kind = _SCALARS.get(shape.kind)
        if kind == "text":
            return kind if _are_texts(shape) else None
        return kind if kind and shape.allowed is None and not shape.nullable else None

    def _is_declared(self, raw: form.Raw) -> bool:
        """Whether every step to a place is a property that the schema declares."""
        while isinstance(raw, form.Field):
            holder = self._shapes[raw.base.shape]
            if holder.kind != "object" or holder.property(raw.name) is None:
                return False
            raw = raw.base
        return True


def _add(answers: dict[Spot, Answer], told: Told) -> bool:
    """Takes in what another condition implies; false when not all of it could be put into tests."""
    complete = True
    for spot, answer in told.answers.items():
        known = answers.get(spot)
        met = answer if known is None else both(known, answer)
        if met is None:
            complete = False
        else:
            answers[spot] = met
    return complete


def _any(alternatives: Sequence[Told]) -> Told:
    """OR: what every alternative implies of the same places."""
    if not alternatives:
        return _NOTHING
    spots = set(alternatives[0].answers)
    for told in alternatives[1:]:
        spots &= told.answers.keys()
    answers: dict[Spot, Answer] = {}
    for spot in sorted(spots):
        joined = _joined([told.answers[spot] for told in alternatives])
        if joined is not None:
            answers[spot] = joined
    # Alternatives of one test each, all on the same place, are one test.
    whole = len(answers) == 1 and all(told.whole and len(told.answers) == 1 for told in alternatives)
    if len(alternatives) == 1:
        return Told(answers, alternatives[0].whole, alternatives[0].firm)
    # Another alternative may hold where one is in error.
    return Told(answers, whole, whole)


def _joined(answers: Iterable[Answer]) -> Answer | None:
    first, *others = answers
    joined: Answer | None = first
    for answer in others:
        joined = joined and either(joined, answer)
    return joined


def _not(told: Told) -> Told:
    """NOT: of a single test that says all."""
    if not told.whole or len(told.answers) != 1:
        return _NOTHING
    [(spot, answer)] = told.answers.items()
    flipped = negated(answer)
    return _NOTHING if flipped is None else Told({spot: flipped}, True)


def _are_texts(shape: Shape) -> bool:
    return shape.allowed is None or all(isinstance(each, str | None) for each in shape.allowed)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
