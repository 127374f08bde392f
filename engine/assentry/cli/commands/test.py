"""`assentry test`: run the *.test.yaml files beside the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument

if TYPE_CHECKING:
    from assentry.cli.page import Page
    from assentry.tester.coverage import Seen
    from assentry.tester.mutate import Tried
    from assentry.tester.run import Outcome, Result


@click.command(name="test", short_help="run the tests beside the rules")
@paths_argument
@click.option(
    "--coverage-min",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Fail when fewer than N percent of the rules are covered. Default: as configured, or 0.",
)
@click.option("--uncovered", is_flag=True, help="List the conditions that no case makes true, or false.")
@click.option(
    "--mutate", is_flag=True, help="Also make small mistakes in the rules, and list those that no case notices."
)
@click.option("-v", "--verbose", is_flag=True, help="List the cases that pass, too.")
@click.option("--junit", metavar="FILE", help="Also write the results as JUnit XML.")
@format_option
def command(
    paths: tuple[str, ...],
    coverage_min: float | None,
    uncovered: bool,
    mutate: bool,
    verbose: bool,
    junit: str | None,
    form: str,
) -> Exit:
    """Run the tests that stand beside the rules in *.test.yaml, and say what they cover.

    PATHS are folders of rules with their tests, a project's folder, or single test files; without any,
    the configured rules. A case in which no rule speaks fails, unless it says `rules: []`. A rule is
    covered when one case makes it fire and another does not.

    \b
    Example:
      assentry test rules --coverage-min 100
      assentry test rules/exports.test.yaml --verbose
      assentry test --junit report.xml
    """
    from assentry.compiler.pipeline import load
    from assentry.config import config_of
    from assentry.tester.find import find_test_files, read_suites
    from assentry.tester.mutate import mutate as try_mutants
    from assentry.tester.report import to_dict, to_junit
    from assentry.tester.run import run

    rules, files = _places(paths)
    config = config_of(rules)
    suites = read_suites(find_test_files(files))
    policy = load(rules, config)
    outcome = run(policy, suites)
    tried = list(try_mutants(policy, suites)) if mutate and not outcome.failed else None
    minimum = config.coverage_min if coverage_min is None else coverage_min
    if junit is not None:
        Path(junit).write_text(to_junit(outcome), encoding="utf-8")
    if form == "json":
        click.echo(json.dumps(to_dict(outcome, tried), indent=2, ensure_ascii=False))
    else:
        _show(outcome, minimum, uncovered=uncovered, verbose=verbose)
        if tried is not None:
            _mutation(tried)
    return Exit.FINDINGS if outcome.failed or outcome.coverage.rule_percentage < minimum else Exit.FINE


def _places(paths: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    """The rules that PATHS mean, and where their tests are."""
    from assentry.cli.rules import places
    from assentry.config import find_config
    from assentry.tester.find import is_test_file

    found = places(paths)
    rules: dict[Path, None] = {}
    for path in found:
        if not is_test_file(path):
            rules[path] = None
            continue
        # A test file alone: its rules are the configured folder that holds it, or else its own folder.
        absolute = path.absolute()
        around = [folder for folder in find_config(path).rules if absolute.is_relative_to(folder)]
        rules.update(dict.fromkeys(around or [path.parent]))
    return list(rules), found


def _show(outcome: Outcome, minimum: float, *, uncovered: bool, verbose: bool) -> None:
    from assentry.cli.page import Page, Styled, count

    page = Page()
    for suite in outcome.suites:
        failed = f", {suite.failed} failed" if suite.failed else ""
        mark = Styled("FAIL", "deny") if suite.failed else Styled("ok  ", "allow")
        cases = f"{count(len(suite.results), 'case')}{failed}"
        page.line(mark, "  ", Styled(suite.suite.name, "strong"), f"  {cases}  ", Styled(suite.suite.file, "dim"))
        for result in suite.results:
            _case(page, result, verbose=verbose)
    page.line()
    passed = f"{count(outcome.cases - outcome.failed, 'case')} passed"
    page.line(Styled(f"{outcome.failed} failed, ", "deny") if outcome.failed else "", passed)
    _coverage(page, outcome, minimum, uncovered=uncovered)


def _case(page: Page, result: Result, *, verbose: bool) -> None:
    from assentry.cli.page import Styled

    if result.passed:
        if verbose:
            page.line("      ", Styled("ok    ", "allow"), result.case.name)
    else:
        page.line("      ", Styled("FAIL  ", "deny"), result.case.name, "  ", Styled(result.case.at, "dim"))
        for failure in result.failures:
            page.line("            ", failure.message)
    if result.passed and result.unspoken:
        rules = ", ".join(f"`{name}`" for name in result.unspoken)
        page.line("      ", Styled("note  ", "warning"), result.case.name, "  ", Styled(result.case.at, "dim"))
        page.line("            ", f"{rules} in error here: say so in `errors`, or correct the action")


def _coverage(page: Page, outcome: Outcome, minimum: float, *, uncovered: bool) -> None:
    from assentry.cli.page import Styled, count

    coverage = outcome.coverage
    low = coverage.rule_percentage < minimum
    rules = sum(seen.both for seen in coverage.rules)
    total = f"{rules} of {count(len(coverage.rules), 'rule')} covered"
    percentage = Styled(_percent(coverage.rule_percentage), "deny" if low else "strong")
    page.line(total, " (", percentage, f"), conditions {_percent(coverage.condition_percentage)} both ways")
    missed = [seen for seen in coverage.rules if not seen.both]
    page.table(
        [
            (Styled(seen.at, "dim"), Styled(seen.owner, "accent"), _lacks(seen, "fires", "stays silent"))
            for seen in missed
        ],
        indent=2,
    )
    if uncovered:
        half = [seen for seen in coverage.conditions if not seen.both]
        page.table([(Styled(seen.at, "dim"), _lacks(seen, "true", "false"), seen.text) for seen in half], indent=2)
    if low:
        page.line(Styled(f"rule coverage is below {_percent(minimum)}", "deny"))


def _mutation(tried: Sequence[Tried]) -> None:
    from assentry.cli.page import Page, Styled, count

    page = Page()
    survivors = [mutant for mutant in tried if mutant.killed_by is None]
    page.line(f"{len(tried) - len(survivors):,} of {count(len(tried), 'mutant')} noticed by a case")
    rows = [
        (Styled(mutant.at, "dim"), Styled(mutant.owner, "accent"), mutant.what, mutant.text) for mutant in survivors
    ]
    page.table(rows, indent=2)


def _percent(number: float) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{int(number * 10) / 10:g} %"


def _lacks(seen: Seen, yes: str, no: str) -> str:
    missing = [word for word, was in ((yes, seen.true), (no, seen.false)) if not was]
    return f"never {' nor '.join(missing)}{' (but errs)' if seen.error else ''}"
