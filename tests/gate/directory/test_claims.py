"""Claims of a verified token: memberships for the one who signed in, until the token ends, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]

from assentry.approvals.terms import Who
from assentry.config import read_config
from assentry.errors import ConfigError, DirectoryUnavailable
from assentry.gate.directory import claims
from assentry.gate.directory.claims import ClaimsDirectory
from assentry.gate.directory.file import FileDirectory
from assentry.gate.directory.oidc import Identity
from assentry.gate.directory.opening import open_directory
from tests.support.issuer import AUDIENCE, sign_in

ISSUER = "https://id.example.org"
DPO = Who("group", "data-protection")
CISO = Who("role", "ciso")


def identity(
    subject: str, *groups: str, issued: int = 0, expires: int = 1000, roles: frozenset[str] = frozenset()
) -> Identity:
    return Identity(f"{ISSUER}#{subject}", ISSUER, subject, issued * 1000, expires * 1000, frozenset(groups), roles)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(tmp_path: Path, clock: Clock) -> ClaimsDirectory:
    (tmp_path / "people.yaml").write_text(
        f'people:\n  ann: {{accounts: ["{ISSUER}#1"]}}\n  bob: {{accounts: ["{ISSUER}#2"]}}\n'
        "groups:\n  data-protection: {members: [bob]}\n  all: {groups: [data-protection]}\n"
    )
    base = FileDirectory(tmp_path / "people.yaml")
    return ClaimsDirectory(base, groups={"dp-team": "data-protection"}, roles={"sec": "ciso"}, now=clock)


def team(directory: ClaimsDirectory, who: Who) -> set[str | None]:
    snapshot = directory.snapshot()
    return {snapshot.canonical(account) for account in snapshot.members(who)} - {None}


def test_who_signed_in_is_a_member_until_the_token_ends(directory: ClaimsDirectory, clock: Clock) -> None:
    before = directory.snapshot()
    directory.learn(identity("1", "dp-team", "unmapped", "data-protection", roles=frozenset({"sec"})))
    assert team(directory, DPO) == team(directory, Who("group", "all")) == {"ann", "bob"}
    assert team(directory, CISO) == {"ann"}
    assert team(directory, Who("group", "unmapped")) == set()
    assert directory.snapshot().version != before.version
    assert directory.snapshot() is directory.snapshot()
    assert before.members(DPO) == {"bob"}, "a snapshot never changes"
    clock.now = 1000
    assert team(directory, DPO) == {"bob"}
    assert directory.snapshot() is before


def test_the_newest_token_counts_and_an_older_one_brings_nothing_back(directory: ClaimsDirectory) -> None:
    directory.learn(identity("1", "dp-team", issued=10))
    directory.learn(identity("1", issued=20))
    assert team(directory, DPO) == {"bob"}
    directory.learn(identity("1", "dp-team", issued=10))
    assert team(directory, DPO) == {"bob"}


def test_an_older_token_brings_nothing_back_when_the_newer_one_has_expired(
    directory: ClaimsDirectory, clock: Clock
) -> None:
    """Whoever lost a group keeps a longer token from before, and waits."""
    directory.learn(identity("1", issued=50, expires=200))
    clock.now = 300
    directory.learn(identity("1", "dp-team", issued=10, expires=1000))
    assert team(directory, DPO) == {"bob"}
    directory.learn(identity("1", "dp-team", issued=60, expires=1000))
    assert team(directory, DPO) == {"ann", "bob"}


def test_a_stranger_stays_a_stranger(directory: ClaimsDirectory) -> None:
    directory.learn(identity("666", "dp-team"))
    assert team(directory, DPO) == {"bob"}


def test_a_token_does_not_outlive_the_person(directory: ClaimsDirectory, tmp_path: Path) -> None:
    directory.learn(identity("1", "dp-team"))
    text = (tmp_path / "people.yaml").read_text()
    (tmp_path / "people.yaml").write_text(text.replace("ann: {", "ann: {active: false, "))
    assert team(directory, DPO) == {"bob"}
    (tmp_path / "people.yaml").write_text("people: [")
    with pytest.raises(DirectoryUnavailable):
        directory.snapshot()


def test_memory_is_bounded(directory: ClaimsDirectory, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MAX_SIGNED_IN", 3)
    for number in range(3):
        directory.learn(identity(str(number), expires=200))
    with pytest.raises(DirectoryUnavailable, match="more than 3 people"):
        directory.learn(identity("more"))
    directory.learn(identity("1", "dp-team"))
    clock.now = 200
    directory.learn(identity("more"))


# ---- from a project's settings ----


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(user_claims=[User(sub="ann", claims={"groups": ["dp-team"]})]) as server:
        yield f"http://localhost:{server.server_port}"


def test_settings_a_sign_in_and_the_seat_it_gives(provider: str, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(f'people:\n  ann: {{accounts: ["{provider}#ann"]}}\n')
    (tmp_path / "assentry.toml").write_text(
        '[directory]\nfile = "people.yaml"\n[directory.oidc]\n'
        f'issuer = "{provider}"\naudience = "{AUDIENCE}"\ngroups = {{dp-team = "data-protection"}}\n'
    )
    settings = read_config(tmp_path / "assentry.toml").directory
    assert settings is not None
    people = open_directory(settings)
    assert people.verifier is not None
    assert people.claims is not None
    assert people.directory.snapshot().members(DPO) == set()
    people.claims.learn(people.verifier.verify(sign_in(provider, "ann", nonce="n"), nonce="n"))
    snapshot = people.directory.snapshot()
    assert {snapshot.canonical(account) for account in snapshot.members(DPO)} == {"ann"}


def test_a_missing_token_of_a_server_is_a_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_TOKEN_THAT_IS_NOT_SET", raising=False)
    (tmp_path / "assentry.toml").write_text(
        '[directory.scim]\nurl = "http://127.0.0.1:9/scim/v2"\ntoken_env = "A_TOKEN_THAT_IS_NOT_SET"\n'
    )
    settings = read_config(tmp_path / "assentry.toml").directory
    assert settings is not None
    with pytest.raises(DirectoryUnavailable, match="`A_TOKEN_THAT_IS_NOT_SET` holds no token"):
        open_directory(settings).directory.snapshot()


def test_a_missing_extra_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from assentry.config import DirectorySettings, ScimSettings
    from assentry.gate.directory import web

    monkeypatch.setattr(web, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'assentry\[directory\]'"):
        open_directory(DirectorySettings(scim=ScimSettings("https://id.example.org", "TOKEN")))
