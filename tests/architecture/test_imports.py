"""What is light stays light: a fresh interpreter shows what each door loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"lark", "yaml", "jsonschema", "click", "rich", "assentry.cel.parse", "assentry.language", "assentry.compiler"}

DECIDE = """
import assentry
policy = assentry.load_saved({path!r})
verdict = policy.decide({{"action": {{"name": "data.read"}}}})
verdict.to_dict()
"""


def loaded(code: str) -> set[str]:
    """The modules that are loaded when a fresh interpreter has run some code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import assentry",
        "from assentry import AssentryError, Diagnostic",
        "from assentry import Policy, Verdict",
        "import assentry.cli.main",
    ],
)
def test_the_doors_load_nothing_heavy(code: str) -> None:
    assert loaded(code) & HEAVY == set()


def test_deciding_by_a_saved_policy_needs_no_parser(tmp_path: Path) -> None:
    import assentry

    path = tmp_path / "policy.json"
    rules = 'package p\nallow reads if action.name == "data.read" && action.name.matches("^data")\n'
    assentry.load_sources({"p.assent": rules}).save(path)
    assert loaded(DECIDE.format(path=str(path))) & HEAVY == set()


def test_every_public_name_is_there() -> None:
    import assentry

    for name in assentry.__all__:
        assert getattr(assentry, name) is not None
    assert set(assentry.__all__) <= set(dir(assentry))
    with pytest.raises(AttributeError, match="has no attribute `nothing`"):
        assentry.nothing  # noqa: B018
