"""A directory in a file: everything wrong with it is said at its place, and a changed file counts at once or not at all."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.approvals.directory import Escalation
from assentry.approvals.terms import Who
from assentry.errors import CompileError, DirectoryUnavailable
from assentry.gate.directory.file import FileDirectory
from assentry.gate.directory.fileread import read_directory
from assentry.gate.directory.records import Records
from assentry.gate.directory.snapshot import Snapshot
from assentry.source import Source
from assentry.yamlfile import read_yaml

WHOLE = """\
people:
  ann: {name: Ann Example, accounts: [Ann@Example.org, "https://id.example.org#248"]}
  bob:
  cyd: {active: false}
  eve: {}
services: [ci-bot]
groups:
  data-protection: {members: [ann@example.org, bob], groups: [etl], escalates_to: {role: ciso}, after: 1h30m}
  etl: {members: [cyd, eve], groups: [data-protection]}
roles:
  ciso: {members: [eve]}
owners:
  etl-7: [etl]
  etl-8: [ann, etl-7, ci-bot]
deputies:
  - {for: ann, by: [eve], from: 2026-12-01T00:00:00Z, until: 2026-12-24T00:00:00+01:00}
"""


def read(text: str, *, alone: bool = True) -> Records:
    return read_directory(read_yaml(Source("people.yaml", text)), alone=alone)


def findings(text: str, *, alone: bool = True) -> list[str]:
    with pytest.raises(CompileError) as caught:
        read(text, alone=alone)
    return [
        f"{finding.code} {finding.position.line}:{finding.position.column} {finding.message}"
        + (f" [{finding.help}]" if finding.help else "")
        for finding in caught.value.diagnostics
    ]


def test_a_whole_directory() -> None:
    snapshot = Snapshot([read(WHOLE)])
    assert {snapshot.canonical(name) for name in ("ann", "ANN@example.org", "https://id.example.org#248")} == {"ann"}
    assert [snapshot.canonical(name) for name in ("bob", "cyd", "ci-bot", "etl-7", "etl", "zoe")] == ["bob"] + [
        None
    ] * 5
    assert set(snapshot.members(Who("group", "data-protection"))) == {"ann@example.org", "bob", "cyd", "eve"}
    assert snapshot.members(Who("role", "data-protection")) == set()
    assert snapshot.owners("etl-8") == {"ann", "etl-7", "ci-bot"}
    assert snapshot.escalation(Who("group", "data-protection")) == Escalation(Who("role", "ciso"), 5_400_000)
    start = 1_796_083_200_000
    assert [list(snapshot.deputies("ann", at)) for at in (start - 1, start)] == [[], ["eve"]]
    stop = start + 23 * 86_400_000 - 3_600_000
    assert [list(snapshot.deputies("ann@example.org", at)) for at in (stop - 1, stop)] == [["eve"], []]
    assert snapshot.label("ann") == "Ann Example"
    assert snapshot.label("bob") == "bob"
    assert snapshot.findings == ()


def test_the_published_schema_takes_it() -> None:
    schema = Draft202012Validator(json.loads(schemas.text("directory")))
    data = read_yaml(Source("people.yaml", WHOLE)).data
    assert [error.message for error in schema.iter_errors(data)] == []
    wrongs: list[object] = [{"persons": {}}, {"people": {"ann": {"acounts": []}}}, {"groups": {"a": {"after": "30m"}}}]
    for wrong in wrongs:
        assert not schema.is_valid(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "directory-form 1:1 there is nobody in this directory"),
        ("people: {}", "directory-form 1:1 there is nobody in this directory"),
        ("[]", "directory-form 1:1 a directory must be a map"),
        ("persons: {}", "directory-key 1:1 unknown key `persons` [a directory has the keys `people`, `services`, "),
        ("poeple: {}", "directory-key 1:1 unknown key `poeple` [did you mean `people`?]"),
        ("people: [ann]", "directory-form 1:9 `people` must be a map"),
        ("people: {ann: {acounts: []}}", "directory-key 1:16 unknown key `acounts` [did you mean `accounts`?]"),
        ("people: {ann: {accounts: ann@x}}", "directory-form 1:26 `accounts` must be a list"),
        ("people: {ann: {accounts: [7]}}", "directory-form 1:27 each entry of `accounts` must be a text [put it in"),
        ("people: {ann: {active: yes please}}", "directory-form 1:24 `active` must be `true` or `false`"),
        ('people: {" ann": {}}', "directory-form 1:10 a name is not blank"),
        (
            'people: {"a\\u200bnn": {}}',
            "directory-form 1:10 a name is not blank, has no blanks around it, no invisible",
        ),
        ("people: {ann: {accounts: [x, x]}}", "directory-twice 1:30 `x` stands twice"),
        ("people: {ann: {accounts: [x]}, bob: {accounts: [x]}}", "directory-twice 1:49 the account `x` belongs to two"),
        ("people: {ann: {accounts: [A@x.y]}, bob: {accounts: [a@X.y]}}", "directory-twice 1:53 the account `a@X.y`"),
        ("people: {ann: {}, аnn: {}}", "directory-twice 1:19 `аnn` of `аnn` looks like `ann` of `ann`"),
        ("people: {ann: {}, Ann: {}}", "directory-twice 1:19 `Ann` of `Ann` looks like `ann` of `ann`"),
        ("people: {ﬁona: {}, fiona: {}}", "directory-twice 1:20 `fiona` of `fiona` looks like `ﬁona`"),
        ("people: {ann: {}}\nservices: [ann]", "directory-twice 2:12 `ann` is a service and an account of `ann`"),
        (
            "people: {ann: {}}\ngroups: {A@x.y: {}, a@X.y: {}}",
            "directory-twice 2:21 `a@X.y` is the group `A@x.y` again",
        ),
        ("people: {ann: {}}\ngroups: {ann: {}}", "directory-twice 2:10 `ann` is a group and an account of `ann`"),
        (
            "people: {ann: {}}\ngroups: {g: {members: [anm]}}",
            "directory-unknown 2:24 there is no person `anm` [did you",
        ),
        ("groups: {g: {members: [h]}, h: {}}", "directory-unknown 1:24 `h` is a group, not a person [write groups in"),
        ("groups: {g: {groups: [h]}}", "directory-unknown 1:23 there is no group `h`"),
        ("roles: {g: {roles: [h]}}", "directory-unknown 1:21 there is no role `h`"),
        ("groups: {g: {after: 30m}}", "directory-key 1:21 `g` needs the key `escalates_to`, too"),
        ("groups: {g: {escalates_to: {role: x}, after: 30m}}", "directory-unknown 1:35 there is no role `x`"),
        ("groups: {g: {escalates_to: {group: g}, after: 1h}}", "directory-form 1:28 `g` escalates to itself"),
        ("groups: {g: {escalates_to: g, after: 1h}}", "directory-form 1:28 `escalates_to` must be a map"),
        ("groups: {g: {escalates_to: {}, after: 1h}}", "directory-form 1:28 `escalates_to` names one group or one"),
        ("groups: {g: {escalates_to: {group: h}, after: 0m}, h: }", "directory-time 1:47 `after` is no time [write"),
        ("groups: {g: {escalates_to: {group: h}, after: 30}, h: }", "directory-time 1:47 `after` is no time"),
        ("owners: {a: []}", "directory-form 1:13 `a` has no owner here"),
        ("owners: {a: [b]}", "directory-unknown 1:14 there is no person or group `b`"),
        ("people: {ann: {}}\nowners: {ann: [ann]}", "directory-twice 2:10 `ann` has owners, and is an account of"),
        ("deputies: [{for: ann}]", "directory-key 1:12 a deputy needs the key `by`"),
        (
            "people: {a: {}, b: {}}\ndeputies: [{for: a, by: [b], from: 2026-01-02T00:00:00Z, until: 2026-01-01T00:00:00Z}]",
            "directory-time 2:65 `until` is not after `from`",
        ),
        (
            "people: {a: {}, b: {}}\ndeputies: [{for: a, by: [b], from: 2026-01-02, until: 2026-01-03T00:00:00Z}]",
            "directory-time 2:36 `from` is no point in time [write `2026-12-24T08:00:00Z`]",
        ),
        (
            "people: {a: {}}\ndeputies: [{for: a, by: [a], from: 2026-01-01T00:00:00Z, until: 2026-01-03T00:00:00Z}]",
            "directory-form 2:26 `a` is `a`",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in findings(text)), findings(text)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(findings("people: {ann: {acounts: []}}\ngroups: {g: {members: [bob], group: []}}\nowners: {a: []}")) == 4


def test_beside_other_sources_a_file_may_name_people_it_does_not_know() -> None:
    text = "groups: {g: {members: [zoe], groups: [h]}}\nowners: {etl-7: [h]}"
    assert read(text, alone=False).owners == {"etl-7": {"h"}}
    assert len(findings(f"people: {{ann: {{}}}}\n{text}")) == 3


# ---- the file changes ----


def write(path: Path, text: str) -> None:
    """As people should: a new file in the old one's place."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.yaml"
    path.write_text("people: {ann: {}}")
    return path


