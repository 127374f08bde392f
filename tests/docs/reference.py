"""The generated pages of docs/reference/: each is written from what the program itself declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.docs.generate import action, commands, controls, functions, settings

PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/reference/action.md": action.page,
        "docs/reference/cli.md": commands.page,
        "docs/reference/controls.md": controls.page,
        "docs/reference/functions.md": functions.page,
        "docs/reference/settings.md": settings.page,
    }
)


def written() -> dict[str, str]:
    """Every generated file of the documentation with its text."""
    return {name: page() for name, page in PAGES.items()}
