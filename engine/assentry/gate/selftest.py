"""Before a gate opens: an action that has to be denied is attempted, and has to be denied.

The canary goes the way of every action, through stamp, policy and ledger. A policy that lets it pass lets everything
pass that no rule speaks of; a ledger that cannot record its refusal can record nothing.
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
    try:
        attempt(canary, CALLER)
    except Denied as denied:
        if denied.code == "denied" and denied.verdict is not None and denied.verdict.decision == "deny":
            return
        raise GateError(f"the gate does not start: its canary was not decided ({denied.code}: {denied})") from denied
    raise GateError(
        "the gate does not start: the policy does not deny its canary, `assentry.canary`; "
        "deny it, or name an action that has to be denied as `canary`"
    )
