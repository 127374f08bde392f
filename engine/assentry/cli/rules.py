"""From the PATHS of a command line to rule files, a configuration and a policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.diagnostics import visible
from assentry.errors import InputError

if TYPE_CHECKING:
    from assentry.evaluator.policy import Policy

paths_argument = click.argument("paths", nargs=-1, metavar="[PATHS]...")
"""Rule files and folders, or a project's folder; without any, what the configuration here says."""

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)


def places(paths: Sequence[str]) -> list[Path]:
    """The rule files and folders that PATHS mean.

    A project's folder (one that holds the configuration) means the rule folders that it configures, and
    so does no path at all. Raises UsageError when nothing says where the rules are.
    """
    from assentry.config import find_config

    if not paths:
        config = find_config(Path.cwd())
        if not config.rules:
            raise click.UsageError("no rules: name a file or a folder, or set `rules` in assentry.toml")
        return [_near(folder) for folder in config.rules]
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        config = find_config(path)
        is_project = config.file is not None and config.rules and config.file.parent == path.absolute()
        found.update(dict.fromkeys(map(_near, config.rules) if is_project else [path]))
    return list(found)


def _near(path: Path) -> Path:
    """The path as seen from here, when it lies below: messages are shorter."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def open_policy(found: Sequence[Path]) -> Policy:
    """The policy of some places: compiled from rules, or loaded from one saved by `assentry build`.

    Raises CompileError, ConfigError, or FormatError for a damaged saved policy.
    """
    if len(found) == 1 and is_saved(found[0]):
        from assentry.evaluator.policy import load_saved

        return load_saved(found[0])
    for path in found:
        if is_saved(path):
            raise click.UsageError(f"`{visible(str(path))}` is no rule file: every input has an --input of its own")
    from assentry.compiler.pipeline import load
    from assentry.config import config_of

    return load(list(found), config_of(found))


def is_saved(path: Path) -> bool:
    """Whether a path is a file that begins as a saved policy does: with a brace, as no rule file can."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(64).lstrip()[:1] == b"{"
    except OSError as error:
        raise InputError(f"cannot read `{visible(str(path))}`: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise InputError(f"cannot read `{visible(str(path))}`: {error}") from error