def test_a_change_counts_at_once_even_with_the_same_size_and_time(path: Path) -> None:
    directory = FileDirectory(path)
    assert directory.snapshot().canonical("ann") == "ann"
    before = path.stat()
    path.write_text("people: {bob: {}}")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert directory.snapshot().canonical("ann") is None
    assert directory.snapshot().canonical("bob") == "bob"


def test_nothing_is_read_twice_while_nothing_changes(path: Path) -> None:
    os.utime(path, (1, 1))
    directory = FileDirectory(path)
    first = directory.snapshot()
    assert directory.snapshot() is first
    path.write_text("people: {ann: {}}  # with a comment")
    assert directory.snapshot() is first
    assert directory.snapshot().version == first.version


@pytest.mark.parametrize(
    "text", ["people: {ann: {}", "people: {ann: {}}\ngroups: {g: {members: [zoe]}}", "\0", "\ufeffpeople:", "a: &x b"]
)
def test_a_file_that_is_wrong_is_a_no_until_it_is_right_again(path: Path, text: str) -> None:
    directory = FileDirectory(path)
    directory.snapshot()
    path.write_text(text)
    with pytest.raises(DirectoryUnavailable, match=r"people\.yaml") as caught:
        directory.snapshot()
    assert "zoe" not in str(caught.value), "whoever is refused reads it"
    path.write_text("people: {ann: {}}")
    assert directory.snapshot().canonical("ann") == "ann"


