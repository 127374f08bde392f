"""Text for logs and terminals in which secrets are starred out, letter for letter, so that places stay where they are."""

from __future__ import annotations

from assentry.review.detectors import scan


def masked(text: str) -> str:
    """The text with a `*` for every character of what the detectors find; line breaks stay."""
    letters = list(text)
    for found in scan(text):
        letters[found.start : found.end] = ["\n" if char == "\n" else "*" for char in text[found.start : found.end]]
    return "".join(letters)
