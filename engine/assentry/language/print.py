"""From the tree of a rule file to its official shape.

Without a margin (`unparse`) the text follows from the tree alone; the formatter brings one that knows the
comments, the blank lines and how the author spelled each literal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assentry.cel import escape
from assentry.cel.doc import (
    STEP,
    Concat,
    Doc,
    Group,
    IfBroken,
    Line,
    concat,
    first_character,
    flat_width,
    group,
    indent,
)
from assentry.cel.doc import render as render_doc
from assentry.cel.print import Margin, NoMargin, Printer, respell
from assentry.language import nodes
from assentry.source import Span

WIDTH = 100
"""The columns that lines are kept within where they can be."""

_FLAGS = {True: "true", False: "false", None: "null"}


class FileMargin(Margin, Protocol):
    """What stands beside the statements of a file."""

    def separator(self, previous_end: int | None, next_start: int | None) -> Line:
        """The break between two statements, conditions or entries, with the comments and the blank line there.

        `previous_end` is None at the beginning of a block or file, `next_start` is None at its end.
        """

    def block_end(self, previous_end: int, end: int) -> Line:
        """The break before the closing brace at `end`."""

    def on_lines(self, with_: nodes.With) -> bool:
        """Whether the author wrote a `with` over several lines, or a comment asks for that."""


class NoFileMargin(NoMargin):
    """For a tree without a text."""

    def separator(self, previous_end: int | None, next_start: int | None) -> Line:
        return Line(hard=True)

    def block_end(self, previous_end: int, end: int) -> Line:
        return Line(hard=True)

    def on_lines(self, with_: nodes.With) -> bool:
        return False


def unparse(file: nodes.File) -> str:
    """A text that parses to the same tree, spans and comments apart."""
    return render(file, NoFileMargin())


def render(file: nodes.File, margin: FileMargin) -> str:
    """The official shape of a file: its package first, then its statements in their order."""
    printer = _FilePrinter(margin)
    parts: list[Doc] = []
    previous_end: int | None = None
    for statement in (file.package, *file.statements):
        parts += [margin.separator(previous_end, statement.span.start), printer.statement(statement)]
        previous_end = statement.span.end
    parts.append(margin.separator(previous_end, None))
    return render_doc(concat(*parts), WIDTH).strip("\n") + "\n"


class _FilePrinter:
    def __init__(self, margin: FileMargin) -> None:
        self.margin = margin
        self.expressions = Printer(margin)

    def statement(self, statement: nodes.Statement) -> Doc:
        match statement:
            case nodes.Package():
                head = f"package {statement.name.text}"
                return head if statement.defaults is None else self._with_behind(head, statement.defaults, braced=False)
            case nodes.Import():
                return f"import {'.'.join(name.text for name in statement.path)}"
            case nodes.Default():
                return f"default {statement.decision}"
            case nodes.Const():
                return concat(f"const {statement.name.text} := ", self.expressions.document(statement.value))
            case nodes.Head():
                return self._body(_definition_head(statement), statement.body)
            case nodes.Rule():
                body = self._body(_rule_head(statement), statement.body)
                if statement.with_ is None:
                    return body
                return self._with_behind(body, statement.with_, braced=statement.body.braced)
            case _:
                raise TypeError(f"no such statement: {type(statement).__name__}")

    # ---- bodies ----

    def _body(self, head: str, body: nodes.Body) -> Concat:
        if not body.braced:
            return concat(f"{head} if ", _guarded(self.expressions.document(body.conditions[0]), "{"))
        lines: list[Doc] = []
        previous_end: int | None = None
        for condition in body.conditions:
            lines.append(self.margin.separator(previous_end, condition.span.start))
            lines.append(_guarded(self.expressions.document(condition), "{."))
            previous_end = condition.span.end
        closing = self.margin.block_end(previous_end or 0, body.span.end - 1)
        return concat(f"{head} if {{", indent(*lines, *_own_lines(closing)), _without_notes(closing), "}")

    # ---- with ----

    def _with_behind(self, head: Doc, with_: nodes.With, *, braced: bool) -> Doc:
        """The `with` behind a head: on its line where there is room, else on a line of its own, indented."""
        on_lines = self.margin.on_lines(with_)
        if on_lines:
            block: Doc = self._block(with_)
            inline = braced or _fits(head, len(" with {"))
        else:
            block = self._one_line(with_)
            width = flat_width(block)
            if width is None or width > WIDTH - STEP:
                block = _spread(block)
                inline = braced or _fits(head, len(" with {"))
            else:
                inline = width + 2 <= WIDTH if braced else _fits(head, width + 1)
        if inline:
            return concat(head, " ", block)
        return concat(head, indent(Line(hard=True), block))

    def _block(self, with_: nodes.With) -> Concat:
        lines: list[Doc] = []
        previous_end: int | None = None
        for entry in with_.entries:
            lines += [self.margin.separator(previous_end, entry.span.start), self._entry(entry)]
            previous_end = entry.span.end
        closing = self.margin.block_end(previous_end or 0, with_.span.end - 1)
        return concat("with {", indent(*lines, *_own_lines(closing)), _without_notes(closing), "}")

    def _one_line(self, with_: nodes.With) -> Group:
        entries: list[Doc] = []
        for entry in with_.entries:
            entries += [Line(", " if entries else " "), self._entry(entry)]
        return group("with {", indent(*entries), Line(" "), "}")

    def _entry(self, entry: nodes.Entry) -> Doc:
        return concat(f"{entry.key.text}: ", self._value(entry.value))

    def _value(self, value: nodes.Value) -> Doc:
        match value:
            case nodes.Text():
                return self._text(value)
            case nodes.Number():
                return self.margin.spelling(value.span) or repr(value.number)
            case nodes.Flag():
                return _FLAGS[value.flag]
            case nodes.Word():
                return value.word
            case nodes.Duration() | nodes.Control():
                return value.text
            case nodes.Path():
                return ".".join(value.names)
            case nodes.Seats():
                return self._seats(value.seats)
            case nodes.Items():
                return self._enclosed("[", "]", [(None, item) for item in value.items], value.span)
            case nodes.Mapping():
                return self._enclosed("{", "}", value.entries, value.span)
            case _:
                raise TypeError(f"no such value: {type(value).__name__}")

    def _text(self, text: nodes.Text) -> str:
        spelled = self.margin.spelling(text.span)
        return escape.spell_string(text.text) if spelled is None else respell(spelled)

    def _seats(self, seats: Sequence[nodes.Seat]) -> Doc:
        parts: list[Doc] = []
        for at, seat in enumerate(seats):
            if at:
                parts += [self.margin.line(seat.span.start), "and "]
            parts.append(f"{seat.count} of {seat.selector}({escape.spell_string(seat.name)})")
        return group(indent(*parts))

    def _enclosed(
        self, opening: str, closing: str, items: Sequence[tuple[nodes.Text | None, nodes.Value]], span: Span
    ) -> Doc:
        if not items:
            return opening + closing
        parts: list[Doc] = []
        for at, (key, value) in enumerate(items):
            parts.append(self.margin.line((key or value).span.start, " " if at else ""))
            parts += [] if key is None else [self._text(key), ": "]
            parts += [self._value(value), "," if at + 1 < len(items) else IfBroken(",")]
        return group(opening, indent(*parts), self.margin.line(span.end - 1, ""), closing)


def _definition_head(head: nodes.Head) -> str:
    params = "" if head.params is None else f"({', '.join(param.text for param in head.params)})"
    return head.name.text + params


def _rule_head(rule: nodes.Rule) -> str:
    effect = {"require_approval": "require approval", "risk": f"risk {rule.weight}"}.get(rule.effect, rule.effect)
    return f"{effect} {rule.name.text}"


def _guarded(condition: Doc, openings: str) -> Doc:
    """A condition that begins with a character that would be read otherwise goes into parentheses."""
    if first_character(condition) and first_character(condition) in openings:
        return group("(", indent(Line(""), condition), Line(""), ")")
    return condition


def _own_lines(closing: Line) -> list[Doc]:
    """The comments before a closing brace, which stand at the depth of the block's lines."""
    if not closing.notes:
        return []
    last = closing.notes[-1]
    before = Line(hard=True, notes=closing.notes[:-1], blank=last.blank)
    if len(closing.notes) == 1 and not last.own_line:
        return [f"  {last.text}"]
    return [before, last.text]


def _without_notes(closing: Line) -> Line:
    return Line(hard=True)


def _spread(block: Group) -> Group:
    """The same block with each entry on a line of its own."""
    return Group(Concat(block.inner.parts, broken=True))


def _fits(head: Doc, more: int) -> bool:
    width = flat_width(head)
    return width is not None and width + more <= WIDTH
