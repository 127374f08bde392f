"""Who must say yes, how many, until when: a pure state machine.

Commands go in, events come out (`decide`); a state is the fold of events (`evolve`). Time, ids, the directory and
what the policy says are arguments: nothing here reads a clock, writes a file or draws a number.
"""

from __future__ import annotations

from assentry.approvals.codec import from_data, to_data
from assentry.approvals.directory import Directory, Escalation
from assentry.approvals.fold import evolve, replay
from assentry.approvals.machine import decide, ticking
from assentry.approvals.refusal import Refusal
from assentry.approvals.request import Chain, Proof, Proposal, Request
from assentry.approvals.settings import Settings
from assentry.approvals.state import State
from assentry.approvals.terms import Who

__all__ = [
    "decide",
    "evolve",
    "replay",
    "ticking",
    "State",
    "Request",
    "Proposal",
    "Chain",
    "Proof",
    "Refusal",
    "Settings",
    "Directory",
    "Escalation",
    "Who",
    "to_data",
    "from_data",
]
