"""The functions of a compiled rule set, each emitted and loaded when it is first wanted.

    rules(indices)     (action, risk, memo) -> key     many rules of one file, errors noted, never raises
    rule(index)        (action, risk, memo) -> bool    one rule; raises at the first surprise
    definition(index)  (action, risk, memo) -> bool    one definition; remembers itself in `memo`
    name()             (action) -> value               by which the index tells actions apart; raises when it does not fit

`action` is a dict, `risk` the summed risk so far, `memo` an empty dict for each decision.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from assentry.code import form
from assentry.code.emit import Emitter
from assentry.code.hoist import prelude
from assentry.code.load import load
from assentry.code.references import conditions_of, needed
from assentry.source import Source

Memo = dict[int, bool]
Rules = Callable[[dict[str, object], object, Memo], int]
Rule = Callable[[dict[str, object], object, Memo], bool]

_PARAMS = ("action", "risk", "memo")


class Program:
    """The emitted code of one form. Functions are kept; making one twice at once is harmless."""

    def __init__(self, compiled: form.Form, sources: Sequence[Source]) -> None:
        self._form = compiled
        self._sources = sources
        self._rules: dict[tuple[int, ...], Rules] = {}
        self._definitions: dict[int, Rule] = {}

    def rules(self, indices: tuple[int, ...]) -> Rules:
        """The function of some rules of one file.

        Its key has bit i set when the i-th of them fires, bit n + i when the exact tier has to say.
        Rules that read the risk stand after those that make it up.
        """
        return self._rules.get(indices) or self._rules.setdefault(indices, self._load_rules(indices))

    def rule(self, index: int) -> Rule:
        """The function of one rule: it raises where it would give way to the exact tier."""
        rule = self._form.rules[index]
        emitter = self._emitter(rule.file)
        with emitter.at(rule.span):
            body = [*prelude(emitter, rule.conditions), emitter.gives(emitter.every(rule.conditions))]
            return self._load(emitter, "rule", body)

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

    def name(self) -> Callable[[dict[str, object]], object] | None:
        """The read by which the index tells actions apart; None when it tells none apart."""
        read = self._form.index.read
        if read is None:
            return None
        emitter = Emitter(Source("<index>", ""), -1, self._form.shapes)
        try:
            module = emitter.function("name", ("action",), [emitter.gives(emitter.value(read))])
            return load(module, "<index>", emitter.names)
        except Exception:  # noqa: BLE001  # as for rules: nothing is excluded then
            return None

    # ---- rules ----

    def _load_rules(self, indices: tuple[int, ...]) -> Rules:
        rules = [self._form.rules[index] for index in indices]
        everything = [condition for rule in rules for condition in rule.conditions]
        unknown = (1 << 2 * len(indices)) - (1 << len(indices))
        try:
            emitter = self._emitter(rules[0].file)
            with emitter.at(rules[0].span):
                body = _safely(emitter, prelude(emitter, everything), unknown)
                body.append(emitter.assign("key", emitter.constant(0)))
                reads_risk = any(rule.reads_risk for rule in rules)
                for position, rule in enumerate(rules):
                    body.append(_attempt(emitter, rule, position, len(rules), reads_risk))
                body.append(emitter.gives(emitter.name("key")))
            return self._load(emitter, "rules", body)
        except Exception:  # noqa: BLE001  # nested deeper than Python compiles, above all
            # What cannot be emitted is decided all the same: by the exact tier.
            return lambda action, risk, memo: unknown

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


def _safely(emitter: Emitter, statements: list[ast.stmt], unknown: int) -> list[ast.stmt]:
    """Reads at the head of a function raise only for objects that no JSON holds: then nothing is known."""
    give_up = emitter.gives(emitter.constant(unknown))
    return [emitter.attempt(*statements, otherwise=[give_up])] if statements else []


def _attempt(emitter: Emitter, rule: form.RuleForm, position: int, count: int, reads_risk: bool) -> ast.stmt:
    """One rule: its bit when it fires, the other bit when anything goes wrong."""
    with emitter.at(rule.span):
        weighs = reads_risk and rule.effect == "risk" and not rule.shadow
        fired = [emitter.add("key", ast.BitOr(), 1 << position)]
        unknown = [emitter.add("key", ast.BitOr(), 1 << (count + position))]
        if weighs:
            fired.append(emitter.add("risk", ast.Add(), rule.weight))
            unknown.append(emitter.assign("risk", emitter.unfit()))
        test = emitter.both(*map(emitter.test, rule.conditions)) if rule.conditions else emitter.constant(True)
        return emitter.attempt(emitter.when(test, *fired), otherwise=unknown)
