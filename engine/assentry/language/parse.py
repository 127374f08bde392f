"""From the text of a rule file to its tree, with all of its syntax errors at once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark

from assentry.cel import nodes as cel
from assentry.cel.lexer import scan
from assentry.cel.parse import build_parser, check_depth, grammar_text, nesting_finding, run, too_long
from assentry.diagnostics import Diagnostic, Related, suggest
from assentry.language import layout, nodes
from assentry.language.build import StatementBuilder
from assentry.language.explain import STATEMENT
from assentry.language.lexer import RULES, forbidden
from assentry.source import Source, Span

MAX_BYTES = 1024 * 1024
"""The longest rule file, in bytes of UTF-8."""

MAX_FINDINGS = 500
"""After so many syntax errors of one file reading stops."""


@cache
def _parser() -> Lark:
    own = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return build_parser(grammar_text() + own, "statement", StatementBuilder())


def parse(source: Source, report: list[Diagnostic]) -> nodes.File | None:
    """The tree of a rule file; what is wrong goes to `report`, every syntax error of the file.

    A file with errors gives a tree of the statements that could be read; None when it has no package.
    """
    if len(source.text) > MAX_BYTES or len(source.text.encode("utf-8", "replace")) > MAX_BYTES:
        message = f"the file is longer than {MAX_BYTES // 1024} KiB"
        report.append(Diagnostic("too-long", message, source, Span(0, 0), help="split it into several files"))
        return None
    findings = forbidden(source)
    scanned = scan(source, RULES, findings)
    pieces = layout.statements(source.text, scanned.tokens)
    found = _statements(source, pieces, scanned.broken, findings)
    comments = tuple(
        nodes.Comment(Span(c.start, c.end), source.text[c.start : c.end].rstrip(), c.own_line) for c in scanned.comments
    )
    package = _package(source, found, _means_package(pieces), findings)
    report.extend(sorted(findings, key=lambda finding: finding.span)[: MAX_FINDINGS + 1])
    if package is None:
        return None
    rest = tuple(statement for statement in found if not isinstance(statement, nodes.Package))
    return nodes.File(source, package, rest, comments)


def _statements(
    source: Source, pieces: list[layout.Statement], broken: list[int], findings: list[Diagnostic]
) -> list[nodes.Statement]:
    """Parse each statement; after a broken one go on at the next that begins as a statement should."""
    found: list[nodes.Statement] = []
    parser = _parser()
    lost = False
    at = 0
    for number, piece in enumerate(pieces):
        if lost and not piece.begins:
            continue
        end = pieces[number + 1].tokens[0].start if number + 1 < len(pieces) else len(source.text)
        while at < len(broken) and broken[at] < piece.tokens[0].start:
            at += 1
        tainted = at < len(broken) and broken[at] < end
        statement, finding = _statement(parser, source, piece)
        lost = finding is not None or tainted
        if statement is not None and not lost:
            found.append(statement)
        elif finding is not None and not tainted:
            findings.append(finding)
            if len(findings) >= MAX_FINDINGS:
                findings.append(_stopped(source, finding.span))
                break
    return found


def _statement(
    parser: Lark, source: Source, piece: layout.Statement
) -> tuple[nodes.Statement | None, Diagnostic | None]:
    if piece.too_deep is not None:
        return None, nesting_finding(source, Span(piece.too_deep.start, piece.too_deep.end))
    tokens = piece.tokens
    statement, finding = run(parser, source, tokens, STATEMENT)
    if finding is None:
        finding = _limits(source, statement, len(tokens))
    return (None, finding) if finding is not None else (statement, None)


def _limits(source: Source, statement: nodes.Statement, tokens: int) -> Diagnostic | None:
    if statement.span.end - statement.span.start < 16384 and tokens < 64:
        return None
    for expression in _expressions(statement):
        finding = too_long(source, expression.span, "the condition") or check_depth(source, expression, tokens)
        if finding is not None:
            return finding
    return None


def _expressions(statement: nodes.Statement) -> tuple[cel.Node, ...]:
    match statement:
        case nodes.Rule() | nodes.Head():
            return statement.body.conditions
        case nodes.Const():
            return (statement.value,)
        case _:
            return ()


def _means_package(pieces: list[layout.Statement]) -> bool:
    """Whether some statement is or was meant to be the `package` line."""
    return any(
        piece.tokens[0].type == "PACKAGE"
        or (number == 0 and suggest(str(piece.tokens[0].value), ["package"]) is not None)
        for number, piece in enumerate(pieces)
    )


def _package(
    source: Source, found: list[nodes.Statement], attempted: bool, findings: list[Diagnostic]
) -> nodes.Package | None:
    packages = [statement for statement in found if isinstance(statement, nodes.Package)]
    if not packages:
        if not attempted:
            start = found[0].span.start if found else 0
            message = "the file has no `package` line"
            advice = "begin it with `package` and a name: `package exports`"
            findings.append(Diagnostic("missing-package", message, source, Span(start, start), help=advice))
        return None
    first = packages[0]
    for other in packages[1:]:
        related = (Related("the first one is here", source, first.name.span),)
        message = f"a second `package` line: `{other.name.text}`"
        advice = "one file holds one package; move the rules below it to a file of their own"
        findings.append(Diagnostic("second-package", message, source, other.span, help=advice, related=related))
    if found[0] is not first:
        advice = "move it above everything but comments"
        findings.append(
            Diagnostic(
                "package-not-first", "the `package` line is not the first statement", source, first.span, help=advice
            )
        )
    return first


def _stopped(source: Source, span: Span) -> Diagnostic:
    return Diagnostic("too-many-errors", f"reading stopped after {MAX_FINDINGS} errors", source, span)
