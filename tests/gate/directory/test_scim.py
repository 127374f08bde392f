"""A directory on a SCIM 2.0 server: what it says is honoured, what it cannot say or lies about is a no."""

from __future__ import annotations

import itertools
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from assentry.approvals.terms import Who
from assentry.errors import ConfigError, DirectoryUnavailable
from assentry.gate.directory import kept, web
from assentry.gate.directory.file import FileDirectory
from assentry.gate.directory.kept import Ages
from assentry.gate.directory.scim import ScimDirectory
from assentry.gate.directory.scimread import Naming
from assentry.gate.directory.source import CombinedDirectory
from tests.support import scimserver
from tests.support.processes import Say, fork
from tests.support.scimserver import TOKEN, ScimServer, group, scim_server, user

ANEW = Ages(refresh=0, max_age=0, timeout=30, wait=60, retry=0.05)
HASTY = Ages(refresh=0, max_age=0, timeout=1, wait=1.5)
DPO = Who("group", "data-protection")


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_server() as running:
        running.users = [user("1", "ann"), user("2", "bob", active=False), user("3", "cyd", active=True)]
        running.groups = [group("10", "data-protection", ["1", "2"]), group("11", "etl", ["3", "10"])]
        yield running


@dataclass
class Clock:
    """The clock by which answers age, set ahead by so many seconds."""

    ahead: float = 0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made, seconds = Clock(), kept.seconds
    monkeypatch.setattr(kept, "seconds", lambda: seconds() + made.ahead)
    return made


def directory(server: ScimServer, ages: Ages = ANEW, **options: Any) -> ScimDirectory:
    return ScimDirectory(server.address, lambda: TOKEN, ages=ages, **options)


def people(found: CombinedDirectory | ScimDirectory, who: Who) -> set[str | None]:
    snapshot = found.snapshot()
    return {snapshot.canonical(account) for account in snapshot.members(who)} - {None}


def test_users_groups_and_nested_groups(server: ScimServer) -> None:
    found = directory(server)
    assert found.snapshot().canonical("ann") == "scim:1"
    assert people(found, DPO) == {"scim:1"}
    assert people(found, Who("group", "etl")) == {"scim:1", "scim:3"}
    assert found.snapshot().canonical("nobody") is None


def test_who_is_not_active_is_nobody_and_comes_back(server: ScimServer) -> None:
    found = directory(server)
    assert found.snapshot().canonical("bob") is None
    server.users[1]["active"] = True
    assert found.snapshot().canonical("bob") == "scim:2"
    odd: object
    for odd in ("true", 1, None, [], "False"):
        server.users[1]["active"] = odd
        assert found.snapshot().canonical("bob") is None


def test_groups_that_contain_each_other_are_no_harm(server: ScimServer) -> None:
    server.groups[0]["members"].append({"value": "11"})
    found = directory(server)
    assert people(found, DPO) == people(found, Who("group", "etl")) == {"scim:1", "scim:3"}


@pytest.mark.parametrize("page", [1, 2, 7, 100])
def test_pages_are_followed_to_the_end(server: ScimServer, page: int) -> None:
    server.page = page
    server.users = [user(str(number), f"user{number}") for number in range(23)]
    server.groups = [group("g", "all", [str(number) for number in range(23)])]
    assert len(people(directory(server), Who("group", "all"))) == 23


def test_filters_are_passed_on(server: ScimServer) -> None:
    found = directory(server, user_filter='userName sw "a"', group_filter='displayName sw "data"')
    assert found.snapshot().canonical("ann") == "scim:1"
    assert found.snapshot().canonical("cyd") is None
    assert people(found, Who("group", "etl")) == set()


def test_roles_of_users(server: ScimServer) -> None:
    server.users[0]["roles"] = [{"value": "ciso"}]
    assert people(directory(server), Who("role", "ciso")) == {"scim:1"}


def test_subjects_of_an_issuer_and_addresses_as_accounts(server: ScimServer) -> None:
    server.users[0] |= {"externalId": "sub-1", "emails": [{"value": "Ann@Example.ORG", "primary": True}]}
    naming = Naming(("userName", "emails"), issuer="https://id.example.org")
    snapshot = directory(server, naming=naming).snapshot()
    for account in ("ann", "ann@example.org", "ANN@EXAMPLE.ORG", "https://id.example.org#sub-1", "scim:1"):
        assert snapshot.canonical(account) == "scim:1"
    assert snapshot.canonical("https://id.example.org#SUB-1") is None
    assert snapshot.canonical("https://other.example.org#sub-1") is None


