"""Where a project's rules, schema and data are: `assentry.toml`, or `[tool.assentry]` in `pyproject.toml`.

The closest one upward from the rules wins. Paths in it are relative to the file that holds them.

    rules = ["rules"]                        # folders of rules; each may hold data/*.yaml
    schema = "schemas/action.schema.json"    # absent: the default schema
    strict_input = true                      # validate the whole action before it is decided

    [test]
    coverage_min = 90                        # `assentry test` fails below this percentage

    [directory]
    file = "people.yaml"                     # people, groups, roles, owners; beside it or alone:
    [directory.scim]
    url = "https://id.example.org/scim/v2"
    token_env = "SCIM_TOKEN"                 # the variable that holds the bearer token
    [directory.oidc]
    issuer = "https://id.example.org"
    audience = "assentry"                    # the client id under which people sign in
    groups = {dp-team = "data-protection"}   # what a claim says, and the group that it means

    [ledger]
    place = "ledger.db"                      # an SQLite file, or postgresql://...
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assentry.diagnostics import did_you_mean, visible
from assentry.errors import ConfigError

FILE_NAME = "assentry.toml"
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScimSettings:
    """A SCIM 2.0 server; `token_env` names the environment variable with the bearer token. Times in seconds."""

    url: str
    token_env: str
    accounts: tuple[str, ...] = ("userName",)
    issuer: str | None = None
    subject: str = "externalId"
    user_filter: str | None = None
    group_filter: str | None = None
    refresh_seconds: float = 30
    max_age_seconds: float = 120


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An OpenID Connect issuer; `groups` and `roles` map what its claims say to the names that rules use."""

    issuer: str
    audience: str
    groups: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """Where people, groups and roles are known from: a file, a SCIM server, or both, and who vouches for sign-ins."""

    file: Path | None = None
    scim: ScimSettings | None = None
    oidc: OidcSettings | None = None


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Where the ledger is: the path of an SQLite file, or a PostgreSQL address; whose log; the folder of its keys."""

    place: str
    tenant: str | None = None
    keys: Path | None = None


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
    directory: DirectorySettings | None = None
    ledger: LedgerSettings | None = None


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
    schema = read.string("schema", 'a path in quotes, such as "schemas/action.schema.json"')
    config = Config(
        file=file,
        rules=tuple(file.parent / path for path in read.strings("rules")),
        schema=file.parent / schema if schema is not None else None,
        strict_input=read.flag("strict_input"),
        coverage_min=test.percentage("coverage_min"),
        directory=_directory(file, read.table("directory")) if "directory" in table else None,
        ledger=_ledger(file, read.table("ledger")) if "ledger" in table else None,
    )
    read.refuse_others({"rules", "schema", "strict_input", "test", "directory", "ledger"})
    test.refuse_others({"coverage_min"})
    return config


def _directory(file: Path, table: Mapping[str, object]) -> DirectorySettings:
    read = _Table(file, "directory.", table)
    read.refuse_others({"file", "scim", "oidc"})
    people = read.string("file")
    settings = DirectorySettings(
        file.parent / people if people is not None else None,
        _scim(_Table(file, "directory.scim.", read.table("scim"))) if "scim" in table else None,
        _oidc(_Table(file, "directory.oidc.", read.table("oidc"))) if "oidc" in table else None,
    )
    if settings.file is None and settings.scim is None:
        raise ConfigError(f"`{visible(str(file))}`: `[directory]` needs `file` or `[directory.scim]`: where people are")
    return settings


def _scim(read: _Table) -> ScimSettings:
    read.refuse_others(set(ScimSettings.__slots__))
    return ScimSettings(
        read.needed("url"),
        read.needed("token_env"),
        tuple(read.strings("accounts")) or ("userName",),
        read.string("issuer"),
        read.string("subject") or "externalId",
        read.string("user_filter"),
        read.string("group_filter"),
        read.seconds("refresh_seconds", 30),
        read.seconds("max_age_seconds", 120),
    )


def _oidc(read: _Table) -> OidcSettings:
    read.refuse_others(set(OidcSettings.__slots__))
    return OidcSettings(read.needed("issuer"), read.needed("audience"), read.names("groups"), read.names("roles"))


def _ledger(file: Path, table: Mapping[str, object]) -> LedgerSettings:
    read = _Table(file, "ledger.", table)
    read.refuse_others({"place", "tenant", "keys"})
    place, keys = read.needed("place"), read.string("keys")
    is_path = "://" not in place and place != "memory:"
    return LedgerSettings(
        str(file.parent / place) if is_path else place,
        read.string("tenant"),
        file.parent / keys if keys is not None else None,
    )


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

    def string(self, key: str, wanted: str = "a text in quotes") -> str | None:
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        raise self._wrong(key, wanted)

    def needed(self, key: str) -> str:
        value = self.string(key)
        if value is None:
            raise ConfigError(f"`{visible(str(self._file))}`: `{self._prefix}{key}` is missing")
        return value

    def names(self, key: str) -> Mapping[str, str]:
        value = self._values.get(key, {})
        if isinstance(value, dict) and all(isinstance(each, str) and each for each in value.values()):
            return value
        raise self._wrong(key, 'a table of names, such as {dp-team = "data-protection"}')

    def seconds(self, key: str, default: float) -> float:
        value = self._values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 86_400:
            return value
        raise self._wrong(key, "seconds, from 0 to 86400")

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
