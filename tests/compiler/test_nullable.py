"""An object that may be null can be asked whether it is; nothing else can be asked of it as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from assentry import load_saved
from assentry.compiler import load_sources
from assentry.errors import CompileError

SCHEMA = {
    "type": "object",
    "required": ["action"],
    "properties": {
        "action": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "target": {
                    "type": ["object", "null"],
                    "required": ["kind"],
                    "properties": {"kind": {"type": "string"}},
                },
            },
        }
    },
}
RULES = """package p
allow known if has(action.target) && action.target != null && action.target.kind == "user"
deny nobody if has(action.target) && null == action.target
"""


@pytest.mark.parametrize(
    ("target", "decision", "rules", "errors"),
    [
        ({}, "deny", [], []),
        ({"target": None}, "deny", ["p.nobody"], []),
        ({"target": {"kind": "user"}}, "allow", ["p.known"], []),
        ({"target": {"kind": 1}}, "deny", [], ["p.known"]),
        ({"target": "user"}, "deny", [], ["p.known", "p.nobody"]),
    ],
)
def test_null_tests(
    target: dict[str, object], decision: str, rules: list[str], errors: list[str], tmp_path: Path
) -> None:
    policy = load_sources({"p.assent": RULES}, schema=SCHEMA)
    policy.save(tmp_path / "policy.json")
    action = {"action": {"name": "n", **target}}
    for verdict in (
        policy.decide(action),
        policy.decide_interpreted(action),
        policy.decide_unindexed(action),
        load_saved(tmp_path / "policy.json").decide(action),
    ):
        assert verdict.decision == decision
        assert [rule.id for rule in verdict.rules] == rules
        assert [error.id for error in verdict.errors] == errors


def test_a_top_level_part_that_may_be_absent_cannot_be_read() -> None:
    schema = {"type": "object", "required": ["op"], "properties": {"op": {"type": "string"}, "n": {"type": "integer"}}}
    with pytest.raises(CompileError) as caught:
        load_sources({"p.assent": "package p\ndeny d if n > 5\n"}, schema=schema)
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.position) == ("unguarded-field", (2, 11))
    assert "make `n` required" in (finding.help or "")
