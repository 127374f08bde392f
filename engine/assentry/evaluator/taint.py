"""Which parts of a condition could show what must not be shown.

A part is hidden when it reads, holds or is computed from a redacted path or a value that its schema
marks as secret (`x-class: secret`). Judged by the text of the condition alone, and rather too much than
too little; only truth values may be shown all the same, as the conditions' own outcomes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assentry.code import form
from assentry.values.shapes import Shape, Shapes

Names = tuple[str, ...]

SECRET = ("x-class", "secret")


class Taint:
    """What is hidden in some conditions: each stands alone, with names of its own."""

    def __init__(self, shapes: Shapes, redact: Iterable[str], conditions: Iterable[form.Expr]) -> None:
        self._shapes = shapes
        self._hidden = [tuple(path.split(".")) for path in redact]
        self._secrets = _secret_shapes(shapes)
        self._nodes: dict[int, bool] = {}
        for condition in conditions:
            self._mark(condition, {})

    def is_hidden(self, node: form.Expr) -> bool:
        """Whether the value of a node of these conditions may not be shown."""
        return self._nodes.get(id(node), True)

    def _mark(self, node: form.Expr, names: dict[str, bool]) -> bool:
        self._nodes[id(node)] = found = self._judged(node, names)
        return found

    def _judged(self, node: form.Expr, names: dict[str, bool]) -> bool:
        match node:
            case form.Raw():
                return self._place(node, names)
            case form.Var(name=name):
                return names.get(name, True)
            case form.Let(name=name, value=value, body=body):
                names[name] = self._mark(value, names)
                return self._mark(body, names)
            case form.Loop(first=first, second=second, range=over, where=where, body=body):
                ranged = names[first] = self._mark(over, names)
                if second is not None:
                    names[second] = ranged
                parts = [self._mark(part, names) for part in (where, body) if part is not None]
                return ranged or any(parts)
            case _:
                # All of them, since each is to be marked.
                parts = [self._mark(child, names) for child in form.children(node)]
                return any(parts)

    def _place(self, raw: form.Raw, names: dict[str, bool]) -> bool:
        """Whether a place is, lies under or holds something hidden."""
        steps: list[str] = []
        hidden = raw.shape in self._secrets
        current = raw
        while isinstance(current, form.Field | form.Element):
            hidden = hidden or SECRET in self._shapes[current.shape].marks
            if isinstance(current, form.Field):
                steps.append(current.name)
            elif isinstance(current.key, form.Lit) and isinstance(current.key.value, str):
                steps.append(current.key.value)
            else:
                # Some element: as good as all of them.
                hidden = self._mark(current.key, names) or current.base.shape in self._secrets or hidden
                steps.clear()
            current = current.base
        if isinstance(current, form.Item):
            return hidden or names.get(current.name, True)
        assert isinstance(current, form.Root)
        path = (current.name, *reversed(steps))
        return hidden or SECRET in self._shapes[current.shape].marks or self._is_redacted(path)

    def _is_redacted(self, path: Names) -> bool:
        return any(path[: len(hidden)] == hidden or hidden[: len(path)] == path for hidden in self._hidden)


def _secret_shapes(shapes: Shapes) -> frozenset[int]:
    """The shapes that are marked secret or hold one that is."""
    secret = {index for index, shape in enumerate(shapes) if SECRET in shape.marks}
    grown = True
    while grown:
        holders = {index for index, shape in enumerate(shapes) if secret.intersection(_parts(shape))}
        grown = not holders <= secret
        secret |= holders
    return frozenset(secret)


def _parts(shape: Shape) -> Sequence[int]:
    parts = [declared.shape for declared in shape.properties]
    return parts if shape.item is None else [*parts, shape.item]
