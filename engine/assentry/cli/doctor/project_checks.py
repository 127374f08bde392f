"""Whether the project's own settings can keep the guarantees: rules, people, ledger."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from assentry.approvals import exclusion
from assentry.approvals.directory import Reading
from assentry.cli.doctor.bench import Bench, expect
from assentry.cli.doctor.outcome import fail, hold, skip
from assentry.config import DirectorySettings, LedgerSettings
from assentry.errors import CompileError, ConfigError, DirectoryUnavailable, LedgerError
from assentry.gate import Gate
from assentry.gate.directory.fileread import read_directory
from assentry.gate.directory.snapshot import Snapshot
from assentry.yamlfile import read_yaml

MAX_VERIFIED = 200_000
"""Entries of a ledger that are verified here; for larger ones there is `assentry ledger verify`."""


def controls(bench: Bench) -> str:
    """Every decision names controls because every rule does."""
    rules = [rule for rule in bench.project.policy.form.rules if rule.effect != "risk" and not rule.shadow]
    bare = [rule.id for rule in rules if not rule.controls]
    hold(not bare, f"{len(bare)} of {len(rules)} rules cite no control: {_some(bare)}")
    return f"{len(rules)} rules"


def unknown_action(bench: Bench) -> str:
    """What no rule speaks of is denied: the canary of every gate."""
    candidate = bench.project.candidate(
        {
            "subject": {"type": "agent", "id": "assentry-doctor"},
            "action": {"name": "assentry.cli.doctor.unknown"},
            "resource": {"type": "unknown", "id": "unknown"},
        }
    )
    hold(candidate is not None and candidate.decision == "deny", "the policy does not deny an action that nobody knows")
    with bench.scratch():
        return ""


def no_caller(bench: Bench) -> str:
    """Nobody acts without being known."""
    with bench.scratch() as scratch:
        gate: Gate = scratch.gate
        action = bench.project.candidates[0].action if bench.project.candidates else {"action": {"name": "x"}}
        expect("subject", lambda: gate.submit(action), "an action of nobody")
    return ""


def directory(bench: Bench) -> str:
    """The directory answers, and nobody in it is two people."""
    try:
        found = bench.project.directory
    except (ConfigError, DirectoryUnavailable) as error:
        fail(_findings(bench.project.config.directory) or str(error))
    if found is None:
        skip("no `[directory]` is configured; seats were filled with invented people")
    if isinstance(found, Snapshot):
        hold(not found.findings, f"{len(found.findings)} put aside: {_some(found.findings, 2)}")
        return f"{len(found.people)} people, {len(found.teams)} groups and roles"
    return ""


def _findings(settings: DirectorySettings | None) -> str:
    """What is wrong with the directory's file, in full: whoever examines it may read what stands in it."""
    if settings is None or settings.file is None:
        return ""
    try:
        read_directory(read_yaml(settings.file), alone=settings.scim is None)
    except CompileError as error:
        places = [f"{each.message} ({each.position.line}:{each.position.column})" for each in error.diagnostics]
        return _some(places, 3)
    except ConfigError as error:
        return str(error)
    return ""


def seats(bench: Bench) -> str:
    """For each seat that the rules ask for, there are enough people."""
    wanted = bench.project.seats
    if not wanted:
        skip("no rule asks for anybody")
    if bench.project.config.directory is None:
        skip("no `[directory]` is configured")
    people = Reading(bench.project.people())
    lacking = [
        f"{who} has {len(people.team(who))} of {count}"
        for who, count in sorted(wanted.items())
        if len(people.team(who)) < count
    ]
    hold(not lacking, _some(lacking))
    return f"{len(wanted)} seats"


def owners(bench: Bench) -> str:
    """Every agent that the tests and examples know has an owner: without one, its every request is refused."""
    if bench.project.config.directory is None:
        skip("no `[directory]` is configured")
    people = Reading(bench.project.people())
    kinds = {"user", "person", "root"}
    agents = {str(each.subject["id"]) for each in bench.project.candidates if each.subject["type"] not in kinds}
    if not agents:
        skip("no action in the tests or examples is an agent's")
    bare = sorted(agent for agent in agents if not exclusion.is_answered_for(people, agent))
    hold(not bare, f"{len(bare)} of {len(agents)} have no owner: {_some(bare)}")
    return f"{len(agents)} agents and services"


def ledger(bench: Bench) -> str:
    """The configured ledger opens, is not for development, and verifies with its own public key."""
    settings = _configured(bench)
    from assentry.cli.ledger.laws import replay
    from assentry.ledger import opening
    from assentry.ledger.verify.run import verify
    from assentry.ledger.verify.stored import Stored

    try:
        with opening.open_reader(settings.place, tenant=settings.tenant) as log:
            head = log.head()
            hold(not head.development, "it is a log for development: nobody is excluded in it")
            if head.size > MAX_VERIFIED:
                return f"{head.size:,} entries, too many to be verified here: `assentry ledger verify`"
            report = verify(Stored(log), [head.key], replay=replay)
    except LedgerError as error:
        fail(str(error))
    hold(report.good, f"{len(report.findings)} findings, the first: {report.findings[:1]}")
    return f"{head.size:,} entries"


def keys(bench: Bench) -> str:
    """The keys of the configured ledger are there, and nobody else can read them."""
    settings = _configured(bench)
    if settings.keys is None and "://" in settings.place and not settings.place.startswith("sqlite:///"):
        skip("the settings do not say where the keys of this ledger are")
    folder = settings.keys or Path(f"{settings.place.removeprefix('sqlite:///')}-keys")
    hold(folder.is_dir(), f"there is no folder of keys at `{folder}`")
    private = [path for path in sorted(folder.iterdir()) if ".key" in path.name and path.is_file()]
    hold(bool(private), f"there are no keys in `{folder}`")
    if os.name == "posix":
        open_ = [path.name for path in private if path.stat().st_mode & 0o077]
        hold(not open_, f"others can read {_some(open_)}")
    return f"{len(private)} keys"


def _configured(bench: Bench) -> LedgerSettings:
    settings = bench.project.config.ledger
    if settings is None:
        return skip("no `[ledger]` is configured")
    if "://" not in settings.place and not Path(settings.place).exists():
        skip(f"there is no ledger at `{settings.place}` yet")
    if urlsplit(settings.place).scheme.startswith("postgres"):
        from importlib.util import find_spec

        if find_spec("psycopg") is None:
            skip("the ledger is in PostgreSQL, and `psycopg` is not installed")
    return settings


def _some(names: object, limit: int = 5) -> str:
    listed = [str(each) for each in names] if isinstance(names, list | tuple) else [str(names)]
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more
