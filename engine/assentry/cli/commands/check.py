"""`assentry check`: everything that is wrong with some rules, at once."""

from __future__ import annotations

import json

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument


@click.command(name="check", short_help="find everything that is wrong with rules")
@paths_argument
@click.option("--index", "with_index", is_flag=True, help="Also name the rules that the index cannot help, and why.")
@format_option
def command(paths: tuple[str, ...], with_index: bool, form: str) -> Exit:
    """Compile rules and report all findings: syntax, types, unknown fields and controls.

    PATHS are rule files and folders, or a project's folder; without any, the configured rules.
    Exits with 1 when there is an error.

    \b
    Example:
      assentry check rules
      assentry check rules --format json | jq '.findings[].code'
      assentry check rules --index
    """
    from assentry.cli.failure import draw
    from assentry.cli.page import Page, Styled, count
    from assentry.cli.rules import places
    from assentry.compiler.pipeline import check
    from assentry.config import config_of

    found = places(paths)
    findings = check(found, config_of(found), with_index=with_index)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    if form == "json":
        summary = {"errors": errors, "warnings": warnings}
        document = {"version": 1, "findings": [finding.to_dict() for finding in findings], "summary": summary}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return Exit.FINDINGS if errors else Exit.FINE
    page = Page()
    for finding in findings:
        draw(page, finding)
        page.line()
    if errors:
        also = f", {count(warnings, 'warning')}" if warnings else ""
        page.line(Styled(count(errors, "error"), "deny"), also)
        return Exit.FINDINGS
    names = ", ".join(str(path) for path in found)
    page.line(Styled("ok", "allow"), f"  {names}", f": {count(warnings, 'warning')}" if warnings else ": no findings")
    return Exit.FINE
