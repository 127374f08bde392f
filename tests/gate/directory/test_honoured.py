"""What a directory says counts at the vote and again at the use: played with the machine of approvals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assentry.approvals import Chain, Proof, Proposal, Refusal, State, commands, decide, evolve
from assentry.approvals.commands import Command
from assentry.approvals.directory import Directory
from assentry.errors import DirectoryUnavailable
from assentry.evaluator.ruling import Approval, Seat
from assentry.gate.directory.file import FileDirectory
from assentry.gate.directory.kept import Ages
from assentry.gate.directory.scim import ScimDirectory
from assentry.gate.directory.source import CombinedDirectory, DirectorySource, snapshot_of
from tests.support import scimserver
from tests.support.scimserver import TOKEN, ScimServer, group, scim_server, user

NOW = 1_795_176_000_000
TERMS = Approval((Seat(2, "group", "data-protection"),), within_seconds=1800)
PEOPLE = """\
people:
  ann: {accounts: [ann@example.org, ann@laptop]}
  bob: {}
  cyd: {}
  eve: {}
groups:
  data-protection: {members: [ann, bob, cyd, eve]}
  etl: {members: [eve]}
owners:
  etl-7: [etl]
"""


class Play:
    """One request for an action, decided with a directory that is asked anew for each command."""

    def __init__(self, directory: DirectorySource) -> None:
        self.directory = directory
        self.state = State()

    def run(self, command: Command) -> str:
        """The kinds of the events, or the code of the refusal."""
        try:
            snapshot: Directory = snapshot_of(self.directory)
        except DirectoryUnavailable:
            return "unavailable"
        decided = decide(self.state, command, snapshot, NOW)
        if isinstance(decided, Refusal):
            return decided.code
        for event in decided:
            self.state = evolve(self.state, event)
        return " ".join(event.kind for event in decided)

    def ask(self) -> str:
        judgement = commands.Judgement("sha256:a", "require_approval", TERMS, "sha256:1", NOW)
        proposal = Proposal("sha256:a", sameness="s", effect_key="e")
        return self.run(commands.Submit("q", proposal, Chain("etl-7"), judgement, card="c", nonce="n"))

    def vote(self, account: str) -> str:
        return self.run(commands.CastVote("q", account, "approve", "c", Proof("attested", by="console")))

    def use(self) -> str:
        judgement = commands.Judgement("sha256:a", "require_approval", TERMS, "sha256:1", NOW)
        return self.run(commands.Consume("q", "n", (), judgement, successor="q2"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.yaml"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_server() as running:
        running.users = [user(str(number), name) for number, name in enumerate(("ann", "bob", "cyd", "eve"))]
        running.groups = [group("g", "data-protection", ["0", "1", "2", "3"]), group("h", "etl", ["3"])]
        yield running


PATIENT = Ages(refresh=0, max_age=0, timeout=30, wait=60, retry=0)
HASTY = Ages(refresh=0, max_age=0, timeout=4, wait=8, retry=0.05)
"""For a server that never answers, and otherwise is quick enough also on a busy machine."""


def both(server: ScimServer, tmp_path: Path, ages: Ages = PATIENT) -> Play:
    """Owners from a file, people and groups from a server."""
    (tmp_path / "owners.yaml").write_text("owners: {etl-7: [etl]}")
    scim = ScimDirectory(server.address, lambda: TOKEN, ages=ages)
    return Play(CombinedDirectory(FileDirectory(tmp_path / "owners.yaml", alone=False), scim))


def test_the_whole_way_with_a_file(path: Path) -> None:
    play = Play(FileDirectory(path))
    assert play.ask() == "requested"
    assert play.vote("eve") == "excluded"
    assert play.vote("ANN@example.org") == "voted"
    assert play.vote("ann@laptop") == "voted", "the same person: the newer vote stands for the older"
    assert play.vote("bob") == "voted approved"
    assert play.use() == "consumed"


def test_the_whole_way_with_a_server(server: ScimServer, tmp_path: Path) -> None:
    play = both(server, tmp_path)
    assert [play.ask(), play.vote("eve"), play.vote("ann"), play.vote("bob"), play.use()] == [
        "requested",
        "excluded",
        "voted",
        "voted approved",
        "consumed",
    ]


def test_who_leaves_after_the_vote_does_not_count_at_the_use(path: Path) -> None:
    play = Play(FileDirectory(path))
    assert [play.ask(), play.vote("ann"), play.vote("bob")] == ["requested", "voted", "voted approved"]
    path.write_text(PEOPLE.replace("bob: {}", "bob: {active: false}"))
    assert "consumed" not in play.use()


def test_who_is_disabled_on_the_server_after_the_vote_does_not_count_at_the_use(
    server: ScimServer, tmp_path: Path
) -> None:
    play = both(server, tmp_path)
    assert [play.ask(), play.vote("ann"), play.vote("bob")] == ["requested", "voted", "voted approved"]
    server.users[1]["active"] = False
    assert "consumed" not in play.use()


def test_who_leaves_the_group_after_the_vote_does_not_count_at_the_use(server: ScimServer, tmp_path: Path) -> None:
    play = both(server, tmp_path)
    assert [play.ask(), play.vote("ann"), play.vote("bob")] == ["requested", "voted", "voted approved"]
    server.groups[0]["members"] = [{"value": "0"}, {"value": "2"}, {"value": "3"}]
    assert "consumed" not in play.use()


def test_two_accounts_that_turn_out_to_be_one_person_fill_one_seat(path: Path) -> None:
    play = Play(FileDirectory(path))
    assert [play.ask(), play.vote("ann"), play.vote("bob")] == ["requested", "voted", "voted approved"]
    merged = PEOPLE.replace("ann@laptop]", "ann@laptop, bob]").replace("  bob: {}\n", "")
    path.write_text(merged.replace("[ann, bob, cyd, eve]", "[ann, cyd, eve]"))
    assert "consumed" not in play.use()


def test_a_voter_who_becomes_an_owner_does_not_count_at_the_use(path: Path) -> None:
    play = Play(FileDirectory(path))
    assert [play.ask(), play.vote("ann"), play.vote("bob")] == ["requested", "voted", "voted approved"]
    path.write_text(PEOPLE.replace("etl: {members: [eve]}", "etl: {members: [eve, bob]}"))
    assert "consumed" not in play.use()


@pytest.mark.parametrize(
    "text", [PEOPLE.replace("members: [eve]", "members: [evee]"), PEOPLE[:90] + '"', "", "people:"]
)
def test_a_file_that_is_wrong_or_empty_is_a_no_at_every_step(path: Path, text: str) -> None:
    play = Play(FileDirectory(path))
    play.ask()
    path.write_text(text)
    assert "voted" not in play.vote("ann")
    path.write_text(PEOPLE)
    assert [play.vote("ann"), play.vote("bob")] == ["voted", "voted approved"]
    path.write_text(text)
    assert "consumed" not in play.use()
    path.write_text(PEOPLE)
    assert play.use() == "consumed"


@pytest.mark.parametrize(
    "fault",
    [scimserver.status(500), scimserver.truncated, scimserver.hanging, scimserver.redirect("https://a.example")],
)
def test_a_server_that_fails_is_a_no_at_every_step(server: ScimServer, tmp_path: Path, fault: scimserver.Fault) -> None:
    play = both(server, tmp_path, HASTY)
    play.ask()
    server.fault = fault
    assert play.vote("ann") == "unavailable"
    server.fault = None
    time.sleep(0.1)  # after a failure nobody asks for a moment
    assert [play.vote("ann"), play.vote("bob")] == ["voted", "voted approved"]
    server.fault = fault
    assert play.use() == "unavailable"
    server.fault = None
    time.sleep(0.1)  # after a failure nobody asks for a moment
    assert play.use() == "consumed"


def test_an_agent_that_a_server_lists_as_a_user_gets_no_vote(server: ScimServer, tmp_path: Path) -> None:
    server.users.append(user("7", "etl-7"))
    server.groups[0]["members"].append({"value": "7"})
    play = both(server, tmp_path)
    assert play.ask() == "requested"
    assert play.vote("etl-7") == "excluded"
    assert play.vote("scim:7") == "person"
