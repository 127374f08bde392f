"""From the text of one CEL expression to its tree."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark
from lark.exceptions import UnexpectedToken

from assentry.cel import explain, nodes
from assentry.cel.build import ExpressionBuilder, Refused
from assentry.cel.lalr import Parser
from assentry.cel.lexer import CEL, Token, TokenStream, scan
from assentry.cel.walk import MAX_DEPTH, too_deep
from assentry.diagnostics import Diagnostic
from assentry.source import Source, Span

MAX_BYTES = 64 * 1024
"""The longest expression, in bytes of UTF-8."""


def grammar_text() -> str:
    """The grammar of expressions, which the rule language's grammar is read together with."""
    return Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")


def build_parser(grammar: str, start: str, builder: ExpressionBuilder) -> Parser:
    """An LALR parser that takes a list of tokens and calls the builder on each reduction."""
    return Parser(
        Lark(
            grammar,
            parser="lalr",
            lexer=TokenStream,
            start=start,
            transformer=cast(Any, builder),
            keep_all_tokens=True,
            maybe_placeholders=False,
        )
    )


@cache
def _parser() -> Parser:
    return build_parser(grammar_text(), "expression", ExpressionBuilder())


def parse(source: Source, report: list[Diagnostic]) -> nodes.Node | None:
    """The tree of a source that holds one expression; None when anything was reported as wrong."""
    if (finding := too_long(source, Span(0, len(source.text)), "the expression")) is not None:
        report.append(finding)
        return None
    before = len(report)
    scanned = scan(source, CEL, report)
    if len(report) > before:
        return None
    if (finding := _nested(source, scanned.tokens)) is not None:
        report.append(finding)
        return None
    node, finding = run(_parser(), source, scanned.tokens, explain.EXPRESSION)
    if finding is None:
        finding = check_depth(source, node)
    if finding is not None:
        report.append(finding)
        return None
    return cast(nodes.Node, node)


def run(
    parser: Parser, source: Source, tokens: list[Token], place: explain.Place, *, cut: bool = False
) -> tuple[Any, Diagnostic | None]:
    """What the parser builds from the tokens, or the one thing that is wrong with them.

    With `cut` the tokens are only the beginning of a text, and that they end too early is no finding.
    """
    try:
        return parser.parse(tokens), None
    except UnexpectedToken as unexpected:
        if cut and unexpected.token.type == "$END":
            return None, None
        return None, explain.unexpected(parser.lark, source, tokens, unexpected, place)
    except Refused as refused:
        return None, Diagnostic(refused.code, refused.message, source, refused.span, help=refused.advice)


def check_depth(source: Source, node: nodes.Node) -> Diagnostic | None:
    """The finding that an expression nests too deep, if it does; each level takes a character at least."""
    if node.span.end - node.span.start < MAX_DEPTH or (deep := too_deep(node)) is None:
        return None
    return nesting_finding(source, Span(deep.span.start, deep.span.end))


def nesting_finding(source: Source, span: Span) -> Diagnostic:
    message = f"the expression nests deeper than {MAX_DEPTH} levels"
    return Diagnostic("too-deep", message, source, span, help="split it into definitions with names of their own")


def too_long(source: Source, span: Span, what: str) -> Diagnostic | None:
    """The finding that a condition is longer than 64 KiB, if it is."""
    length = span.end - span.start
    if length * 4 <= MAX_BYTES or len(source.slice(span).encode("utf-8", "replace")) <= MAX_BYTES:
        return None
    message = f"{what} is longer than {MAX_BYTES // 1024} KiB"
    advice = "move long lists to a data file, split the rest into definitions"
    return Diagnostic("too-long", message, source, Span(span.start, span.start + 1), help=advice)


def _nested(source: Source, tokens: list[Token]) -> Diagnostic | None:
    """Refuse deep brackets before the parser sees them: they may leave no trace in the tree."""
    depth = 0
    for token in tokens:
        if token.type in {"LPAR", "LSQB", "LBRACE"}:
            depth += 1
            if depth > MAX_DEPTH:
                return nesting_finding(source, Span(token.start, token.end))
        elif token.type in {"RPAR", "RSQB", "RBRACE"}:
            depth -= 1
    return None
