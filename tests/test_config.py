"""The closest configuration upward from the rules wins, and whatever it does not know it refuses."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.config import (
    Config,
    DirectorySettings,
    LedgerSettings,
    OidcSettings,
    ScimSettings,
    find_config,
    read_config,
)
from assentry.errors import ConfigError


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert find_config(tmp_path / "rules") == Config()


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "assentry.toml").write_text(
        'rules = ["rules", "more"]\nschema = "schemas/a.json"\nstrict_input = true\n[test]\ncoverage_min = 87.5\n'
    )
    config = find_config(tmp_path / "rules" / "deep" / "x.assent")
    assert config == Config(
        file=tmp_path / "assentry.toml",
        rules=(tmp_path / "rules", tmp_path / "more"),
        schema=tmp_path / "schemas" / "a.json",
        strict_input=True,
        coverage_min=87.5,
    )


def test_people_and_ledger(tmp_path: Path) -> None:
    (tmp_path / "assentry.toml").write_text(
        '[directory]\nfile = "people.yaml"\n'
        '[directory.scim]\nurl = "https://id.example.org/scim/v2"\ntoken_env = "TOKEN"\nmax_age_seconds = 60\n'
        '[directory.oidc]\nissuer = "https://id.example.org"\naudience = "assentry"\ngroups = {dp = "data-protection"}\n'
        '[ledger]\nplace = "ledger.db"\nkeys = "keys"\n'
    )
    config = find_config(tmp_path)
    assert config.directory == DirectorySettings(
        tmp_path / "people.yaml",
        ScimSettings("https://id.example.org/scim/v2", "TOKEN", max_age_seconds=60),
        OidcSettings("https://id.example.org", "assentry", {"dp": "data-protection"}),
    )
    assert config.ledger == LedgerSettings(str(tmp_path / "ledger.db"), keys=tmp_path / "keys")


@pytest.mark.parametrize("place", ["memory:", "postgresql://me@db.example.org/assentry"])
def test_a_place_that_is_no_path_stays_as_it_is(tmp_path: Path, place: str) -> None:
    (tmp_path / "assentry.toml").write_text(f'[ledger]\nplace = "{place}"\n')
    assert find_config(tmp_path).ledger == LedgerSettings(place)


def test_the_closest_wins_and_a_silent_pyproject_is_passed_over(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.assentry]\nrules = ["outer"]\n')
    (inner / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert find_config(inner).rules == (tmp_path / "outer",)
    (tmp_path / "a" / "assentry.toml").write_text('rules = ["inner"]\n')
    assert find_config(inner).rules == (tmp_path / "a" / "inner",)
    with pytest.raises(ConfigError, match=r"has no `\[tool\.assentry\]`"):
        read_config(inner / "pyproject.toml")


def test_two_in_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.assentry]\n")
    (tmp_path / "assentry.toml").write_text("")
    with pytest.raises(ConfigError, match="both apply: keep one of them"):
        find_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ruels = ["x"]', "unknown key `ruels`; did you mean `rules`?"),
        ("[test]\ncoverage = 3", "unknown key `test.coverage`; did you mean `coverage_min`?"),
        ("zzz = 1", "unknown key `zzz`; known here: directory, ledger, rules, schema, strict_input, test"),
        ('rules = "rules"', '`rules` must be a list of paths, such as ["rules"]'),
        ("rules = [1]", '`rules` must be a list of paths, such as ["rules"]'),
        ("schema = 1", '`schema` must be a path in quotes, such as "schemas/action.schema.json"'),
        ("strict_input = 1", "`strict_input` must be `true` or `false`"),
        ("test = 1", "`test` must be a table, written `[test]`"),
        ("[test]\ncoverage_min = 101", "`test.coverage_min` must be a number from 0 to 100"),
        ("[test]\ncoverage_min = true", "`test.coverage_min` must be a number from 0 to 100"),
        ("[directory]", "`[directory]` needs `file` or `[directory.scim]`: where people are"),
        ('[directory]\nfiel = "x"', "unknown key `directory.fiel`; did you mean `file`?"),
        ("[directory]\nfile = 1", "`directory.file` must be a text in quotes"),
        ('[directory.scim]\nurl = "https://a.example"', "`directory.scim.token_env` is missing"),
        ("[directory.scim]\nmax_age_seconds = -1", "`directory.scim.url` is missing"),
        ('[directory.scim]\nurl = "u"\ntoken_env = "T"\nmax_age_seconds = -1', "must be seconds, from 0 to 86400"),
        ('[directory.oidc]\nissuer = "i"\naudience = "a"\ngroups = {a = 1}', "must be a table of names"),
        ("[ledger]", "`ledger.place` is missing"),
        ("rules = [", "is not TOML: invalid value (at end of document)"),
        ("x = " + "[" * 100_000, "is not TOML: "),
    ],
)
def test_what_it_does_not_know_it_refuses(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "assentry.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_config(tmp_path)
    assert message in str(caught.value)
    assert "assentry.toml`" in str(caught.value)


def test_the_published_schema_knows_the_same_keys(tmp_path: Path) -> None:
    schema = json.loads(schemas.text("config"))
    for table, properties in [("", schema["properties"]), ("[test]\n", schema["properties"]["test"]["properties"])]:
        (tmp_path / "assentry.toml").write_text(f"{table}zzz = 1")
        with pytest.raises(ConfigError) as caught:
            find_config(tmp_path)
        assert str(caught.value).endswith(f"known here: {', '.join(sorted(properties))}")
    root = Path(__file__).parents[1]
    for file in [root / "assentry.toml", root / "engine/assentry/cli/starter/assentry.toml"]:
        Draft202012Validator(schema).validate(tomllib.loads(file.read_text()))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "assentry.toml"
    file.write_bytes(b"rules = ['\xff']")
    with pytest.raises(ConfigError, match="is not UTF-8: byte 10"):
        find_config(tmp_path)
    file.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="is larger than 1024 KiB"):
        find_config(tmp_path)
    with pytest.raises(ConfigError, match="no such file or directory"):
        read_config(tmp_path / "absent.toml")
    (tmp_path / "pyproject.toml").write_text("tool.assentry = 1")
    file.unlink()
    with pytest.raises(ConfigError, match=r"`tool\.assentry` must be a table"):
        find_config(tmp_path)
