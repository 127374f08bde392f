"""What the checker says of mistakes: where, what is wrong, and what to do."""

from __future__ import annotations

import pytest

from assentry.cel.environment import Environment
from assentry.diagnostics import Diagnostic, render
from tests.support.expressions import environment, findings

# expression, then for each finding: code, the text at its span, message, help
CASES: dict[str, list[tuple[str, str, str, str | None]]] = {
    "acton.name": [("unknown-name", "acton", "there is no `acton` here", "did you mean `action`?")],
    "rows > 1": [("unknown-name", "rows", "there is no `rows` here", "did you mean `action.rows`?")],
    "zz": [("unknown-name", "zz", "there is no `zz` here", "the parts of the action are `action` or `subject`")],
    "is_read": [("unknown-name", "is_read", "`is_read` is a function", "call it: `is_read(...)`")],
    "other.knwn": [("unknown-name", "knwn", "`other` has no `knwn`", "did you mean `other.known`?")],
    "action.nme": [("unknown-field", "nme", "`action` has no field `nme`", "did you mean `name`?")],
    "action['nme']": [("unknown-field", "'nme'", "`action` has no field `nme`", "did you mean `name`?")],
    "action.host": [("unknown-field", "host", "`action` has no field `host`", "did you mean `to.host`?")],
    "accounts.ownd": [("unknown-field", "ownd", "`accounts` has no entry `ownd`", "did you mean `owned`?")],
    "action.parts[0].secrt": [
        ("unknown-field", "secrt", "`action.parts[0]` has no field `secrt`", "did you mean `secret`?")
    ],
    "action.name.foo": [("wrong-type", "foo", "`action.name` is a string: it has no field `foo`", None)],
    "action.parts.id": [
        (
            "wrong-type",
            "id",
            "`action.parts` is a list of objects: it has no field `id`",
            "look at its elements, as in `action.parts.exists(x, x.id ...)`",
        )
    ],
    "action[subject.id]": [
        (
            "wrong-type",
            "subject.id",
            "`action` is an object with fields, which no computed name can choose",
            "name the field: `action.field`",
        )
    ],
    "action.to == null": [("no-overload", "==", "`action.to` is never null", None)],
    "action.parts.map(p, p)": [
        (
            "whole-object",
            "p",
            "`p` is an object with fields, not a value",
            "read its fields, as in `p.id` or `p.secret`",
        )
    ],
    "action.rows + 'a'": [("no-overload", "+", "`+` does not take an int and a string", "write `string(action.rows)`")],
    "action.cost == 1000": [("no-overload", "==", "`==` does not take a double and an int", "write `1000.0`")],
    "action.cost > action.rows": [
        ("no-overload", ">", "`>` does not take a double and an int", "write `double(action.rows)`")
    ],
    "action.name == 1": [
        ("no-overload", "==", "`==` does not take a string and an int", "a string and an int are never equal")
    ],
    "action.name == null": [
        (
            "no-overload",
            "==",
            "`==` does not take a string and null",
            "`action.name` is never null; whether an optional field is there says `has(action.name)`",
        )
    ],
    "action.?rows > 1": [
        (
            "no-overload",
            ">",
            "`>` does not take an optional int and an int",
            "give it a value for the case that it has none: `action.?rows.orValue(...)`",
        )
    ],
    "action.at > '2026'": [
        ("no-overload", ">", "`>` does not take a timestamp and a string", "write `timestamp('2026')`")
    ],
    "action.at + '1h'": [("no-overload", "+", "`+` does not take a timestamp and a string", "write `duration('1h')`")],
    "duration('1h') > 60": [("no-overload", ">", "`>` does not take a duration and an int", 'write `duration("60s")`')],
    "action.name in 'abc'": [
        (
            "no-overload",
            "in",
            "`in` cannot look for a string in a string",
            "whether a text contains another says `'abc'.contains(action.name)`",
        )
    ],
    "1 in action.labels": [
        ("no-overload", "in", "`in` cannot look for an int in a list of string", "its elements are of type string")
    ],
    "action.labels['a']": [
        (
            "no-overload",
            "'a'",
            "a list of string cannot be indexed with a string",
            "a list's index is an int, as in `action.labels[0]`",
        )
    ],
    "size(action.rows)": [
        (
            "no-overload",
            "size",
            "`size` does not take an int",
            "it takes `size(string)`, `size(bytes)`, `size(list)`, `size(map)`",
        )
    ],
    "action.name.startsWith(1)": [
        (
            "no-overload",
            "startsWith",
            "`startsWith` cannot be called on a string with an int",
            "it takes `string.startsWith(string)`",
        )
    ],
    "-action.name": [("no-overload", "-action.name", "`-` does not take a string", "it takes `-int`, `-double`")],
    "action.name.startWith('a')": [
        ("unknown-function", "startWith", "there is no function `startWith`", "did you mean `startsWith`?")
    ],
    "maths.abs(1)": [("unknown-function", "abs", "there is no function `maths.abs`", "did you mean `math.abs`?")],
    "external()": [
        (
            "unknown-function",
            "external",
            "`external` is a definition, not a function",
            "write `external` without parentheses",
        )
    ],
    "action.name.is_read()": [
        (
            "unknown-function",
            "is_read",
            "`is_read` is a function of these rules, not a method",
            "call it as `is_read(action.name)`",
        )
    ],
    "is_read(1, 2)": [
        ("wrong-arity", "is_read(1, 2)", "`is_read` takes 1 argument, not 2", "write it as `is_read(n)`")
    ],
    "action.name && true": [
        (
            "not-boolean",
            "action.name",
            "`action.name` is a string, not true or false",
            "compare it, as in `action.name == ...`",
        )
    ],
    "!action.labels": [
        (
            "not-boolean",
            "action.labels",
            "`action.labels` is a list of string, not true or false",
            "ask for its size, as in `action.labels.size() > 0`",
        )
    ],
    "action.?force ? 1 : 2": [
        (
            "not-boolean",
            "action.?force",
            "`action.?force` is an optional bool or null, not true or false",
            "give it a value for the case that it has none: `action.?force.orValue(false)`",
        )
    ],
    "true ? 1 : 'a'": [
        ("wrong-type", "'a'", "one branch is an int, the other a string", "both branches of `?:` are of one type")
    ],
    "action.name.matches('(?=a)')": [
        (
            "bad-regex",
            "'(?=a)'",
            "RE2 cannot take this pattern: invalid perl operator: (?=",
            "RE2 has no look-around and no back-references",
        )
    ],
    "has(action)": [
        (
            "macro-use",
            "action",
            "`has` asks whether one field is there",
            "write it as `has(a.b)`; whether a key is in a map says `key in map`",
        )
    ],
    "action.labels.exists(x)": [
        (
            "macro-use",
            "exists",
            "`exists` does not take 1 argument",
            "write it as `list.exists(x, condition)`",
        )
    ],
    "action.labels.exists(1, true)": [
        (
            "macro-use",
            "1",
            "`exists` takes the name of a variable here",
            "write it as `list.exists(x, condition)`",
        )
    ],
    "action.labels.all(x, x, true)": [("macro-use", "x", "`x` names two variables of one loop", "rename one of them")],
    "action.rows.all(x, true)": [
        (
            "wrong-type",
            "action.rows",
            "`action.rows` is an int: `all` runs over a list or a map",
            "only lists and maps have something to run over",
        )
    ],
    "action.all(x, true)": [
        (
            "wrong-type",
            "action",
            "`action` is the object `action`: `all` runs over a list or a map",
            "its fields are fixed: name the one that you mean",
        )
    ],
    "action.?labels.all(x, true)": [
        (
            "wrong-type",
            "action.?labels",
            "`action.?labels` is an optional list(string): `all` runs over a list or a map",
            "write `action.?labels.orValue([])`",
        )
    ],
    "cel.bind(1, 2, 3)": [
        (
            "macro-use",
            "cel.bind(1, 2, 3)",
            "`cel.bind` gives a name to a value",
            "write it as `cel.bind(name, value, expression)`",
        )
    ],
    "[?1]": [("wrong-type", "1", "`1` is an int: after `?` stands an optional value", "leave out the `?`")],
    "{1.5: 'a', null: 'b'}": [
        (
            "bad-map-key",
            "1.5",
            "`1.5` is a double, which cannot be the key of a map",
            "keys are strings, ints, uints and bools",
        ),
        (
            "bad-map-key",
            "null",
            "`null` is null, which cannot be the key of a map",
            "keys are strings, ints, uints and bools",
        ),
    ],
    "risk == 60": [
        (
            "risk-use",
            "risk == 60",
            "`risk` is only compared with a whole number, by `<`, `<=`, `>` or `>=`",
            "write it as `risk >= 60`",
        )
    ],
    "risk >= action.rows": [
        (
            "risk-use",
            "action.rows",
            "`risk` is only compared with a whole number, by `<`, `<=`, `>` or `>=`",
            "write it as `risk >= 60`",
        )
    ],
    "a.B{x: 1}": [
        (
            "message-literal",
            "a.B{x: 1}",
            "`a.B` is not a type that can be built",
            "protocol buffer messages are not supported",
        )
    ],
    "action.parts.filter(p, true)[0].secret": [
        (
            "unguarded-field",
            "action.parts.filter(p, true)[0].secret",
            "`action.parts.filter(p, true)[0].secret` may be absent",
            "read it as `action.parts.filter(p, true)[0].?secret.orValue(...)`",
        )
    ],
}


