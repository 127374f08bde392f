"""Saved policies: the same after a round trip, and FormatError for whatever else a file may hold."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from assentry.code import form
from assentry.code.codec import MAX_DEPTH
from assentry.code.save import from_bytes, load_form, save_form, sealed, to_bytes
from assentry.errors import FormatError
from assentry.evaluator.policy import Policy, load_saved
from assentry.source import Span
from assentry.values.runtime import CIDR, IP, NONE, BoolKey, Duration, Optional, Timestamp, TypeValue, Uint
from tests.support import forms
from tests.support.random_forms import Conditions, random_action
from tests.support.saved import lines, resealed

VALUES: list[object] = [
    None,
    True,
    0,
    Uint(7),
    -(2**63),
    0.1,
    float("inf"),
    "a\ud800",
    b"\x00\xff",
    [1, "a"],
    {"a": 1, BoolKey(True): 2, 3: 4},
    Timestamp(5),
    Duration(-5),
    TypeValue("int"),
    Optional.of(1),
    NONE,
    IP(4, 1),
    CIDR(IP(6, 1), 64),
]


def rich_form(seed: int = 0) -> form.Form:
    """A form in which every kind of node and every field occurs."""
    random = Random(seed)
    rules = [forms.rule(f"r{n}", "deny", *(Conditions(random, 2).boolean(4) for _ in range(3))) for n in range(6)]
    rules += [
        forms.rule("a", "allow", forms.lit(True), reason=("x ", forms.raw("action.destination.kind"))),
        forms.rule("b", "require_approval", form.Risk(Span(1, 3), ">=", 60), reads_risk=True, controls=("A.8.12",)),
        forms.rule("c", "risk", forms.labelled("x"), weight=9, shadow=True, redact=("action.sample",)),
        *(
            forms.rule(f"v{n}", "deny", forms.equals(forms.lit(value), forms.lit(value)))
            for n, value in enumerate(VALUES)
        ),
    ]
    definitions = [forms.definition(f"d{n}", [Conditions(random, n).boolean(3)], [forms.lit(False)]) for n in range(2)]
    made = forms.rule_set(*rules, definitions=definitions, text="some\ntext ä")
    meta = (("owner", "dana"), ("x_more", {"a": [1, None, 2.5]}))
    return form.Form(
        **{**fields(made), "rules": (*made.rules[:-1], form.RuleForm(**{**fields(made.rules[-1]), "meta": meta}))}
    )


def fields(node: object) -> dict[str, Any]:
    return {name: getattr(node, name) for name in node.__slots__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(20))
def test_a_form_survives_the_round_trip(seed: int) -> None:
    made = rich_form(seed)
    content = to_bytes(made)
    for deep in (False, True):
        loaded = from_bytes(content, deep=deep)
        assert to_bytes(loaded) == content
        assert repr(loaded) == repr(made)  # a NaN does not equal itself


def test_a_loaded_policy_gives_the_same_verdicts_and_digest(tmp_path: Path) -> None:
    policy = Policy(rich_form())
    policy.save(tmp_path / "policy.json")
    loaded = load_saved(tmp_path / "policy.json")
    assert loaded.digest == policy.digest
    random = Random(1)
    for _ in range(200):
        action = random_action(random)
        assert loaded.decide(action) == policy.decide(action)


def test_saving_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    target.write_text("old")
    save_form(rich_form(), target)
    assert repr(load_form(target)) == repr(rich_form())
    assert [file.name for file in tmp_path.iterdir()] == ["policy.json"]
    deep: form.Expr = forms.lit(True)
    for _ in range(MAX_DEPTH):
        deep = form.Not(forms.HERE, deep)
    with pytest.raises(FormatError, match="too deep"):
        save_form(forms.rule_set(forms.rule("r", "deny", deep)), target)
    assert repr(load_form(target)) == repr(rich_form())


def test_the_deepest_expression_that_can_be_saved_is_decided() -> None:
    deep: form.Expr = forms.lit(True)
    for _ in range(MAX_DEPTH - 1):
        deep = form.Not(forms.HERE, deep)
    made = from_bytes(to_bytes(forms.rule_set(forms.rule("r", "deny", deep))))
    assert not Policy(made).decide(forms.action()).errors
    assert not Policy(made).decide_interpreted(forms.action()).errors


# ---- what is no saved policy ----

CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "text": b"hello",
    "binary": bytes(range(256)),
    "number": b"5",
    "list": b"[]",
    "other map": b"{}",
    "truncated": to_bytes(rich_form())[:-200],
    "nested": b"[" * 100_000,
    "digits": b'{"version": ' + b"9" * 10_000 + b"}",
    "constant": b'{"version": NaN}',
    "twice": b'{"format": "assentry-policy", "format": "assentry-policy"}',
    "without a line": to_bytes(rich_form())[:-1],
    "header only": to_bytes(rich_form()).splitlines()[0] + b"\n",
    "first version": b'{"format": "assentry-policy", "version": 1, "language": "1", "checksum": "", "form": {}}',
    "latin": '{"format": "ä"}'.encode("latin-1"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_none(tmp_path: Path, name: str) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(CONTENTS[name])
    with pytest.raises(FormatError, match=r"`.*policy\.json` is not a saved policy") as caught:
        load_saved(file)
    assert "Traceback" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(FormatError, match="cannot be read"):
            load_saved(path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "other", "another format"),
        ("version", 1, "version 2 of the format"),
        ("version", True, "version 2 of the format"),
        ("language", "0", "version 1 of the language"),
        ("checksum", "sha256:0", "damaged"),
        ("more", 1, "unknown key"),
    ],
)
def test_a_header_that_does_not_fit(key: str, value: object, message: str) -> None:
    first, _, body = to_bytes(rich_form()).partition(b"\n")
    header = json.loads(first)
    header[key] = value
    with pytest.raises(FormatError, match=message):
        from_bytes(json.dumps(header).encode() + b"\n" + body)


def test_damage_is_noticed(tmp_path: Path) -> None:
    content = to_bytes(rich_form())
    random = Random(7)
    for _ in range(150):
        at = random.randrange(len(content))
        broken = content[:at] + bytes([content[at] ^ 1 << random.randrange(7)]) + content[at + 1 :]
        file = tmp_path / "policy.json"
        file.write_bytes(broken)
        with pytest.raises(FormatError):
            load_form(file)


# ---- what a hostile hand may write, checksum and all ----


HOSTILE: dict[str, Any] = {
    "an unknown node": ["import", 0, 0, "os"],
    "too few fields": ["not", 0, 0],
    "too many fields": ["lit", 0, 0, True, 1],
    "a span backwards": ["lit", 5, 2, True],
    "a span that is none": ["lit", "0", 0, True],
    "a place as a condition": ["root", 0, 0, 7, "action", True],
    "a value as a place": ["fit", 0, 0, ["lit", 0, 0, 1]],
    "a shape out of the table": ["fit", 0, 0, ["root", 0, 0, 999, "action", True]],
    "a shape from the end": ["fit", 0, 0, ["root", 0, 0, -1, "action", True]],
    "a definition out of the table": ["define", 0, 0, 0],
    "a file out of the table": ["inlined", 0, 0, "f", 9, ["lit", 0, 0, True]],
    "a name that nothing binds": ["var", 0, 0, "__builtins__"],
    "an item that nothing binds": ["fit", 0, 0, ["item", 0, 0, 0, "x"]],
    "a name used in its own value": ["let", 0, 0, "x", ["var", 0, 0, "x"], ["lit", 0, 0, True]],
    "a name bound twice": [
        "let",
        0,
        0,
        "x",
        ["lit", 0, 0, 1],
        ["let", 0, 0, "x", ["lit", 0, 0, 1], ["var", 0, 0, "x"]],
    ],
    "a value used as a place": ["let", 0, 0, "x", ["lit", 0, 0, 1], ["fit", 0, 0, ["item", 0, 0, 0, "x"]]],
    "an unknown function": ["call", 0, 0, "__import__", "", [["lit", 0, 0, "os"]], False],
    "an unknown overload": ["call", 0, 0, "_+_", "eval", [], False],
    "another function's overload": ["call", 0, 0, "_+_", "equals", [], False],
    "an unknown loop": ["loop", 0, 0, "while", "x", None, ["lit", 0, 0, [1]], None, ["lit", 0, 0, True]],
    "a literal that is none": ["lit", 0, 0, {"type": "code", "value": "1"}],
    "an object for a list": ["and", 0, 0, {"0": ["lit", 0, 0, True]}],
    "an unknown comparison": ["risk", 0, 0, "==", 5],
    "a bound that is no integer": ["risk", 0, 0, ">=", 5.5],
}


LITERAL = ["lit", 0, 0, True]


def with_tree(tree: bytes, effect: forms.Effect = "deny") -> bytes:
    """A saved policy of one rule, whose conditions are those."""
    made = forms.rule_set(forms.rule("r", effect, forms.lit(True)))
    base, rule, _ = to_bytes(made).splitlines()[1:]
    return sealed([base, rule, tree])


def one_condition(condition: object) -> bytes:
    return with_tree(json.dumps([condition]).encode())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_condition_that_no_compiler_writes(name: str) -> None:
    content = one_condition(HOSTILE[name])
    with pytest.raises(FormatError):
        from_bytes(content, deep=True)
    damaged(Policy(from_bytes(content)))


def test_nesting_that_no_compiler_writes() -> None:
    for levels in (MAX_DEPTH + 5, 900, 50_000):
        tree = b'[["not",0,0,' * levels + b'["lit",0,0,true]' + b"]" * levels
        content = with_tree(tree.replace(b'[["not"', b'["not"').replace(b'["not"', b'[["not"', 1) + b"]")
        with pytest.raises(FormatError, match="too deep"):
            from_bytes(content, deep=True)
        damaged(Policy(from_bytes(content)))


@pytest.mark.parametrize(
    "tree",
    [
        b"hello",
        b"null",
        b"{}",
        b"[[]]",
        b"[NaN]",
        b'["lit"]',
        b'[["lit",0,0,{"a":1,"a":1}]]',
        b"\xff",
        b"[" + b"],[".join([b'"lit",0,0,true'] * 2) + b"]",
    ],
)
def test_a_tree_that_is_none(tree: bytes) -> None:
    with pytest.raises(FormatError):
        from_bytes(with_tree(tree), deep=True)
    damaged(Policy(from_bytes(with_tree(tree))))


def damaged(policy: Policy) -> None:
    """Whoever looks, and however: the policy's one rule is in error, which denies."""
    action = forms.action()
    for _ in range(2):
        for verdict in (policy.decide(action), policy.decide_interpreted(action), policy.decide_unindexed(action)):
            assert verdict.decision == "deny"
            assert [(error.id, error.causes[0].found) for error in verdict.errors] == [("r", "damaged policy")]
    assert policy.explain(action).rules[0].state == "error"
    assert "damaged policy" in policy.explain(action).to_text()


