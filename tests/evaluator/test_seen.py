"""What a verdict keeps of an action: enough for its reasons and errors, and untouched by what comes later."""

from __future__ import annotations

from typing import Any

import pytest

from assentry import load_sources
from assentry.evaluator.policy import Policy
from tests.support import forms

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "action": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                "list": {"type": "array", "items": {"type": "integer"}},
                "part": {"type": "object", "properties": {"k": {"type": "integer"}}},
            },
            "required": ["name"],
        }
    },
    "required": ["action"],
}
MANY = {f"k{number}": number for number in range(6000)}


def policy(*conditions: str) -> Policy:
    body = "\n".join(conditions)
    return load_sources({"a.assent": f"package a\ndeny x if {{\n{body}\n}}\n"}, schema=SCHEMA)


@pytest.mark.parametrize(
    ("conditions", "action"),
    [
        (['has(action.map) && action.map["z"] > 5'], {"name": "a", "map": MANY | {"z": "x"}}),
        (
            ["has(action.list) && size(action.list) > 5000 && action.list[5500] > 1"],
            {"name": "a", "list": ["x"] * 6000},
        ),
        (["has(action.part)", "has(action.part.k)", "action.part.k == 1"], {"name": "a", "part": {"k": "bad", 1: 2}}),
    ],
)
def test_causes_are_those_of_the_action_when_it_was_decided(conditions: list[str], action: dict[str, Any]) -> None:
    made = policy(*conditions)
    expected = made.decide_interpreted({"action": action}).to_dict()
    verdict = made.decide({"action": action})
    for part in action.values():
        if isinstance(part, dict):
            part["k"] = 7
    action.clear()
    assert verdict.to_dict() == expected
    assert verdict.errors[0].causes


class Hostile:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        return hash("id")


def test_a_reason_never_raises() -> None:
    compiled = forms.rule_set(forms.rule("r", "deny", forms.lit(True), reason=("of ", forms.raw("subject.id"))))
    verdict = Policy(compiled).decide(forms.action() | {"subject": {Hostile(): 1}})
    assert verdict.to_dict()["decision"] == "deny"


def test_names_with_the_same_rules_share_their_tables() -> None:
    names = ", ".join(f'"n{number}"' for number in range(500))
    made = load_sources({"a.assent": f"package a\ndeny x if action.name in [{names}]\n"}).prepare()
    assert len(made._by_rules) == 2


def test_bounds_at_the_end_of_numbers_are_saved(tmp_path: Any) -> None:
    schema = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    for operator in ("<", "<=", ">", ">=", "==", "!="):
        text = f"package a\nallow it if x {operator} 1.7976931348623157e308\n"
        made = load_sources({"a.assent": text}, schema=schema)
        made.save(tmp_path / "a.policy")
        loaded = Policy.load(tmp_path / "a.policy")
        for value in (1.7976931348623157e308, 0.0, -1.7976931348623157e308):
            assert loaded.decide({"x": value}) == made.decide_interpreted({"x": value})