def place(finding: Diagnostic) -> str:
    return finding.source.slice(finding.span)


@pytest.mark.parametrize("text", CASES)
def test_a_mistake_is_shown_where_it_is_and_how_to_mend_it(text: str) -> None:
    found = [(finding.code, place(finding), finding.message, finding.help) for finding in findings(text)]
    assert found == CASES[text]


def test_all_mistakes_of_an_expression_are_reported() -> None:
    found = findings("acton.name == 1 && action.nme == 2 || size(1) + 'a' == 3 || action.to")
    assert [place(finding) for finding in found] == ["acton", "nme", "size", "action.to"]


def test_a_mistake_in_a_function_shows_the_body_and_the_call() -> None:
    found = findings("is_read(1)")
    assert render(found[0]).splitlines() == [
        "error[no-overload]: `in` cannot look for an int in a list of string",
        " --> is_read.assent:1:3",
        "  |",
        "1 | n in ['read', 'list']",
        "  |   ^^",
        "  = note: called from here",
        " --> test:1:1",
        "  |",
        "1 | is_read(1)",
        "  | ^^^^^^^^^^",
        "  = help: its elements are of type string",
    ]


def test_a_condition_has_to_be_one() -> None:
    assert [finding.code for finding in findings("action.name", condition=True)] == ["not-boolean"]
    assert [finding.code for finding in findings("action.to", condition=True)] == ["whole-object"]
    for right in ("true", "dyn(1)", "action.force", "external", "action.sample"):
        assert findings(right, condition=True) == []


def test_without_risk_the_name_means_nothing() -> None:
    assert [finding.code for finding in findings("risk > 1", environment(risk=False))] == ["unknown-name"]


def test_strict_types_know_no_other_names() -> None:
    found = findings("x + y", Environment(variables={}))
    assert [finding.message for finding in found] == ["there is no `x` here", "there is no `y` here"]
