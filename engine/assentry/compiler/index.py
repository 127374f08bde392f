"""Index: what each rule asks of the action, place by place, and the place that tells rules apart best.

A decision then answers the tests of all rules on one place at once, with one look at it. Nothing is left out that
could fire or err: a rule is passed over only where one of its tests is false whatever else the action holds, and a
value that does not fit makes none of its tests false (language page, "How it decides", 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from assentry.code import form
from assentry.code.reads import Route, route
from assentry.code.references import conditions_of
from assentry.compiler.answers import Among, Answer, Beyond
from assentry.compiler.digest import digest
from assentry.compiler.fold import Folded
from assentry.compiler.reduce import Reducer, Spot
from assentry.values.shapes import Shapes
from assentry.version import LANGUAGE

KEY = Spot(("action", "name"), "text")
"""The place that tells rules apart: most of them name the actions that they are about."""


def index(folded: Folded) -> form.Form:
    """The whole compiled form, with its index."""
    return form.Form(
        files=tuple(form.FileForm(source.name, source.text) for source in folded.sources),
        shapes=folded.schema.shapes,
        default=folded.default,
        definitions=folded.definitions,
        rules=folded.rules,
        index=index_form(folded.schema.shapes, folded.definitions, folded.rules),
        digest=digest(folded.inputs),
        language=LANGUAGE,
    )


def index_form(
    shapes: Shapes, definitions: Sequence[form.DefinitionForm], compiled: Sequence[form.RuleForm]
) -> form.IndexForm:
    """The index of some rules; `definitions` are those that their conditions name."""
    reducer = Reducer(shapes, definitions)
    reduced = [reducer.every(rule.conditions) for rule in compiled]
    spots = sorted({spot for told, _ in reduced for spot in told.answers})
    numbers = {spot: number for number, spot in enumerate(spots)}
    tests: dict[form.TestForm, int] = {}
    rules: list[form.RuleIndex] = []
    for told, rest in reduced:
        asked = [_test(numbers[spot], answer) for spot, answer in sorted(told.answers.items(), key=itemgetter(0))]
        rules.append(form.RuleIndex(tuple([tests.setdefault(test, len(tests)) for test in asked]), rest, told.firm))
    key = _key(reducer)
    return form.IndexForm(
        key=None if key is None else numbers.get(key),
        places=tuple(form.PlaceForm(reducer.places[spot], spot.kind) for spot in spots),
        tests=tuple(tests),
        rules=tuple(rules),
        reads=tuple(sorted({*reducer.reads, *_reads(_unreduced(definitions, compiled, rules))})),
    )


def _unreduced(
    definitions: Sequence[form.DefinitionForm], compiled: Sequence[form.RuleForm], rules: Sequence[form.RuleIndex]
) -> Iterator[form.Expr]:
    """What reads the action besides tests: definitions, the rests of rules, and the places that reasons print."""
    for definition in definitions:
        yield from conditions_of(definition)
    for rule, known in zip(compiled, rules, strict=True):
        yield from (rule.conditions[number] for number in known.rest)
        yield from (part for part in rule.reason if isinstance(part, form.Raw))


def _test(place: int, answer: Answer) -> form.TestForm:
    match answer:
        case Among(values=values, negated=negated, absent=absent):
            return form.TestForm(
                place, tuple(sorted(values, key=lambda each: (each is not None, each))), negated, absent
            )
        case Beyond(bounds=bounds, first=first, absent=absent):
            return form.TestForm(place, bounds, first, absent)
        case _:
            return form.TestForm(place, tuple(sorted(map(str, answer.values))), False, answer.absent)


def _key(reducer: Reducer) -> Spot | None:
    """The action's name, where the schema has it as a required text."""
    raw = reducer.places.get(KEY)
    return KEY if raw is not None and _is_required(raw) and not reducer.is_nullable(KEY) else None


def _is_required(raw: form.Raw) -> bool:
    while isinstance(raw, form.Field) and raw.required:
        raw = raw.base
    return isinstance(raw, form.Root) and raw.required


def _reads(conditions: Iterable[form.Expr]) -> Iterator[Route]:
    """The paths that conditions read: where a loop or a key goes on from there, the place it goes on from."""
    waiting = list(conditions)
    while waiting:
        node = waiting.pop()
        where = route(node) if isinstance(node, form.Raw) else None
        if where is not None:
            yield where
        else:
            waiting.extend(form.children(node))
