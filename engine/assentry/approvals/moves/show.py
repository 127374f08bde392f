"""The card: drawn by the engine, shown to viewers; what they answer names its hash."""

from __future__ import annotations

from assentry.approvals.commands import Draw, Show
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Drawn, Shown


def draw(desk: Desk, command: Draw) -> Events:
    """Another card from now on; votes that stand were answers to the one of their time."""
    request = desk.find(command.request, "pending", "approved")
    return () if request.card == command.card else (Drawn(desk.head(request.id), command.card),)


def show(desk: Desk, command: Show) -> Events:
    """Somebody sees the card as it is now."""
    request = desk.find(command.request, "pending", "approved")
    desk.answers(request, command.card)
    return (Shown(desk.head(request.id), command.viewer, command.card),)
