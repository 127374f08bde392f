"""The documentation is followed step by step: what it tells to run is run, and prints what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.follow import follow
from tests.docs.page import Page
from tests.docs.pages import pages
from tests.docs.reference import GENERATED
from tests.docs.shell import RECIPES, ROOT

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_reader_sees_what_the_page_says(page: Page, tmp_path: Path) -> None:
    differences = follow(page, tmp_path).differences()
    assert not differences, "\n\n".join(["refresh outputs with `make docs`", *differences])


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_files_are_up_to_date(name: str) -> None:
    path = ROOT / name
    now = path.read_text(encoding="utf-8") if path.exists() else ""
    assert now == GENERATED[name](), f"{name} is out of date: run `make docs`"


def test_the_makefile_runs_what_the_pages_say_it_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command, recipe in RECIPES.items():
        target = command.removeprefix("make ")
        assert f"\n{target}: " in makefile
        assert f"\n\t@$(BIN)/assentry {recipe}\n" in makefile
