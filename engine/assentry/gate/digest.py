"""What names an action: its digest, its sameness, its effect. All derived here; none is taken from a caller.

The *digest* is of the very document, tool and schema included. *Sameness* leaves out what differs between two
attempts at the same thing, and keeps the whole subject. The *effect key* is made of what the tool's schema marks
`x-effect`. The last two are HMACs under the tenant's secret: the log shows them, and nobody can confirm a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from assentry.gate import marks
from assentry.gate.canonical import canonical
from assentry.gate.directory.names import normal
from assentry.gate.keys import TenantKey
from assentry.gate.stamp import Stamped
from assentry.gate.tool import Tool
from assentry.ledger.encoding import encode


def digest(document: bytes, tool: Tool | None) -> str:
    """The digest of a document's canonical bytes with the tool, the version of its schema and the server it is on."""
    named = () if tool is None else (tool.name, tool.version, tool.schema_version, tool.server or "")
    head = "\n".join(("assentry/action/v1", *named, "", "")).encode()
    return f"sha256:{sha256(head + document).hexdigest()}"


def sameness(key: TenantKey, stamped: Stamped, volatile: Sequence[marks.Path]) -> str:
    """Equal for two attempts at the same thing by the same chain; `volatile` are the paths that the schema marks."""
    tool, holder = stamped.tool, stamped.caller.holder
    same = marks.without(stamped.document, volatile if tool is None else (*volatile, *tool.volatile))
    version = None if tool is None else [tool.name, tool.version, tool.schema_version]
    return key.hmac(b"sameness", _part(stamped, [version, None if holder is None else normal(holder), same])).hex()


def content(key: TenantKey, document: Mapping[str, Any], tool: Tool | None, volatile: Sequence[marks.Path]) -> str:
    """Equal for two that ask for the same thing, whoever asks; for showing them together, and for nothing else."""
    same = marks.without(document, (("subject",), *volatile, *(() if tool is None else tool.volatile)))
    return key.hmac(b"content", canonical([None if tool is None else tool.name, same])).hex()


def effect_key(key: TenantKey, tenant: str, stamped: Stamped, marked: Sequence[marks.Path]) -> str | None:
    """Equal for two actions with the same effect; None where no schema says what the effect is.

    `marked` are the fields of the whole document that the action's schema marks; the tool marks its parameters.
    """
    document, tool = stamped.document, stamped.tool
    if not marked and (tool is None or not tool.effect):
        return None
    resource = document.get("resource")
    found = resource if isinstance(resource, dict) else {}
    named = [value for name in ("type", "id") if isinstance(value := found.get(name), str)]
    fields = marks.picked(document, marked)
    if tool is not None:
        parameters = marks.pick(document, ("action", "parameters"))
        fields |= {f"parameters.{name}": value for name, value in marks.picked(parameters, tool.effect).items()}
    what = [tenant, None if tool is None else tool.name, named, fields]
    return key.hmac(b"effect", _part(stamped, what)).hex()


def _part(stamped: Stamped, what: object) -> bytes:
    """The canonical form of parts of a document beside texts: parts of a plain one are plain."""
    return encode(what).encode() if stamped.plain else canonical(what)
