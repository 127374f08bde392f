"""What the inference of one expression carries along, and the term that it gives for every node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from assentry.cel.environment import Constant, Environment
from assentry.cel.messages import describe
from assentry.cel.nodes import Node
from assentry.cel.unify import Unifier
from assentry.code import form
from assentry.diagnostics import Diagnostic, Related
from assentry.source import Source, Span
from assentry.values.registry import FUNCTIONS
from assentry.values.types import BOOL, DYN, ERROR, Type

MAX_NODES = 10_000
"""Nodes that one condition may have once its functions are put in."""

MAX_LEVELS = 80
"""Levels of nodes once its functions are put in; the parser admits 64. Python's own stack holds about 1,000
frames, ten of them a level."""


PLACES: Final = (form.Raw, form.Maybe)
"""The nodes that stand for a place of the input until something consumes its value."""


class TooLarge(Exception):
    """The expression passed a limit; the finding is already reported."""


@dataclass(slots=True)
class Term:
    """What a node was inferred to be.

    `expr` is a value, or a place of the input (Raw) that becomes a value when something consumes it, or
    a Maybe: a place that may be absent, its own value an optional. `present` are the conditions under
    which the way to such a place exists. `type` is the type of the value.
    """

    expr: form.Expr
    type: Type
    present: tuple[form.Expr, ...] = ()
    origin: int | None = None
    constant: Constant | None = None


class Context:
    """The state of one inference: names in scope, type parameters, findings, limits."""

    def __init__(
        self,
        env: Environment,
        source: Source,
        report: list[Diagnostic],
        handlers: Mapping[type[Node], Callable[[Context, Any], Term]],
    ) -> None:
        self.env = env
        self.source = source
        self.report = report
        self.unifier = Unifier()
        self.scope: dict[str, Term] = {}
        self.uses: defaultdict[str, int] = defaultdict(int)
        self.loops = 0
        self.opened_at: dict[str, int] = {}
        self.calls: tuple[Related, ...] = ()
        self._handlers = handlers
        self._names: defaultdict[str, int] = defaultdict(int)
        self._nodes = 0
        self._level = 0

    # ---- walking ----

    def infer(self, node: Node) -> Term:
        """The term of a node. Raises TooLarge."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop("too-large", f"the condition has more than {MAX_NODES:,} parts with its functions put in", node)
        self._level += 1
        if self._level > MAX_LEVELS:
            self._stop(
                "too-deep", f"the condition is more than {MAX_LEVELS} levels deep with its functions put in", node
            )
        term = self._handlers[type(node)](self, node)
        self._level -= 1
        return term

    def _stop(self, code: str, message: str, node: Node) -> None:
        self.error(code, message, node.span, "write it as definitions of their own")
        raise TooLarge

    # ---- findings ----

    def error(self, code: str, message: str, span: Span, help: str | None = None) -> Term:
        """Report a finding, once, and give a term that agrees with everything."""
        finding = Diagnostic(code, message, self.source, span, help, (), self.calls)
        if not any(_same(finding, other) for other in self.report):
            self.report.append(finding)
        return Term(form.Lit(span, None), ERROR)

    def text(self, span: Span) -> str:
        """The source of a node, on one line, for messages."""
        return self.source.excerpt(span)

    # ---- types ----

    def resolved(self, item: Type) -> Type:
        return self.unifier.resolved(item)

    def typed(self, item: Type) -> Type:
        """The type that a term gets: in an unchecked expression every type waits for the evaluation."""
        return item if self.env.checked else DYN

    # ---- values ----

    def value(self, term: Term) -> form.Expr:
        """The value node of a term: a place is read, whole."""
        return self.read(term).expr

    def read(self, term: Term) -> Term:
        """The term as a value; of type ERROR after reporting that it cannot be one."""
        expr = term.expr
        if not isinstance(expr, PLACES):
            return term
        raw = expr.raw if isinstance(expr, form.Maybe) else expr
        if self.env.shapes[raw.shape].kind == "object":
            return self._refuse_object(expr, raw)
        if isinstance(expr, form.Raw):
            return Term(form.Fit(expr.span, expr), term.type)
        if term.present:
            expr = form.If(expr.span, conjunction(expr.span, term.present), expr, none(expr.span))
        return Term(expr, term.type)

    def _refuse_object(self, expr: form.Expr, raw: form.Raw) -> Term:
        text = self.text(expr.span)
        names = [f"`{text}.{declared.name}`" for declared in self.env.shapes[raw.shape].properties[:3]]
        advice = f"read its fields, as in {' or '.join(names)}" if names else "read its fields"
        return self.error("whole-object", f"`{text}` is an object with fields, not a value", expr.span, advice)

    def boolean(self, node: Node) -> form.Expr:
        """The value of a node that has to be a condition."""
        term = self.read(self.infer(node))
        if term.type is not BOOL and not self.unifier.assignable(term.type, BOOL):
            found = self.unifier.resolved(term.type, close=True)
            message = f"`{self.text(node.span)}` is {describe(found)}, not true or false"
            return self.error("not-boolean", message, node.span, _condition_help(found, self.text(node.span))).expr
        return term.expr

    # ---- variables ----

    def fresh_name(self, base: str) -> str:
        """A variable name that nothing else in the expression has."""
        self._names[base] += 1
        number = self._names[base]
        taken = self.env.open_world or not self.env.checked or base in self.env.variables
        return base if number == 1 and not taken else f"{base}#{number + taken}"

    def variable(self, base: str, item: Type, span: Span) -> Term:
        """A new variable that holds a value, open from here on."""
        name = self.fresh_name(base)
        self.opened_at[name] = self.loops
        return Term(form.Var(span, name), self.typed(item))

    def used(self, name: str) -> None:
        """Note a use of a variable; one within a loop that began later may happen many times."""
        self.uses[name] += 1 if self.loops == self.opened_at.get(name, self.loops) else 2

    @contextmanager
    def scoped(self, names: dict[str, Term], *, loop: bool = False) -> Iterator[None]:
        """Names that are visible within the block alone, hiding others of the same name."""
        before = self.scope
        self.scope = {**before, **names}
        self.loops += loop
        try:
            yield
        finally:
            self.scope = before
            self.loops -= loop


