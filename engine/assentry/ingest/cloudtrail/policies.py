"""Who a request lets in, and to what: policy documents, sharing lists and access lists, read for their principals.

A principal counts as external unless the record itself shows that it is of the same account or a
service of the platform: whether a foreign account belongs to the organisation is for a rule to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from assentry.ingest.cloudtrail.request import Request, compact, items, mapping

Document = dict[str, object]

# The parameters under which services take a policy that names principals.
_POLICIES = ("assumeRolePolicyDocument", "policyDocument", "bucketPolicy", "policy", "resourcePolicy", "policyText")

_EVERYBODY = frozenset({"*", "all", "public-read", "public-read-write"})
_EVERYBODY_GROUPS = ("/global/AllUsers", "/global/AuthenticatedUsers")
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:[a-z0-9]*:[a-z0-9-]*:)?(\d{12})(?::.*)?$", re.DOTALL)

_ADMINISTRATOR = frozenset({"AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AWSOrganizationsFullAccess"})
_ALL = frozenset({"*", "*:*", "iam:*", "sts:*", "organizations:*"})


class Statement(NamedTuple):
    """What one statement of a policy allows: principals as written (`*`, account, ARN, service) and actions."""

    principals: tuple[str, ...]
    federated: tuple[str, ...]
    actions: tuple[str, ...]
    conditional: bool


def statements(request: Request) -> tuple[Statement, ...]:
    """The allowing statements of every policy that the request carries; broken policies have none."""
    found: list[Statement] = []
    for name in _POLICIES:
        policy = request.get(name)
        if isinstance(policy, str):
            try:
                policy = json.loads(policy)
            except (ValueError, RecursionError):
                continue
        found += (
            _statement(mapping(entry))
            for entry in items(mapping(policy).get("Statement"))
            if mapping(entry).get("Effect") == "Allow"
        )
    return tuple(found)


def _statement(entry: Mapping[str, object]) -> Statement:
    principal = entry.get("Principal")
    parties: Mapping[str, object] = {"AWS": principal} if isinstance(principal, str) else mapping(principal)
    return Statement(
        (*_texts(parties.get("AWS")), *_texts(parties.get("Service")), *_texts(parties.get("CanonicalUser"))),
        _texts(parties.get("Federated")),
        _texts(entry.get("Action")),
        bool(mapping(entry.get("Condition"))),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in items(value) if isinstance(text, str))


def destination(request: Request, allowed: Iterable[Statement]) -> Document | None:
    """The farthest party that the request lets in, or None when it lets nobody in.

    `public` is left out for a wildcard that a condition narrows: what it then means takes the condition's reading.
    """
    parties = [_party(name, request.account) for name in _shared_with(request)]
    for statement in allowed:
        for name in statement.principals:
            party = _party(name, request.account)
            parties.append({**party, "public": None} if statement.conditional else party)
        parties += ({"kind": "identity-provider", "external": True, "id": name} for name in statement.federated)
    return compact(max(parties, key=_reach)) if parties else None


def _reach(party: Mapping[str, object]) -> tuple[bool, bool, bool]:
    return (party.get("public") is True, party["external"] is True, party["kind"] == "account")


def _party(name: str, own_account: str | None) -> Document:
    if name in _EVERYBODY or name.endswith(_EVERYBODY_GROUPS):
        return {"kind": "internet", "external": True, "public": True, "id": name}
    if name.endswith(".amazonaws.com"):
        return {"kind": "service", "external": False, "id": name}
    account = _ACCOUNT.match(name)
    if account is None:
        return {"kind": "account", "external": True, "id": name}
    return {"kind": "account", "external": account[1] != own_account, "account": account[1], "id": name}


def _shared_with(request: Request) -> Iterator[str]:
    """Principals that a request names outside a policy, event by event."""
    for attribute in ("createVolumePermission", "launchPermission"):
        for entry in map(mapping, items(mapping(request.get(attribute)).get("add"))):
            yield from (text for text in entry.values() if isinstance(text, str))
    match request.event:
        case "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute":
            yield from request.texts("valuesToAdd")
        case "ModifyDocumentPermission":
            yield from request.texts("accountIdsToAdd")
        case "AddPermission" | "AddLayerVersionPermission":
            yield from request.texts("principal")
        case "CreateResourceShare" | "AssociateResourceShare":
            yield from request.texts("principals")
        case "CreateVpcPeeringConnection":
            yield from request.texts("peerOwnerId")
        case "CreateGrant":
            yield from request.texts("granteePrincipal")
        case "PutBucketAcl" | "PutObjectAcl" | "CreateBucket":
            yield from _access_list(request)
        case "PutBucketReplication":
            for rule in map(mapping, items(request.get("ReplicationConfiguration.Rule"))):
                yield from _texts(mapping(rule.get("Destination")).get("Account"))
        case "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" if request.text("authType") == "NONE":
            yield "*"


def _access_list(request: Request) -> Iterator[str]:
    for canned in request.texts("x-amz-acl"):
        if canned in _EVERYBODY:
            yield canned
    for grant in map(mapping, items(request.get("AccessControlPolicy.AccessControlList.Grant"))):
        yield from _texts(mapping(grant.get("Grantee")).get("URI"))


def permissions(request: Request, allowed: Iterable[Statement]) -> Document:
    """`role`, `permissions` and `privileged`: what the request gives to its target."""
    policy = (request.text("policyArn", "permissionsBoundary") or "").rpartition("/")[2]
    actions = sorted({action for statement in allowed for action in statement.actions})
    privileged = policy in _ADMINISTRATOR or not _ALL.isdisjoint(actions)
    handed_over = request.text("role", "iamInstanceProfile.name", "iamInstanceProfile.arn") or next(
        iter(request.texts("roleArns")), None
    )
    return {
        "role": policy or (handed_over or "").rpartition("/")[2] or None,
        "permissions": actions or None,
        "privileged": privileged if policy or actions else None,
    }
