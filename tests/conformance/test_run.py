"""The conformance cases of the CEL specification, and that the runner judges them strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import run

FILE = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"


def case(expr: str, expect: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "case", "expr": expr, "expect": expect, **more}


def problems(*cases: dict[str, Any]) -> list[str | None]:
    return [result.problem for result in run.run(cases, run.paths())]


def test_all_cases_pass() -> None:
    if not FILE.exists():
        pytest.skip(f"{FILE.name} is not there: the specification's cases stay outside of the repository")
    results = run.run(json.loads(FILE.read_text(encoding="utf-8"))["cases"], run.paths())
    assert len(results) > 1_000
    assert [result for result in results if result.problem is not None] == []


def test_values_are_compared_type_by_type() -> None:
    one = {"value": {"type": "int", "value": "1"}}
    assert problems(case("1", one), case("2 - 1", one)) == [None, None]
    assert all(problems(case("1u", one), case("1.0", one), case("true", one), case("'1'", one), case("[1]", one)))
    assert all(problems(case("{1u: 'a'}", {"value": {"type": "map", "value": []}})))
    nan = {"value": {"type": "double", "value": "NaN"}}
    assert problems(case("0.0 / 0.0", nan), case("true", {"implicit": True})) == [None, None]
    assert all(problems(case("1.0", nan), case("false", {"implicit": True})))


@pytest.mark.parametrize(
    ("expr", "right", "wrong"),
    [
        ("1 / 0", "divide by zero", "no such overload"),
        ("[1][1]", "index out of bounds: 1", "no such key"),
        ("{}.a", "no such key", "divide by zero"),
        ("9223372036854775807 + 1", "return error for overflow", "invalid argument"),
        ("dyn(1) + 'a'", "no such overload", "divide by zero"),
        ("1 + 'a'", "no such overload", "no such key"),
        ("timestamp('x')", "invalid timestamp", "no such overload"),
        ("optional.none().value()", "optional.none() dereference", "no such key"),
        ("nothing(1)", "unbound function", "foo"),
        ("nobody", "undeclared reference to 'nobody'", "foo"),
        ("[1", "Syntax error: mismatched input", "foo"),
        ("1 + 'a'", "no such overload", "Syntax error: mismatched input"),
    ],
)
def test_an_error_has_to_be_of_the_expected_kind(expr: str, right: str, wrong: str) -> None:
    assert problems(case(expr, {"error": [right]})) == [None]
    assert problems(case(expr, {"error": [wrong]})) != [None]
    assert problems(case(expr, {"error": [wrong, right]})) == [None]
    assert problems(case(expr, {"value": {"type": "int", "value": "0"}})) != [None]


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_part_of_the_language_is_never_the_expected_error(check: bool) -> None:
    for text in ("no such overload", "invalid argument", "foo"):
        missing = [case("nothing(1)", {"error": [text]}, disable_check=not check)]
        missing += [case("'a'.nothing()", {"error": [text]}, disable_check=not check)]
        missing += [case("nobody + 1", {"error": [text]}, disable_check=not check)]
        missing += [case("1 +", {"error": [text]}, disable_check=not check)]
        assert all(problems(*missing))


def test_a_value_where_an_error_is_expected_fails() -> None:
    assert all(problems(case("1", {"error": ["divide by zero"]})))


@pytest.mark.parametrize(
    ("expr", "container"),
    [
        ("encode(b'hello') == 'aGVsbG8='", "base64"),
        ("isCanonical('127.0.0.1')", "ip"),
        (".math.greatest(1, 2) == greatest(2, 1)", "math"),
        ("IP == type(ip('::1')) && .net.IP == net.IP", "net"),
        ("Timestamp == type(timestamp(0))", "google.protobuf"),
        ("sets.contains([1], [1])", "a.b"),
    ],
)
def test_functions_and_types_are_looked_up_from_the_container_outward(expr: str, container: str) -> None:
    assert problems(case(expr, {"implicit": True}, container=container)) == [None]


def test_deduced_types() -> None:
    assert problems(case("[1]", {"deduced_type": "list(int)"}, check_only=True)) == [None]
    assert problems(case("[1]", {"deduced_type": "list(dyn)"}, check_only=True)) != [None]


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [case("true", {"implicit": True}), case("1 / 0", {"implicit": True})]}))
    assert run.main([str(file)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "case: 1 / 0"
    assert printed[-1] == "1 passed, 1 failed"
    assert run.main([str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1
