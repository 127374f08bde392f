"""Puts a rule file into the one official shape, losing nothing."""

from __future__ import annotations

from assentry.diagnostics import Diagnostic
from assentry.formatter.margin import SourceMargin
from assentry.language import parse
from assentry.language.print import render
from assentry.source import Source


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
    return render(file, SourceMargin(source, file.comments))
