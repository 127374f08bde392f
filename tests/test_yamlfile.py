"""YAML files are read as JSON with places; what is not plain JSON is refused at its place."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.errors import CompileError, ConfigError
from assentry.source import Source
from assentry.yamlfile import MAX_BYTES, YamlList, YamlMap, YamlScalar, read_source, read_yaml


def data(text: str) -> object:
    return read_yaml(Source("t.yaml", text)).data


def findings(text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(CompileError) as caught:
        read_yaml(Source("t.yaml", text))
    return [(finding.code, *finding.position) for finding in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        (
            "a: 1\nb: [x, 0.5, 1e3, -2, null, ~, true, FALSE]",
            {"a": 1, "b": ["x", 0.5, 1000.0, -2, None, None, True, False]},
        ),
        ("day: 2026-11-20", {"day": "2026-11-20"}),
        ("time: 2026-11-20T12:00:00Z", {"time": "2026-11-20T12:00:00Z"}),
        ("at: 12:30", {"at": "12:30"}),
        ('id: \'012\'\n"no": "no"', {"id": "012", "no": "no"}),
        ("text: |\n  one\n  two\n", {"text": "one\ntwo\n"}),
        ("a: ! 'quoted'", {"a": "quoted"}),
        ("a:\r\n- 1\r\n- 2\r\n", {"a": [1, 2]}),
        ('bidi: "\\u202e"', {"bidi": "\u202e"}),
        ("n: " + "9" * 1000, {"n": int("9" * 1000)}),
    ],
)
def test_reads_json_values(text: str, value: object) -> None:
    assert data(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\nb: *x", [("yaml-anchor", 1, 4), ("yaml-anchor", 2, 4)]),
        ("a: {<<: {b: 1}}", [("yaml-anchor", 1, 5)]),
        ("a: 1\nb: 2\na: 3", [("yaml-duplicate-key", 3, 1)]),
        ("a: {b: 1, b: 2}", [("yaml-duplicate-key", 1, 11)]),
        ("1: a\ntrue: b\n[c]: d", [("yaml-key", 1, 1), ("yaml-key", 2, 1), ("yaml-key", 3, 1)]),
        ("a: no\nb: Yes\nc: on", [("yaml-ambiguous", 1, 4), ("yaml-ambiguous", 2, 4), ("yaml-ambiguous", 3, 4)]),
        ("a: 012345678901", [("yaml-ambiguous", 1, 4)]),
        ("a: 1_000\nb: 0x1F\nc: .nan", [("yaml-ambiguous", 1, 4), ("yaml-ambiguous", 2, 4), ("yaml-ambiguous", 3, 4)]),
        ("a: 1e999", [("yaml-number", 1, 4)]),
        ("a: " + "9" * 5000, [("yaml-number", 1, 4)]),
        ("a: !!python/object/apply:os.system [x]", [("yaml-tag", 1, 4)]),
        ("a: !!timestamp 2026-01-01", [("yaml-tag", 1, 4)]),
        ("a: 1\n---\nb: 2", [("yaml-documents", 2, 1)]),
        ("[" * 10_000, [("yaml-depth", 1, 65)]),
        ("a: [1,\nb: }", [("yaml-syntax", 2, 4)]),
        ("a: \x00", [("forbidden-character", 1, 4)]),
        ("é: 1\nü: \u202e", [("forbidden-character", 2, 4)]),
    ],
)
def test_refuses_at_the_place(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert findings(text) == expected


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert {code for code, _, _ in findings("\n".join(lines))} == {"yaml-anchor"}


def test_every_value_has_its_place() -> None:
    file = read_yaml(Source("t.yaml", "a:\n  - é: 'x y'\n"))
    assert isinstance(file.root, YamlMap)
    items = file.root.get("a")
    assert isinstance(items, YamlList)
    entry = items.items[0]
    assert isinstance(entry, YamlMap)
    value = entry.get("é")
    assert isinstance(value, YamlScalar)
    assert file.source.slice(value.span) == "'x y'"
    assert file.root.get("b") is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    loop = tmp_path / "Loop.yaml"
    loop.symlink_to(loop)
    (tmp_path / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    for path, message in [
        (tmp_path / "Absent.yaml", "Absent.yaml`: no such file or directory"),
        (tmp_path, "`: is a directory"),
        (loop, "Loop.yaml`: too many levels of symbolic links"),
        (tmp_path / "big.yaml", "big.yaml` is larger than 4096 KiB"),
        (tmp_path / "a\0b", "a\\u{0}b`: embedded null byte"),
    ]:
        with pytest.raises(ConfigError) as caught:
            read_yaml(path)
        assert str(caught.value).endswith(message)


def test_a_text_that_is_no_yaml_is_read_or_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(b"{}")
    assert read_source(path, name="s.json") == Source("s.json", "{}")
    path.write_bytes(b'{"\xff"}')
    with pytest.raises(ConfigError, match=r"^`s\.json` cannot be used: byte 0xff is not UTF-8 \(1:3\)$"):
        read_source(path, name="s.json")


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(CompileError) as caught:
        read_yaml(path, name="bad.yaml")
    [finding] = caught.value.diagnostics
    assert (finding.code, finding.position, finding.source.name) == ("not-utf-8", (2, 4), "bad.yaml")
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    with pytest.raises(CompileError, match="byte order mark"):
        read_yaml(path)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab: \n-[]{},'\"#&*!|>?%@`0.1\t~_\u00e9\u202e\x00")), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(CompileError):
        read_yaml(Source("t.yaml", text))
