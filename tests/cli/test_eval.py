"""`assentry eval`: verdicts for people and machines, from one action or a stream of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

LINE = Draft202012Validator(json.loads(schemas.text("eval")))


def action(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "subject": {"type": "agent", "id": "etl-7"},
        "action": {"name": "data.read"},
        "resource": {"type": "table", "id": "crm.people"},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }
    return {part: value | changes.get(part, {}) for part, value in base.items()}


def secret() -> dict[str, Any]:
    destination = {"kind": "bucket", "external": True}
    return action(action={"name": "data.export", "destination": destination}, resource={"labels": ["secret"]})


def lines(*documents: object) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def test_one_action_for_people(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "rules", "--input", "examples/export.json")
    assert done == (
        0,
        """\
require approval  data.export: agent etl-7 -> table crm.people  examples/export.json
  because     Personal data leaving needs two people
              etl-7 wants to send crm.people to partner.example
              exports.personal_data_leaves  rules/exports.assent:46
  approvers   1 of group data-protection
              1 of role service-owner
  within      30m
  redact      action.sample
  controls    A.5.14  Information transfer
              A.5.34  Privacy and protection of PII
              A.8.12  Data leakage prevention
""",
        "",
    )


def test_one_action_for_machines(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "--input", "examples/export.json", "--format", "json")
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    document = json.loads(done.out)
    LINE.validate(document)
    assert (document["version"], document["input"]) == (1, "examples/export.json")
    del document["version"], document["input"]
    Draft202012Validator(json.loads(schemas.text("verdict"))).validate(document)
    assert document["decision"] == "require_approval"
    assert document["rules"][0]["at"] == "rules/exports.assent:46"


def test_the_default_and_an_error_are_told(assentry: Assentry, project: Path) -> None:
    silent = assentry("eval", "--input", "-", stdin=lines(action(action={"name": "x.y"})))
    assert silent.out == (
        "deny  x.y: agent etl-7 -> table crm.people  <stdin>\n  because     by default: no rule says otherwise\n"
    )
    wrong = assentry("eval", "--input", "-", stdin=lines(action(action={"name": "data.export", "rows": "many"})))
    assert wrong.out.startswith("deny  data.export")
    assert "action.rows: expected int >= 0, found string" in wrong.out


def test_many_actions_are_a_line_each_and_a_summary(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "--input", "-", stdin=lines(action(), secret(), action(), [1]))
    assert done.code == 0
    assert [line.split("  ")[0] for line in done.out.splitlines()[:4]] == ["allow", "deny", "allow", "deny"]
    assert done.out.splitlines()[1].split() == [
        "deny", "data.export", "exports.secrets_never_leave", "agent", "etl-7", "->", "table", "crm.people", "<stdin>:2"
    ]  # fmt: skip
    summary = done.out.split("\n\n", 1)[1]
    assert summary.splitlines()[0] == "4 actions"
    assert "  2  deny" in summary
    assert "  1  deny   exports.secrets_never_leave  Secrets never leave the organisation" in summary
    assert "1  A.8.12  Data leakage prevention" in summary
    assert "1  (action)" in summary


def test_exit_codes(assentry: Assentry, project: Path) -> None:
    deny, allow, ask = lines(secret()), lines(action()), Path("examples/export.json").read_bytes()
    assert assentry("eval", "-i", "-", "--exit-code", stdin=deny + allow).code == 10
    assert assentry("eval", "-i", "-", "--exit-code", stdin=ask).code == 11
    assert assentry("eval", "-i", "-", "--exit-code", stdin=lines(json.loads(ask), secret())).code == 10
    assert assentry("eval", "-i", "-", "--exit-code", stdin=allow).code == 0
    assert assentry("eval", "-i", "-", stdin=deny).code == 0


def test_what_cannot_be_read_is_reported_and_the_rest_decided(assentry: Assentry, project: Path) -> None:
    stream = lines(action()) + b'{"a": 1, "a": 2}\nrubbish\n' + lines(action())
    done = assentry("eval", "--input", "-", "--format", "json", "--exit-code", stdin=stream)
    assert done.code == 2
    assert [json.loads(line)["input"] for line in done.out.splitlines()] == ["<stdin>:1", "<stdin>:4"]
    assert done.err == (
        "error: <stdin>:2: not JSON: the key `a` stands twice in one object\n"
        "error: <stdin>:3:1: not JSON: expecting value\n"
    )


@pytest.mark.parametrize(
    "stdin", [b"[]", b"null", b"3", b'"x"', b'{"action": 3}', b'{"action": {"name": ["x"]}}', b"{}"]
)
def test_whatever_is_json_is_decided(assentry: Assentry, project: Path, stdin: bytes) -> None:
    done = assentry("eval", "--input", "-", "--format", "json", stdin=stdin)
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    LINE.validate(document)
    assert document["decision"] == "deny"


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"", "`<stdin>` is empty: expected an action as JSON"),
        (b"\xff", "<stdin>:1:1: byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbf{}", "<stdin>:1: not JSON: it begins with a byte order mark"),
        (b'{"a": "\x00"}', "<stdin>:1:8: not JSON: invalid control character"),
        (b'{"a": NaN}', "<stdin>:1: not JSON: `NaN` is not a JSON number"),
        (b"[" * 10_000, "<stdin>:1: nested too deeply"),
        (b'{"a": "' + b"x" * 10_000_000 + b'"}', "<stdin>:1: a document larger than 4096 KiB"),
    ],
)
def test_what_is_not_json_is_refused(assentry: Assentry, project: Path, stdin: bytes, message: str) -> None:
    assert assentry("eval", "--input", "-", stdin=stdin) == (2, "", f"error: {message}\n")


def test_an_integer_of_a_thousand_digits_is_out_of_range(assentry: Assentry, project: Path) -> None:
    text = json.dumps(action(action={"name": "data.export"})).replace(
        '"data.export"', '"data.export", "rows": ' + "9" * 1000
    )
    done = assentry("eval", "--input", "-", stdin=text.encode())
    assert done.code == 0
    assert "action.rows: expected int >= 0, found out of range" in done.out


def test_a_value_that_is_redacted_is_not_in_the_headline(assentry: Assentry, project: Path) -> None:
    rules = Path("rules/exports.assent")
    rules.write_text(rules.read_text().replace("[action.sample]", "[action.sample, resource.id]"))
    done = assentry("eval", "--input", "examples/export.json")
    assert "table [redacted]" in done.out
    assert "crm.people" not in done.out


def test_nothing_in_an_action_steers_the_terminal(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "--input", "-", stdin=lines(action(subject={"id": "a\x1b[2J\n\u202eb"})))
    assert "agent a\\u{1b}[2J\\u{a}\\u{202e}b" in done.out


def test_strict_input_lets_nothing_in_that_does_not_fit(assentry: Assentry, project: Path) -> None:
    Path("assentry.toml").write_text('rules = ["rules"]\nschema = "schemas/action.schema.json"\nstrict_input = true\n')
    wrong = [
        action(resource={"rows": "many"}),
        {**action(), "action": {}},
        action(resource={"nonsense": 1}),
        action(context={"environment": "moon"}),
        [1],
    ]
    done = assentry("eval", "--input", "-", "--format", "json", stdin=lines(action(), *wrong))
    assert (done.code, done.out.count("\n")) == (2, 1)
    assert done.err.splitlines() == [
        "error: <stdin>:2: does not fit the schema: `resource.rows` must be of type integer",
        "error: <stdin>:3: does not fit the schema: `action` has no `name`",
        "error: <stdin>:4: does not fit the schema: `resource` has an unknown field `nonsense`",
        "error: <stdin>:5: does not fit the schema: `context.environment` is not one of the allowed values",
        "error: <stdin>:6: does not fit the schema: `the action` must be of type object",
    ]


def test_several_inputs(assentry: Assentry, project: Path) -> None:
    Path("other.json").write_text(json.dumps(secret()))
    done = assentry("eval", "--input", "examples/export.json", "--input", "other.json")
    assert [block.split("  ")[0] for block in done.out.split("\n\n")] == ["require approval", "deny"]
    missing = assentry("eval", "--input", "absent.json")
    assert missing == (2, "", "error: cannot read `absent.json`: no such file or directory\n")


def test_rules_that_do_not_compile(assentry: Assentry, project: Path) -> None:
    Path("rules/exports.assent").write_text("package exports\nallow x if action.nmae == 1\n")
    done = assentry("eval", "--input", "examples/export.json")
    assert (done.code, done.out) == (1, "")
    assert "unknown-field" in done.err
    assert "did you mean `name`?" in done.err


def test_an_unknown_source(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "--from", "cloudtrial", "x.json")
    assert done.code == 2
    assert done.err.startswith("error: there is no source `cloudtrial`; did you mean `cloudtrail`?\n")


def test_records_of_another_kind(assentry: Assentry, project: Path) -> None:
    record = {"eventVersion": "1.08", "eventTime": "2023-07-10T12:00:00Z", "eventSource": "s3.amazonaws.com",
              "eventName": "GetObject", "awsRegion": "us-east-1", "userIdentity": {"type": "IAMUser", "userName": "bob"}}  # fmt: skip
    Path("trail.json").write_text(json.dumps({"Records": [record, record]}))
    Path("more.json").write_text('{"Records": [{"eventName": ]}')
    done = assentry("eval", "--from", "cloudtrail", "trail.json", "more.json", "--format", "text")
    assert done.code == 2
    assert done.out.startswith("deny              ")
    assert "2 actions" in done.out
    assert "could not be read" in done.out
    assert "more.json" in done.err


def test_the_stream_is_answered_as_it_comes(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assentry", "eval", "--input", "-", "--format", "json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines(action(), action()))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["input"] == "<stdin>:1"
    process.stdin.write(lines(secret()))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["input"] == "<stdin>:2"
    assert json.loads(process.stdout.readline())["decision"] == "deny"
    process.stdin.close()
    assert process.wait(timeout=20) == 0


def test_the_summary_counts_what_shadow_rules_would_do(assentry: Assentry, project: Path) -> None:
    with (project / "rules" / "exports.assent").open("a", encoding="utf-8") as file:
        file.write('\ndeny no_exports if action.name == "data.export" with { mode: shadow, title: "No exports" }\n')
    done = assentry("eval", "rules", "--input", "-", stdin=lines(action(), secret(), secret()))
    assert done.out.endswith("What rules in shadow mode would do\n  2  deny  exports.no_exports  No exports\n")


def test_inputs_that_a_shell_left_among_the_paths(assentry: Assentry, project: Path) -> None:
    done = assentry("eval", "rules", "--input", "examples/export.json", "examples/export.json")
    assert done.code == 2
    assert done.err.startswith("error: `examples/export.json` is no rule file: every input has an --input of its own")
