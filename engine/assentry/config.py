"""Where a project's rules, schema and data are: `assentry.toml`, or `[tool.assentry]` in `pyproject.toml`.

The closest one upward from the rules wins. Paths in it are relative to the file that holds them.

    rules = ["rules"]                        # folders of rules; each may hold data/*.yaml
    schema = "schemas/action.schema.json"    # absent: the default schema
    strict_input = true                      # validate the whole action before it is decided

    [test]
    coverage_min = 90                        # `assentry test` fails below this percentage
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assentry.diagnostics import did_you_mean, visible
from assentry.errors import ConfigError

FILE_NAME = "assentry.toml"
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """One project's settings; the defaults are those of a project without a configuration file.

    `file` is where they were read (None: nowhere), `rules` and `schema` are absolute paths,
    `coverage_min` is a percentage from 0 to 100.
    """

    file: Path | None = None
    rules: tuple[Path, ...] = ()
    schema: Path | None = None
    strict_input: bool = False
    coverage_min: float = 0


def find_config(start: str | Path) -> Config:
    """The configuration that holds for a file or folder of rules: the closest upward.

    Raises ConfigError for a file that cannot be read, an unknown key or a value of the wrong type.
    """
    place = Path(start).absolute()
    for folder in (place, *place.parents):
        found = _in_folder(folder)
        if found is not None:
            return found
    return Config()


def config_of(starts: Sequence[str | Path]) -> Config:
    """The configuration of rules that are taken together: that of the first place.

    Raises ConfigError as `find_config` does, and when another place belongs to a project with another schema.
    """
    first = find_config(starts[0])
    for start in starts[1:]:
        other = find_config(start)
        if other.file is not None and first.file is not None and other.schema != first.schema:
            raise ConfigError(f"`{starts[0]}` and `{start}` belong to projects with different schemas: take each alone")
    return first


def read_config(file: Path) -> Config:
    """The configuration in one file: an `assentry.toml`, or a `pyproject.toml` with `[tool.assentry]`."""
    table = _table(file)
    if table is None:
        raise ConfigError(f"`{visible(str(file))}` has no `[tool.assentry]`")
    return _config(file, table)


def _in_folder(folder: Path) -> Config | None:
    files = [file for file in (folder / FILE_NAME, folder / "pyproject.toml") if _is_file(file)]
    tables = [(file, table) for file in files if (table := _table(file)) is not None]
    if len(tables) > 1:
        raise ConfigError(f"`{tables[0][0]}` and `[tool.assentry]` in `{tables[1][0]}` both apply: keep one of them")
    return _config(*tables[0]) if tables else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except ValueError:  # a NUL in the path: reading the rules will say so
        return False
    except OSError as error:
        raise ConfigError(f"cannot read `{visible(str(path))}`: {(error.strerror or str(error)).lower()}") from error


def _table(file: Path) -> Mapping[str, object] | None:
    """The settings' table of a file; None for a `pyproject.toml` that says nothing about Assentry."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"`{visible(str(file))}` is larger than {MAX_BYTES // 1024} KiB")
        document = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read `{visible(str(file))}`: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"`{visible(str(file))}` is not UTF-8: byte {error.start}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"`{visible(str(file))}` is not TOML: {_lower_first(str(error))}") from error
    if file.name != "pyproject.toml":
        return document
    tool = document.get("tool")
    table = tool.get("assentry") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"`{visible(str(file))}`: `tool.assentry` must be a table")
    return table


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _config(file: Path, table: Mapping[str, object]) -> Config:
    read = _Table(file, "", table)
    test = _Table(file, "test.", read.table("test"))
    config = Config(
        file=file,
        rules=tuple(file.parent / path for path in read.strings("rules")),
        schema=file.parent / schema if (schema := read.string("schema")) is not None else None,
        strict_input=read.flag("strict_input"),
        coverage_min=test.percentage("coverage_min"),
    )
    read.refuse_others({"rules", "schema", "strict_input", "test"})
    test.refuse_others({"coverage_min"})
    return config


class _Table:
    """Typed reads of one TOML table, with messages that name the file and the key."""

    def __init__(self, file: Path, prefix: str, values: Mapping[str, object]) -> None:
        self._file = file
        self._prefix = prefix
        self._values = values

    def refuse_others(self, known: set[str]) -> None:
        for key in self._values:
            if key not in known:
                hint = did_you_mean(key, known) or f"known here: {', '.join(sorted(known))}"
                raise ConfigError(f"`{visible(str(self._file))}`: unknown key `{visible(self._prefix + key)}`; {hint}")

    def string(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        raise self._wrong(key, 'a path in quotes, such as "schemas/action.schema.json"')

    def strings(self, key: str) -> list[str]:
        value = self._values.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return value
        raise self._wrong(key, 'a list of paths, such as ["rules"]')

    def flag(self, key: str) -> bool:
        value = self._values.get(key, False)
        if isinstance(value, bool):
            return value
        raise self._wrong(key, "`true` or `false`")

    def percentage(self, key: str) -> float:
        value = self._values.get(key, 0)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
            return value
        raise self._wrong(key, "a number from 0 to 100")

    def table(self, key: str) -> Mapping[str, object]:
        value = self._values.get(key, {})
        if isinstance(value, dict):
            return value
        raise self._wrong(key, f"a table, written `[{key}]`")

    def _wrong(self, key: str, wanted: str) -> ConfigError:
        return ConfigError(f"`{visible(str(self._file))}`: `{self._prefix}{key}` must be {wanted}")