def test_a_file_that_is_gone_is_a_no(path: Path, tmp_path: Path) -> None:
    directory = FileDirectory(path)
    directory.snapshot()
    path.unlink()
    with pytest.raises(DirectoryUnavailable, match="no such file"):
        directory.snapshot()
    with pytest.raises(DirectoryUnavailable, match="it is no file"):
        FileDirectory(tmp_path).snapshot()
    with pytest.raises(DirectoryUnavailable):
        FileDirectory("a\0b").snapshot()


def test_a_pipe_is_no_file_and_nobody_waits_for_it(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DirectoryUnavailable, match="it is no file"):
        FileDirectory(path).snapshot()


def test_a_file_that_is_huge_is_a_no(path: Path) -> None:
    path.write_text("people:\n" + "  # nothing\n" * 500_000)
    with pytest.raises(DirectoryUnavailable, match="larger than 4096 KiB"):
        FileDirectory(path).snapshot()


def test_readers_beside_a_writer_see_one_version_or_the_other_whole(path: Path) -> None:
    """In each version exactly one of two people is in both groups."""
    versions = [
        f"people: {{ann: {{}}, bob: {{}}}}\ngroups: {{g: {{members: [{x}]}}, h: {{members: [{x}]}}}}"
        for x in ("ann", "bob")
    ]
    write(path, versions[0])
    directory = FileDirectory(path)
    stop = time.monotonic() + 1
    mixed: list[object] = []

    def look() -> None:
        while time.monotonic() < stop:
            snapshot = directory.snapshot()
            g, h = (set(snapshot.members(Who("group", name))) for name in "gh")
            if g != h or len(g) != 1:
                mixed.append((g, h))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    turn = 0
    while time.monotonic() < stop:
        turn += 1
        write(path, versions[turn % 2])
    for thread in threads:
        thread.join()
    assert mixed == []
    assert turn > 20
