"""The door: a command becomes events, or a refusal. No clock, no I/O, no randomness.

The same state, command, directory, time and settings give the same events. Append them to the ledger all together
or not at all, and only then let anybody know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assentry.approvals import commands
from assentry.approvals.commands import Command
from assentry.approvals.desk import Desk, Events
from assentry.approvals.directory import Directory, Reading
from assentry.approvals.moves import consume, counter, glass, leave, outcome, show, submit, tick, vote
from assentry.approvals.refusal import Refusal, Refused
from assentry.approvals.settings import DEFAULT, Settings
from assentry.approvals.state import State
from assentry.errors import DirectoryUnavailable

MOVES: Mapping[type, Callable[[Desk, Any], Events]] = {
    commands.Submit: submit.submit,
    commands.Draw: show.draw,
    commands.Show: show.show,
    commands.CastVote: vote.vote,
    commands.Counter: counter.counter,
    commands.BreakGlass: glass.break_glass,
    commands.Review: glass.review,
    commands.Consume: consume.consume,
    commands.Report: outcome.report,
    commands.Resolve: outcome.resolve,
    commands.Cancel: leave.cancel,
    commands.Revoke: leave.revoke,
    commands.Tick: tick.tick,
}


def decide(
    state: State, command: Command, directory: Directory | Reading, now: int, settings: Settings = DEFAULT
) -> Events | Refusal:
    """What comes of a command at a time: events in order, none when all is as it should be already, or a refusal.

    `now` is the ledger's time in milliseconds since 1970; a reading of the directory has to be of now, too. One that fails is a refusal, never an exception.
    """
    if now < state.time:
        return Refusal("clock", "the time given is before the newest event")
    try:
        people = directory if isinstance(directory, Reading) else Reading(directory)
        return MOVES[type(command)](Desk(state, people, now, settings), command)
    except Refused as no:
        return no.refusal
    except DirectoryUnavailable as error:
        return Refusal("directory", str(error))


def ticking(state: State) -> tuple[str, ...]:
    """The requests that time and the directory still work on: a `Tick` for each keeps them, oldest first."""
    return tuple(sorted(state.live, key=lambda name: (state.requests[name].asked_at, name)))
