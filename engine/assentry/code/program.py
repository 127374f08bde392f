"""The functions of a compiled rule set, each emitted and loaded when it is first wanted.

    rest(index)        (action, risk, memo) -> bool    what the index leaves of one rule
    rule(index)        (action, risk, memo) -> bool    one rule as a whole
    definition(index)  (action, risk, memo) -> bool    one definition; remembers itself in `memo`

`action` is a dict, `risk` the summed risk, `memo` an empty dict for each decision. They raise at the first surprise:
the exact tier decides then.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from assentry.code import access, form
from assentry.code.emit import Emitter
from assentry.code.hoist import prelude
from assentry.code.load import load
from assentry.code.references import conditions_of, needed
from assentry.source import Source

Memo = dict[int, bool]
Rule = Callable[[dict[str, object], object, Memo], bool]

_PARAMS = ("action", "risk", "memo")


class Program:
    """The emitted code of one form. Functions are kept; making one twice at once is harmless."""

    def __init__(self, compiled: form.Form, sources: Sequence[Source]) -> None:
        self._form = compiled
        self._sources = sources
        self._rests: dict[int, Rule] = {}
        self._rules: dict[int, Rule] = {}
        self._definitions: dict[int, Rule] = {}

    def rest(self, index: int) -> Rule:
        """The function of the conditions that the index does not settle."""
        known = self._rests.get(index)
        if known is None:
            conditions = self._form.rules[index].conditions
            rest = [conditions[number] for number in self._form.index.rules[index].rest]
            known = self._rests[index] = self._load_rule(index, rest)
        return known

    def rule(self, index: int) -> Rule:
        """The function of a whole rule."""
        known = self._rules.get(index)
        if known is None:
            known = self._rules[index] = self._load_rule(index, self._form.rules[index].conditions)
        return known

    def definition(self, index: int) -> Rule:
        """The function of a definition."""
        known = self._definitions.get(index)
        if known is not None:
            return known
        # Those that it refers to first, which all stand before it: so a long chain needs no deep stack.
        before = needed(self._form.definitions, conditions_of(self._form.definitions[index]))
        for each in (*sorted(before), index):
            if each not in self._definitions:
                self._definitions[each] = self._load_definition(each)
        return self._definitions[index]

    def _load_rule(self, index: int, conditions: Sequence[form.Expr]) -> Rule:
        rule = self._form.rules[index]
        try:
            emitter = self._emitter(rule.file)
            with emitter.at(rule.span):
                body = [*prelude(emitter, conditions), emitter.gives(emitter.every(conditions))]
                return self._load(emitter, "rule", body)
        except Exception:  # noqa: BLE001  # nested deeper than Python compiles, above all
            return access.fail

    # ---- definitions ----

    def _load_definition(self, index: int) -> Rule:
        heads = self._form.definitions[index].heads
        files = sorted({head.file for head in heads})
        if len(files) == 1:
            return self._load_heads(index, heads, remember=True)
        parts = [self._load_heads(index, [head for head in heads if head.file == file]) for file in files]

        def definition(action: dict[str, object], risk: object, memo: Memo) -> bool:
            memo[index] = result = any(part(action, risk, memo) for part in parts)
            return result

        return definition

    def _load_heads(self, index: int, heads: Sequence[form.HeadForm], *, remember: bool = False) -> Rule:
        """The heads of one file as one function."""
        conditions = [condition for head in heads for condition in head.conditions]
        emitter = self._emitter(heads[0].file)
        with emitter.at(heads[0].span):
            body = [*prelude(emitter, conditions), emitter.assign("result", emitter.any_head(heads))]
            if remember:
                body.append(emitter.store("memo", emitter.constant(index), emitter.name("result")))
            body.append(emitter.gives(emitter.name("result")))
            return self._load(emitter, "definition", body)

    # ---- emitting ----

    def _emitter(self, file: int) -> Emitter:
        shapes, definitions = self._form.shapes, self._form.definitions
        return Emitter(self._sources[file], file, shapes, definitions, self.definition)

    def _load(self, emitter: Emitter, name: str, body: list[ast.stmt]) -> Callable[..., bool]:
        return load(emitter.function(name, _PARAMS, body), self._sources[emitter.file].name, emitter.names)


def emit_expression(expr: form.Expr, source: Source) -> Callable[[Mapping[str, object]], object]:
    """A plain CEL expression as a function of its variables' values.

    The function gives the value, or raises anything at all when the exact tier has to say.
    Raises RecursionError or ValueError for an expression nested deeper than Python compiles.
    """
    emitter = Emitter(source, 0, ())
    with emitter.at(expr.span):
        module = emitter.function("expression", ("bindings",), [emitter.gives(emitter.value(expr))])
    return load(module, source.name, emitter.names)
