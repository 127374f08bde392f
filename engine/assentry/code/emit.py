"""Emitting expressions: each node of the compiled form becomes one Python expression.

The fast tier. Python's own short circuit stands for `&&` and `||`: as long as nothing raises, leaving
the rest out is right, since the operators absorb in any order and evaluation is pure. Whatever raises,
for whatever reason, is decided again by the exact tier. So an emitted expression either gives exactly
the value that the exact tier gives, or raises.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

from assentry.code import access, form, kinds, ops
from assentry.code.reads import Reads, Variable
from assentry.source import Source
from assentry.values.equality import equal
from assentry.values.registry import OVERLOADS, dispatch
from assentry.values.shapes import Shapes

_COMPARISONS: Mapping[object, type[ast.cmpop]] = {
    operator.lt: ast.Lt,
    operator.le: ast.LtE,
    operator.gt: ast.Gt,
    operator.ge: ast.GtE,
}
_RISK: Mapping[str, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
_SMALL = frozenset({"bool", "int", "uint", "double", "null", "timestamp", "duration"})
_METHODS: Mapping[object, str] = {str.startswith: "startswith", str.endswith: "endswith"}

# Definitions of up to this many nodes are emitted where they are used instead of called.
MAX_INLINED = 12


class Emitter(Reads):
    """Emits the value nodes of one function.

    A function that reads the input has the parameters `action`, `risk` and `memo` (definitions already
    evaluated, by index); one of a plain CEL program has `bindings`.
    """

    def __init__(
        self,
        source: Source,
        file: int,
        shapes: Shapes,
        definitions: Sequence[form.DefinitionForm] = (),
        definition: Callable[[int], Callable[..., object]] | None = None,
    ) -> None:
        super().__init__(source, shapes)
        self.file = file
        self.definitions = definitions
        self._definition = definition

    def value(self, node: form.Expr) -> ast.expr:
        with self.at(node.span):
            return _EMITTED[type(node)](self, node)

    def test(self, node: form.Expr) -> ast.expr:
        """A condition where Python asks for its truth: true, false, or an exception."""
        with self.at(node.span):
            match node:
                case form.And(operands=operands):
                    return self.both(*map(self.test, operands))
                case form.Or(operands=operands):
                    return self.either(*map(self.test, operands))
                case form.If():
                    return self.choose(self.test(node.condition), self.test(node.then), self.test(node.otherwise))
                case form.Fit() if self.kinds(node) == kinds.BOOL:
                    return self.operand(node)
                case _:
                    return self.bool_value(node)

    def bool_value(self, node: form.Expr) -> ast.expr:
        """The value of a condition: a bool, or an exception."""
        value = self.value(node)
        if self.kinds(node) == kinds.BOOL:
            return value
        name, first = self.named(value)
        return self.choose(self.is_type(first, bool), self.name(name), self.fail())

    # ---- names and logic ----

    def literal(self, node: form.Lit) -> ast.expr:
        return self.constant(node.value)

    def variable(self, node: form.Var) -> ast.expr:
        known = self.variables.get(node.name)
        if known is not None:
            return self.name(known.name)
        return self.subscript(self.name("bindings"), self.constant(node.name))

    def conjunction(self, node: form.And) -> ast.expr:
        return self.both(*map(self.bool_value, node.operands))

    def disjunction(self, node: form.Or) -> ast.expr:
        return self.either(*map(self.bool_value, node.operands))

    def negation(self, node: form.Not) -> ast.expr:
        return self.placed(ast.UnaryOp(ast.Not(), self.test(node.operand)))

    def choice(self, node: form.If) -> ast.expr:
        return self.choose(self.test(node.condition), self.value(node.then), self.value(node.otherwise))

    def let(self, node: form.Let) -> ast.expr:
        """The value first; should it raise though the body does not use it, the exact tier knows."""
        value, name = self.value(node.value), self.fresh()
        known = self.kinds(node.value)
        self.variables[node.name] = Variable(name, True, known)
        unset = self.compare(self.walrus(name, value), (ast.Is(), self.missing()))
        return self.choose(unset, self.fail(), self.value(node.body))

    def inlined(self, node: form.Inlined) -> ast.expr:
        """A body of another file has no lines here: it stands at its call."""
        with self.at(node.span, foreign=node.file != self.file):
            return self.value(node.body)

    def define(self, node: form.Define) -> ast.expr:
        definition = self.definitions[node.index]
        if self.is_inlined(node.index):
            return self.any_head(definition.heads)
        assert self._definition is not None
        index = self.constant(node.index)
        known = self.compare(index, (ast.In(), self.name("memo")))
        function = self.given(f"definition_{node.index}", self._definition(node.index))
        again = self.call(function, self.name("action"), self.name("risk"), self.name("memo"))
        return self.choose(known, self.subscript(self.name("memo"), index), again)

    def is_inlined(self, index: int) -> bool:
        """Whether a definition is short, of this file alone, and refers to no other."""
        heads = self.definitions[index].heads
        count = sum(weight(condition) for head in heads for condition in head.conditions)
        return count <= MAX_INLINED and all(head.file == self.file for head in heads)

    def any_head(self, heads: Sequence[form.HeadForm]) -> ast.expr:
        return self.either(*(self.every(head.conditions) for head in heads)) if heads else self.constant(False)

    def every(self, conditions: Sequence[form.Expr]) -> ast.expr:
        return self.both(*map(self.bool_value, conditions)) if conditions else self.constant(True)

    def compare_risk(self, node: form.Risk) -> ast.expr:
        return self.compare(self.name("risk"), (_RISK[node.operator](), self.constant(node.bound)))

    # ---- calls ----

    def call_function(self, node: form.Call) -> ast.expr:
        overload = OVERLOADS.get(node.overload)
        if overload is None:
            args = self.list(self.value(arg) for arg in node.args)
            function, member = self.constant(node.function), self.constant(node.member)
            return self.call(self.given("dispatch", dispatch), function, args, member)
        special = self._special(node, overload.impl) if len(node.args) == len(overload.params) else None
        if special is not None:
            return special
        return self.call(self.constant(overload.impl), *map(self.value, node.args))

    def _special(self, node: form.Call, impl: object) -> ast.expr | None:
        """Python's own operator where it means exactly what the function does."""
        if impl in _COMPARISONS:
            left, right = map(self.operand, node.args)
            return self.compare(left, (_COMPARISONS[impl](), right))
        match node.overload:
            case "equals" | "not_equals":
                return self._equality(node, ast.Eq() if node.overload == "equals" else ast.NotEq())
            case "in_list" | "in_map":
                return self._membership(node)
            case "contains_string" if self._are_strings(node.args):
                text, part = map(self.operand, node.args)
                return self.compare(part, (ast.In(), text))
            case "optional_orValue_value" | "optional_hasValue":
                return self._optional(node)
            case _ if impl in _METHODS and self._are_strings(node.args):
                text, part = map(self.operand, node.args)
                return self.method(text, _METHODS[impl], part)
        return None

    def _are_strings(self, args: Sequence[form.Expr]) -> bool:
        return all(self.kinds(arg) == kinds.STRING for arg in args)

    def _equality(self, node: form.Call, operator: ast.cmpop) -> ast.expr:
        left, right = node.args
        known = self.kinds(left), self.kinds(right)
        if kinds.same_equality(*known):
            # A built-in type asks the other side when it does not know it; times say no to everything.
            side = self.operand if kinds.are_builtin(*known) else self.value
            return self.compare(side(left), (operator, side(right)))
        same = self.call(self.given("equal", equal), self.value(left), self.value(right))
        return same if isinstance(operator, ast.Eq) else self.placed(ast.UnaryOp(ast.Not(), same))

    def _membership(self, node: form.Call) -> ast.expr | None:
        item, members = node.args
        if not isinstance(members, form.Lit):
            return None
        if isinstance(members.value, list) and (found := self._set(self.kinds(item), members.value)) is not None:
            return self.compare(self.operand(item), (ast.In(), found))
        if isinstance(members.value, dict) and self.kinds(item) == kinds.STRING:
            return self.compare(self.operand(item), (ast.In(), self.constant(members.value)))
        return None

    def _set(self, item: kinds.Kinds, members: list[object]) -> ast.expr | None:
        """A constant set in which Python finds items of these kinds as CEL does in the list."""
        if members and not kinds.hashable_alike(item, kinds.of_values(members)):
            return None
        return self.constant(frozenset(members)) if item else None

    def _optional(self, node: form.Call) -> ast.expr | None:
        """`a.?b.orValue(c)` and `a.?b.hasValue()` without making the optional."""
        maybe, *rest = node.args
        if not isinstance(maybe, form.Maybe):
            return None
        if isinstance(maybe.raw, form.Field) and maybe.raw.required:
            return None
        name, first = self.named(self.found(maybe.raw))
        value = self.read(maybe.raw, self.name(name))
        is_there = self.compare(first, (ast.IsNot(), self.missing()))
        if rest:
            return self.choose(is_there, value, self.value(rest[0]))
        return self.both(is_there, self.compare(value, (ast.IsNot(), self.missing())))

    # ---- fields and literals ----

    def select(self, node: form.Select) -> ast.expr:
        return self.call(self.given("select", ops.select), self.value(node.operand), self.constant(node.name))

    def has_key(self, node: form.HasKey) -> ast.expr:
        return self.call(self.given("has_key", ops.has_key), self.value(node.operand), self.constant(node.name))

    def list_of(self, node: form.ListOf) -> ast.expr:
        parts = (self.tuple((self.value(each), self.constant(optional))) for each, optional in node.elements)
        return self.call(self.given("list_of", ops.list_of), self.list(parts))

    def map_of(self, node: form.MapOf) -> ast.expr:
        parts = (
            self.tuple((self.value(key), self.value(value), self.constant(optional)))
            for key, value, optional in node.entries
        )
        return self.call(self.given("map_of", ops.map_of), self.list(parts))

    # ---- loops ----

    def loop(self, node: form.Loop) -> ast.expr:
        quick = self._quick(node)
        if quick is not None:
            return quick
        over, bound = self._range(node)
        names = [name for name in (node.first, node.second) if name is not None]
        self.variables.update(zip(names, bound, strict=True))
        # Python takes no assignment expression in a comprehension's range: that one gets its name before.
        name, first = self.named(over)
        result = self._looped(node, [variable.name for variable in bound], self.name(name))
        if first is over:
            return result
        return self.choose(self.compare(first, (ast.Is(), self.missing())), self.fail(), result)

    def _looped(self, node: form.Loop, names: Sequence[str], over: ast.expr) -> ast.expr:
        def generated(value: ast.expr, *tests: ast.expr) -> ast.expr:
            return self.placed(ast.GeneratorExp(value, [self.turns(names, over, *tests)]))

        def listed() -> ast.expr:
            tests = [] if node.where is None else [self.test(node.where)]
            if self._is_small(node.body):
                return self.placed(ast.ListComp(self.value(node.body), [self.turns(names, over, *tests)]))
            return self.call(self.given("gathered", ops.gathered), generated(self.value(node.body), *tests))

        match node.kind:
            case "all" | "exists":
                function = self.given("all", all) if node.kind == "all" else self.given("any", any)
                return self.call(function, generated(self.test(node.body)))
            case "exists_one":
                count = self.call(self.given("sum", sum), generated(self.constant(1), self.test(node.body)))
                return self.compare(count, (ast.Eq(), self.constant(1)))
            case "filter":
                turns = self.turns(names, over, self.test(node.body))
                return self.placed(ast.ListComp(self._held(node), [turns]))
            case "map" | "transform_list":
                return listed()
            case "transform_map":
                tests = [] if node.where is None else [self.test(node.where)]
                entry = self.tuple((self.name(names[0]), self.value(node.body)))
                return self.call(self.given("gathered_map", ops.gathered_map), generated(entry, *tests))
            case "transform_map_entry":
                return self.call(self.given("merged", ops.merged), listed())

    def _is_small(self, node: form.Expr) -> bool:
        """Whether a value is surely no text, list or map: as many as a loop builds need no weighing."""
        known = self.kinds(node)
        return bool(known) and known <= _SMALL

    def _range(self, node: form.Loop) -> tuple[ast.expr, list[Variable]]:
        """What Python loops over, and what the variables stand for."""
        two = node.second is not None
        if not isinstance(node.range, form.Raw):
            held = self.kinds(node.range)
            turns = self.given("turns", ops.turns) if two else self.given("value_singles", ops.singles)
            over = self.call(turns, self.value(node.range))
            items = kinds.ANYTHING
            if isinstance(node.range, form.Lit) and isinstance(node.range.value, list):
                items = kinds.of_values(node.range.value)
            index = [Variable(self.fresh(), True, kinds.INT if held == {"list"} else kinds.ANYTHING)] if two else []
            return over, [*index, Variable(self.fresh(), True, items)]
        raw = node.range
        elements = self.elements(raw)
        if elements is not None and not two:
            return elements, [Variable(self.fresh(), True, self.element_kinds(raw))]
        if two:
            helper = self.reader("pairs", raw.shape, lambda shape, _: access.pairs(shape))
        else:
            helper = self.reader("singles", raw.shape, lambda shape, _: access.singles(shape))
        over = self.call(helper, self.taken(raw))
        element = Variable(self.fresh(), False)
        if not two:
            return over, [element]
        is_list = self.shapes[raw.shape].kind == "list"
        return over, [Variable(self.fresh(), is_list, kinds.INT if is_list else kinds.ANYTHING), element]

    def _held(self, node: form.Loop) -> ast.expr:
        """What a filter keeps: the element, read."""
        variable = self.variables[node.first]
        if variable.checked or not isinstance(node.range, form.Raw):
            return self.name(variable.name)
        shape = self.shapes[node.range.shape]
        if shape.kind != "list" or shape.item is None:
            return self.fail()
        item = form.Item(node.span, shape.item, node.first)
        return self.read(item, self.name(variable.name))

    def _quick(self, node: form.Loop) -> ast.expr | None:
        """`xs.exists(x, x in CONSTANT)`, `xs.all(x, x in CONSTANT)` and `xs.exists(x, x == y)` in one operation."""
        if node.kind not in {"exists", "all"} or node.second is not None or not isinstance(node.range, form.Raw):
            return None
        elements = self.elements(node.range)
        if elements is None:
            return None
        match node.body:
            case form.Call(overload="in_list", args=(form.Fit(raw=form.Item(name=name)), form.Lit(value=list(held)))):
                members = self._set(self.element_kinds(node.range), held)
                if name != node.first or members is None:
                    return None
                if node.kind == "all":
                    return self.method(members, "issuperset", elements)
                return self.placed(ast.UnaryOp(ast.Not(), self.method(members, "isdisjoint", elements)))
            case form.Call(overload="equals", args=(form.Fit(raw=form.Item(name=name)), form.Lit(value=value))):
                alike = kinds.hashable_alike(self.element_kinds(node.range), kinds.of_value(value))
                if name == node.first and node.kind == "exists" and alike:
                    return self.compare(self.constant(value), (ast.In(), elements))
        return None


def weight(expr: form.Expr) -> int:
    """How many nodes an expression has; a reference to a definition weighs too much to be short."""
    if isinstance(expr, form.Define):
        return MAX_INLINED + 1
    return 1 + sum(map(weight, form.children(expr)))


_EMITTED: Mapping[type[form.Expr], Callable[..., ast.expr]] = {
    form.Fit: Emitter.fit,
    form.Has: Emitter.has,
    form.Maybe: Emitter.maybe,
    form.Size: Emitter.size,
    form.IsNull: Emitter.is_null,
    form.Contains: Emitter.contains,
    form.Lit: Emitter.literal,
    form.Var: Emitter.variable,
    form.And: Emitter.conjunction,
    form.Or: Emitter.disjunction,
    form.Not: Emitter.negation,
    form.If: Emitter.choice,
    form.Call: Emitter.call_function,
    form.Select: Emitter.select,
    form.HasKey: Emitter.has_key,
    form.ListOf: Emitter.list_of,
    form.MapOf: Emitter.map_of,
    form.Let: Emitter.let,
    form.Loop: Emitter.loop,
    form.Define: Emitter.define,
    form.Inlined: Emitter.inlined,
    form.Risk: Emitter.compare_risk,
}
