"""A test file becomes cases; everything that is wrong with it is reported at once, at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.errors import CompileError, ConfigError
from assentry.source import Source
from assentry.tester.expect import Expect
from assentry.tester.find import find_test_files, read_suites
from assentry.tester.suite import Suite, read_suite
from assentry.yamlfile import read_yaml

EXPORTS = """\
suite: exports
actions:
  base: {subject: {id: a}, action: {name: data.export, rows: 12}, resource: {labels: []}}
  list: [1]
cases:
  - name: pauses
    action: base
    set: {resource.labels: [pii], action.destination.kind: bucket}
    unset: [action.rows]
    expect: {decision: require_approval, rules: [exports.pii], controls: [A.8.12], risk: 0}
  - name: a list is no action
    action: list
    expect: deny
  - name: given here
    action: {action: {name: x}}
    expect: {decision: deny, rules: [], approval: {within: 30m}, errors: [e.x], redact: [a.b], shadow: [s.y]}
matrix:
  - action: base
    over: {action.name: [data.read, data.export], resource.labels: [[], [pii]]}
    expect: [[allow, allow], [deny, {decision: deny, rules: []}]]
  - name: one dimension
    action: base
    set: {action.rows: 1}
    over: {action.name: [a, b]}
    expect: [allow, deny]
