"""Which pages the documentation has."""

from __future__ import annotations

from pathlib import Path

from tests.docs.page import Page, read_page
from tests.docs.shell import ROOT

_PROSE = ("docs/decisions/", "docs/reference/")
"""Pages without anything to run: decisions are history, the reference is generated."""


def paths() -> list[Path]:
    """All Markdown files of the documentation, the README among them."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def pages() -> list[Page]:
    """The pages that are followed."""
    names = (path for path in paths() if not path.relative_to(ROOT).as_posix().startswith(_PROSE))
    return [read_page(path, ROOT) for path in names]
