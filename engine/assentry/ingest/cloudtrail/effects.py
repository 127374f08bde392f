"""What a request does, in the action schema's own fields: whom it concerns, what it opens, shares, grants or forces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assentry.ingest.cloudtrail.policies import destination, permissions, statements
from assentry.ingest.cloudtrail.request import Request, compact, items, mapping

Document = dict[str, object]

_PRINCIPALS = (("userName", "user"), ("roleName", "role"), ("groupName", "group"))

# Without a name these act on whoever asks.
_OWN_BY_DEFAULT = frozenset({"CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "CreateLoginProfile"})

_NETWORK_EVENTS = frozenset(
    {
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateNetworkAclEntry",
        "ReplaceNetworkAclEntry",
        "CreateRoute",
        "ReplaceRoute",
        "DeleteRoute",
    }
)

_FORCED = ("skipFinalSnapshot", "forceDeleteWithoutRecovery", "bypassPolicyLockoutSafetyCheck", "force")

_LISTED_PORTS = 16
"""A range of more ports than this counts as all ports."""


def effects(request: Request, record: Mapping[str, object]) -> Document:
    """The fields of `action` that the parameters give; None where they give nothing."""
    allowed = statements(request)
    attribute, decrypted = request.text("attribute"), request.flag("withDecryption")
    return {
        "target": _target(request, record),
        **permissions(request, allowed),
        "destination": destination(request, allowed),
        "network": _network(request) if request.event in _NETWORK_EVENTS else None,
        "fields": [attribute] if attribute else None,
        "masked": not decrypted if request.event in {"GetParameter", "GetParameters", "GetParametersByPath"} else None,
        "force": True if any(request.flag(name) for name in _FORCED) else None,
        "dry_run": request.flag("dryRun"),
        "count": _count(request),
        "retention_days": _retention(request),
    }


def _target(request: Request, record: Mapping[str, object]) -> Document | None:
    if request.name.startswith("aws.iam."):
        for parameter, kind in _PRINCIPALS:
            if name := request.text(parameter):
                return compact({"type": kind, "id": name, "account": request.account})
        own = mapping(record.get("userIdentity")).get("userName")
        if request.event in _OWN_BY_DEFAULT and isinstance(own, str):
            return compact({"type": "user", "id": own, "account": request.account})
    if request.name == "aws.sts.AssumeRole" and (role := request.text("roleArn")):
        account = role.split(":")[4] if role.count(":") >= 5 else None
        external = account != request.account if account else None
        return compact({"type": "role", "id": role.rpartition("/")[2], "account": account, "external": external})
    return None


def _network(request: Request) -> Document:
    cidrs, ports, protocols, everything = set[str](), set[int](), set[str](), False
    for opening in _openings(request):
        cidrs.update(_cidrs(opening))
        first, last = opening.get("fromPort"), opening.get("toPort")
        protocol = str(opening.get("ipProtocol", opening.get("protocol", "-1")))
        protocols.add("all" if protocol == "-1" else protocol)
        if isinstance(first, int) and isinstance(last, int) and 0 <= first <= last < first + _LISTED_PORTS:
            ports.update(port for port in range(first, last + 1) if port <= 65535)
        else:
            everything = True
    egress = "Egress" in request.event or request.flag("egress") is True
    return {
        "cidrs": sorted(cidrs),
        "ports": [] if everything else sorted(ports),
        "protocol": protocols.pop() if len(protocols) == 1 else "all",
        "direction": "egress" if egress or "Route" in request.event else "ingress",
    }


def _openings(request: Request) -> Iterator[Mapping[str, object]]:
    """One mapping for each group of ranges and ports; older requests hold a single one at the top."""
    groups = [mapping(entry) for entry in items(request.get("ipPermissions"))]
    if groups:
        yield from groups
        return
    ports = request.get("portRange")
    single = {
        name: request.get(name) for name in ("cidrIp", "cidrIpv6", "cidrBlock", "ipv6CidrBlock", "fromPort", "toPort")
    }
    routed = request.get("destinationCidrBlock", "destinationIpv6CidrBlock")
    yield compact(
        {
            **single,
            "cidrBlock": single["cidrBlock"] or routed,
            "fromPort": single["fromPort"] if ports is None else mapping(ports).get("from"),
            "toPort": single["toPort"] if ports is None else mapping(ports).get("to"),
            "ipProtocol": request.get("ipProtocol", "aclProtocol"),
        }
    )


def _cidrs(opening: Mapping[str, object]) -> Iterator[str]:
    for name in ("cidrIp", "cidrIpv6", "cidrBlock", "ipv6CidrBlock"):
        if isinstance(cidr := opening.get(name), str) and cidr:
            yield cidr
    for name, member in (("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")):
        for entry in items(opening.get(name)):
            if isinstance(cidr := mapping(entry).get(member), str):
                yield cidr


def _count(request: Request) -> int | None:
    """Objects concerned, where a request can concern several."""
    instances = [mapping(entry) for entry in items(request.get("instancesSet"))]
    wanted = [entry.get("maxCount") for entry in instances]
    if request.event == "RunInstances":
        return sum(count for count in wanted if isinstance(count, int) and count > 0) or None
    names = request.texts("names", "secretIdList", "instanceIds")
    return len(instances) or len(names) or None


def _retention(request: Request) -> int | None:
    """Days after which the request lets data be deleted: the shortest, where there are several."""
    days = [
        expiry
        for rule in items(request.get("LifecycleConfiguration.Rule"))
        if isinstance(expiry := mapping(mapping(rule).get("Expiration")).get("Days"), int) and expiry >= 0
    ]
    if days:
        return min(days)
    return request.number("retentionInDays", "backupRetentionPeriod")
