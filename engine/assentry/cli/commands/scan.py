"""`assentry scan`: consequential calls in Python source that no guard covers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option

if TYPE_CHECKING:
    from assentry.diagnostics import Diagnostic
    from assentry.scanner.scan import Report


@click.command(name="scan", short_help="find consequential calls in Python source that no guard covers")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out files and folders like this; may be repeated."
)
@click.option("--strict", is_flag=True, help="Exit with 1 also when there are only warnings.")
@format_option
def command(paths: tuple[str, ...], exclude: tuple[str, ...], strict: bool, form: str) -> Exit:
    """Read Python source as text and report calls that delete, send, pay, deploy or run programs without a guard.

    PATHS are files and folders; without any, the folder here. A call is covered inside a function with
    `@gate.guard(...)`, under `with gate.hold(...)`, after `gate.redeem(...)`, and in functions that only
    covered ones call. `# assentry: ignore[CODE] reason` lets a finding stand.

    A clean scan means that nothing was found where it looked: installed packages are not read, and what a
    name stands for at run time cannot be known for sure. Exits with 1 when there is an error.

    \b
    Example:
      assentry scan src
      assentry scan src --exclude 'tests' --format json | jq '.findings[].code'
    """
    from assentry.scanner.scan import scan

    report = scan([Path(path) for path in paths or (".",)], exclude)
    if form == "json":
        click.echo(json.dumps(_document(report), indent=2, ensure_ascii=False))
    else:
        _print(report)
    return Exit.FINDINGS if _errors(report) or (strict and report.findings) else Exit.FINE


def _errors(report: Report) -> int:
    return sum(finding.severity == "error" for finding in report.findings)


def _document(report: Report) -> dict[str, object]:
    errors = _errors(report)
    return {
        "version": 1,
        "findings": [finding.to_dict() for finding in report.findings],
        "ignored": [{**each.finding.to_dict(), "reason": each.reason} for each in report.ignored],
        "summary": {
            "errors": errors,
            "warnings": len(report.findings) - errors,
            "ignored": len(report.ignored),
            "files": report.files,
            "calls": report.calls,
            "covered": report.covered,
        },
    }


def _print(report: Report) -> None:
    from assentry.cli.failure import draw
    from assentry.cli.page import Page, Styled, count

    page = Page()
    for finding in report.findings:
        draw(page, _masked(finding))
        page.line()
    errors = _errors(report)
    warnings = len(report.findings) - errors
    looked = f"{count(report.files, 'file')}, {count(report.calls, 'call')}, {report.covered:,} under a guard"
    also = f", {count(len(report.ignored), 'finding')} ignored" if report.ignored else ""
    if report.findings:
        style = Styled(count(errors, "error"), "deny") if errors else Styled("no error", "allow")
        page.line(style, f", {count(warnings, 'warning')} in {looked}{also}")
    else:
        page.line(Styled("ok", "allow"), f"  {looked}: nothing without a guard{also}")


def _masked(finding: Diagnostic) -> Diagnostic:
    """The finding with the lines that are drawn free of what a developer should not have written into them."""
    from assentry.review.masking import masked
    from assentry.source import Source

    lines = finding.source.text.split("\n")
    first, last = (finding.source.position(place).line for place in finding.span)
    for number in range(first - 1, min(last, len(lines))):
        lines[number] = masked(lines[number])
    return replace(finding, source=Source(finding.source.name, "\n".join(lines)))
