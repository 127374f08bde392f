"""`assentry eval`: decide actions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument
from assentry.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from assentry.cli.strict import Door
    from assentry.evaluator.policy import Policy
    from assentry.ingest import Source


class _FromFiles(click.Command):
    """Reads `--from SOURCE FILE...`: what follows the source's name, up to the next option, are inputs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--from" in args:
            at = args.index("--from") + 2
            files = 0
            while at + files < len(args) and (args[at + files] == "-" or not args[at + files].startswith("-")):
                files += 1
            inputs = [part for file in args[at : at + files] for part in ("--input", file)]
            args = [*args[:at], *inputs, *args[at + files :]]
        return super().parse_args(ctx, args)


@click.command(name="eval", short_help="decide actions, one or a stream of them", cls=_FromFiles)
@paths_argument
@click.option("-i", "--input", "inputs", metavar="FILE|-", multiple=True, help="An action as JSON, or JSON Lines.")
@click.option("--from", "source", metavar="SOURCE FILE...", help="Read records of another kind: cloudtrail.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 for a deny, 11 for a pending approval.")
@format_option
def command(paths: tuple[str, ...], inputs: tuple[str, ...], source: str | None, exit_code: bool, form: str) -> Exit:
    """Decide actions: allow, deny or require approval, with rules, controls, approvers and redactions.

    PATHS are rule files and folders, a project's folder, or a policy saved by `assentry build`; without
    any, the configured rules. An input that cannot be read is reported, the others are decided, and the
    exit code is 2. With json, every verdict is one line.

    \b
    Example:
      assentry eval rules --input action.json
      producer | assentry eval rules --input - --format json
      assentry eval rules --from cloudtrail trail/*.json
    """
    if not inputs:
        raise click.UsageError("nothing to decide: name a file with --input, or - for standard input")
    from assentry.cli.rules import open_policy, places
    from assentry.cli.strict import door
    from assentry.config import config_of

    kind = None if source is None else _source(source)
    found = places(paths)
    policy = open_policy(found)
    check = door(config_of(found))
    with _progress(inputs if kind is not None else ()) as (follow, console):
        run = _Run(policy, check, form, console)
        for name in inputs:
            if kind is None:
                run.actions(name)
            else:
                run.records(kind, name, follow(name))
    run.summarise()
    return run.exit(exit_code)


def _source(name: str) -> Source:
    from assentry.diagnostics import did_you_mean
    from assentry.ingest import SOURCES

    if name not in SOURCES:
        hint = did_you_mean(name, SOURCES) or f"known here: {', '.join(sorted(SOURCES))}"
        raise click.UsageError(f"there is no source `{name}`; {hint}")
    return SOURCES[name]


class _Run:
    """One run over all inputs: decides, prints at once, and keeps only counts."""

    def __init__(self, policy: Policy, check: Door, form: str, console: Console | None) -> None:
        from assentry.cli.page import Page
        from assentry.cli.verdicts import Summary

        self._policy = policy
        self._check = check
        self._as_json = form == "json"
        self._page = Page(console=console)
        self._summary = Summary()
        self._many = False
        self._failed = False

    def actions(self, name: str) -> None:
        """Decides the actions of a JSON file."""
        from assentry.cli.reading import Read, read_actions

        for item in read_actions(name):
            if isinstance(item, Read):
                self._decide(item.place, item.value, alone=item.alone)
            else:
                self._report(item)
            if name == "-":
                sys.stdout.flush()  # whoever writes the other end may be waiting

    def records(self, kind: Source, name: str, advance: Callable[[int], None]) -> None:
        """Decides the records of a file of another kind."""
        for place, action in kind.read(Path(name), advance):
            if isinstance(action, InputError):
                self._report(action, place)
            else:
                self._decide(place, action, alone=False)

    def _decide(self, place: str, action: object, *, alone: bool) -> None:
        from assentry.cli import verdicts

        if (refusal := self._check(action)) is not None:
            self._report(refusal, place)
            return
        verdict = self._policy.decide(action).to_dict()
        self._summary.add(verdict)
        if self._as_json:
            document = {"version": 1, "input": place, **verdict}
            click.echo(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
        elif alone:
            if self._summary.decisions.total() > 1:
                self._page.line()
            verdicts.block(self._page, place, action, verdict)
        else:
            self._many = True
            verdicts.line(self._page, place, action, verdict)

    def _report(self, error: InputError, place: str = "") -> None:
        from assentry.cli import failure

        self._failed = True
        self._summary.unreadable += 1
        text = str(error)
        failure.known(text if not place or place in text else f"{place}: {text}")

    def summarise(self) -> None:
        """For people, and only when there was more than one action to a file."""
        if self._many and not self._as_json:
            self._summary.show(self._page)

    def exit(self, by_decision: bool) -> Exit:
        """An input that could not be read outweighs every decision."""
        if self._failed:
            return Exit.ERROR
        if by_decision and self._summary.decisions["deny"]:
            return Exit.DENY
        if by_decision and self._summary.decisions["require_approval"]:
            return Exit.REQUIRE_APPROVAL
        return Exit.FINE


Follow = Callable[[str], Callable[[int], None]]
"""For a file, what is to be called with the bytes that have been read of it."""


@contextmanager
def _progress(files: Sequence[str]) -> Iterator[tuple[Follow, Console | None]]:
    """A bar over the bytes of all files, on a terminal only; with it, where to print so that lines pass above it.

    The latter is None when what is printed does not go to that terminal.
    """
    if not files or not sys.stderr.isatty():
        yield lambda _file: lambda _done: None, None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    sizes = [path.stat().st_size if path.is_file() else 0 for path in map(Path, files)]
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task("", total=sum(sizes) or None)

        def follow(file: str) -> Callable[[int], None]:
            before = sum(sizes[: files.index(file)])
            return lambda done: bar.update(task, completed=before + done)

        yield follow, console if sys.stdout.isatty() else None
