"""Whatever is wrong with what comes in: a clear message and the right exit code, never a traceback, never an access."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assentry.cli.main import run

FITTING: dict[str, Any] = {
    "subject": {"type": "agent", "id": "etl-7"},
    "action": {"name": "data.read", "rows": 3},
    "resource": {"type": "table", "id": "crm.people", "labels": ["pii"]},
    "context": {"time": "2026-11-20T12:00:00Z"},
}
RULES = b"""package p

import data.accounts

allow reads if {
    action.name == "data.read"
    has(action.rows) && action.rows < 100
    !(subject.id in accounts.blocked)
}

deny late if context.time.getHours("Europe/Berlin") > 22
"""
DATA = b"blocked: [mallory]\n"
DEEP = 10_000
LARGE = 10 * 1024 * 1024


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


class House:
    """A folder with rules, data, a configuration and an action, any of which a test may spoil."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(root)
        self.put("rules/a.assent", RULES)
        self.put("rules/data/accounts.yaml", DATA)
        self.put("assentry.toml", b'rules = ["rules"]\n')
        self.put("action.json", json.dumps(FITTING).encode())

    def put(self, name: str, content: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def run(self, *args: str, stdin: bytes = b"") -> Ran:
        """One command inside this process; fails on any sign of an unforeseen error."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = run(list(args))
        captured = self._capsys.readouterr()
        ran = Ran(code, captured.out, captured.err)
        assert "Traceback" not in ran.text, ran.text
        assert "internal error" not in ran.text, ran.text
        assert "site-packages" not in ran.text, ran.text
        assert "\x00" not in ran.text
        assert "\u202e" not in ran.text
        return ran

    def refused(self, *args: str, code: int | tuple[int, ...], says: str, stdin: bytes = b"") -> None:
        """The command ends with this code, says this on standard error or output, and decides nothing."""
        ran = self.run(*args, stdin=stdin)
        assert ran.code in (code if isinstance(code, tuple) else (code,)), ran.text
        assert says in ran.text, ran.text
        assert len(ran.text) < 20_000
        assert '"decision":"allow"' not in ran.out.replace(" ", "")

    def verdict(self, content: bytes) -> dict[str, Any]:
        """The one verdict on an action."""
        ran = self.run("eval", "rules", "--input", "-", "--format", "json", stdin=content)
        assert ran.code == 0, ran.text
        found: dict[str, Any] = json.loads(ran.out)
        return found


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    return House(tmp_path, monkeypatch, capsys)


def test_the_house_is_sound(house: House) -> None:
    assert house.run("check", "rules").code == 0
    assert house.verdict(json.dumps(FITTING).encode())["decision"] == "allow"


# ---- rule files ----

BAD_RULES = {
    "broken utf-8": (RULES + b"# caf\xe9\n", "not-utf-8"),
    "cut utf-8": (RULES + "# \u20ac".encode()[:-1], "not-utf-8"),
    "overlong utf-8": (RULES + b"# \xc0\xaf\n", "not-utf-8"),
    "encoded surrogate": (RULES + b"# \xed\xa0\x80\n", "not-utf-8"),
    "byte order mark": (b"\xef\xbb\xbf" + RULES, "byte-order-mark"),
    "utf-16": (RULES.decode().encode("utf-16"), "byte-order-mark"),
    "control character in a comment": (RULES + b"# bell \x07\n", "forbidden-character"),
    "control character in a string": (RULES + b'deny x if action.name == "a\x1bb"\n', "forbidden-character"),
    "nul": (RULES + b"deny x\x00 if true\n", "forbidden-character"),
    "bidi in a comment": (RULES + "# \u202e evil\n".encode(), "bidi"),
    "bidi in a string": (RULES + 'deny x if action.name == "\u2066a"\n'.encode(), "bidi"),
    "bidi in a name": (RULES + "deny x\u200f if true\n".encode(), "bidi"),
    "ten megabytes": (RULES + b"# " + b"x" * LARGE, "longer than 1024 KiB"),
    "ten megabytes in one condition": (RULES + b"deny x if " + b"1 + " * (LARGE // 40) + b"1 > 2\n", "longer than"),
    "deep brackets": (RULES + b"deny x if " + b"(" * DEEP + b"true" + b")" * DEEP + b"\n", "too-deep"),
    "deep lists": (RULES + b"deny x if 1 in " + b"[" * DEEP + b"]" * DEEP + b"\n", "too-deep"),
    "deep signs": (RULES + b"deny x if " + b"!" * DEEP + b"true\n", "too-deep"),
    "deep ternaries": (RULES + b"deny x if " + b"true ? true : " * (DEEP // 4) + b"true\n", "too-deep"),
    "deep data": (RULES + b"deny x if true with { x_a: " + b"[" * DEEP + b"]" * DEEP + b" }\n", "too-deep"),
    "no package": (b"allow x if true\n", "package"),
    "nothing": (b"", "package"),
    "duplicate rule": (RULES + b"deny late if false\n", "duplicate-rule"),
    "duplicate default": (RULES + b"default deny\ndefault allow\n", "duplicate-default"),
    "cyclic definitions": (RULES + b"a if b\nb if c\nc if a\n", "recursive-definition"),
    "cyclic functions": (RULES + b"f(n) if g(n)\ng(n) if f(n)\ndeny x if f(1)\n", "recursive-definition"),
    "cyclic constants": (RULES + b"const A := B\nconst B := A\n", "recursive-definition"),
    "mistyped approvers": (
        RULES + b'require approval x if true with { aprovers: 1 of role("r") }\n',
        "did you mean `approvers`",
    ),
    "integer of a thousand digits": (RULES + b"deny x if 1 < " + b"9" * 1000 + b"\n", "int"),
    "control that is none": (RULES + b"deny x if true with { controls: [A.9.99] }\n", "unknown-control"),
}


@pytest.mark.parametrize("name", BAD_RULES)
def test_rule_files(house: House, name: str) -> None:
    content, says = BAD_RULES[name]
    house.put("rules/b.assent", content.replace(b"package p\n", b"package q\n"))
    for command in (["check", "rules"], ["eval", "rules", "--input", "action.json"]):
        house.refused(*command, code=1, says=says)
    assert house.run("fmt", "--check", "rules/b.assent").code in (0, 1)


def test_all_that_is_wrong_is_said_at_once(house: House) -> None:
    house.put("rules/b.assent", b"package q\n\ndeny x if (\n\nallow y if true {\n\nrisk z if true\n")
    house.put("rules/c.assent", b"\xff")
    text = house.run("check", "rules").text
    assert [f"b.assent:{line}" in text for line in (3, 5, 7)] == [True] * 3, text
    assert "c.assent" in text


def test_unreadable_rule_files(house: House) -> None:
    (house.root / "rules" / "folder.assent").mkdir()
    assert house.run("check", "rules").code == 0
    (house.root / "rules" / "self.assent").symlink_to("self.assent")
    house.refused("check", "rules", code=1, says="self.assent")
    (house.root / "rules" / "self.assent").unlink()
    (house.root / "rules" / "gone.assent").symlink_to("nowhere")
    house.refused("check", "rules", code=1, says="gone.assent")


def test_symlink_loops_end(house: House) -> None:
    (house.root / "rules" / "loop").symlink_to(house.root / "rules", target_is_directory=True)
    (house.root / "rules" / "up").symlink_to("..", target_is_directory=True)
    assert house.run("check", "rules").code == 0


@pytest.mark.parametrize("command", [["check"], ["eval", "--input", "action.json"], ["test"], ["fmt", "--check"]])
def test_no_rules(house: House, command: list[str]) -> None:
    (house.root / "empty").mkdir()
    house.refused(*command, "empty", code=2, says="empty")
    house.refused(*command, "nowhere", code=2, says="nowhere")
    house.refused(*command, "nul\x00byte", code=2, says="")
    house.refused(*command, "x" * 5_000, code=2, says="")


# ---- data, schema, configuration ----

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % ((at + 1, at + 1) + (at,) * 8) for at in range(97, 106)
)
BAD_YAML = {
    "duplicate keys": b"blocked: [a]\nblocked: [b]\n",
    "duplicate keys inside": b"x:\n  - {a: 1, a: 2}\n",
    "alias bomb": BOMB,
    "anchor": b"a: &x 1\nb: *x\n",
    "merge key": b"a: {b: 1}\n<<: {c: 1}\n",
    "python object": b"blocked: !!python/object/apply:os.system [echo]\n",
    "own tag": b"blocked: !mine 1\n",
    "not a number": b"blocked: .nan\n",
    "integer key": b"1: a\n",
    "null key": b"~: a\n",
    "list key": b"? [a]\n: b\n",
    "several documents": b"a: 1\n---\nb: 2\n",
    "broken": b"a: [1\nb: }\n",
    "tab": b"a:\n\t- 1\n",
    "broken utf-8": b"a: \xff\n",
    "byte order mark": b"\xef\xbb\xbfa: 1\n",
    "utf-16": "a: 1".encode("utf-16"),
    "nul": b"a: b\x00c\n",
    "deep": b"[" * DEEP + b"]" * DEEP,
    "deep blocks": b"".join(b" " * at + b"a:\n" for at in range(2_000)),
    "large": b"a: " + b"x" * LARGE,
    "huge integer": b"a: " + b"9" * 5_000,
}


@pytest.mark.parametrize("name", BAD_YAML)
def test_data_files(house: House, name: str) -> None:
    house.put("rules/data/accounts.yaml", BAD_YAML[name])
    house.refused("check", "rules", code=(1, 2), says="accounts.yaml")
    house.refused("eval", "rules", "--input", "action.json", code=(1, 2), says="accounts.yaml")


@pytest.mark.parametrize("name", BAD_YAML)
def test_test_files(house: House, name: str) -> None:
    house.put("rules/a.test.yaml", BAD_YAML[name])
    ran = house.run("test", "rules")
    assert ran.code in (1, 2), ran.text
    assert "a.test.yaml" in ran.text


BAD_SCHEMAS = {
    "not json": b"{",
    "a list": b"[]",
    "true": b"true",
    "empty": b"{}",
    "no fields": b'{"type": "object"}',
    "wrong type": b'{"type": "object", "properties": {"action": {"type": "strin"}}}',
    "properties is a list": b'{"type": "object", "properties": ["action"]}',
    "required is a text": b'{"type": "object", "properties": {"action": {}}, "required": "action"}',
    "remote reference": b'{"type": "object", "properties": {"action": {"$ref": "https://example.org/a.json"}}}',
    "dangling reference": b'{"type": "object", "properties": {"action": {"$ref": "#/$defs/none"}}}',
    "reference to itself": b'{"type": "object", "properties": {"action": {"$ref": "#/properties/action"}}}',
    "deep": b'{"properties": {"a": ' * 2_000 + b"{}" + b"}}" * 2_000,
    "nothing fits": b'{"type": "object", "properties": {"action": false}}',
    "bound that is none": b'{"type": "object", "properties": {"a": {"type": "integer", "minimum": "1"}}}',
    "broken utf-8": b'{"type": "\xff"}',
}


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_schemas(house: House, name: str) -> None:
    house.put("assentry.toml", b'rules = ["rules"]\nschema = "s.json"\n')
    house.put("s.json", BAD_SCHEMAS[name])
    house.refused("check", "rules", code=2, says="s.json")


@pytest.mark.parametrize(
    "content",
    [
        b"rules = [",
        b"rules = 1",
        b'ruels = ["rules"]',
        b"schema = []",
        b'schema = "nowhere.json"',
        b"\xff",
        b'rules = ["\x00"]',
        b"a = " + b"[" * DEEP + b"]" * DEEP,
    ],
)
def test_configurations(house: House, content: bytes) -> None:
    house.put("assentry.toml", content)
    ran = house.run("check", "rules")
    assert ran.code == 2, ran.text
    assert "assentry.toml" in ran.text or "nowhere.json" in ran.text


# ---- actions ----


def changed(path: str, value: Any) -> bytes:
    action = json.loads(json.dumps(FITTING))
    *way, last = path.split(".")
    place = action
    for name in way:
        place = place[name]
    place[last] = value
    return json.dumps(action).encode()


@pytest.mark.parametrize(
    "content", [b"[]", b"[{}]", b'"data.read"', b"null", b"true", b"17", b"-1.5e3", json.dumps([FITTING]).encode()]
)
def test_an_action_that_is_no_map_is_denied(house: House, content: bytes) -> None:
    verdict = house.verdict(content)
    assert verdict["decision"] == "deny"
    [error] = verdict["errors"]
    assert error["id"] == "(action)"
    assert error["causes"][0]["expected"] == "map"


MISFITS: dict[str, tuple[str, Any, str]] = {
    "text for a map": ("action", "data.read", "action"),
    "list for a map": ("subject", [], "subject"),
    "null for a map": ("context", None, "context"),
    "map for a text": ("action.name", {}, "action.name"),
    "text for an integer": ("action.rows", "3", "action.rows"),
    "true for an integer": ("action.rows", True, "action.rows"),
    "null for an integer": ("action.rows", None, "action.rows"),
    "fraction": ("action.rows", 2.5, "action.rows"),
    "below the minimum": ("action.rows", -1, "action.rows"),
    "integer of a thousand digits": ("action.rows", int("9" * 1000), "action.rows"),
    "integer beyond a double": ("action.rows", 10**400, "action.rows"),
    "no date-time": ("context.time", "yesterday", "context.time"),
    "date-time without offset": ("context.time", "2026-11-20T12:00:00", "context.time"),
    "thirty-first of November": ("context.time", "2026-11-31T12:00:00Z", "context.time"),
    "list for a date-time": ("context.time", ["2026-11-20T12:00:00Z"], "context.time"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_misfit_is_denied_and_named(house: House, name: str) -> None:
    path, value, culprit = MISFITS[name]
    verdict = house.verdict(changed(path, value))
    assert verdict["decision"] == "deny"
    assert culprit in {cause.get("path") for error in verdict["errors"] for cause in error["causes"]}


def test_an_exponent_beyond_a_double(house: House) -> None:
    verdict = house.verdict(changed("action.rows", 3).replace(b'"rows": 3', b'"rows": 1e999'))
    assert verdict["decision"] == "deny"
    assert verdict["errors"][0]["causes"] == [{"path": "action.rows", "expected": "int >= 0", "found": "not finite"}]


def test_what_nothing_hangs_on_is_not_asked(house: House) -> None:
    assert house.verdict(changed("resource", {"labels": 1}))["decision"] == "allow"
    assert house.verdict(changed("surplus", [[[]]]))["decision"] == "allow"


BAD_JSON = {
    "empty": b"",
    "blank": b" \n\t\n",
    "cut": b'{"action": ',
    "not a number": b'{"action": NaN}',
    "infinity": b'{"action": -Infinity}',
    "single quotes": b"{'action': 1}",
    "trailing comma": b'{"action": 1,}',
    "comment": b'{"action": 1} // x',
    "two values on a line": b"{} {}",
    "duplicate keys": b'{"action": {"name": "x"}, "action": {"name": "data.read"}}',
    "duplicate keys inside": b'{"action": {"name": "x", "name": "data.read"}}',
    "broken utf-8": b'{"action": "\xff"}',
    "half a surrogate pair": b'{"action": "\\ud800"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": "{}".encode("utf-16"),
    "nul": b"{}\x00",
    "raw control character": b'{"action": "a\x01"}',
    "deep": b"[" * DEEP + b"]" * DEEP,
    "deep maps": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "large": b'{"a": "' + b"x" * LARGE + b'"}',
    "large without end": b'{"a": "' + b"x" * LARGE,
    "integer of a million digits": b'{"a": ' + b"9" * 1_000_000 + b"}",
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_what_is_no_json_is_refused(house: House, name: str) -> None:
    house.put("bad.json", BAD_JSON[name])
    for path, stdin in (("bad.json", b""), ("-", BAD_JSON[name])):
        for more in ([], ["--format", "json"]):
            house.refused("eval", "rules", "--input", path, *more, code=2, says="", stdin=stdin)


@pytest.mark.parametrize("path", ["nowhere.json", "rules", "self.json", "a\x00b"])
def test_inputs_that_cannot_be_read(house: House, path: str) -> None:
    (house.root / "self.json").symlink_to("self.json")
    house.refused("eval", "rules", "--input", path, code=2, says="")


def test_a_broken_line_does_not_stop_the_others(house: House) -> None:
    good = json.dumps(FITTING).encode()
    lines = b"\n".join([good, b"{", b"[]", good, b'{"a": NaN}', b"\xff", good]) + b"\n"
    ran = house.run("eval", "rules", "--input", "-", "--format", "json", stdin=lines)
    assert ran.code == 2
    decisions = [json.loads(line).get("decision") for line in ran.out.splitlines()]
    assert [each for each in decisions if each] == ["allow", "deny", "allow", "allow"]
    for number in (2, 5, 6):
        assert f":{number}" in ran.text


# ---- a process of its own: what could break the interpreter itself ----


@pytest.mark.parametrize(
    ("args", "stdin"),
    [
        (["check", "rules"], b""),
        (["eval", "rules", "--input", "-"], b"[" * 3_000_000),
        (["eval", "rules", "--input", "-"], b'{"a":' * 1_000_000),
        (["eval", "rules", "--input", "-", "--exit-code"], json.dumps(FITTING).encode()),
    ],
)
def test_in_a_process_of_its_own(house: House, args: list[str], stdin: bytes) -> None:
    depth = 200_000
    house.put("rules/deep.assent", b"package q\n\ndeny x if " + b"(" * depth + b")" * depth + b"\n")
    program = "import sys; from assentry.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *args],
        input=stdin,
        capture_output=True,
        cwd=house.root,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode in (1, 2), done.stderr[-2_000:]
    assert b"Traceback" not in done.stderr + done.stdout
    assert b"allow" not in done.stdout
