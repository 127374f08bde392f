"""One CloudTrail record becomes one action document."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from assentry.errors import InputError
from assentry.ingest.cloudtrail.effects import effects
from assentry.ingest.cloudtrail.identity import subject
from assentry.ingest.cloudtrail.request import Request, compact, without_nulls
from assentry.ingest.cloudtrail.resource import resource

_SERVICE = ".amazonaws.com"
# Lambda's events carry the version of its interface: `UpdateFunctionCode20150331v2`.
_INTERFACE_VERSION = re.compile(r"20\d{6}(v\d+)?$")

Document = dict[str, object]


def to_action(value: object) -> Document:
    """The action document of a record. Raises InputError for what is no record: the message names the field."""
    if not isinstance(value, dict):
        raise InputError("a record is a JSON object")
    record: Mapping[str, object] = without_nulls(value)
    source, event = _text(record, "eventSource"), _text(record, "eventName")
    time = _text(record, "eventTime")
    if not isinstance(record.get("userIdentity"), dict):
        raise InputError("`userIdentity` is missing or no object")
    service = source.removesuffix(_SERVICE)
    name = f"aws.{service}.{_INTERFACE_VERSION.sub('', event)}"
    request = Request(name, record.get("requestParameters"), record)
    return {
        "subject": subject(record),
        "action": _action(name, service, source, request, record),
        "resource": resource(service, request, record),
        "context": _context(time, record),
    }


def _text(record: Mapping[str, object], field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str) or not value:
        raise InputError(f"`{field}` is missing or no text")
    return value


def _action(name: str, service: str, source: str, request: Request, record: Mapping[str, object]) -> Document:
    read_only = record.get("readOnly")
    return compact(
        {
            "name": name,
            "tool": {"name": f"aws.{service}", "server": source},
            "read_only": read_only if isinstance(read_only, bool) else None,
            **effects(request, record),
            "parameters": request.parameters or None,
        }
    )


def _context(time: str, record: Mapping[str, object]) -> Document:
    address, error = record.get("sourceIPAddress"), record.get("errorCode")
    agent, region = record.get("userAgent"), record.get("awsRegion")
    identifier = record.get("eventID") or record.get("requestID")
    return compact(
        {
            "time": time,
            "ip": address if isinstance(address, str) else None,
            "network": _network(address),
            "region": region if isinstance(region, str) else None,
            "user_agent": agent if isinstance(agent, str) else None,
            "request_id": identifier if isinstance(identifier, str) else None,
            "outcome": "success" if error is None else "failure",
            "error": error if isinstance(error, str) else None,
        }
    )


def _network(address: object) -> str | None:
    """`internal` or `internet` for an address; nothing for a service that calls itself by name."""
    if not isinstance(address, str):
        return None
    try:
        return "internal" if ipaddress.ip_address(address).is_private else "internet"
    except ValueError:
        return None