"""


def suite(text: str) -> Suite:
    return read_suite(read_yaml(Source("t.test.yaml", text)))


def findings(text: str) -> list[str]:
    with pytest.raises(CompileError) as caught:
        suite(text)
    return [
        f"{finding.position.line}:{finding.position.column} {finding.message}"
        + (f" ({finding.help})" if finding.help else "")
        for finding in caught.value.diagnostics
    ]


def test_cases() -> None:
    read = suite(EXPORTS)
    assert (read.name, read.file) == ("exports", "t.test.yaml")
    pauses, no_action, given = read.cases[:3]
    assert pauses.action == {
        "subject": {"id": "a"},
        "action": {"name": "data.export", "destination": {"kind": "bucket"}},
        "resource": {"labels": ["pii"]},
    }
    assert pauses.expect == Expect("require_approval", ("exports.pii",), 0, None, ("A.8.12",))
    assert pauses.at == "t.test.yaml:6"
    assert (no_action.action, no_action.expect) == ([1], Expect("deny"))
    assert given.action == {"action": {"name": "x"}}
    assert given.expect == Expect("deny", (), None, {"within": "30m"}, (), ("a.b",), ("e.x",), ("s.y",))


def test_a_matrix_is_every_combination() -> None:
    cases = suite(EXPORTS).cases[3:]
    assert [(case.name, case.expect.decision) for case in cases] == [
        ('matrix 1: action.name = "data.read", resource.labels = []', "allow"),
        ('matrix 1: action.name = "data.read", resource.labels = ["pii"]', "allow"),
        ('matrix 1: action.name = "data.export", resource.labels = []', "deny"),
        ('matrix 1: action.name = "data.export", resource.labels = ["pii"]', "deny"),
        ('one dimension: action.name = "a"', "allow"),
        ('one dimension: action.name = "b"', "deny"),
    ]
    last = cases[-1].action
    assert isinstance(last, dict)
    assert last["action"] == {"name": "b", "rows": 1}


def test_the_published_schema_says_the_same() -> None:
    validator = Draft202012Validator(json.loads(schemas.text("test-file")))
    validator.validate(read_yaml(Source("t.test.yaml", EXPORTS)).data)
    for wrong in [{"suite": "x"}, {"suite": "x", "cases": [{"name": "y"}]}, {"suite": "x", "cases": [], "other": 1}]:
        assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("suite: exports\n", "", ["1:1 a test file needs the key `suite`"]),
        ("suite: exports", "suite: [x]", ["1:8 `suite` must be a text"]),
        ("actions:", "akctions:", [
            "2:1 unknown key `akctions` (did you mean `actions`?)",
            "7:13 there is no action `base` in this file (known here: none)",
            "12:13 there is no action `list` in this file (known here: none)",
            "18:13 there is no action `base` in this file (known here: none)",
            "22:13 there is no action `base` in this file (known here: none)",
        ]),
        ("action: list", "action: bse", ["12:13 there is no action `bse` in this file (did you mean `base`?)"]),
        ("    expect: deny\n", "    expcet: deny\n", [
            "11:5 a case needs the key `expect`",
            "13:5 unknown key `expcet` (did you mean `expect`?)",
        ]),
        ("name: given here", "name: pauses", ["14:5 two cases are called `pauses`"]),
        ("expect: deny", "expect: require approval", ["13:13 `require approval` is not a decision (did you mean `require_approval`?)"]),
        ("expect: deny", "expect: []", ["13:13 expected a decision (`allow`, `deny` or `require_approval`) or a map of expectations"]),
        ("expect: deny", "expect: {}", ["13:13 expected a decision (`allow`, `deny` or `require_approval`) or a map of expectations"]),
        ("decision: require_approval", "desicion: deny", ["10:14 unknown key `desicion` (did you mean `decision`?)"]),
        ("risk: 0", "risk: high", ["10:90 `risk` must be a whole number from 0"]),
        ("rules: [exports.pii]", "rules: exports.pii", ["10:49 `rules` must be a list of names"]),
        ("rules: [exports.pii]", "rules: [1]", ["10:49 `rules` must be a list of names"]),
        ("approval: {within: 30m}", "approval: {seat: 1}", [
            "16:51 `approval` must be a map with `seats`, `within` or both "
            "(for example {seats: [{count: 2, group: data-protection}], within: 30m})"
        ]),
        ("unset: [action.rows]", "unset: [action.rowz]", ["9:13 there is no `rowz` to remove"]),
        ("unset: [action.rows]", "unset: action.rows", ["9:12 `unset` must be a list"]),
        ("action.destination.kind: bucket", "subject.id.x: 1", ["8:35 `id` is not a map, so there is no `x` in it"]),
        ("action.destination.kind: bucket", "a..b: 1", ["8:35 a path is names joined by dots, such as `resource.labels`"]),
        ("action.destination.kind: bucket", "'a[0]': 1", ["8:35 a path has no `[...]`: set the whole list or map"]),
        ("set: {action.rows: 1}", "set: [1]", ["23:10 `set` must be a map of paths to values"]),
        ("over: {action.name: [a, b]}", "over: {action.name: a}", ["24:25 `action.name` must have a list of values here"]),
        ("over: {action.name: [a, b]}", "over: []", ["24:11 `over` must be a map of paths to lists of values"]),
        ("[[allow, allow],", "[[allow],", [
            "20:14 expected a list of 2, one for each value of `resource.labels`; found 1 "
            "(`expect` nests lists in the order of `over`: the first path's values are the outermost)"
        ]),
        ("expect: [allow, deny]", "expect: allow", [
            "25:13 expected a list of 2, one for each value of `action.name`; found none "
            "(`expect` nests lists in the order of `over`: the first path's values are the outermost)"
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, messages: list[str]) -> None:
    assert old in EXPORTS
    assert findings(EXPORTS.replace(old, new, 1)) == messages


def test_an_empty_suite_is_refused() -> None:
    assert findings("suite: x") == ["1:1 this suite has no cases (write `cases:` or `matrix:`)"]
    assert findings("[]") == ["1:1 a test file must be a map with the keys `suite`, `actions`, `cases`, `matrix`"]
    assert findings("suite: x\ncases: 3\nmatrix: 4\nactions: 5") == [
        "2:8 `cases` must be a list",
        "3:9 `matrix` must be a list",
        "4:10 `actions` must be a map of names to actions",
    ]


def find_test_files_are_found_below_folders(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ["a.test.yaml", "b/c/z.test.yml", "b/x.yaml", ".hidden/h.test.yaml"]:
        (tmp_path / name).write_text(EXPORTS)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    files = find_test_files([tmp_path, tmp_path / "a.test.yaml"])
    assert [str(file.relative_to(tmp_path)) for file in files] == ["a.test.yaml", "b/c/z.test.yml"]
    assert len(read_suites(files)) == 2
    with pytest.raises(ConfigError, match=r"there is no `\*\.test\.yaml` file in"):
        find_test_files([tmp_path / "b" / "x.yaml"])


def test_the_findings_of_all_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.test.yaml").write_text("suite: no")
    (tmp_path / "b.test.yaml").write_text("suite: x")
    with pytest.raises(CompileError) as caught:
        read_suites(find_test_files([tmp_path]))
    assert [finding.code for finding in caught.value.diagnostics] == ["yaml-ambiguous", "test-empty"]
