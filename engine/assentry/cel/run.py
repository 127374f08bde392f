"""The exact tier of a program: bindings looked at where they are read, added functions, a meter for loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assentry.cel import lazy
from assentry.cel.added import call_added
from assentry.cel.bindings import adopt
from assentry.cel.meter import Meter, each_turn
from assentry.code import form
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.place import MISSING
from assentry.values.declare import Function
from assentry.values.registry import OVERLOADS


class Run(Exact):
    """One evaluation of a program. `unread` names the variables that are looked at where they are read."""

    def __init__(
        self,
        world: World,
        bindings: Mapping[str, object],
        unread: frozenset[str],
        added: Mapping[str, Function],
        meter: Meter | None = None,
    ) -> None:
        super().__init__(world, bindings=bindings)
        self._unread = set(unread)
        self._added = added
        self._meter = meter
        self._each: dict[int, int] = {}

    def evaluate(self, node: form.Expr) -> object:
        match node:
            case form.Call() if node.function in self._added and node.overload not in OVERLOADS:
                args = self.all(node.args)
                return self.apply(node.span, call_added, self._added[node.function], node, args)
            case form.Call(function=function, args=(first, *_)) if (step := _STEPS.get(function)) and self._is_way(
                first
            ):
                return self._stepped(node, step)
            case form.Call(function="@in", args=(item, container)) if self._is_way(container):
                found, base = self.both(lambda: self.evaluate(item), lambda: self._way(container))
                return self.apply(node.span, lazy.contains, found, base)
            case form.HasKey(operand=operand, name=name) if self._is_way(operand):
                return self.apply(node.span, lazy.has_key, self._way(operand), name)
            case _ if self._is_way(node):
                return self.apply(node.span, adopt, self._way(node))
        return super().evaluate(node)

    # ---- ways into what has not been looked at ----

    def _is_way(self, node: form.Expr) -> bool:
        match node:
            case form.Var(name=name):
                return name in self._unread
            case form.Select(operand=operand) | form.Call(function="_[_]", member=False, args=(operand, _)):
                return self._is_way(operand)
            case _:
                return False

    def _way(self, node: form.Expr) -> object:
        """What stands at the end of a way, as it is."""
        match node:
            case form.Var(name=name) if self.names.get(name, MISSING) is not MISSING:
                return self.names[name]
            case form.Select(operand=operand, name=name):
                return self.apply(node.span, lazy.select, self._way(operand), name)
            case form.Call(args=(operand, key)):
                base, found = self.both(lambda: self._way(operand), lambda: self.evaluate(key))
                return self.apply(node.span, lazy.element, base, found)
        return super().evaluate(node)

    def _stepped(self, node: form.Call, step: Callable[..., object]) -> object:
        first, *rest = node.args
        if not rest:
            return self.apply(node.span, step, self._way(first))
        base, key = self.both(lambda: self._way(first), lambda: self.evaluate(rest[0]))
        return self.apply(node.span, step, base, key)

    # ---- loops ----

    def visited(self, node: form.Loop) -> tuple[bool, Sequence[tuple[object, object]]]:
        if self._is_way(node.range):
            over = self._way(node.range)
            keyed = isinstance(over, dict)
            pairs: Sequence[tuple[object, object]] = self.apply(node.span, lazy.turns, over)
            self._unread |= {name for name in (node.first, node.second) if name is not None}
        else:
            keyed, pairs = super().visited(node)
        return keyed, pairs if self._meter is None else self._meter(pairs, self._cost(node))

    def _cost(self, node: form.Loop) -> int:
        cost = self._each.get(id(node))
        if cost is None:
            cost = self._each[id(node)] = each_turn(node)
        return cost

    def _read(self, node: form.Loop, bound: object) -> object:
        return self.apply(node.span, adopt, bound)


_STEPS: Mapping[str, Callable[..., object]] = {"size": lazy.count, "_[?_]": lazy.find, "_?._": lazy.find_field}
