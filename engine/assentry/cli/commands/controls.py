"""`assentry controls`: the catalogues that rules cite, and which controls the rules touch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument

if TYPE_CHECKING:
    from assentry.controls.catalogues import Control


@click.command(name="controls", short_help="list controls, and those that the rules touch")
@paths_argument
@click.option(
    "--framework",
    type=click.Choice(["iso27001", "iso42001", "soc2", "nist"]),
    default="iso27001",
    show_default=True,
    help="Which catalogue.",
)
@click.option("--coverage", is_flag=True, help="Show which rules cite each control, and the controls that none cites.")
@format_option
def command(paths: tuple[str, ...], framework: str, coverage: bool, form: str) -> Exit:
    """List the controls that rules can cite or, with --coverage, which of them the rules touch.

    \b
    Example:
      assentry controls --framework nist
      assentry controls --coverage rules
    """
    from assentry.controls.catalogues import catalogue

    if paths and not coverage:
        raise click.UsageError("PATHS are for --coverage: the catalogue itself needs no rules")
    controls = [control for control in catalogue() if control.framework == framework]
    if not coverage:
        _list(framework, controls, form)
        return Exit.FINE
    _coverage(framework, controls, _citations(paths), form)
    return Exit.FINE


def _citations(paths: tuple[str, ...]) -> Mapping[str, list[str]]:
    """The ids of the rules that cite each control."""
    from assentry.cli.rules import open_policy, places

    cited: dict[str, list[str]] = {}
    for rule in open_policy(places(paths)).form.rules:
        for control in rule.controls:
            cited.setdefault(control, []).append(rule.id)
    return cited


def _list(framework: str, controls: Sequence[Control], form: str) -> None:
    if form == "json":
        rows = [
            {"id": control.id, "title": control.title, "theme": control.theme, "types": list(control.types)}
            for control in controls
        ]
        _print({"version": 1, "framework": framework, "controls": rows})
        return
    from assentry.cli.page import Page, Styled
    from assentry.controls.identifiers import FRAMEWORK_NAMES

    page = Page()
    page.line(Styled(FRAMEWORK_NAMES[framework], "strong"), f": {len(controls)} controls")
    page.line()
    lines = [(Styled(control.id, "accent"), Styled(control.theme, "dim"), control.title) for control in controls]
    page.table(lines, indent=2)


def _coverage(framework: str, controls: Sequence[Control], cited: Mapping[str, list[str]], form: str) -> None:
    touched = [control for control in controls if control.id in cited]
    untouched = [control for control in controls if control.id not in cited]
    if form == "json":
        _print(
            {
                "version": 1,
                "framework": framework,
                "touched": [{"id": c.id, "title": c.title, "rules": cited[c.id]} for c in touched],
                "untouched": [{"id": c.id, "title": c.title} for c in untouched],
                "summary": {"controls": len(controls), "touched": len(touched)},
            }
        )
        return
    from assentry.cli.page import Page, Styled
    from assentry.controls.identifiers import FRAMEWORK_NAMES

    page = Page()
    page.line(
        Styled(FRAMEWORK_NAMES[framework], "strong"),
        f": {len(touched)} of {len(controls)} controls are cited by a rule",
    )
    if touched:
        page.line()
        for control in touched:
            page.line("  ", Styled(control.id, "accent"), f"  {control.title}")
            for rule in cited[control.id]:
                page.line("      ", rule)
    if untouched:
        page.line()
        page.line(Styled("Cited by no rule", "strong"), " (many controls are not for rules over actions to enforce)")
        page.line()
        page.table([(Styled(c.id, "dim"), c.title) for c in untouched], indent=2)


def _print(document: Mapping[str, object]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
