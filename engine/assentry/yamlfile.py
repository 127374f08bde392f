"""YAML as JSON with comments: the one reader for data files and test files, with the place of every value.

What two versions of YAML read differently is refused instead of guessed: `no`, `012`, `1_000`. What
JSON does not have is refused too: anchors, aliases, tags, merge keys, keys that are not strings,
`.nan`. A date is a string, since JSON has no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from assentry.diagnostics import Diagnostic, Related, sort_key, visible
from assentry.errors import CompileError, ConfigError
from assentry.source import Source, Span

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 4000

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class YamlScalar:
    span: Span
    value: Scalar


@dataclass(frozen=True, slots=True)
class YamlList:
    span: Span
    items: tuple[YamlNode, ...]


@dataclass(frozen=True, slots=True)
class YamlMap:
    """Entries in the order of the text; every key is a `YamlScalar` that holds a string, and stands once."""

    span: Span
    entries: tuple[tuple[YamlScalar, YamlNode], ...]

    def get(self, key: str) -> YamlNode | None:
        return next((value for name, value in self.entries if name.value == key), None)


YamlNode = YamlScalar | YamlList | YamlMap


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file as read: its text, and its one document as a tree with places."""

    source: Source
    root: YamlNode

    @property
    def data(self) -> object:
        """The document as plain JSON data; an empty file is null."""
        return plain(self.root)


def plain(node: YamlNode) -> Any:
    """The value of a node as plain JSON data, built anew at each call."""
    match node:
        case YamlScalar():
            return node.value
        case YamlList():
            return [plain(item) for item in node.items]
        case YamlMap():
            return {str(key.value): plain(value) for key, value in node.entries}


def read_yaml(file: Path | Source, *, name: str | None = None) -> YamlFile:
    """Read one YAML file; `name` is how messages call it (by default its path).

    Raises ConfigError for a file that cannot be opened or is too large, and CompileError with every
    finding for one whose text is not JSON-compatible YAML.
    """
    source = file if isinstance(file, Source) else yaml_text(file, name=name)
    _refuse_characters(source)
    reader = _Reader(source)
    root = reader.read()
    if reader.findings:
        raise CompileError(sorted(reader.findings, key=sort_key))
    return YamlFile(source, root)


def yaml_text(path: Path, *, name: str | None = None) -> Source:
    """The text of a file, for `read_yaml`, which raises the same for a file that has none."""
    return _read(path, name or str(path), MAX_BYTES)


def read_source(path: Path, *, name: str | None = None, limit: int = MAX_BYTES) -> Source:
    """The text of a UTF-8 file of at most `limit` bytes, without a byte order mark. Raises ConfigError for any other."""
    try:
        return _read(path, name or str(path), limit)
    except CompileError as error:
        [finding] = error.diagnostics
        line, column = finding.position
        raise ConfigError(f"`{finding.source.name}` cannot be used: {finding.message} ({line}:{column})") from error


