"""Typed reads of a directory's file: what is there, or a finding at its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from assentry.diagnostics import Diagnostic, Related, did_you_mean, one_of
from assentry.errors import EvaluationError
from assentry.gate.directory.names import usable
from assentry.source import Source, Span
from assentry.values.time_text import parse_timestamp
from assentry.yamlfile import YamlList, YamlMap, YamlNode, YamlScalar

_DURATION = re.compile(r"(?=\d)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?")
_UNIT_MS = (86_400_000, 3_600_000, 60_000, 1000)


@dataclass(frozen=True, slots=True)
class Named:
    """A name as it stands in the file."""

    text: str
    span: Span


@dataclass(slots=True)
class Text:
    """One file being read, with what was found wrong so far. Reads give None, or nothing, after a finding."""

    source: Source
    findings: list[Diagnostic] = field(default_factory=list)

    def find(self, code: str, message: str, span: Span, help: str | None = None, first: Span | None = None) -> None:
        """Note what is wrong at a place; `first` is the place that it contradicts."""
        related = () if first is None else (Related("it stands here first", self.source, first),)
        self.findings.append(Diagnostic(code, message, self.source, span, help, related=related))

    def table(self, node: YamlNode | None, what: str, known: Sequence[str]) -> dict[str, YamlNode]:
        """A map with these keys only."""
        entries = self.entries(node, what)
        for key, _ in entries:
            if key.text not in known:
                advice = did_you_mean(key.text, known) or f"{what} has the keys {one_of(known)}"
                self.find("directory-key", f"unknown key `{key.text}`", key.span, advice)
        return {key.text: value for key, value in entries}

    def entries(self, node: YamlNode | None, what: str) -> list[tuple[Named, YamlNode]]:
        """The entries of a map of any keys."""
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return []
        if isinstance(node, YamlMap):
            return [(Named(str(key.value), key.span), value) for key, value in node.entries]
        self.find("directory-form", f"{what} must be a map", node.span)
        return []

    def items(self, node: YamlNode | None, what: str) -> Sequence[YamlNode]:
        """The entries of a list."""
        if node is None:
            return ()
        if isinstance(node, YamlList):
            return node.items
        self.find("directory-form", f"{what} must be a list", node.span)
        return ()

    def names(self, node: YamlNode | None, what: str) -> list[Named]:
        """A list of names, each once."""
        found: dict[str, Named] = {}
        for item in self.items(node, what):
            name = self.name(item, f"each entry of {what}")
            if name is None:
                continue
            if name.text in found:
                self.find("directory-twice", f"`{name.text}` stands twice", name.span, first=found[name.text].span)
            found.setdefault(name.text, name)
        return list(found.values())

    def name(self, node: YamlNode | None, what: str) -> Named | None:
        """A text that can name somebody."""
        if node is None:
            return None
        if not isinstance(node, YamlScalar) or not isinstance(node.value, str):
            advice = "put it in quotes" if isinstance(node, YamlScalar) and node.value is not None else None
            self.find("directory-form", f"{what} must be a text", node.span, advice)
            return None
        return self.checked(Named(node.value, node.span))

    def checked(self, name: Named) -> Named | None:
        """The name, unless nobody could be called that."""
        if usable(name.text):
            return name
        message = "a name is not blank, has no blanks around it, no invisible characters, and at most 1024 characters"
        self.find("directory-form", message, name.span)
        return None

    def flag(self, node: YamlNode | None, what: str, default: bool) -> bool:
        """A truth value."""
        if node is None:
            return default
        if isinstance(node, YamlScalar) and isinstance(node.value, bool):
            return node.value
        self.find("directory-form", f"{what} must be `true` or `false`", node.span)
        return default

    def label(self, node: YamlNode | None, what: str) -> str:
        """A text for people; empty when there is none."""
        name = self.name(node, what)
        return name.text if name is not None else ""

    def duration(self, node: YamlNode, what: str) -> int | None:
        """A time of at least a second, written `30m`, in milliseconds."""
        if isinstance(node, YamlScalar) and isinstance(node.value, str):
            parts = _DURATION.fullmatch(node.value)
            if parts is not None:
                ms = sum(int(count or 0) * unit for count, unit in zip(parts.groups(), _UNIT_MS, strict=True))
                if ms > 0:
                    return ms
        self.find("directory-time", f"{what} is no time", node.span, "write `30m`, `2h` or `1d12h`")
        return None

    def moment(self, node: YamlNode, what: str) -> int | None:
        """A time with its offset, in milliseconds since 1970."""
        if isinstance(node, YamlScalar) and isinstance(node.value, str):
            try:
                return parse_timestamp(node.value).ns // 1_000_000
            except EvaluationError as error:
                del error  # said below, at its place
        self.find("directory-time", f"{what} is no point in time", node.span, "write `2026-12-24T08:00:00Z`")
        return None

    def unknown(self, what: str, name: Named, known: Collection[str]) -> None:
        """There is nobody and nothing of this name."""
        advice = did_you_mean(name.text, known)
        self.find("directory-unknown", f"there is no {what} `{name.text}`", name.span, advice)
