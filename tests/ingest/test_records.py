"""Records out of files: every shape, damage in the middle, and flat memory."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tracemalloc
from pathlib import Path

import pytest

from assentry.errors import InputError
from assentry.ingest import records
from assentry.ingest.records import CHUNK, Found, read_records


def found(path: Path, *chunks: int) -> list[Found]:
    progress: list[int] = []
    made = list(read_records(path, progress.append))
    assert progress == sorted(progress)
    return made


def text_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "trail.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def values(folder: Path, text: str | bytes) -> list[object]:
    """What is read; for what cannot be read, the problem in an exception."""
    return [item.value if item.problem is None else InputError(item.problem) for item in found(text_file(folder, text))]


def problems(folder: Path, text: str | bytes) -> list[tuple[int, str]]:
    return [(item.number, item.problem) for item in found(text_file(folder, text)) if item.problem is not None]


@pytest.mark.parametrize(
    "text",
    [
        '{"Records": [{"a": 1}, {"a": 2}]}',
        '{ "Records" :\n[\n{"a": 1},\n{"a": 2}\n]\n}\n',
        '[{"a": 1}, {"a": 2}]',
        '{"a": 1}\n{"a": 2}\n',
        '{"a": 1}\r\n\r\n{"a": 2}',
        '{"a": 1} {"a": 2}',
        '{"Records": [{"a": 1}]}\n{"Records": [{"a": 2}]}\n',
        '{"Records": [{"a": 1}, {"a": 2}], "more": {"x": [1, 2]}}',
        '{"kind": "trail", "Records": [{"a": 1}, {"a": 2}]}',
        '{"Records": []}{"a": 1}{"a": 2}',
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, CHUNK])
def test_every_shape_gives_the_same_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, chunk: int
) -> None:
    monkeypatch.setattr(records, "CHUNK", chunk)
    assert values(tmp_path, text) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("text", ["", "\n\n", '{"Records": []}', "[]"])
def test_what_holds_no_records_gives_none(tmp_path: Path, text: str) -> None:
    assert values(tmp_path, text) == []


def test_gzip_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    assert values(tmp_path, gzip.compress(b'{"Records": [{"a": 1}]}')) == [{"a": 1}]


def test_a_gzip_file_that_is_cut_off_says_so(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps({"Records": [{"a": number} for number in range(1000)]}).encode())
    assert problems(tmp_path, whole[: len(whole) // 2])[-1][1] == "the file is damaged; its rest cannot be read"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}\n{"a": 2}\n')))
    assert [item.value for item in found(Path("-"))] == [{"a": 1}, {"a": 2}]


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or directory"):
        found(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="is a directory"):
        found(tmp_path)
    with pytest.raises(InputError, match="null byte"):
        found(Path("a\x00b"))


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ('{"b": }', "not JSON: expecting value"),
        ('{"b": NaN}', "not JSON: `NaN` is no number of JSON"),
        ('{"b": "\t"}', "not JSON: invalid control character at"),
        ('{"b": ' + "9" * 5000 + "}", "not JSON: a number with too many digits"),
        ('{"b": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ("nonsense", "not JSON: expecting value"),
        ('{"b": 2, "b": 3}', "not JSON: `b` stands twice in one object"),
        ('{"b": [{"\u202e": 1, "\u202e": 2}]}', r"not JSON: `\u{202e}` stands twice in one object"),
    ],
)
@pytest.mark.parametrize("lines", [True, False])
def test_a_broken_record_is_reported_and_the_others_are_read(
    tmp_path: Path, broken: str, problem: str, lines: bool
) -> None:
    text = f'{{"a": 1}}\n{broken}\n{{"a": 3}}\n' if lines else f'{{"Records": [{{"a": 1}}, {broken}, {{"a": 3}}]}}'
    items = found(text_file(tmp_path, text))
    assert items == [Found(1, {"a": 1}), Found(2, None, problem), Found(3, {"a": 3})]


def test_on_lines_of_their_own_a_missing_bracket_costs_one_record(tmp_path: Path) -> None:
    items = found(text_file(tmp_path, '{"a": 1}\n{"b": [1, 2}\n{"a": 3}\n'))
    assert items == [Found(1, {"a": 1}), Found(2, None, "not JSON: expecting ',' delimiter"), Found(3, {"a": 3})]


def test_in_a_list_it_costs_the_rest_and_that_is_said(tmp_path: Path) -> None:
    items = found(text_file(tmp_path, '{"Records": [{"a": 1}, {"a": [2}, {"a": 3}]}'))
    assert items[0] == Found(1, {"a": 1})
    assert items[1].problem == "not JSON: expecting ',' delimiter"
    assert items[-1].problem == "the list of records is cut off"


def test_bytes_that_are_no_utf8_spoil_their_record_alone(tmp_path: Path) -> None:
    assert problems(tmp_path, b'{"a": "\xff"}\n{"a": 2}\n') == [(1, "not UTF-8")]


def test_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, '\ufeff{"a": 1}') == [(1, "the file begins with a byte order mark")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"Records": [{"a": 1}, {"a"', (2, "not JSON: expecting ':' delimiter")),
        ('{"Records": [{"a": 1}', (2, "the list of records is cut off")),
        ('{"Records": [{"a": 1}]', (2, "the document is cut off after its records")),
        ('{"Records": [{"a": 1}], "Records": [{"a": 2}]}', (2, "a second list of records in one document")),
    ],
)
def test_a_document_that_is_cut_off_says_so(tmp_path: Path, text: str, problem: tuple[int, str]) -> None:
    assert problems(tmp_path, text)[0] == problem


def test_a_record_of_any_length_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_RECORD", 10_000)
    long = json.dumps({"a": "x" * 1_000_000})
    assert problems(tmp_path, f'[{{"a": 1}}, {long}, {{"a": 3}}]') == [
        (2, "longer than 10000 characters; the rest of the file was not read")
    ]


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    one = json.dumps({"a": "x" * 2000})
    with path.open("w", encoding="utf-8") as file:
        file.write('{"Records": [')
        file.write(",".join([one] * 10_000))
        file.write("]}")
    tracemalloc.start()
    count = sum(1 for _ in read_records(path, lambda _done: None))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert path.stat().st_size > 20_000_000
    assert peak < 2_000_000


def test_progress_counts_the_bytes_on_disk(tmp_path: Path) -> None:
    path = text_file(tmp_path, gzip.compress(json.dumps([{"a": 1}] * 10_000).encode()))
    progress: list[int] = []
    assert len(list(read_records(path, progress.append))) == 10_000
    assert progress[-1] == path.stat().st_size
