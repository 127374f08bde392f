"""The verifier that the guide prints: a hundred lines that need no more than `cryptography`, and agree with ours."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assentry.errors import GrantError
from assentry.gate.grant import check_times, read_grant
from assentry.ledger.note import Signer
from tests.docs.page import read_page
from tests.gate.house import NOON, House

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> str:
    page = read_page(ROOT / "docs" / "guides" / "grants.md", ROOT)
    (block,) = [block for block in page.blocks if block.options.get("title") == "verify_grant.py"]
    return block.text


@pytest.fixture(scope="module")
def verifier(script: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "verify_grant"}
    exec(compile(script, "verify_grant.py", "exec"), names)
    return names


@pytest.fixture
def grant(house: House) -> str:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    return house.gate.wait(request).text


def test_it_is_short_and_needs_nothing_of_ours(script: str) -> None:
    assert len(script.splitlines()) <= 100
    imported = set()
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_says_what_ours_says(house: House, grant: str, verifier: dict[str, Any]) -> None:
    keys, dice = house.gate.keys, random.Random(3)

    def ours(text: str, now: int) -> bool:
        try:
            check_times(read_grant(text, keys).content, now)
        except GrantError:
            return False
        return True

    def theirs(text: str, now: int) -> bool:
        try:
            verifier["verify"](text, str(keys[0]), now)
        except verifier["Refused"]:
            return False
        return True

    cases = [(grant, now) for now in (NOON - 30_001, NOON - 30_000, NOON, NOON + 299_999, NOON + 300_000)]
    for _ in range(400):
        place = dice.randrange(len(grant))
        cases.append((grant[:place] + dice.choice('Ab9+/= {}"\\') + grant[place + 1 :], NOON))
        cases.append((grant[:place], NOON))
    assert [theirs(*case) for case in cases] == [ours(*case) for case in cases]
    assert theirs(grant, NOON)
    with pytest.raises(verifier["Refused"]):
        verifier["verify"](grant, str(Signer.generate("x").verifier), NOON)


def test_it_runs_by_itself(house: House, grant: str, script: str, tmp_path: Path) -> None:
    (tmp_path / "verify_grant.py").write_text(script)
    (tmp_path / "g").write_text(grant)
    (tmp_path / "k").write_text(str(house.gate.keys[0]))
    done = subprocess.run(
        [sys.executable, "-I", "verify_grant.py", "g", "k"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    # The house's clock stands at its noon; the script goes by the machine's.
    assert done.stdout.startswith("authentic; use and revocation not checked") or done.stderr == "refused: expired\n"