def test_an_allow_rule_that_cannot_be_read_allows_nothing() -> None:
    policy = Policy(from_bytes(with_tree(b"[", "allow")))
    assert policy.decide(forms.action()).decision == "deny"
    assert policy.decide(forms.action()).errors


def test_a_definition_that_cannot_be_read_is_an_error_of_those_that_use_it() -> None:
    made = forms.rule_set(
        forms.rule("r", "deny", form.Define(forms.HERE, 0)), definitions=[forms.definition("d", [forms.lit(False)])]
    )
    base, rule, _, condition = to_bytes(made).splitlines()[1:]
    content = sealed([base, rule, b"[[]]", condition])
    with pytest.raises(FormatError):
        from_bytes(content, deep=True)
    damaged(Policy(from_bytes(content)))


@pytest.mark.parametrize("tree", [b"[", b"5", b'["x ",["lit",0,0,1]]', b'[["item",0,0,0,"x"]]', b"[5]", b"[[]]"])
def test_a_reason_that_cannot_be_read_prints_nothing_of_the_action(tree: bytes) -> None:
    made = forms.rule_set(forms.rule("r", "deny", forms.lit(True), reason=("x ", forms.raw("subject.id"))))
    base, rule, condition, _ = to_bytes(made).splitlines()[1:]
    content = sealed([base, rule, condition, tree])
    with pytest.raises(FormatError):
        from_bytes(content, deep=True)
    verdict = Policy(from_bytes(content)).decide(forms.action())
    assert verdict.decision == "deny"
    assert verdict.rules[0].reason == "(the reason in the saved policy is unreadable)"


