"""What of the documentation is written from the program itself: the pages of docs/reference/, and the pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.docs.generate import action, commands, controls, flow, functions, laws, settings, terminal

_VERDICT = "assentry eval rules --input examples/02-export-personal-data.json"

GENERATED: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/pictures/flow.svg": flow.page,
        "docs/pictures/verdict.svg": lambda: terminal.picture(
            _VERDICT, "A verdict: personal data wait for four people"
        ),
        "docs/reference/action.md": action.page,
        "docs/reference/cli.md": commands.page,
        "docs/reference/controls.md": controls.page,
        "docs/reference/functions.md": functions.page,
        "docs/reference/laws.md": laws.page,
        "docs/reference/settings.md": settings.page,
    }
)
"""Each file by its path in the repository, with what writes it."""
