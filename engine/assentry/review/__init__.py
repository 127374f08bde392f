"""What an approver sees of an action: redacted, faithful, the same in every channel."""

from __future__ import annotations

from assentry.review.card import Card, Flag
from assentry.review.drawing import Review, draw, similar
from assentry.review.redaction import Redacted, Redactor
from assentry.review.text import fits, render
from assentry.review.viewer import Viewer

__all__ = ["Card", "Flag", "Redacted", "Redactor", "Review", "Viewer", "draw", "fits", "render", "similar"]