def _same(finding: Diagnostic, other: Diagnostic) -> bool:
    return (
        finding.span == other.span
        and finding.code == other.code
        and finding.message == other.message
        and finding.source.name == other.source.name
    )


def _condition_help(found: Type, text: str) -> str:
    match found.name:
        case "string" | "int" | "uint" | "double" | "timestamp" | "duration":
            return f"compare it, as in `{text} == ...`"
        case "list" | "map":
            return f"ask for its size, as in `{text}.size() > 0`"
        case "optional_type":
            return f"give it a value for the case that it has none: `{text}.orValue(false)`"
        case _:
            return "a condition is true or false"


def conjunction(span: Span, operands: tuple[form.Expr, ...]) -> form.Expr:
    """All operands together; one stands for itself."""
    return operands[0] if len(operands) == 1 else form.And(span, operands)


def standard_call(span: Span, function: str, *args: form.Expr, member: bool = False, certain: bool = True) -> form.Call:
    """A call that a macro stands for; without `certain` the run-time types choose the overload."""
    overloads = FUNCTIONS[function].overloads
    chosen = overloads[0].id if certain and len(overloads) == 1 else ""
    return form.Call(span, function, chosen, args, member)


def none(span: Span) -> form.Expr:
    """`optional.none()`."""
    return standard_call(span, "optional.none")


def moved(term: Term, span: Span) -> Term:
    """The term as it is used at another spot of the text."""
    expr, file = term.expr, term.origin
    if isinstance(expr, form.Raw):
        return Term(_moved_place(expr, span, file), term.type)
    if isinstance(expr, form.Maybe):
        raw = _moved_place(expr.raw, span, file)
        assert isinstance(raw, form.Field | form.Element)
        present = term.present
        if file is not None:
            present = tuple(form.Inlined(span, "", file, condition) for condition in present)
        return Term(form.Maybe(span, raw), term.type, present)
    return Term(replace(expr, span=span), term.type) if isinstance(expr, form.Var | form.Lit) else term


def _moved_place(raw: form.Raw, span: Span, file: int | None) -> form.Raw:
    """The same place read at another spot: of another file when `file` says where its spans are from."""
    if file is None:
        return replace(raw, span=span)
    if isinstance(raw, form.Field):
        return replace(raw, span=span, base=_moved_place(raw.base, span, file))
    if isinstance(raw, form.Element):
        key = raw.key if isinstance(raw.key, form.Lit) else form.Inlined(span, "", file, raw.key)
        return replace(raw, span=span, base=_moved_place(raw.base, span, file), key=key)
    return replace(raw, span=span)