def test_two_users_with_one_address_are_nobody(server: ScimServer) -> None:
    for each in server.users[:2]:
        each |= {"emails": [{"value": "shared@example.org"}], "active": True}
    snapshot = directory(server, naming=Naming(("userName", "emails"))).snapshot()
    assert [snapshot.canonical(name) for name in ("ann", "bob", "shared@example.org", "cyd")] == [
        None,
        None,
        None,
        "scim:3",
    ]
    assert any("is nobody: another person has the account" in text for text in snapshot.findings)


def test_a_user_without_the_attributes_of_one_is_nobody(server: ScimServer) -> None:
    server.users[0]["userName"] = {"not": "a text"}
    server.users[2]["userName"] = "cyd\u200b"
    snapshot = directory(server).snapshot()
    assert snapshot.canonical("scim:1") is snapshot.canonical("scim:3") is None
    assert len(snapshot.findings) == 2


def test_the_file_says_who_is_one_person_and_who_owns(server: ScimServer, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(
        "people:\n  ann-example: {accounts: [ann, cyd]}\n"
        "owners:\n  etl-7: [etl]\n  bob: [etl]\n"
        "groups:\n  etl: {members: [cyd]}\n"
    )
    server.users[1]["active"] = True
    found = CombinedDirectory(FileDirectory(tmp_path / "people.yaml", alone=False), directory(server))
    snapshot = found.snapshot()
    assert {snapshot.canonical(name) for name in ("ann", "cyd", "scim:1", "scim:3")} == {"ann-example"}
    assert snapshot.owners("etl-7") == {"etl"}
    assert snapshot.members(Who("group", "etl")) == {"cyd"}, "a group of the file is the file's"
    assert snapshot.canonical("bob") is None, "what has owners is an agent, whatever a server lists it as"


def test_who_left_on_the_server_is_gone_whatever_the_file_says(server: ScimServer, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("people:\n  ann-example: {accounts: [ann, ann@home.example]}\n")
    found = CombinedDirectory(FileDirectory(tmp_path / "people.yaml", alone=False), directory(server))
    assert found.snapshot().canonical("ann@home.example") == "ann-example"
    server.users[0]["active"] = False
    assert found.snapshot().canonical("ann@home.example") is None


# ---- failing, slow, lying ----

HUGE = json.dumps({"schemas": [scimserver.LIST], "totalResults": 1, "Resources": [user("1", "a" * 1000)]}).encode()

WRONG = {
    "500": (scimserver.status(500), "answers 500"),
    "404": (scimserver.status(404), "answers 404"),
    "206": (scimserver.status(206), "answers 206"),
    "429": (scimserver.status(429), "answers 429"),
    "503": (scimserver.status(503), "answers 503"),
    "401": (scimserver.status(401), "does not accept the token"),
    "elsewhere": (scimserver.redirect("https://elsewhere.example/"), "redirects are not followed"),
    "truncated": (scimserver.truncated, "RemoteProtocolError"),
    "hanging": (scimserver.hanging, "took longer|did not answer|ReadTimeout"),
    "dribbling": (scimserver.dribbling, "took longer|did not answer"),
    "compressed": (scimserver.raw(HUGE, "gzip"), "compressed"),
    "half": (scimserver.raw(HUGE[:-30]), "gives no JSON"),
    "not UTF-8": (scimserver.raw(b"\xff"), "gives no JSON"),
    "twice": (scimserver.raw(b'{"schemas": [], "schemas": []}'), "gives no JSON"),
    "deep": (scimserver.raw(b"[" * 100_000), "gives no JSON"),
    "digits": (scimserver.raw(b"9" * 10_000), "gives no JSON"),
    "no list": (scimserver.raw(b"[]"), "gives no SCIM list"),
    "null": (scimserver.raw(b"null"), "gives no SCIM list"),
    "another schema": (scimserver.listing(schemas=["urn:x"]), "gives no SCIM list"),
    "no total": (scimserver.listing(totalResults=...), "without its resources or their number"),
    "total true": (scimserver.listing(totalResults=True), "without its resources or their number"),
    "negative": (scimserver.listing(totalResults=-1), "without its resources or their number"),
    "more than said": (scimserver.listing(totalResults=0), "lists 1 resources and says that they are 0"),
    "too many": (scimserver.listing(totalResults=10**6), "more than 100000"),
    "empty page": (scimserver.listing(Resources=[]), "lists 0 resources and says that they are 1"),
    "no resources": (scimserver.listing(Resources=...), "lists 0 resources and says that they are 1"),
    "the same page": (scimserver.listing(totalResults=2, startIndex=...), "changes all the while"),
    "another page": (scimserver.listing(startIndex=5), "another page"),
    "without id": (scimserver.listing(Resources=[{"userName": "x"}]), "without an id"),
    "a text": (scimserver.listing(Resources=["x"]), "without an id"),
    "twice the same": (scimserver.listing(totalResults=2, Resources=[user("1", "a")] * 2), "changes all the while"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_server_that_fails_or_lies_is_a_no(server: ScimServer, name: str) -> None:
    server.fault, message = WRONG[name]
    ages = HASTY if name in {"hanging", "dribbling"} else ANEW
    start = time.monotonic()
    with pytest.raises(DirectoryUnavailable, match=message) as caught:
        directory(server, ages).snapshot()
    assert time.monotonic() - start < 30
    assert TOKEN not in str(caught.value)


def test_a_body_without_end_is_cut_off(server: ScimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", 1_000_000)
    server.fault = scimserver.endless
    with pytest.raises(DirectoryUnavailable, match="too many bytes"):
        directory(server, Ages(refresh=0, max_age=0, timeout=30, wait=60)).snapshot()


def test_many_small_pages_are_cut_off_together(server: ScimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", 20_000)
    server.page = 1
    server.users = [user(str(number), f"user{number}", padding="x" * 1000) for number in range(50)]
    with pytest.raises(DirectoryUnavailable, match="too many bytes"):
        directory(server).snapshot()


def test_a_list_that_grows_while_it_is_read_is_read_again_and_then_given_up(server: ScimServer) -> None:
    server.page = 1
    growing = itertools.count(3)

    def grow(handler: scimserver.Handler, path: str) -> bool:
        number = next(growing)
        server.users.append(user(f"new-{number}", f"new-{number}"))
        return False

    server.fault = grow
    with pytest.raises(DirectoryUnavailable, match="changes all the while"):
        directory(server).snapshot()
    server.fault = None
    assert directory(server).snapshot().canonical("new-3") == "scim:new-3"


@pytest.mark.parametrize(
    "members",
    [{"value": "1"}, [{"value": 1}], [{"value": None}], ["1"], [{}], "1"],
    ids=json.dumps,
)
def test_a_group_whose_members_are_unclear_is_a_no_to_everything(server: ScimServer, members: object) -> None:
    server.groups[1]["members"] = members
    with pytest.raises(DirectoryUnavailable, match="the members of the SCIM group `11`"):
        directory(server).snapshot()


def test_two_groups_of_one_address_are_a_no(server: ScimServer) -> None:
    server.groups += [group("66", "ops@example.org", ["3"]), group("67", "Ops@Example.org", ["3"])]
    with pytest.raises(DirectoryUnavailable, match="two SCIM groups are called `Ops@"):
        directory(server).snapshot()


def test_two_groups_of_one_name_are_a_no(server: ScimServer) -> None:
    server.groups.append(group("66", "data-protection", ["3"]))
    with pytest.raises(DirectoryUnavailable, match="two SCIM groups are called `data-protection`"):
        directory(server).snapshot()


def test_a_server_that_is_not_there_is_a_quick_no(server: ScimServer) -> None:
    """Quick beside the patience that there is: nothing is waited for."""
    address = server.address
    server.server_close()
    start = time.monotonic()
    with pytest.raises(DirectoryUnavailable, match="ConnectError"):
        ScimDirectory(address, lambda: TOKEN, ages=Ages(refresh=0, max_age=0, timeout=60, wait=120)).snapshot()
    assert time.monotonic() - start < 30


def test_a_server_whose_certificate_nobody_vouches_for_is_a_no(server: ScimServer, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = ScimDirectory(f"https://localhost:{server.server_port}/scim/v2", lambda: TOKEN, ages=ANEW)
    with pytest.raises(DirectoryUnavailable, match="ConnectError"):
        found.snapshot()
    assert server.requests == [], "the token was not sent"


def test_proxies_of_the_environment_see_no_token(server: ScimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at that port: to ask it is to fail."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert directory(server).snapshot().canonical("ann") == "scim:1"


def test_a_token_that_cannot_be_had_or_sent_is_a_no(server: ScimServer) -> None:
    def missing() -> str:
        raise KeyError("secret-name")

    with pytest.raises(DirectoryUnavailable, match="KeyError"):
        ScimDirectory(server.address, missing, ages=ANEW).snapshot()
    with pytest.raises(DirectoryUnavailable) as caught:
        ScimDirectory(server.address, lambda: "a\r\nX-Injected: b", ages=ANEW).snapshot()
    assert "Injected" not in str(caught.value)


# ---- ages ----


def test_what_is_young_is_kept_and_what_is_old_is_a_no(server: ScimServer, clock: Clock) -> None:
    found = directory(server, Ages(refresh=20, max_age=150, timeout=30, wait=60, retry=5))
    first = found.snapshot()
    assert found.snapshot() is first
    assert len(server.requests) == 2
    server.fault = scimserver.status(500)
    clock.ahead += 30
    assert found.snapshot() is first, "still young enough; the renewal fails beside it"
    clock.ahead += 150
    with pytest.raises(DirectoryUnavailable, match="answers 500"):
        found.snapshot()
    server.fault = None
    clock.ahead += 10
    assert found.snapshot().version == first.version


def test_a_slow_renewal_holds_nobody_up(server: ScimServer, clock: Clock) -> None:
    found = directory(server, Ages(refresh=20, max_age=150, timeout=30, wait=60))
    first = found.snapshot()
    server.fault = scimserver.hanging
    clock.ahead += 30
    assert found.snapshot() is first
    assert server.hangs.wait(60)
    assert found.snapshot() is first
    assert len(server.requests) == 3, "the renewal is still on its way"


def test_many_who_wait_ask_once(server: ScimServer) -> None:
    found = directory(server, Ages(refresh=10, max_age=20, timeout=30, wait=60))
    versions: list[str] = []
    threads = [threading.Thread(target=lambda: versions.append(found.snapshot().version)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions) == 50
    assert len(set(versions)) == 1
    assert len(server.requests) == 2


def test_after_a_failure_nobody_hammers_the_server(server: ScimServer) -> None:
    server.fault = scimserver.status(503)
    found = directory(server, Ages(refresh=1, max_age=2, timeout=30, wait=60, retry=600))
    for _ in range(50):
        with pytest.raises(DirectoryUnavailable, match="answers 503"):
            found.snapshot()
    assert len(server.requests) == 1


def test_a_change_is_a_new_version_and_the_same_is_the_same_object(server: ScimServer) -> None:
    found = directory(server)
    first = found.snapshot()
    assert found.snapshot() is first
    server.groups[0]["members"] = []
    assert found.snapshot().version != first.version


# ---- settings ----


@pytest.mark.parametrize(
    "address",
    [
        "http://id.example.org",
        "ftp://x",
        "id.example.org",
        "https://u:p@id.example.org",
        "https://x?a=1",
        "https://[",
        "",
    ],
)
def test_an_address_that_others_could_answer_for_is_refused(address: str) -> None:
    with pytest.raises(ConfigError):
        ScimDirectory(address, lambda: TOKEN)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Naming(()),
        lambda: Naming(("displayName",)),
        lambda: Naming(subject="displayName"),
        lambda: Ages(refresh=3, max_age=2),
        lambda: Ages(timeout=0),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Any) -> None:
    with pytest.raises(ConfigError):
        make()


def test_a_forked_process_asks_for_itself(server: ScimServer, clock: Clock) -> None:
    """Also when it was forked while a thread of its parent was asking."""
    found = directory(server, Ages(refresh=20, max_age=150, timeout=30, wait=60))
    version = found.snapshot().version
    server.fault = scimserver.hanging
    clock.ahead += 30
    found.snapshot()
    assert server.hangs.wait(60)
    server.fault = None
    clock.ahead += 150  # what the parent had is too old by now

    def ask(say: Say) -> str:
        return found.snapshot().version

    assert fork(ask).result() == version
