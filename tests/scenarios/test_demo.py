"""The story of `make demo`, told from beginning to end: each of its turns shows in what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TURNS = [
    "An agent reads",
    "It wants to send personal data outside",
    "What an approver sees",
    "Who cannot say yes",
    "Two people agree",
    "It runs, once",
    "It wants to send a secret outside",
    "The log, checked offline with its public key alone",
    "A copy of it in which one bit of entry N, a vote, is flipped",
]


@cache
def told() -> subprocess.CompletedProcess[str]:
    """What the script prints, run from the repository's root."""
    command = [sys.executable, "examples/story/story.py"]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=120)


@cache
def turns() -> dict[str, str]:
    """The text of each turn, on one line, by its title."""
    text = re.sub(r"entry \d+", "entry N", told().stdout)
    parts = re.split(r"^\d+\. (.+)$", text, flags=re.MULTILINE)
    return {name: " ".join(part.split()) for name, part in zip(parts[1::2], parts[2::2], strict=True)}


def test_it_goes_as_it_should() -> None:
    assert (told().returncode, told().stderr) == (0, "")
    assert list(turns()) == TURNS


def test_a_read_runs_at_once() -> None:
    assert "reads shop.products: 3 rows. Allowed at once" in turns()["An agent reads"]


def test_an_export_of_personal_data_waits() -> None:
    assert "The call is pending; deliveries so far: 0." in turns()["It wants to send personal data outside"]


def test_the_card_is_redacted_and_says_what_matters() -> None:
    card = turns()["What an approver sees"]
    for said in (
        "data.export on table crm.customers",
        "who asks agent etl-7 on behalf of omar owned by dana",
        "has to agree 1 of group data-protection; 1 of role service-owner",
        "the password is ⟦password 1⟧",
        "Personal data leaving needs two people",
        "A.5.34 Privacy and protection of PII",
        "48210",
        "resource.connection_string ⟦secret",
        "It would be allowed at once if external did not hold",
    ):
        assert said in card


def test_nothing_that_is_hidden_is_printed_anywhere() -> None:
    for secret in ("hunter2", "Kim", "customer.example"):
        assert secret not in told().stdout


def test_their_own_yes_is_refused() -> None:
    refused = turns()["Who cannot say yes"]
    for who in ("etl-7, the agent itself", "dana, its owner", "omar, for whom it acts"):
        assert f"{who}: no (excluded)" in refused


def test_two_people_agree_and_it_runs_once() -> None:
    agreed = turns()["Two people agree"]
    assert "lena, data protection: yes. The request is pending." in agreed
    assert "noor, owner of the service: yes. The request is approved." in agreed
    once = turns()["It runs, once"]
    assert "Sent 48210 rows of crm.customers to s3.agency.example. The request is committed." in once
    assert "the agent, a second time: no (used)" in once
    assert "a copy of the grant, a second time: no (" in once
    assert once.endswith("Deliveries: 1.")


def test_a_secret_does_not_leave() -> None:
    denied = turns()["It wants to send a secret outside"]
    assert denied.startswith("Denied: Secrets never leave (story.secrets; A.5.14, A.8.12).")
    assert denied.endswith("Deliveries: 1.")


def test_the_log_holds_and_its_altered_copy_does_not() -> None:
    assert "holds: all entries are as signed, and their fold is legal" in turns()[TURNS[-2]]
    altered = turns()[TURNS[-1]]
    assert "body: entry N: the body is not the one that was signed" in altered
    assert "does not hold" in altered


def test_no_line_is_too_wide_for_a_terminal() -> None:
    assert max(map(len, told().stdout.splitlines())) <= 100


def test_make_demo_runs_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\ndemo: .venv/.stamp" in makefile
    assert "\n\t@$(BIN)/python examples/story/story.py\n" in makefile
