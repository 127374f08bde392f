"""Before a gate opens: an action that has to be denied is attempted, and has to be denied.

The canary goes the way of every action. A policy that lets it pass lets everything pass that no rule speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assentry.errors import Denied, GateError
from assentry.gate.stamp import Caller

CANARY: Mapping[str, Any] = {
    "action": {"name": "assentry.canary"},
    "resource": {"type": "canary", "id": "canary"},
    "context": {},
}
CALLER = Caller({"type": "service", "id": "assentry-canary"})


def fire(attempt: Callable[[Mapping[str, Any], Caller], object], canary: Mapping[str, Any]) -> None:
    """Attempt the canary. Raises GateError unless the policy denies it."""
    verdict = None
    try:
        attempt(canary, CALLER)
    except Denied as denied:
        verdict = denied.verdict
        if verdict is None:
            raise GateError(f"the gate does not start: its canary was not decided: {denied}") from denied
    if verdict is None or verdict.decision != "deny":
        raise GateError(
            "the gate does not start: the policy does not deny its canary, `assentry.canary`; "
            "deny it, or name an action that has to be denied as `canary`"
        )
