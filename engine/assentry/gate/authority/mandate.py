"""What a mandate covers, and that one which is passed on covers no more.

A policy says what is right for anybody; a mandate says what this agent was sent to do. An action needs both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assentry.errors import GateError

USES = "uses"
"""The budget that every use spends one of; the others are paths of whole numbers in the document."""

MAX_AMOUNT = 2**53
MAX_DEPTH = 16


@dataclass(frozen=True)
class Terms:
    """What a mandate covers. Raises GateError for terms that cover nothing, or say what cannot be held to.

    `actions` and `resources` (as `type:id`) are names, or beginnings of names with a `*` behind them; `tools` are names
    of declared tools, None for any. `limits` are the largest whole numbers at paths of the document, `budgets` what
    all uses together may spend there. `task` is the one that the holder has to be on, None for any. `expires` is in
    milliseconds since 1970; `depth` is how many times it may be passed on.
    """

    actions: frozenset[str]
    resources: frozenset[str]
    expires: int
    tools: frozenset[str] | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    task: str | None = None
    depth: int = 0

    def __post_init__(self) -> None:
        for name, patterns in (
            ("actions", self.actions),
            ("resources", self.resources),
            ("tools", self.tools or {"*"}),
        ):
            if not patterns or not all(each and "*" not in each[:-1] for each in patterns):
                raise GateError(f"`{name}` of a mandate are names, or beginnings of names with one `*` behind them")
        for name, amounts in (("limits", self.limits), ("budgets", self.budgets)):
            if not all(type(amount) is int and 0 <= amount <= MAX_AMOUNT for amount in amounts.values()):
                raise GateError(f"`{name}` of a mandate are whole numbers from 0 to 2^53")
        if type(self.expires) is not int or type(self.depth) is not int or not 0 <= self.depth <= MAX_DEPTH:
            raise GateError(f"a mandate ends at a time, and is passed on 0 to {MAX_DEPTH} times")

    def to_data(self) -> dict[str, Any]:
        """As plain JSON, without floats."""
        return {
            "actions": sorted(self.actions),
            "budgets": dict(sorted(self.budgets.items())),
            "depth": self.depth,
            "expires": self.expires,
            "limits": dict(sorted(self.limits.items())),
            "resources": sorted(self.resources),
            "task": self.task,
            "tools": None if self.tools is None else sorted(self.tools),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Terms:
        """The terms in plain JSON. Raises GateError, or KeyError and TypeError for data of another form."""
        tools = data["tools"]
        return cls(
            actions=frozenset(data["actions"]),
            resources=frozenset(data["resources"]),
            expires=data["expires"],
            tools=None if tools is None else frozenset(tools),
            limits=dict(data["limits"]),
            budgets=dict(data["budgets"]),
            task=data["task"],
            depth=data["depth"],
        )


def widened(child: Terms, parent: Terms) -> str | None:
    """In what a mandate would cover more than the one it is passed on from; None when it does not."""
    for name in ("actions", "resources"):
        for pattern in sorted(getattr(child, name)):
            if not _covered(pattern, getattr(parent, name)):
                return f"`{pattern}` of its {name}"
    if parent.tools is not None and not all(_covered(each, parent.tools) for each in child.tools or ("*",)):
        return "its tools"
    for name in ("limits", "budgets"):
        ours, theirs = getattr(child, name), getattr(parent, name)
        for path in sorted(theirs):
            if ours.get(path, MAX_AMOUNT + 1) > theirs[path]:
                return f"`{path}` of its {name}"
    if parent.task is not None and child.task != parent.task:
        return "its task"
    if child.expires > parent.expires:
        return "its end"
    return "how often it may be passed on" if child.depth >= parent.depth else None


def outside(terms: Terms, document: Mapping[str, Any], task: str | None, now: int) -> str | None:
    """Why terms do not cover an action at a time, by somebody on a task; None when they do.

    `document` is a stamped one: its tool is the declared one.
    """
    action, resource = document["action"], document["resource"]
    if now >= terms.expires:
        return "it has expired"
    if terms.task is not None and terms.task != task:
        return "it is for another task"
    if not _covered(action["name"], terms.actions):
        return f"it does not cover `{action['name']}`"
    if not _covered(_named(resource), terms.resources):
        return "it does not cover this resource"
    tool = action.get("tool")
    if terms.tools is not None and not _covered(tool.get("name") if isinstance(tool, Mapping) else None, terms.tools):
        return "it does not cover this tool"
    for path, limit in sorted(terms.limits.items()):
        amount = amount_at(document, path)
        if amount is None:
            return f"`{path}` is no whole number from 0, and it limits that"
        if amount > limit:
            return f"`{path}` is beyond its limit"
    return None


def _named(resource: Mapping[str, Any]) -> str | None:
    """A resource as `type:id`; None for a type with a colon in it, which could pass for another type."""
    kind, name = resource.get("type"), resource.get("id", "")
    return f"{kind}:{name}" if isinstance(kind, str) and isinstance(name, str) and ":" not in kind else None


def amount_at(document: Mapping[str, Any], path: str) -> int | None:
    """The whole number at a path, not below 0; None when there is none. The path `uses` is always 1."""
    if path == USES:
        return 1
    at: Any = document
    for part in path.split("."):
        at = at.get(part) if isinstance(at, Mapping) else None
    return at if type(at) is int and 0 <= at <= MAX_AMOUNT else None


def _covered(name: object, patterns: frozenset[str]) -> bool:
    """Whether a name, or all that a pattern covers, is covered by one of these patterns."""
    return isinstance(name, str) and any(
        name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in patterns
    )
