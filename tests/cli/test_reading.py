"""Actions are read as strict JSON, one document or one a line, in memory that does not grow."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.cli.reading import Read, parse, read_actions
from assentry.errors import InputError


def read(tmp_path: Path, raw: bytes) -> list[tuple[str, object] | str]:
    """What comes of a file: (place, value) of each document, the message of each that cannot be read."""
    path = tmp_path / "a.json"
    path.write_bytes(raw)
    items = list(read_actions(str(path)))
    return [
        (item.place.removeprefix(f"{tmp_path}/"), item.value)
        if isinstance(item, Read)
        else str(item).removeprefix(f"{tmp_path}/")
        for item in items
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a": 1}', [("a.json", {"a": 1})]),
        (b'\n\n{"a":\n 1}\n', [("a.json", {"a": 1})]),
        (b"[1,\n2]", [("a.json", [1, 2])]),
        (b'[\n{"a": 1}\n]', [("a.json", [{"a": 1}])]),
        (b'{"a": 1}\n{"a": 2}\n', [("a.json:1", {"a": 1}), ("a.json:2", {"a": 2})]),
        (b'{"a": 1}\r\n\r\n{"a": 2}', [("a.json:1", {"a": 1}), ("a.json:3", {"a": 2})]),
        (b"3\nnull\n", [("a.json:1", 3), ("a.json:2", None)]),
        (b'{"a": "\\ud83d\\ude00"}', [("a.json", {"a": "\U0001f600"})]),
        (b'{"n": ' + b"9" * 1000 + b"}", [("a.json", {"n": int("9" * 1000)})]),
        (b'{"n": 1e999}', [("a.json", {"n": float("inf")})]),
        # broken lines among good ones
        (b'{"a": \n{"a": 2}\n{"a": 3}', ["a.json:1:6: not JSON: expecting value", ("a.json:2", {"a": 2}), ("a.json:3", {"a": 3})]),
        (b'{"a": 1}\nrubbish\n{"a": 3}', [("a.json:1", {"a": 1}), "a.json:2:1: not JSON: expecting value", ("a.json:3", {"a": 3})]),
        # one broken document
        (b'{"a": 1,\n "b": }\n', ["a.json:2:7: not JSON: expecting value"]),
        (b"{'a': 1}", ["a.json:1:2: not JSON: expecting property name enclosed in double quotes"]),
        (b'{"a": 1} x', ["a.json:1:10: not JSON: extra data"]),
        (b'{"a": 1, "a": 2}', ["a.json:1: not JSON: the key `a` stands twice in one object"]),
        (b'{"a": NaN}', ["a.json:1: not JSON: `NaN` is not a JSON number"]),
        (b'{"a": -Infinity}', ["a.json:1: not JSON: `-Infinity` is not a JSON number"]),
        (b'{"a": "\\ud83d"}', ["a.json:1: not JSON: a text holds half a surrogate pair"]),
        (b'{"a": "\xc3\xa9\xff"}', ["a.json:1:9: byte 0xff is not UTF-8"]),
        (b'\xef\xbb\xbf{"a": 1}', ["a.json:1: not JSON: it begins with a byte order mark"]),
        ('{"a": 1}'.encode("utf-16"), ["a.json:1:1: byte 0xff is not UTF-8"]),
        (b'{"a": "\x00"}', ["a.json:1:8: not JSON: invalid control character"]),
        (b"\x00", ["a.json:1:1: not JSON: expecting value"]),
        (b"[" * 10_000, ["a.json:1: nested too deeply"]),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, ["a.json:1: nested too deeply"]),
        (b'{"n": ' + b"9" * 5000 + b"}", ["a.json:1: an integer of more than 4300 digits"]),
    ],
)  # fmt: skip
def test_documents(tmp_path: Path, raw: bytes, expected: list[tuple[str, object] | str]) -> None:
    assert read(tmp_path, raw) == expected


def test_a_document_has_a_largest_size(tmp_path: Path) -> None:
    large = b'{"a": "' + b"x" * 10_000_000 + b'"}'
    assert read(tmp_path, large) == ["a.json:1: a document larger than 4096 KiB"]
    assert read(tmp_path, b'{"a": 1}\n' + large + b'\n{"a": 3}') == [
        ("a.json:1", {"a": 1}),
        "a.json:2: a document larger than 4096 KiB",
        ("a.json:3", {"a": 3}),
    ]
    over_many_lines = b'{"a": [\n' + b"1,\n" * 3_000_000 + b"1]}"
    assert read(tmp_path, over_many_lines) == ["a.json: a document larger than 4096 KiB"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, message in [
        (tmp_path / "absent", "no such file or directory"),
        (tmp_path, "is a directory"),
        (loop, "too many levels of symbolic links"),
    ]:
        with pytest.raises(InputError, match=message):
            list(read_actions(str(path)))
    with pytest.raises(InputError, match="is empty"):
        read(tmp_path, b" \n\n")


def test_memory_stays_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b'{"a": "' + b"x" * 1000 + b'"}\n'

    class Stdin:
        """Eight megabytes that nothing holds."""

        left = 8_000

        @property
        def buffer(self) -> Stdin:
            return self

        def readline(self, limit: int) -> bytes:
            self.left -= 1
            return line if self.left >= 0 else b""

    monkeypatch.setattr(sys, "stdin", Stdin())
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_actions("-")) == 8_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def pieces() -> Iterator[str]:
    yield from [
        '{"a": 1}',
        "{",
        "}",
        "[",
        "]",
        '"a"',
        ":",
        ",",
        "1",
        "\n",
        " ",
        "NaN",
        "\\ud800",
        '"\\udc00"',
        "\x00",
        "é",
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(list(pieces())), max_size=12), st.binary(max_size=4))
def test_any_bytes_are_read_or_refused(parts: list[str], tail: bytes) -> None:
    result = parse("".join(parts).encode() + tail, "a.json", 1)
    assert isinstance(result, Read) or str(result).startswith("a.json:")
