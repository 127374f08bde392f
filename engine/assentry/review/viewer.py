"""Who looks: which classes of values one may see."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = frozenset({"personal", "proprietary"})
"""Classes that a deployment may choose to show. What is `secret` is shown to nobody."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """`classes` are the values of `x-class` that are shown. Raises ValueError for any but `personal` and `proprietary`."""

    classes: frozenset[str] = frozenset({"proprietary"})

    def __post_init__(self) -> None:
        if not self.classes <= CLASSES:
            raise ValueError("a viewer sees `personal` and `proprietary` values, or fewer; nobody sees others")
