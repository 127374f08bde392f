"""What names an action: its digest, its sameness, its effect. All derived here; none is taken from a caller.

The *digest* is of the very document, tool and schema included. *Sameness* leaves out what differs between two
attempts at the same thing, and keeps the whole subject. The *effect key* is made of what the tool's schema marks
`x-effect`. The last two are HMACs under the tenant's secret: the log shows them, and nobody can confirm a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from assentry.gate import marks
from assentry.gate.canonical import canonical, whole
from assentry.gate.directory.names import normal
from assentry.gate.keys import TenantKey
from assentry.gate.stamp import Stamped
from assentry.gate.tool import Tool


def digest(document: bytes, tool: Tool | None) -> str:
    """The digest of a document's canonical bytes with the tool, the version of its schema and the server it is on."""
    named = () if tool is None else (tool.name, tool.version, tool.schema_version, tool.server or "")
    head = "\n".join(("assentry/action/v1", *named, "", "")).encode()
    return f"sha256:{sha256(head + document).hexdigest()}"


def sameness(key: TenantKey, stamped: Stamped, volatile: Sequence[marks.Path]) -> str:
    """Equal for two attempts at the same thing by the same chain; `volatile` are the paths that the schema marks.

    An HMAC over the canonical form of `[tool, holder, document]`, tool being null or its name, version and schema's
    version, and the document without what is volatile. Members that have nothing volatile are spelled already.
    """
    document, tool = stamped.document, stamped.tool
    same = marks.without(document, volatile if tool is None else (*volatile, *tool.volatile))
    spelled = {
        name: member if same[name] is document[name] else canonical(same[name])
        for name, member in stamped.members.items()
        if name in same
    }
    by = None if tool is None else (tool.name, tool.version, tool.schema_version)
    holder = stamped.caller.holder
    asked = _asked(by, None if holder is None else normal(holder))
    return key.hmac(b"sameness", b"%b,%b]" % (asked[:-1], whole(spelled))).hex()


@lru_cache(maxsize=1024)
def _asked(tool: tuple[str, str, str] | None, holder: str | None) -> bytes:
    return canonical([tool, holder])


def effect_key(
    key: TenantKey, tenant: str, document: Mapping[str, Any], tool: Tool | None, marked: Sequence[marks.Path]
) -> str | None:
    """Equal for two actions with the same effect; None where no schema says what the effect is.

    `marked` are the fields of the whole document that the action's schema marks; the tool marks its parameters.
    """
    if not marked and (tool is None or not tool.effect):
        return None
    resource = document.get("resource")
    named = [marks.pick(resource, (name,)) for name in ("type", "id")]
    fields = marks.picked(document, marked)
    if tool is not None:
        parameters = marks.pick(document, ("action", "parameters"))
        fields |= {f"parameters.{name}": value for name, value in marks.picked(parameters, tool.effect).items()}
    what = [tenant, None if tool is None else tool.name, [each for each in named if isinstance(each, str)], fields]
    return key.hmac(b"effect", canonical(what)).hex()
