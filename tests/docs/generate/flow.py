"""The way of an action, as a picture: action, rules, verdict, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
_WIDTH, _HEIGHT = 960, 300


@dataclass(frozen=True)
class _Box:
    """A box with a title and lines below it; `later` is drawn dashed: not part of this version."""

    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...]
    colour: str = "#57606a"
    later: bool = False

    def draw(self) -> str:
        dashed = ' stroke-dasharray="5 4"' if self.later else ""
        middle = self.x + self.width // 2
        top = self.y + (self.height - 20 * len(self.lines)) // 2
        texts = [
            f'<text x="{middle}" y="{top + 4}" font-size="16" font-weight="600" fill="{self.colour}">'
            f"{escape(self.title)}</text>"
        ]
        texts += [
            f'<text x="{middle}" y="{top + 26 + 19 * at}" font-size="13" fill="#57606a">{escape(line)}</text>'
            for at, line in enumerate(self.lines)
        ]
        frame = (
            f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="10" fill="#ffffff"'
            f' stroke="{self.colour}" stroke-width="1.6"{dashed}/>'
        )
        return "\n".join([frame, *texts])


_BOXES = (
    _Box(24, 92, 190, 116, "action", ("who, what, on what,", "in which circumstances", "one JSON document")),
    _Box(268, 92, 190, 116, "rules", ("*.assent, compiled", "types and guards checked", "controls named"), "#0969da"),
    _Box(512, 92, 170, 116, "verdict", ("rules and reasons", "controls, redactions", "approvers, risk, errors"), "#0969da"),
    _Box(736, 24, 200, 66, "allow", ("it goes ahead",), "#1a7f37"),
    _Box(736, 117, 200, 66, "require approval", ("people agree (later)",), "#9a6700"),
    _Box(736, 210, 200, 66, "deny", ("it stops, and says why",), "#cf222e"),
    _Box(512, 232, 170, 44, "ledger (later)", (), "#8c959f", later=True),
)  # fmt: skip
_ARROWS = (
    "M214 150 H262",
    "M458 150 H506",
    "M682 140 C712 140 704 57 730 57",
    "M682 150 H730",
    "M682 160 C712 160 704 243 730 243",
)


def page() -> str:
    """The picture as SVG."""
    arrows = [
        f'<path d="{path}" fill="none" stroke="#57606a" stroke-width="1.6" marker-end="url(#tip)"/>' for path in _ARROWS
    ]
    dashed = (
        '<path d="M597 208 V226" fill="none" stroke="#8c959f" stroke-width="1.6" stroke-dasharray="4 3"'
        ' marker-end="url(#tip)"/>'
    )
    return "\n".join(
        [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" role="img"'
            f' font-family="{_FONT}" text-anchor="middle">',
            "<title>An action meets the rules; the verdict allows it, lets it wait for people, or denies it</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 Z" fill="#57606a"/></marker></defs>',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="12" fill="#f6f8fa"/>',
            *arrows,
            dashed,
            *(box.draw() for box in _BOXES),
            "</svg>\n",
        ]
    )
