"""Puts a rule file into the one official shape, losing nothing."""

from __future__ import annotations

from assentry.diagnostics import Diagnostic
from assentry.formatter.margin import SourceMargin
from assentry.language import parse
from assentry.language.print import render
from assentry.source import Source, Span


def format_source(source: Source, report: list[Diagnostic]) -> str | None:
    """The file in its official shape; None, with the findings in `report`, when it has syntax errors.

    The result has the same syntax tree (spans apart) and the same comments in the same order, and formatting
    it again changes nothing.
    """
    findings: list[Diagnostic] = []
    file = parse.parse(source, findings)
    report.extend(findings)
    if file is None or findings:
        return None
    text = render(file, SourceMargin(source, file.comments))
    again: list[Diagnostic] = []
    parse.parse(Source(source.name, text), again)
    if again:  # indentation can carry what was just short enough beyond a limit
        message = f"in its official shape the file could not be read: {again[0].message}"
        report.append(Diagnostic("unformattable", message, source, Span(0, 0), help=again[0].help))
        return None
    return text
