"""`userIdentity` becomes the subject.

A person or workload acts under its own name; a service that acts on somebody's behalf is the subject and
names whom in `on_behalf_of`; an assumed role is named `role/session`, with the role itself in the chain.
"""

from __future__ import annotations

from collections.abc import Mapping

from assentry.ingest.cloudtrail.request import compact, mapping

_TYPES = {
    "IAMUser": "user",
    "IdentityCenterUser": "user",
    "SAMLUser": "user",
    "WebIdentityUser": "user",
    "FederatedUser": "user",
    "Root": "root",
    "AssumedRole": "role",
    "Role": "role",
    "AWSService": "service",
    "AWSAccount": "account",
}

Document = dict[str, object]


def subject(record: Mapping[str, object]) -> Document:
    """The subject of a record; an identity of an unknown kind is of type `unknown`."""
    identity = mapping(record.get("userIdentity"))
    actor = _actor(identity)
    service = _text(identity, "invokedBy")
    if service is None or identity.get("type") == "AWSService":
        return compact({**actor, **_session(identity, record)})
    person: Document = {"type": actor["type"], "id": actor["id"]}
    chain = actor.get("on_behalf_of", [])
    return {
        "type": "service",
        "id": service,
        "on_behalf_of": [
            compact({**person, "account": actor.get("account")}),
            *(chain if isinstance(chain, list) else []),
        ],
    }


def _actor(identity: Mapping[str, object]) -> Document:
    kind = _TYPES.get(str(identity.get("type")), "unknown")
    account = _text(identity, "accountId")
    if kind == "role":
        return _role(identity, account)
    named = _text(identity, "userName") or _text(identity, "invokedBy") or _text(identity, "arn") or account
    name = "root" if kind == "root" else named or _text(identity, "principalId") or "unknown"
    return compact({"type": kind, "id": name, "account": account})


def _role(identity: Mapping[str, object], account: str | None) -> Document:
    issuer = mapping(mapping(identity.get("sessionContext")).get("sessionIssuer"))
    # arn:aws:sts::123456789012:assumed-role/role-name/session-name
    parts = (_text(identity, "arn") or "").split("/")
    role = _text(issuer, "userName") or (parts[1] if len(parts) > 1 else "") or "unknown"
    session = parts[2] if len(parts) > 2 else ""
    chain: list[Document] = [compact({"type": "role", "id": role, "account": _text(issuer, "accountId") or account})]
    if source := _text(mapping(identity.get("sessionContext")), "sourceIdentity"):
        chain.append({"type": "user", "id": source})
    return compact(
        {
            "type": "role",
            "id": f"{role}/{session}" if session else role,
            "account": account,
            "roles": [role],
            "on_behalf_of": chain,
        }
    )


def _session(identity: Mapping[str, object], record: Mapping[str, object]) -> Document:
    context = mapping(identity.get("sessionContext"))
    attributes = mapping(context.get("attributes"))
    key, started = _text(identity, "accessKeyId"), _text(attributes, "creationDate")
    return {
        "mfa": _mfa(attributes, key, record),
        "session": compact(
            {
                "id": key or _text(identity, "principalId"),
                "started": started,
                "kind": "console" if record.get("sessionCredentialFromConsole") == "true" else "api",
            }
        )
        if started and (key or _text(identity, "principalId"))
        else None,
        "credential": {"kind": "access-key", "id": key, "long_lived": key.startswith("AKIA")} if key else None,
    }


def _mfa(attributes: Mapping[str, object], key: str | None, record: Mapping[str, object]) -> bool | None:
    """A session says it; a long-lived key without one never showed a second factor; a sign-in says it apart."""
    if (said := attributes.get("mfaAuthenticated")) is not None:
        return str(said).lower() == "true"
    if (used := mapping(record.get("additionalEventData")).get("MFAUsed")) is not None:
        return used == "Yes"
    return False if key is not None and key.startswith("AKIA") else None


def _text(holder: Mapping[str, object], field: str) -> str | None:
    value = holder.get(field)
    return value if isinstance(value, str) and value else None