def test_trees_are_told_apart_by_their_place_alone() -> None:
    base, *others = to_bytes(forms.rule_set(forms.rule("r", "deny", forms.lit(True)))).splitlines()[1:]
    for wrong in ([base], [base, others[0]], [base, *others, others[1]], [*others, base], []):
        with pytest.raises(FormatError):
            from_bytes(sealed(wrong))


ID, EFFECT, HEAD, _, REASON, CONTROLS, SEATS, WITHIN, _, WEIGHT, SHADOW, _, META = range(13)


def deeper(levels: int) -> object:
    return [deeper(levels - 1)] if levels else []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([1], ["a"]),
        ([1], {}),
        ([1, ID], "zz"),
        ([1, ID], 5),
        ([1, ID], "b"),
        ([1, EFFECT], "permit"),
        ([1, EFFECT], "require_approval"),
        ([1, HEAD, 0], 1),
        ([1, HEAD, 1], 5),
        ([1, HEAD], [0, 0, 0]),
        ([1, HEAD, 3], -1),
        ([1, HEAD, 3], 2**40),
        ([1, REASON], [["lit", 0, 0, 1]]),
        ([1, REASON], None),
        ([1, CONTROLS], [5]),
        ([1, SEATS], [[1, "user", "x"]]),
        ([1, SEATS], [[0, "group", "x"]]),
        ([1, WITHIN], 0),
        ([1, WEIGHT], -5),
        ([1, SHADOW], 1),
        ([1, META], [["x", {"a": deeper(40)}]]),
        ([0, "more"], 1),
        ([0, "rules"], 1),
        ([0, "rules"], 99),
        ([0, "rules"], True),
        ([0, "default"], "maybe"),
        ([0, "digest"], "sha256:0"),
        ([0, "files", 0, 0], "a\0b"),
        ([0, "files", 0], ["a"]),
        ([0, "index", "key"], 1),
        ([0, "index", "key"], True),
        ([0, "index", "places", 0, 1], "regex"),
        ([0, "index", "places", 0, 0], ["lit", 0, 0, 1]),
        ([0, "index", "tests", 0, 0], 9),
        ([0, "index", "tests", 0, 1], [["a"]]),
        ([0, "index", "tests", 0, 2], 0),
        ([0, "index", "tests", 0, 3], "maybe"),
        ([0, "index", "rules", 0, 0], [0, 0]),
        ([0, "index", "rules", 0, 0], [99]),
        ([0, "index", "rules", 0, 1], [1, 0]),
        ([0, "index", "rules", 0, 1], [9]),
        ([0, "index", "rules"], []),
        ([0, "index", "reads"], ["a"]),
        ([0, "shapes", 0, "kind"], "function"),
        ([0, "shapes", 0, "item"], 99),
        ([0, "shapes", 0, "minimum"], "0"),
        ([0, "shapes", 0, "more"], 0),
        ([0, "definitions"], [["d", []]]),
    ],
)
def test_a_part_that_no_compiler_writes(path: list[Any], value: object) -> None:
    made = forms.rule_set(forms.rule("a", "deny", forms.named("x")), forms.rule("b", "allow", forms.lit(True)))
    content = lines(made)
    holder: Any = content
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    with pytest.raises(FormatError):
        from_bytes(resealed(content))


