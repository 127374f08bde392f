"""What can happen to a request, one class for each type of entry in the log."""

from __future__ import annotations

from assentry.approvals.events.answered import (
    Approved,
    BrokeGlass,
    Countered,
    Denied,
    Reviewed,
    Revoked,
    Voted,
)
from assentry.approvals.events.asked import Allowed, Cancelled, Drawn, Joined, Left, Requested, Shown
from assentry.approvals.events.event import Birth, Event, Head
from assentry.approvals.events.passed import Escalated, Excluded, Expired, Lapsed, Reminded, Superseded, Unfillable
from assentry.approvals.events.ran import Committed, Consumed, Failed, Reported, Resolved, Unknown

EVENTS: tuple[type[Event], ...] = (
    *(Requested, Allowed, Joined, Left, Cancelled, Drawn, Shown),
    *(Voted, Countered, Approved, Denied, BrokeGlass, Reviewed, Revoked),
    *(Excluded, Unfillable, Escalated, Reminded, Expired, Lapsed, Superseded),
    *(Consumed, Committed, Failed, Unknown, Reported, Resolved),
)

__all__ = [
    "EVENTS",
    "Birth",
    "Event",
    "Head",
    "Requested",
    "Allowed",
    "Joined",
    "Left",
    "Cancelled",
    "Drawn",
    "Shown",
    "Voted",
    "Countered",
    "Approved",
    "Denied",
    "BrokeGlass",
    "Reviewed",
    "Revoked",
    "Excluded",
    "Unfillable",
    "Escalated",
    "Reminded",
    "Expired",
    "Lapsed",
    "Superseded",
    "Consumed",
    "Committed",
    "Failed",
    "Unknown",
    "Reported",
    "Resolved",
]
