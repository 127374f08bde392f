"""`assentry fmt`: the one official shape of rule files."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import paths_argument
from assentry.source import Source

if TYPE_CHECKING:
    from assentry.cli.page import Page


@click.command(name="fmt", short_help="put rule files into the official shape")
@paths_argument
@click.option("--check", is_flag=True, help="Write nothing; list the files that are not in shape, and exit with 1.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, and exit with 1 if anything would.")
def command(paths: tuple[str, ...], check: bool, diff: bool) -> Exit:
    """Put rule files into the one official shape; comments are kept, and meaning never changes.

    PATHS are rule files and folders, a project's folder, or - to read standard input and write to
    standard output; without any, the configured rules.

    \b
    Example:
      assentry fmt rules
      assentry fmt --check rules
    """
    from assentry.cli.page import Page, Styled, count
    from assentry.diagnostics import Diagnostic
    from assentry.errors import CompileError
    from assentry.formatter.format import format_source

    sources = _sources(paths)
    findings: list[Diagnostic] = []
    changed: list[tuple[Path | None, Source, str]] = []
    for path, source in sources:
        text = format_source(source, findings)
        if text is None:
            continue
        if path is None and not (check or diff):
            sys.stdout.write(text)
        elif text != source.text:
            changed.append((path, source, text))
    if findings:  # nothing is written while one file cannot be read
        raise CompileError(findings)
    page = Page()
    for path, source, text in changed:
        if diff:
            _show_diff(page, source, text)
        elif check:
            page.line(source.name)
        elif path is not None:
            _write(path, text)
            page.line(Styled("formatted ", "allow"), source.name)
    if paths != ("-",) and not diff:
        rest = len(sources) - len(changed)
        told = f"{count(len(changed), 'file')} {'would change' if check else 'changed'}, {rest} already in shape"
        page.line(Styled(told, "dim"))
    return Exit.FINDINGS if changed and (check or diff) else Exit.FINE


def _sources(paths: tuple[str, ...]) -> list[tuple[Path | None, Source]]:
    """The rule files of PATHS with their texts; the path is None for standard input."""
    from assentry.cli.rules import places
    from assentry.compiler.inputs import rule_files, shown
    from assentry.diagnostics import Diagnostic
    from assentry.errors import CompileError, InputError
    from assentry.language.read import read

    if paths == ("-",):
        try:
            return [(None, Source("<stdin>", sys.stdin.buffer.read().decode("utf-8")))]
        except UnicodeDecodeError as error:
            raise InputError(f"<stdin> is not UTF-8: byte {error.start}") from error
    found = dict.fromkeys(path for place in places(paths) for path, _ in rule_files(place))
    findings: list[Diagnostic] = []
    sources = [(path, read(path, shown(path), findings)) for path in found]
    if findings:
        raise CompileError(findings)
    return [(path, source) for path, source in sources if source is not None]


def _write(path: Path, text: str) -> None:
    """Replaces a file whole: whoever reads it meanwhile sees the old text or the new one."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(name, target.stat().st_mode & 0o7777)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _show_diff(page: Page, source: Source, text: str) -> None:
    from assentry.cli.page import Style, Styled

    lines = difflib.unified_diff(
        source.text.splitlines(), text.splitlines(), source.name, f"{source.name} (formatted)", lineterm=""
    )
    styles: dict[str, Style] = {"+": "allow", "-": "deny", "@": "accent"}
    for line in lines:
        page.line(Styled(line, styles.get(line[:1], "")))
