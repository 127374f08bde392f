"""Whatever lies on the disk gives a source or a finding."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assentry.diagnostics import Diagnostic, render
from assentry.language.parse import MAX_BYTES
from assentry.language.read import read


def code(path: Path) -> str:
    report: list[Diagnostic] = []
    assert read(path, "rules/x.assent", report) is None
    (finding,) = report
    assert "rules/x.assent" in render(finding)
    return finding.code


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.assent"
    path.write_bytes("package p\r\n# é\n".encode())
    report: list[Diagnostic] = []
    source = read(path, "rules/x.assent", report)
    assert source is not None
    assert (source.name, source.text) == ("rules/x.assent", "package p\r\n# é\n")
    assert not report


def test_the_longest_file(tmp_path: Path) -> None:
    path = tmp_path / "x.assent"
    path.write_bytes(b"#" * MAX_BYTES)
    assert read(path, "x", []) is not None
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert code(path) == "too-long"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfpackage p\n", "byte-order-mark"),
        ("package p\n".encode("utf-16"), "byte-order-mark"),
        (b"package p\n# \xff\n", "not-utf-8"),
        (b"package p\n# \xc3", "not-utf-8"),
        (b"# \xed\xa0\x80", "not-utf-8"),
        (b"# \xc0\xaf", "not-utf-8"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "x.assent"
    path.write_bytes(data)
    assert code(path) == expected


def test_the_place_of_a_broken_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.assent"
    path.write_bytes("package p\n# é".encode() + b"\xff")
    report: list[Diagnostic] = []
    read(path, "x", report)
    assert report[0].position == (2, 4)
    assert "0xff" in report[0].message


def test_what_is_no_file(tmp_path: Path) -> None:
    assert code(tmp_path / "missing.assent") == "unreadable-file"
    assert code(tmp_path) == "unreadable-file"
    loop = tmp_path / "loop.assent"
    loop.symlink_to(loop)
    assert code(loop) == "unreadable-file"
    pipe = tmp_path / "pipe.assent"
    os.mkfifo(pipe)
    assert code(pipe) == "unreadable-file"
    assert code(tmp_path / "nul\0.assent") == "unreadable-file"
    assert code(tmp_path / ("x" * 5000)) == "unreadable-file"
