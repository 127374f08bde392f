"""Refreshes all outputs in the documentation, and writes its generated parts anew: `make docs`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.docs.follow import follow  # noqa: E402 -- the repository's root has to be on the path first
from tests.docs.pages import pages  # noqa: E402
from tests.docs.reference import GENERATED  # noqa: E402


def main(names: list[str]) -> int:
    """Refreshes the named pages, or everything; the exit code is 1 when something is wrong that no refresh mends."""
    problems: list[str] = []
    if not names:
        for name, text in GENERATED.items():
            _write(ROOT / name, text())
    for page in pages():
        if names and page.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            followed = follow(page, Path(folder))
        _write(ROOT / page.name, followed.refreshed)
        problems += followed.problems
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
