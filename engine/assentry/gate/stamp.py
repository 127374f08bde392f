"""From what a caller asks to the document that is decided: who it is, when, with what tool, and bytes for all that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assentry.approvals.request import Chain
from assentry.errors import Denied, InputError
from assentry.gate.canonical import canonical, is_text, parse, spelled
from assentry.gate.opaque import Names
from assentry.gate.tool import Tool
from assentry.ledger.entry import to_at

STAMPED = (("context", "time"), ("context", "nonce"))
"""Where a gate writes what is of this attempt alone."""

Document = dict[str, Any]
"""An action document, parsed back from its canonical bytes."""


_OBJECT = (dict, Mapping)
"""What is an object is a dict, nearly always; asking that first saves the long way through `Mapping`."""


@dataclass(frozen=True)
class Caller:
    """Who acts, as the transport proved it; what an action says of its own subject is overwritten.

    `subject` is the `subject` of the action document, `type` and `id` at least; `holder` the person or service whose
    credential was shown, where that is another.
    """

    subject: Mapping[str, Any] = field(repr=False)
    holder: str | None = None

    def __post_init__(self) -> None:
        """Raises Denied for a subject or a holder that is none."""
        for name in ("type", "id"):
            if not is_text(self.subject.get(name)):
                raise Denied("subject", f"a caller is proved by its `subject.{name}`, a text")
        if self.holder is not None and not is_text(self.holder):
            raise Denied("subject", "who holds a caller's credential is named by a text")
        try:
            # What is proved is proved now: nobody adds to it, or takes from it, between one look and the next.
            object.__setattr__(self, "subject", parse(canonical(dict(self.subject))))
        except InputError as error:
            raise Denied("subject", f"of a caller's subject, {error}") from error

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All identities of the chain, the requester first. Raises Denied for a chain that cannot be read."""
        named = (self.subject["id"], self.subject.get("owner"), self.holder, *_principals(self.subject))
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def chain(self, names: Names) -> Chain:
        """The chain in opaque ids. Raises Denied for a chain that cannot be read."""
        owner, holder = self.subject.get("owner"), self.holder
        if owner is not None and not isinstance(owner, str):
            raise Denied("subject", "`subject.owner` is no text")
        return Chain(
            names.id(self.subject["id"]),
            None if owner is None else names.id(owner),
            names.ids(_principals(self.subject)),
            None if holder is None else names.id(holder),
        )


def _principals(subject: Mapping[str, Any]) -> tuple[str, ...]:
    """On whose behalf; nobody in the chain may be left out because it cannot be read."""
    chain = subject.get("on_behalf_of", ())
    if not isinstance(chain, list | tuple):
        raise Denied("subject", "`subject.on_behalf_of` is no list")
    found: list[str] = []
    for place, each in enumerate(chain):
        for name in ("id", "owner"):
            value = each.get(name) if isinstance(each, Mapping) else None
            if isinstance(value, str) and value:
                found.append(value)
            elif name == "id" or value is not None:
                raise Denied("subject", f"`subject.on_behalf_of[{place}].{name}` is no text")
    return tuple(found)


@dataclass(frozen=True)
class Stamped:
    """A document with its canonical bytes; `at` is the time it was stamped with, in milliseconds since 1970.

    `plain` documents are spelled canonically by Python's own encoder, as a whole and in parts.
    """

    data: bytes
    plain: bool
    document: Document
    at: int
    tool: Tool | None
    caller: Caller = field(repr=False)


def stamp(action: Mapping[str, Any], caller: Caller, tool: Tool | None, at: int) -> Stamped:
    """Stamp time, nonce, subject and tool on an action; the document is parsed back from its canonical bytes.

    Raises Denied, naming the field, for what has no canonical form.
    """
    context = action.get("context", {})
    if not isinstance(context, _OBJECT):
        raise Denied("canonical", "`context` is no object")
    document = {
        **action,
        "subject": dict(caller.subject),
        "context": {**context, "time": to_at(at), "nonce": os.urandom(16).hex()},
    }
    if tool is not None:
        document["action"] = _with_tool(action["action"], tool)
    try:
        data, plain = spelled(document)
    except InputError as error:
        raise Denied("canonical", str(error)) from error
    return Stamped(data, plain, parse(data), at, tool, caller)


def named(action: object) -> tuple[str, str | None]:
    """The name of an action and of the tool that it asks for. Raises Denied for what is no action."""
    inner = action.get("action") if isinstance(action, _OBJECT) else None
    if not isinstance(inner, _OBJECT) or not isinstance(name := inner.get("name"), str):
        raise Denied("canonical", "`action.name` is no text")
    tool = inner.get("tool")
    wanted = tool.get("name") if isinstance(tool, _OBJECT) else None
    return name, wanted if isinstance(wanted, str) else None


def _with_tool(inner: Mapping[str, Any], tool: Tool) -> dict[str, Any]:
    """What the operator declared stands over what the caller says."""
    said = inner.get("tool")
    return {**inner, "tool": {**(said if isinstance(said, Mapping) else {}), **tool.stamp}}


def at_time(document: Document, at: int) -> Document:
    """The document as if it were attempted at another time."""
    return {**document, "context": {**document["context"], "time": to_at(at)}}
