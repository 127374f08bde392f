"""Holds an action until people agree, and lets exactly that action run once.

    from assentry.gate import Caller, Gate, Tool, Voter

Names are loaded when they are first used; most of them need the packages of `assentry[ledger]`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assentry.gate.authority.mandate import Terms
    from assentry.gate.authority.mandates import Authority
    from assentry.gate.execution import Run
    from assentry.gate.gate import Gate
    from assentry.gate.grant import Grant, Permit
    from assentry.gate.keys import GateKeys
    from assentry.gate.metrics import Metrics
    from assentry.gate.parts import Listener
    from assentry.gate.pending import Pending
    from assentry.gate.people import Voter
    from assentry.gate.stamp import Caller
    from assentry.gate.summary import Summary
    from assentry.gate.tool import Tool

__all__ = [
    "Gate",
    "Caller",
    "Voter",
    "Tool",
    "Pending",
    "Run",
    "Grant",
    "Permit",
    "GateKeys",
    "Listener",
    "Summary",
    "Metrics",
    "Authority",
    "Terms",
]

_PLACES = {
    "Gate": "gate",
    "Caller": "stamp",
    "Voter": "people",
    "Tool": "tool",
    "Pending": "pending",
    "Run": "execution",
    "Grant": "grant",
    "Permit": "grant",
    "GateKeys": "keys",
    "Listener": "parts",
    "Summary": "summary",
    "Metrics": "metrics",
    "Authority": "authority.mandates",
    "Terms": "authority.mandate",
}


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module `assentry.gate` has no attribute `{name}`")
    value = globals()[name] = getattr(import_module(f"assentry.gate.{place}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
