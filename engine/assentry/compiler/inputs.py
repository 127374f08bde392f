"""Everything a compilation reads, gathered before it starts: rule files, data files, the schema.

From here on nothing touches the disk, so that the same inputs give the same policy everywhere.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assentry import schemas, yamlfile
from assentry.compiler.report import Report
from assentry.compiler.schema import Schema, read_schema
from assentry.config import Config, config_of
from assentry.errors import ConfigError
from assentry.language.read import read
from assentry.source import Source
from assentry.values.runtime import INT_MAX, INT_MIN

RULE_SUFFIX = ".assent"
DATA_SUFFIXES = (".yaml", ".yml", ".json")
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file: `key` is its path under the rules' root, which the policy's digest covers."""

    key: str
    source: Source


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file: `key` is its path under `data/` without suffix (`accounts`, `eu/regions`)."""

    key: str
    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one compilation reads. Rule files are sorted by key."""

    rules: tuple[RuleFile, ...]
    data: Mapping[str, DataFile]
    schema: Schema
    schema_document: Mapping[str, object]


def gather(paths: Sequence[str | Path], report: Report, config: Config | None = None) -> Inputs:
    """Finds and reads all inputs of some rule files or folders.

    Files that cannot be read as rule text become findings; a missing path, an empty folder, a broken
    configuration or schema raises ConfigError.
    """
    if not paths:
        raise ConfigError("no rule files: name a file or a folder")
    starts = [Path(path) for path in paths]
    config = config if config is not None else config_of(starts)
    found: dict[Path, str] = {}
    for start in starts:
        for path, key in rule_files(start, config):
            found.setdefault(path, key)
    rules = []
    for path, key in found.items():
        source = read(path, shown(path), report.findings)
        if source is not None:
            rules.append(RuleFile(key, source))
    roots = dict.fromkeys(_root(start, config) for start in starts)
    document, name = read_schema_document(config)
    return Inputs(
        tuple(sorted(rules, key=lambda rule: (rule.key, rule.source.name))),
        _data_files(list(roots)),
        read_schema(document, name),
        document,
    )


def from_memory(
    files: Mapping[str, str],
    *,
    schema: Mapping[str, object] | None = None,
    data: Mapping[str, object] | None = None,
) -> Inputs:
    """Inputs from texts: rule files by name, data values by key, a JSON Schema (by default the shipped one).

    Raises ConfigError for a file that is no text, data that are not JSON, a schema that cannot be used.
    """
    for name, text in files.items():
        if not isinstance(text, str):
            raise ConfigError(f"`{name}` is no text but `{type(text).__name__}`")
    document = schema if schema is not None else json.loads(schemas.text("action"))
    return Inputs(
        tuple(RuleFile(name, Source(name, text)) for name, text in sorted(files.items())),
        {key: _data_file(key, key, value) for key, value in (data or {}).items()},
        read_schema(dict(document), "the schema"),
        document,
    )


def rule_files(start: Path, config: Config | None = None) -> list[tuple[Path, str]]:
    """The rule files at a path, sorted, each with its path under the rules' root.

    Symbolic links to folders are not followed, so a loop of them cannot trap the search. Raises
    ConfigError for a path that does not exist, cannot be listed, or holds no rule file.
    """
    root = _root(start, config)
    if _exists(start, "is_file"):
        return [(start, _key(start, root))]
    if not _exists(start, "is_dir"):
        raise ConfigError(f"there is no file or folder `{start}`")

    def refuse(error: OSError) -> None:
        raise ConfigError(f"cannot read the folder `{error.filename}`: {(error.strerror or str(error)).lower()}")

    found = []
    for folder, names, files in os.walk(start, onerror=refuse):
        names[:] = sorted(name for name in names if not name.startswith("."))
        found += [Path(folder) / name for name in sorted(files) if name.endswith(RULE_SUFFIX)]
    if not found:
        raise ConfigError(f"there is no `*{RULE_SUFFIX}` file in `{start}`")
    return [(path, _key(path, root)) for path in found]


def shown(path: Path) -> str:
    """How messages name a path: relative to where one stands, when it lies there."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _exists(path: Path, what: str) -> bool:
    try:
        return bool(getattr(path, what)())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read `{path}`: {error}") from error


def _root(start: Path, config: Config | None) -> Path:
    """The rules' root of a path: the configured rules folder that holds it, else the folder itself."""
    place = start.absolute()
    for folder in config.rules if config is not None else ():
        if place == folder.absolute() or folder.absolute() in place.parents:
            return folder.absolute()
    return place if place.is_dir() else place.parent


def _key(path: Path, root: Path) -> str:
    place = path.absolute()
    return place.relative_to(root).as_posix() if root in place.parents else place.name


def read_schema_document(config: Config | None) -> tuple[dict[str, object], str]:
    """The schema's JSON document with the name that messages give it. Raises ConfigError."""
    if config is None or config.schema is None:
        return json.loads(schemas.text("action")), "the default schema"
    name = shown(config.schema)
    source = yamlfile.read_source(config.schema, name=name)
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"`{name}` is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"`{name}` is not a JSON Schema: it must be an object")
    return document, name


def _data_files(roots: Sequence[Path]) -> dict[str, DataFile]:
    found: dict[str, DataFile] = {}
    for root in roots:
        base = root / "data"
        for folder, names, files in os.walk(base):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for path in (Path(folder) / name for name in sorted(files) if name.endswith(DATA_SUFFIXES)):
                key = path.relative_to(base).with_suffix("").as_posix()
                if key in found:
                    raise ConfigError(f"two data files are called `{key}`: `{found[key].name}` and `{shown(path)}`")
                found[key] = _data_file(key, shown(path), yamlfile.read_yaml(path, name=shown(path)).data)
    return found


def _data_file(key: str, name: str, value: object) -> DataFile:
    _refuse_unreadable(value, name)
    return DataFile(key, name, value)


def _refuse_unreadable(value: object, name: str, depth: int = 0) -> None:
    """Refuses what JSON does not have or CEL has no place for. Files come from a strict reader, texts do not."""
    if depth > MAX_DEPTH:
        raise ConfigError(f"`{name}` is nested deeper than {MAX_DEPTH} levels")
    match value:
        case list():
            for item in value:
                _refuse_unreadable(item, name, depth + 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise ConfigError(f"`{name}` has a key that is no text: `{key!r}`")
                _refuse_unreadable(item, name, depth + 1)
        case bool() | str() | None:
            return
        case int() if INT_MIN <= value <= INT_MAX:
            return
        case float() if math.isfinite(value):
            return
        case int():
            raise ConfigError(f"`{name}` holds an integer beyond 64 bits")
        case float():
            raise ConfigError(f"`{name}` holds a number that is not finite")
        case _:
            raise ConfigError(f"`{name}` holds a `{type(value).__name__}`, which is not JSON")
