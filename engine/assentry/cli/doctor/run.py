"""The catalogue of guarantees, and an examination of one project."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assentry.cli.doctor import effect_checks, log_checks, people_checks, project_checks
from assentry.cli.doctor.bench import Bench
from assentry.cli.doctor.outcome import Failed, NotApplicable, Outcome, Status
from assentry.cli.doctor.project import Project


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One guarantee: its stable name, a line for people, and what tries it."""

    id: str
    title: str
    check: Callable[[Bench], str]


GUARANTEES: tuple[Guarantee, ...] = (
    Guarantee("directory", "the directory answers, and nobody in it is two people", project_checks.directory),
    Guarantee("seats", "there are enough people for every seat", project_checks.seats),
    Guarantee("owners", "every agent has an owner", project_checks.owners),
    Guarantee("controls", "every decision names its controls", project_checks.controls),
    Guarantee("ledger", "the ledger verifies, and is not for development", project_checks.ledger),
    Guarantee("keys", "the keys are kept, and private", project_checks.keys),
    Guarantee("unknown-action", "an action that nobody knows is denied", project_checks.unknown_action),
    Guarantee("no-caller", "nobody acts without being known", project_checks.no_caller),
    Guarantee("policy-pinned", "a policy that nobody approved decides nothing", people_checks.policy_pinned),
    Guarantee("approved-is-run", "what was approved is what runs", people_checks.approved_is_run),
    Guarantee("used-once", "an approval is used once", people_checks.used_once),
    Guarantee("unentitled", "who is not entitled does not approve", people_checks.stranger),
    Guarantee("own-request", "nobody approves their own", people_checks.own_request),
    Guarantee("counts-once", "one person counts once", people_checks.counts_once),
    Guarantee("deny-dominates", "a deny counts until the use", people_checks.a_deny_counts),
    Guarantee("revoked", "what was taken back does not run", people_checks.revoked),
    Guarantee("lapses", "what was not used in time does not run", people_checks.lapses),
    Guarantee("directory-down", "a directory that fails means no", people_checks.directory_down),
    Guarantee("preconditions", "a condition that moved refuses", people_checks.moved),
    Guarantee("upstream", "another server is another tool", people_checks.upstream),
    Guarantee("signed", "grants are signed, and verified without the log", people_checks.signed),
    Guarantee("redacted", "a secret is on no card and not in the log", people_checks.redacted),
    Guarantee("effect-once", "the same effect never happens twice", effect_checks.effect_once),
    Guarantee("one-winner", "of many that race one wins", effect_checks.one_winner),
    Guarantee("unknown-blocks", "an unknown outcome blocks a blind retry", effect_checks.unknown_blocks),
    Guarantee("attempts", "attempts have tokens, and a ceiling", effect_checks.attempts),
    Guarantee("ledger-down", "nothing runs that cannot be written down", effect_checks.ledger_down),
    Guarantee("mandate", "an agent acts within its mandate only", effect_checks.mandate_needed),
    Guarantee("mandate-narrows", "what is passed on is narrower", effect_checks.mandate_narrows),
    Guarantee("budget-held", "a budget is held until a use failed", effect_checks.budget_held),
    Guarantee("altered", "an altered entry is named", log_checks.altered),
    Guarantee("cut", "a log that was cut is seen", log_checks.cut),
    Guarantee("pruned", "pruning breaks nothing, and spares what is held", log_checks.pruned),
    Guarantee("clock", "a clock that goes back stops everything", log_checks.clock),
    Guarantee("keys-rotate", "a log whose keys changed verifies", log_checks.one_walk),
)


def examine(project: Project, only: Sequence[str] = ()) -> Iterator[Outcome]:
    """Try the guarantees one by one, or those named, in the catalogue's order. What raises anything has failed."""
    with tempfile.TemporaryDirectory(prefix="assentry-doctor-") as folder:
        bench = Bench(project, Path(folder))
        for guarantee in GUARANTEES:
            if not only or guarantee.id in only:
                yield _tried(guarantee, bench)


def _tried(guarantee: Guarantee, bench: Bench) -> Outcome:
    status: Status = "passed"
    try:
        why = guarantee.check(bench)
    except NotApplicable as reason:
        status, why = "not applicable", str(reason)
    except Failed as reason:
        status, why = "failed", str(reason)
    except Exception as error:  # noqa: BLE001 -- a guarantee that cannot be tried to its end does not hold
        status, why = "failed", f"{type(error).__name__}: {error}"
    return Outcome(guarantee.id, guarantee.title, status, why)
