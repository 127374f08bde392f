"""From the text of a rule file to its tree, with all of its syntax errors at once."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from pathlib import Path

from assentry.cel import nodes as cel
from assentry.cel.lalr import Parser
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
def _parser() -> Parser:
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
    findings.sort(key=lambda finding: finding.span)
    report.extend(findings[:MAX_FINDINGS])
    if len(findings) > MAX_FINDINGS:
        message = f"reading stopped after {MAX_FINDINGS} errors"
        report.append(Diagnostic("too-many-errors", message, source, findings[MAX_FINDINGS].span))
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
    for number, piece in enumerate(pieces):
        if lost and not piece.begins:
            continue
        start = piece.tokens[0].start
        end = pieces[number + 1].tokens[0].start if number + 1 < len(pieces) else len(source.text)
        at = bisect_left(broken, start)
        unread = broken[at] if at < len(broken) and broken[at] < end else None
        statement, finding = _statement(parser, source, piece, unread)
        lost = finding is not None or unread is not None
        if statement is not None and not lost:
            found.append(statement)
        elif finding is not None:
            findings.append(finding)
            if len(findings) > MAX_FINDINGS:
                break
    return found


def _statement(
    parser: Parser, source: Source, piece: layout.Statement, unread: int | None
) -> tuple[nodes.Statement | None, Diagnostic | None]:
    """A statement, or what is wrong with it before `unread`: the rest would only echo what is reported there."""
    if piece.too_deep is not None:
        return None, nesting_finding(source, Span(piece.too_deep.start, piece.too_deep.end))
    tokens = piece.tokens if unread is None else [token for token in piece.tokens if token.start < unread]
    statement, finding = run(parser, source, tokens, STATEMENT, cut=unread is not None)
    if finding is None and statement is not None:
        finding = _limits(source, statement)
    return (None, finding) if finding is not None else (statement, None)


def _limits(source: Source, statement: nodes.Statement) -> Diagnostic | None:
    for expression in _expressions(statement):
        finding = too_long(source, expression.span, "the condition") or check_depth(source, expression)
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
