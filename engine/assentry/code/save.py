"""A compiled rule set as a file: this project's own versioned JSON, one value a line; nothing in it runs.

    {"format":"assentry-policy","version":2,"language":"1","checksum":"sha256:..."}
    {"files":...,"shapes":...,"default":...,"definitions":...,"rules":2,"index":...,"digest":...}
    ["pkg.first","allow",...]           a line for each rule
    ["pkg.second","deny",...]
    [["call",...],["has",...]]          then the trees, in the order in which definitions and rules stand
    ...

The checksum is over all that follows its line. It tells damage, not forgery: who may write the file may write any
policy. Whatever the file holds, reading it executes nothing; every node and field is checked against an allow-list.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from assentry.code import checks, form
from assentry.code.codec import Bounds
from assentry.code.pause import collector_paused
from assentry.code.save_index import index_data, read_index
from assentry.code.save_rules import Rules, definition_data, rule_data
from assentry.code.save_shapes import read_shapes, write_shape
from assentry.code.trees import Trees
from assentry.errors import FormatError
from assentry.version import LANGUAGE

FORMAT: Final = "assentry-policy"
VERSION: Final = 2

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEADER = ("format", "version", "language", "checksum")
_BASE = ("files", "shapes", "default", "definitions", "rules", "index", "digest")
_DEFAULTS: tuple[Literal["allow", "deny"], ...] = ("allow", "deny")
_line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


# ---- files ----


def save_form(compiled: form.Form, path: str | Path) -> None:
    """Writes a form to a file, in one step: a reader sees the old file or the whole new one.

    Raises FormatError for a form that cannot be saved, OSError when the file cannot be written.
    """
    content = to_bytes(compiled)
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None  # the name that the caller knows
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_form(path: str | Path, *, deep: bool = False) -> form.Form:
    """The form in a file. Raises FormatError, naming the file, for anything that is no saved policy of this version.

    Trees are read when they are first looked at, and then one that is none is an error of its rule; `deep` reads
    all of them now, and refuses the file.
    """
    try:
        return from_bytes(Path(path).read_bytes(), deep=deep)
    except OSError as error:
        raise FormatError(f"`{path}` cannot be read: {error.strerror or error}") from error
    except FormatError as error:
        raise FormatError(f"`{path}` is not a saved policy that can be used: {error}") from error


# ---- the whole ----


def to_bytes(compiled: form.Form) -> bytes:
    """A form as a file's content. Raises FormatError when it is nested too deep, or holds what is no CEL value."""
    trees: list[object] = []
    base = {
        "files": [[file.name, file.text] for file in compiled.files],
        "shapes": [write_shape(shape) for shape in compiled.shapes],
        "default": compiled.default,
        "definitions": [definition_data(definition, trees) for definition in compiled.definitions],
        "rules": len(compiled.rules),
        "index": index_data(compiled.index),
        "digest": compiled.digest,
    }
    rules = [rule_data(rule, trees) for rule in compiled.rules]
    try:
        return sealed([_line(part).encode("ascii") for part in (base, *rules, *trees)], compiled.language)
    except (TypeError, ValueError) as error:
        raise FormatError("it holds what is no JSON") from error


def sealed(lines: Iterable[bytes], language: str = LANGUAGE) -> bytes:
    """The lines after the first one, and the one that goes before them."""
    body = b"".join([line + b"\n" for line in lines])
    header = {"format": FORMAT, "version": VERSION, "language": language, "checksum": _checksum(body)}
    return _line(header).encode("ascii") + b"\n" + body


def from_bytes(content: bytes, *, deep: bool = False) -> form.Form:
    """The form that `to_bytes` wrote. Raises FormatError for anything else; `deep` as for `load_form`."""
    with collector_paused():
        try:
            lines = _opened(content)
            return _read_form(lines, deep)
        except RecursionError:
            checks.refuse("it is nested too deep")


def _opened(content: bytes) -> list[bytes]:
    """The lines after the header, which says that this is what it should be."""
    first, _, body = content.partition(b"\n")
    header = checks.parsed(first)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        checks.refuse("it is of another format")
    if header.get("version") != VERSION or isinstance(header["version"], bool):
        checks.refuse(f"it is not of version {VERSION} of the format: compile the rules again")
    checks.record(header, _HEADER)
    if header["language"] != LANGUAGE:
        checks.refuse(f"it is not of version {LANGUAGE} of the language: compile the rules again")
    if header["checksum"] != _checksum(body):
        checks.refuse("its checksum does not fit: it is damaged")
    *lines, rest = body.split(b"\n")
    return checks.refuse("it does not end with a line") if rest or not lines else lines


def _checksum(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _read_form(lines: list[bytes], deep: bool) -> form.Form:
    base = checks.record(checks.parsed(lines[0]), _BASE)
    files = tuple([_read_file(each) for each in checks.items(base["files"])])
    shapes = read_shapes(base["shapes"])
    first_tree = 1 + checks.position(base["rules"], len(lines))
    trees = Trees(lines[first_tree:], deep)
    reader = Rules(trees, shapes, len(files))
    definitions = tuple([reader.definition(each) for each in checks.items(base["definitions"])])
    rules = tuple([reader.rule(checks.parsed(line)) for line in lines[1:first_tree]])
    if not all(one.id < other.id for one, other in pairwise(rules)):
        checks.refuse("its rules are not in order")
    trees.close()
    bounds = Bounds(shapes, len(files), len(definitions))
    return form.Form(
        files=files,
        shapes=shapes,
        default=checks.one_of(base["default"], _DEFAULTS),
        definitions=definitions,
        rules=rules,
        index=read_index(base["index"], bounds, [len(rule.conditions) for rule in rules]),
        digest=_read_digest(base["digest"]),
        language=LANGUAGE,
    )


def _read_file(data: object) -> form.FileForm:
    name, text = map(checks.text, checks.items(data, 2))
    if "\0" in name or not name.isprintable():
        checks.refuse("a file's name is not printable")
    return form.FileForm(name, text)


def _read_digest(data: object) -> str:
    text = checks.text(data)
    return text if _DIGEST.fullmatch(text) else checks.refuse("its digest is none")
