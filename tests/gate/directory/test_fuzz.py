"""Whatever a server or a file says: records, or a clear no; and who is nobody stays nobody."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.approvals.terms import Who
from assentry.errors import CompileError, DirectoryUnavailable, IdentityRefused
from assentry.gate.directory.fileread import PARTS, read_directory
from assentry.gate.directory.oidc import OidcVerifier
from assentry.gate.directory.scim import _page
from assentry.gate.directory.scimread import Naming, read_records
from assentry.gate.directory.snapshot import Snapshot
from assentry.source import Source
from assentry.yamlfile import read_yaml

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.sampled_from(
    ["", "ann", "bob", "ANN@x.org", "ann@x.org", "etl", "a\u200b", "x" * 2000, "30m", "2026-01-01T00:00:00Z"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "members", "type", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
MEMBERS = st.lists(st.fixed_dictionaries({"value": st.sampled_from(["1", "2", "g", "h", "zoe"])}), max_size=3)


def resource(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"id": st.sampled_from(["1", "2", "g", "h"])}, optional=fields)


USERS = st.lists(
    resource(userName=SCALARS, externalId=SCALARS, active=SCALARS, emails=JSON, roles=JSON, displayName=SCALARS),
    max_size=3,
)
GROUPS = st.lists(resource(displayName=st.sampled_from(["etl", "dp"]) | SCALARS, members=MEMBERS | JSON), max_size=3)


@given(USERS, GROUPS)
def test_whatever_a_server_lists(users: list[dict[str, Any]], groups: list[dict[str, Any]]) -> None:
    naming = Naming(("userName", "externalId", "emails"), issuer="https://id.example.org")
    try:
        snapshot = Snapshot([read_records(users, groups, naming)])
    except DirectoryUnavailable:
        return
    for user in users:
        person = snapshot.canonical(f"scim:{user['id']}")
        if sum(other["id"] == user["id"] for other in users) == 1 and user.get("active", True) is not True:
            assert person is None
    for who in snapshot.teams:
        assert isinstance(set(snapshot.members(who)), set)


@given(JSON | st.dictionaries(st.sampled_from(["schemas", "totalResults", "Resources", "startIndex"]), JSON))
def test_whatever_a_page_is(page: object) -> None:
    try:
        resources, total = _page("https://id.example.org/Users", page, 1)
    except DirectoryUnavailable:
        return
    assert total >= 0
    assert all(isinstance(each["id"], str) for each in resources)


TEAM = st.dictionaries(st.sampled_from(["members", "groups", "roles", "escalates_to", "after", "x"]), JSON, max_size=4)
NAMES = st.sampled_from(["ann", "bob", "Ann", "etl", "ann@x.org", ""])
PERSON = st.none() | JSON | st.dictionaries(st.sampled_from(["accounts", "active", "name"]), JSON, max_size=3)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "people": JSON | st.dictionaries(NAMES, PERSON, max_size=3),
        "services": JSON,
        "groups": JSON | st.dictionaries(NAMES, TEAM | JSON, max_size=3),
        "roles": JSON | st.dictionaries(NAMES, TEAM | JSON, max_size=2),
        "owners": JSON | st.dictionaries(NAMES, JSON, max_size=3),
        "deputies": JSON
        | st.lists(st.dictionaries(st.sampled_from(["for", "by", "from", "until"]), JSON, min_size=3), max_size=2),
    },
)


@given(FILES, st.booleans())
def test_whatever_a_file_holds(data: dict[str, Any], alone: bool) -> None:
    assert set(data) <= set(PARTS)
    try:
        file = read_yaml(Source("people.yaml", json.dumps(data)))
        snapshot = Snapshot([read_directory(file, alone=alone)])
    except CompileError as error:
        codes = {finding.code.partition("-")[0] for finding in error.diagnostics}
        if codes <= {"directory", "yaml"}:
            return
        raise
    for name in ("ann", "bob", "etl"):
        person = snapshot.canonical(name)
        assert person is None or snapshot.canonical(person) == person
        assert not snapshot.owners(name) or person is None, "what has owners is no person"
    assert isinstance(set(snapshot.members(Who("group", "etl"))), set)


@settings(max_examples=300)
@given(st.text(alphabet="abcAZ019-_.=é\0", max_size=60) | st.text(max_size=20))
def test_whatever_a_token_is(token: str) -> None:
    verifier = OidcVerifier("https://id.invalid", "assentry")
    try:
        verifier.verify(token)
    except (IdentityRefused, DirectoryUnavailable):
        return
    raise AssertionError("it was taken")