def mutations(random: Random, count: int) -> Iterator[list[Any]]:
    """Good lines with a few parts replaced by others of them, or by odd ones."""
    good = lines(rich_form())
    parts = [part for part, _, _ in walk(good)]
    odd: list[Any] = [None, True, -1, 0, 2**70, 0.5, "", "x", [], {}, [[]], ["lit", 0, 0, True]]
    for _ in range(count):
        body = copy.deepcopy(good)
        for _ in range(random.randint(1, 3)):
            places = [(holder, key) for _, holder, key in walk(body) if holder is not None]
            holder, key = random.choice(places)
            match random.randrange(4):
                case 0:
                    holder[key] = copy.deepcopy(random.choice(parts))
                case 1:
                    del holder[key]
                case 2 if isinstance(holder, list):
                    holder.insert(key, copy.deepcopy(random.choice(parts)))
                case _:
                    holder[key] = random.choice(odd)
        yield body


def walk(data: Any, holder: Any = None, key: Any = None) -> Iterator[tuple[Any, Any, Any]]:
    yield data, holder, key
    pairs = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for name, part in list(pairs):
        yield from walk(part, data, name)


@pytest.mark.parametrize("deep", [False, True])
def test_mutated_policies_are_refused_or_decide(deep: bool) -> None:
    """Whatever passes the checks decides without raising, however little sense it makes."""
    random = Random(3)
    accepted = 0
    for changed in mutations(random, int(os.environ.get("ASSENTRY_FUZZ", "120"))):
        try:
            policy = Policy(from_bytes(resealed(changed), deep=deep))
        except FormatError:
            continue
        accepted += 1
        for _ in range(2):
            action = random_action(random)
            policy.decide(action).to_dict()
            policy.decide_interpreted(action).to_dict()
            policy.explain(action).to_text()
    assert accepted


# ---- what deciding needs ----

SCRIPT = """
import json, sys
from assentry.evaluator.policy import load_saved
policy = load_saved(sys.argv[1])
verdict = policy.decide({"action": {"name": "data.export"}, "subject": {"id": "x"}, "resource": {"labels": []}})
policy.decide([]).to_dict()
json.dumps(verdict.to_dict())
heavy = {"lark", "yaml", "jsonschema", "click", "rich", "sqlite3", "socket", "ssl", "asyncio", "re2"}
rooms = {"assentry.cel", "assentry.language", "assentry.compiler", "assentry.schemas", "assentry.cli"}
print(sorted(name for name in sys.modules if name.split(".")[0] in heavy or any(name.startswith(room) for room in rooms)))
"""


def test_deciding_with_a_saved_policy_loads_no_parser(tmp_path: Path) -> None:
    rules = forms.rule_set(
        forms.rule("a", "allow", forms.named("data.export"), reason=(forms.raw("subject.id"),)),
        forms.rule("b", "deny", forms.over("action.rows"), controls=("A.8.12", "A.5.1")),
    )
    Policy(rules).save(tmp_path / "policy.json")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "policy.json")], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
