"""Numbers for operators: they add up, they are words of this program, and they cost nobody a secret."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from assentry.gate import gate
from assentry.gate.metrics import CODES, Meter
from assentry.gate.recall import KINDS
from tests.gate.house import House, act, denied, export, rejected, voter

LINE = re.compile(r'assentry_[a-z_]+(\{[a-z]+="[a-z_]+"\})? [0-9]+')
COMMENT = re.compile(r"# (HELP|TYPE) assentry_[a-z_]+ .+")


def test_the_numbers_of_a_story(house: House) -> None:
    with house.gate.hold(act("data.read")):
        pass
    with denied("denied"):
        house.gate.submit(act("data.drop"))
    request = house.ask()
    with rejected("excluded"):
        house.gate.vote(request, voter("ann"), "approve", house.card(request))
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.redeem(grant, "n" * 32)
    with denied("used"):
        house.gate.redeem(grant, "m" * 32)
    waiting = house.ask(act("data.share"))
    found = house.gate.metrics()
    assert dict(found.decisions) == {"allow": 1, "deny": 2, "require_approval": 2}  # the canary is denied at the start
    assert dict(found.denials) == {"denied": 2, "used": 1}
    assert dict(found.rejections) == {"excluded": 1}
    written = {kind: number for kind, number in found.events.items() if number}
    seen = {"requested": 2, "shown": 2, "voted": 2, "approved": 1, "consumed": 1}
    assert written == {"allowed": 1, "committed": 1, **seen}
    assert set(found.events) == KINDS
    assert dict(found.requests) == {"pending": 1, "approved": 0, "consumed": 1, "unknown": 0}
    assert house.ledger is not None
    assert found.entries == house.ledger.head().size
    assert house.gate.view(waiting).status == "pending"


def test_each_gate_counts_what_it_did_itself(house: House) -> None:
    other = house.open()
    house.ask()
    other.sweep()
    assert house.gate.metrics().events["requested"] == 1
    assert other.metrics().events["requested"] == 0
    assert other.metrics().requests["pending"] == 1


def test_they_can_be_read_when_nothing_else_can(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    house.gate.break_glass(request, voter("fay"), card, "it burns")
    assert house.ledger is not None
    house.ledger.close()
    with denied("ledger"):
        house.gate.submit(export())
    found = house.gate.metrics()
    assert found.denials["ledger"] == 1
    assert (found.reviews_owed, found.requests["approved"]) == (1, 1)


def test_the_text_is_what_prometheus_reads(house: House) -> None:
    house.ask()
    with denied("denied"):
        house.gate.submit(act("data.drop"))
    lines = house.gate.metrics().text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line) and not COMMENT.fullmatch(line)] == []
    assert 'assentry_decisions_total{decision="require_approval"} 1' in lines
    assert "assentry_reviews_owed 0" in lines
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(set(names)) == len(names) == 7
    assert house.gate.metrics().text.endswith("\n")


def test_a_word_of_nobodys_is_another() -> None:
    meter = Meter()
    meter.denied("hunter2")
    meter.rejected("hunter2")
    assert "hunter2" not in str(meter._counts)
    assert sum(meter._counts.values()) == 2


def test_every_code_is_counted_by_its_name() -> None:
    found = {code for path in Path(gate.__file__).parent.rglob("*.py") for code in _codes(path)}
    assert len(found) > 10
    assert found - CODES <= {"pending"}  # which is no denial: it is waited for


def _codes(path: Path) -> Iterator[str]:
    """The first words of all `Denied` and `Rejected` that a file makes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Denied", "Rejected"}:
            for first in node.args[:1]:
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