def _read(path: Path, name: str, limit: int) -> Source:
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"cannot read `{name}`: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:  # a NUL in the path
        raise ConfigError(f"cannot read `{visible(name)}`: {error}") from error
    if len(raw) > limit:
        raise ConfigError(f"`{name}` is larger than {limit // 1024} KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        _refuse(Source(name, before), Span(len(before), len(before)), "not-utf-8",
                f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8")  # fmt: skip
    source = Source(name, text)
    if text.startswith("\ufeff"):
        _refuse(source, Span(0, 1), "byte-order-mark", "the file begins with a byte order mark",
                "save the file as UTF-8 without byte order mark")  # fmt: skip
    return source


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def _refuse_characters(source: Source) -> None:
    found = _FORBIDDEN.search(source.text)
    if found is not None:
        _refuse(source, Span(*found.span()), "forbidden-character",
                f"the character U+{ord(found.group()):04X} is not allowed in a file",
                "remove it, or write it as an escape in double quotes")  # fmt: skip


def _refuse(source: Source, span: Span, code: str, message: str, help: str | None) -> NoReturn:
    raise CompileError([Diagnostic(code, message, source, span, help)])


# libyaml when PyYAML was built with it (every wheel is): the same events, ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Reader:
    """Builds the tree from the parser's events, so that an alias is refused before anything expands it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Diagnostic] = []
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=_LOADER)

    def read(self) -> YamlNode:
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = mark.index if mark is not None else len(self.source.text)
            _refuse(self.source, Span(at, at), "yaml-syntax",
                    f"this is not YAML: {error.problem or error.context}",
                    "quote texts that hold `: `, ` #`, `{`, `[`, `*`, `&` or `@`, and indent with blanks")  # fmt: skip
        except yaml.YAMLError as error:
            _refuse(self.source, Span(0, 0), "yaml-syntax", f"this is not YAML: {error}", None)

    def _document(self) -> YamlNode:
        root: YamlNode = YamlScalar(Span(0, 0), None)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._find(event, "yaml-documents", "a second document begins here", "keep one document a file")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, 1)
                root = node if documents == 1 else root
        return root

    def _node(self, event: Any, depth: int) -> YamlNode:
        if depth > MAX_DEPTH:
            _refuse(self.source, _span(event), "yaml-depth", f"nested deeper than {MAX_DEPTH} levels", None)
        if isinstance(event, yaml.AliasEvent):
            self._find(event, "yaml-anchor", f"the alias `*{event.anchor}` is not allowed", "write the value out")
            return YamlScalar(_span(event), None)
        if event.anchor is not None:
            self._find(event, "yaml-anchor", f"the anchor `&{event.anchor}` is not allowed", "write the value out")
        if event.tag is not None and event.tag != "!":
            self._find(event, "yaml-tag", f"the tag `{event.tag}` is not allowed", "write a plain value")
        if isinstance(event, yaml.ScalarEvent):
            return YamlScalar(_span(event), self._scalar(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._map(event, depth)

    def _list(self, start: Any, depth: int) -> YamlList:
        items: list[YamlNode] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return YamlList(Span(start.start_mark.index, _span(event).end), tuple(items))
            items.append(self._node(event, depth + 1))
        raise AssertionError("the parser ended inside a list")

    def _map(self, start: Any, depth: int) -> YamlMap:
        entries: list[tuple[YamlScalar, YamlNode]] = []
        seen: dict[str, Span] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return YamlMap(Span(start.start_mark.index, _span(event).end), tuple(entries))
            key = self._key(event, seen, depth)
            value = self._node(next(self._events), depth + 1)
            if key is not None:
                entries.append((key, value))
        raise AssertionError("the parser ended inside a map")

    def _key(self, event: Any, seen: dict[str, Span], depth: int) -> YamlScalar | None:
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            self._find(event, "yaml-anchor", "the merge key `<<` is not allowed", "write the entries out")
            return None
        key = self._node(event, depth + 1)
        if not isinstance(key, YamlScalar) or not isinstance(key.value, str):
            self._find(event, "yaml-key", "a key must be a string", "put it in double quotes")
            return None
        if key.value in seen:
            first = Related("it stands here first", self.source, seen[key.value])
            message = f"the key `{key.value}` stands twice in one map"
            self.findings.append(Diagnostic("yaml-duplicate-key", message, self.source, key.span, related=(first,)))
            return None
        seen[key.value] = key.span
        return key

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        if not event.implicit[0]:  # quoted, a block text, or tagged
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            return self._number(event, text)
        if _AMBIGUOUS.fullmatch(text):
            self._find(event, "yaml-ambiguous", f"`{text}` means different things in different versions of YAML",
                       f'put it in quotes, as in "{text}", when it is a text, or write it as JSON does')  # fmt: skip
        return text

    def _number(self, event: Any, text: str) -> int | float:
        if _INTEGER.fullmatch(text):
            if len(text) <= MAX_DIGITS:
                return int(text)
            self._find(event, "yaml-number", f"an integer of more than {MAX_DIGITS} digits", None)
            return 0
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            self._find(event, "yaml-number", f"`{text}` is larger than any number of 64 bits", None)
        return number

    def _find(self, event: Any, code: str, message: str, help: str | None) -> None:
        self.findings.append(Diagnostic(code, message, self.source, _span(event), help))


# The words and numbers of YAML 1.2's core schema that YAML 1.1 reads in the same way.
_WORDS: dict[str, Scalar] = {"": None, "~": None}
_WORDS |= {word: value for base, value in (("null", None), ("true", True), ("false", False))
           for word in (base, base.title(), base.upper())}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+([eE][-+]?[0-9]+)?")
_AMBIGUOUS = re.compile(
    r"yes|no|on|off|[-+]?\.inf|\.nan"  # words
    r"|[-+]?0[0-9_]+(\.[0-9_]*)?|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"  # octal or decimal, with underscores
    r"|[-+]?0[xX][0-9a-fA-F_]+|0o[0-7]+|[-+]?0b[01_]+"
    r"|=",
    re.IGNORECASE,
)


def _span(event: Any) -> Span:
    return Span(event.start_mark.index, event.end_mark.index)
