"""The function of a whole program: bindings in, value out, as one Python function.

    def evaluate(bindings, budget):
        if budget is not None: return counted(bindings, budget)
        try:
            v1 = bindings["name"]
            if not (type(v1) is str): v1 = take_v1(v1)
            return v1 == "data.export" and ...
        except Exception:
            return slowly(bindings)

Declared scalars, and lists and maps of them, are checked at the head; what is of any type is looked at
where it is read (see lazy.py). Where a value's type is not known before, the code guesses it from what it is
compared with, and asks the values' types when the guess is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from assentry.cel import lazy
from assentry.cel.added import call_added
from assentry.cel.bindings import Taker, adopt
from assentry.cel.checkers import CHECKERS
from assentry.code import form, kinds
from assentry.code.emit import Emitter
from assentry.code.kinds import Kinds
from assentry.code.load import load
from assentry.code.reads import Variable
from assentry.source import Source
from assentry.values.declare import Function, Overload
from assentry.values.equality import equal
from assentry.values.limits import MAX_LIST
from assentry.values.registry import FUNCTIONS, OVERLOADS, dispatch
from assentry.values.runtime import INT_MAX, INT_MIN, Duration, Timestamp
from assentry.values.types import BOOL, DYN, Type, list_of, map_of

Emitted = Callable[..., object]
Named = Sequence[tuple[str, Type, Taker]]
"""The variables that an expression names, with their types and takers."""
Each = Callable[[form.Loop], int]

_PYTHON: Final[Mapping[str, type]] = {
    "bool": bool,
    "int": int,
    "double": float,
    "string": str,
    "bytes": bytes,
    "timestamp": Timestamp,
    "duration": Duration,
}
_KNOWN: Final = frozenset({*_PYTHON, "list", "map"})
"""Types that a local is sure to have once it is taken."""
_GUESSED: Final = frozenset({"bool", "int", "double", "string"})
_LAZY: Final = frozenset({DYN, list_of(DYN), map_of(Type("string"), DYN)})
_BOOLEAN: Final = frozenset(
    name
    for name, declared in FUNCTIONS.items()
    if all(overload.result == BOOL for overload in (*declared.overloads, *declared.dynamic))
)
"""Functions that give a bool, whatever their arguments are."""
_ORDER: Final = ("int", "string", "double")
"""What two values are taken for when nothing is known of either."""


def is_lazy(declared: Type) -> bool:
    """Whether a variable of this type is looked at where it is read, not before."""
    return declared in _LAZY


class ProgramEmitter(Emitter):
    """Emits expressions whose variables are bindings.

    A variable that is not `checked` holds what was bound, or a part of it, as it is. `added` are functions of
    the host; with `each`, every loop tells a meter what its turns cost.
    """

    def __init__(self, source: Source, added: Mapping[str, Function], each: Each | None = None) -> None:
        super().__init__(source, 0, ())
        self._added = added
        self._each = each
        self._elements: dict[str, Kinds] = {}
        self._entries: dict[str, Kinds] = {}

    # ---- functions ----

    def whole(self, expr: form.Expr, variables: Named, counted: Emitted, slowly: Emitted) -> Emitted:
        """The function of a program: `counted` is called instead when there is a budget, `slowly` when the emitted
        code does not know the answer.

        Raises RecursionError, MemoryError or ValueError for an expression nested deeper than Python compiles.
        """
        with self.at(expr.span):
            body = [*self.head(variables), *self.answer(expr)]
            bindings, budget = self.name("bindings"), self.name("budget")
            ask = self.gives(self.call(self.given("counted", counted), bindings, budget))
            otherwise = self.gives(self.call(self.given("slowly", slowly), bindings))
            statements = [
                self.when(self.compare(budget, (ast.IsNot(), self.constant(None))), ask),
                self.attempt(*body, otherwise=[otherwise]),
            ]
            function = load(
                self.function("evaluate", ("bindings", "budget"), statements), self._source.name, self.names
            )
        function.__defaults__ = (None, None)
        return function

    def counted(self, expr: form.Expr, variables: Named) -> Emitted:
        """A function of bindings and a meter, which raises anything at all where it does not know the answer."""
        with self.at(expr.span):
            body = [*self.head(variables), *self.answer(expr)]
            return load(self.function("evaluate", ("bindings", "meter"), body), self._source.name, self.names)

    # ---- the head ----

    def head(self, variables: Named) -> list[ast.stmt]:
        """Takes the variables: one local for each, checked as far as its type asks for."""
        statements: list[ast.stmt] = []
        for name, declared, take in variables:
            local = self.fresh()
            bound = self.subscript(self.name("bindings"), self.constant(name))
            statements += self._taken(local, bound, declared, take)
            known = frozenset({declared.name}) if declared.name in _KNOWN else kinds.ANYTHING
            self.variables[name] = Variable(local, not is_lazy(declared), known)
            if str(declared) in CHECKERS:
                held = self._elements if declared.name == "list" else self._entries
                held[name] = frozenset({declared.params[-1].name})
        return statements

    def _taken(self, local: str, bound: ast.expr, declared: Type, take: Taker) -> list[ast.stmt]:
        if is_lazy(declared) and not declared.params:
            return [self.assign(local, bound)]
        taker = self.given(f"take_{local}", take)
        test = self._is(declared, self.name(local), local)
        if test is None:
            checker = CHECKERS.get(str(declared))
            helper = taker if checker is None else self.given(f"check_{local}", checker(take))
            return [self.assign(local, self.call(helper, bound))]
        unlike = self.placed(ast.UnaryOp(ast.Not(), test))
        return [self.assign(local, bound), self.when(unlike, self.assign(local, self.call(taker, self.name(local))))]

    def _is(self, declared: Type, first: ast.expr, name: str) -> ast.expr | None:
        """A test whether a value is of a type, or None when there is no short one."""
        if is_lazy(declared):
            return self.is_type(first, list if declared.name == "list" else dict)
        python = _PYTHON.get(declared.name)
        if python is None:
            return None
        if python is int:
            low, high = self.constant(INT_MIN), self.constant(INT_MAX)
            within = self.compare(low, (ast.LtE(), self.name(name)), (ast.LtE(), high))
            return self.both(self.is_type(first, int), within)
        return self.is_type(first, python)

    # ---- the answer ----

    def answer(self, expr: form.Expr) -> list[ast.stmt]:
        """Statements that return the value. A loop that decides is a loop: a generator takes longer to make."""
        with self.at(expr.span):
            match expr:
                case form.And(operands=(*before, last)) | form.Or(operands=(*before, last)) if _ends_in_loop(last):
                    absorbing = isinstance(expr, form.Or)
                    tests = [self.test(each) for each in before]
                    test = self.either(*tests) if absorbing else self.placed(ast.UnaryOp(ast.Not(), self.both(*tests)))
                    return [self.when(test, self.gives(self.constant(absorbing))), *self.answer(last)]
                case form.Loop() if _ends_in_loop(expr) and self._quick(expr) is None:
                    return self._search(expr)
                case _:
                    return [self.gives(self.value(expr))]

    def _search(self, node: form.Loop) -> list[ast.stmt]:
        """`all` and `exists`: the first element that decides."""
        over, bound = self._range(node)
        self.variables.update(zip((name for name in (node.first, node.second) if name), bound, strict=True))
        targets: list[ast.expr] = [self.target(variable.name) for variable in bound]
        target = targets[0] if len(targets) == 1 else self.placed(ast.Tuple(targets, ast.Store()))
        test = self.test(node.body)
        found = node.kind == "exists"
        decides = self.when(
            test if found else self.placed(ast.UnaryOp(ast.Not(), test)), self.gives(self.constant(found))
        )
        return [self.placed(ast.For(target, over, [decides], [])), self.gives(self.constant(not found))]

    # ---- what has not been looked at ----

    def is_raw(self, node: form.Expr) -> bool:
        """Whether an expression is a way into a binding that has not been looked at."""
        match node:
            case form.Var(name=name):
                return name in self.variables and not self.variables[name].checked
            case form.Select(operand=operand) | form.Call(function="_[_]", member=False, args=(operand, _)):
                return self.is_raw(operand)
            case _:
                return False

    def raw(self, node: form.Expr) -> ast.expr:
        """What stands at the end of the way, as it is."""
        with self.at(node.span):
            match node:
                case form.Var(name=name):
                    return self.name(self.variables[name].name)
                case form.Select(operand=operand, name=field):
                    return self.subscript(self._map(operand), self.constant(field))
                case form.Call(args=(operand, form.Lit(value=str() as field))):
                    return self.subscript(self._map(operand), self.constant(field))
                case form.Call(args=(operand, key)):
                    return self.call(self.given("element", lazy.element), self.raw(operand), self.value(key))
                case _:
                    return self.fail()

    def _map(self, node: form.Expr) -> ast.expr:
        """The dict at the end of a way, or an exception."""
        if isinstance(node, form.Var) and self.variables[node.name].kinds == {"map"}:
            return self.raw(node)
        name, first = self.named(self.raw(node))
        return self.choose(self.is_type(first, dict), self.name(name), self.fail())

    def _adopted(self, node: form.Expr) -> ast.expr:
        name, first = self.named(self.raw(node))
        known = self.name(name)
        return self.choose(self.is_type(first, str), known, self.call(self.given("adopt", adopt), known))

    # ---- values ----

    def kinds(self, node: form.Expr) -> Kinds:
        match node:
            case form.Select(operand=form.Var(name=name)) | form.Call(function="_[_]", args=(form.Var(name=name), _)):
                return self._entries.get(name, kinds.ANYTHING)
            case form.Call(function=function, overload="") if function in _BOOLEAN and function not in self._added:
                return kinds.BOOL
            case _:
                return super().kinds(node)

    def value(self, node: form.Expr) -> ast.expr:
        with self.at(node.span):
            if self.is_raw(node):
                return self._adopted(node)
            special: ast.expr | None = None
            match node:
                case form.HasKey(operand=operand, name=name) if self.is_raw(operand):
                    special = self.compare(self.constant(name), (ast.In(), self._map(operand)))
                case form.HasKey(operand=form.Var(name=held), name=name) if held in self._entries:
                    special = self.compare(self.constant(name), (ast.In(), self.name(self.variables[held].name)))
                case form.Select(operand=form.Var(name=held), name=name) if held in self._entries:
                    special = self.subscript(self.name(self.variables[held].name), self.constant(name))
                case form.Call():
                    special = self._call(node)
            return super().value(node) if special is None else special

    def bool_value(self, node: form.Expr) -> ast.expr:
        if not self.is_raw(node):
            return super().bool_value(node)
        name, first = self.named(self.raw(node))
        return self.choose(self.is_type(first, bool), self.name(name), self.fail())

    def _call(self, node: form.Call) -> ast.expr | None:
        args = node.args
        if node.function in self._added and node.overload not in OVERLOADS:
            function = partial(call_added, self._added[node.function], node)
            return self.call(self.given(f"added_{self.fresh()}", function), self.list(map(self.value, args)))
        if node.function == "@in" and len(args) == 2:
            return self._in(node, *args)
        if node.function == "orValue" and (quick := self._or_value(node)) is not None:
            return quick
        is_open = node.overload == "" and node.function in FUNCTIONS
        if not any(map(self.is_raw, args)):
            return self._guess(node) if is_open and any(map(self._kind, args)) else None
        match node.function, args:
            case "size", (operand,):
                return self.call(self.given("count", lazy.count), self.raw(operand))
            case "_?._" | "_[?_]", (operand, key) if self.is_raw(operand):
                step = lazy.find_field if node.function == "_?._" else lazy.find
                return self.call(self.given(step.__name__, step), self.raw(operand), self.value(key))
            case "_==_" | "_!=_", (left, right):
                return self._equal(left, right, negated=node.function == "_!=_")
            case _:
                return self._guess(node) if is_open else None

    def _or_value(self, node: form.Call) -> ast.expr | None:
        """`a.?b.orValue(c)` and `a[?"b"].orValue(c)` without making the optional."""
        match node.args:
            case (
                form.Call(function="_?._" | "_[?_]", args=(operand, form.Lit(value=str() as key))),
                form.Lit() as other,
            ):
                if not self.is_raw(operand):
                    return None
                found = self.method(self._map(operand), "get", self.constant(key), self.missing())
                name, first = self.named(found)
                is_there = self.compare(first, (ast.IsNot(), self.missing()))
                held = self.call(self.given("adopt", adopt), self.name(name))
                return self.choose(is_there, held, self.value(other))
        return None

    # ---- guesses ----

    def _equal(self, left: form.Expr, right: form.Expr, *, negated: bool) -> ast.expr:
        known = [self._kind(side) for side in (left, right)]
        guess = known[0] or known[1] or "string"
        same = self.call(self.given("equal", equal), self.value(left), self.value(right))
        if negated:
            same = self.placed(ast.UnaryOp(ast.Not(), same))
        if guess not in _GUESSED or not (self._is_short(left) and self._is_short(right)):
            return same
        test, sides, _ = self._guessed((left, right), (guess, guess))
        return self.choose(test, self.compare(sides[0], (ast.NotEq() if negated else ast.Eq(), sides[1])), same)

    def _guess(self, node: form.Call) -> ast.expr | None:
        """The call by the overload that fits what is known, if the values are of its types; else by their types."""
        overload = self._likely(node)
        if overload is None:
            return None
        if all(map(self._kind, node.args)):
            return super().value(form.Call(node.span, node.function, overload.id, node.args, node.member))
        lets: list[tuple[str, ast.expr]] = []
        args = tuple([arg if self._is_short(arg) else self._bound(arg, lets) for arg in node.args])
        test, _, fitting = self._guessed(args, [param.name for param in overload.params])
        quick = super().value(form.Call(node.span, node.function, overload.id, tuple(fitting), node.member))
        values = self.list(map(self.value, args))
        function, member = self.constant(node.function), self.constant(node.member)
        result = self.choose(test, quick, self.call(self.given("dispatch", dispatch), function, values, member))
        for local, value in reversed(lets):
            unset = self.compare(self.walrus(local, value), (ast.Is(), self.missing()))
            result = self.choose(unset, self.fail(), result)
        return result

    def _bound(self, arg: form.Expr, lets: list[tuple[str, ast.expr]]) -> form.Expr:
        """An argument that is too long to be written twice, as a variable of its own."""
        local = self.fresh()
        lets.append((local, self.value(arg)))
        self.variables[f"#{local}"] = Variable(local, True, self.kinds(arg))
        return form.Var(arg.span, f"#{local}")

    def _likely(self, node: form.Call) -> Overload | None:
        known = [self._kind(arg) for arg in node.args]
        fitting = [
            overload
            for overload in FUNCTIONS[node.function].overloads
            if overload.member is node.member
            and len(overload.params) == len(known)
            and all(
                param.name in _GUESSED if kind is None else param.name == kind and not param.params
                for kind, param in zip(known, overload.params, strict=True)
            )
        ]
        return min(fitting, key=_rank, default=None)

    def _guessed(
        self, args: Sequence[form.Expr], types: Sequence[str]
    ) -> tuple[ast.expr, list[ast.expr], list[form.Expr]]:
        """A test whether the arguments of unknown type are of these types, which names them; what all are then.

        These are given as code, and as arguments that are known to fit. Some argument must be of unknown type.
        """
        tests: list[ast.expr] = []
        sides: list[ast.expr] = []
        fitting: list[form.Expr] = []
        for arg, kind in zip(args, types, strict=True):
            if not self.is_raw(arg) and self._kind(arg) is not None:
                sides.append(self.value(arg))
                fitting.append(arg)
                continue
            name, first = self.named(self.raw(arg) if self.is_raw(arg) else self.value(arg))
            test = self._is(Type(kind), first, name)
            assert test is not None
            tests.append(test)
            sides.append(self.name(name))
            self.variables[f"#{name}"] = Variable(name, True, frozenset({kind}))
            fitting.append(form.Var(arg.span, f"#{name}"))
        return self.both(*tests), sides, fitting

    def _kind(self, node: form.Expr) -> str | None:
        """The one type that a value surely has."""
        known = self.kinds(node)
        return next(iter(known)) if len(known) == 1 else None

    def _is_short(self, node: form.Expr) -> bool:
        """Whether writing the expression twice does no harm."""
        return isinstance(node, form.Lit | form.Var) or self.is_raw(node)

    # ---- `in` and loops ----

    def _in(self, node: form.Call, item: form.Expr, container: form.Expr) -> ast.expr | None:
        if isinstance(container, form.Var) and (elements := self._elements.get(container.name)) is not None:
            return self._in_list(item, elements, self.value(container))
        if isinstance(container, form.Var) and container.name in self._entries and self.kinds(item) == kinds.STRING:
            return self.compare(self.value(item), (ast.In(), self.value(container)))
        if not self.is_raw(container):
            return self._in_known(node, item)
        name, first = self.named(self.raw(container))
        helper = self.call(self.given("contains", lazy.contains), self.value(item), self.name(name))
        if self.kinds(item) == kinds.STRING and self._is_short(item):
            inside = self.compare(self.value(item), (ast.In(), self.name(name)))
            return self.choose(self.is_type(first, list), inside, helper)
        if self.is_raw(item):
            test, (held,), _ = self._guessed((item,), ("string",))
            inside = self.compare(held, (ast.In(), self.name(name)))
            return self.choose(self.both(self.is_type(first, list), test), inside, helper)
        return self.call(self.given("contains", lazy.contains), self.value(item), self.raw(container))

    def _in_list(self, item: form.Expr, elements: Kinds, members: ast.expr) -> ast.expr | None:
        if self.kinds(item) == elements and not elements & {"double"}:
            return self.compare(self.value(item), (ast.In(), members))
        return None

    def _in_known(self, node: form.Call, item: form.Expr) -> ast.expr | None:
        """`raw in [constants]`: as if the item were a string, when it is one."""
        if not self.is_raw(item):
            return None
        test, _, (held,) = self._guessed((item,), ("string",))
        quick = super().value(form.Call(node.span, "@in", node.overload, (held, node.args[1])))
        return self.choose(test, quick, super().value(node))

    def _range(self, node: form.Loop) -> tuple[ast.expr, list[Variable]]:
        over, bound = self._visited(node)
        if self._each is not None:
            over = self.call(self.name("meter"), over, self.constant(self._each(node)))
        return over, bound

    def _visited(self, node: form.Loop) -> tuple[ast.expr, list[Variable]]:
        two = node.second is not None
        if not self.is_raw(node.range):
            known = self._elements.get(node.range.name) if isinstance(node.range, form.Var) else None
            if known is None or two:
                return super()._range(node)
            return self.value(node.range), [Variable(self.fresh(), True, known)]
        if two:
            over = self.call(self.given("lazy_turns", lazy.turns), self.raw(node.range))
            return over, [Variable(self.fresh(), False), Variable(self.fresh(), False)]
        name, first = self.named(self.raw(node.range))
        short = self.compare(self.call(self.given("len", len), self.name(name)), (ast.LtE(), self.constant(MAX_LIST)))
        helper = self.call(self.given("lazy_singles", lazy.singles), self.name(name))
        over = self.choose(self.both(self.is_type(first, list), short), self.name(name), helper)
        return over, [Variable(self.fresh(), False)]

    def _held(self, node: form.Loop) -> ast.expr:
        variable = self.variables[node.first]
        if variable.checked:
            return super()._held(node)
        return self.call(self.given("adopt", adopt), self.name(variable.name))

    def _quick(self, node: form.Loop) -> ast.expr | None:
        """`xs.exists(x, x in CONSTANT)` and the like over a declared list, in one operation."""
        if self._each is not None or node.second is not None or not isinstance(node.range, form.Var):
            return None
        elements = self._elements.get(node.range.name)
        if elements is None or node.kind not in {"exists", "all"}:
            return None
        match node.body:
            case form.Call(function="@in", args=(form.Var(name=name), form.Lit(value=list(held)))) if (
                name == node.first
            ):
                members = self._set(elements, held)
                if members is None:
                    return None
                if node.kind == "all":
                    return self.method(members, "issuperset", self.value(node.range))
                found = self.method(members, "isdisjoint", self.value(node.range))
                return self.placed(ast.UnaryOp(ast.Not(), found))
            case form.Call(function="_==_", args=(form.Var(name=name), form.Lit(value=value))):
                alike = kinds.hashable_alike(elements, kinds.of_value(value))
                if name == node.first and node.kind == "exists" and alike:
                    return self.compare(self.constant(value), (ast.In(), self.value(node.range)))
        return None


def _ends_in_loop(expr: form.Expr) -> bool:
    """Whether the last thing that a condition does may be a loop that looks for an element."""
    match expr:
        case form.And(operands=(*_, last)) | form.Or(operands=(*_, last)):
            return _ends_in_loop(last)
        case _:
            return isinstance(expr, form.Loop) and expr.kind in {"all", "exists"}


def _rank(overload: Overload) -> int:
    name = overload.params[0].name
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
