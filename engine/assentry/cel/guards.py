"""Law 4: an optional field is read only where it is known to be there.

Two questions about a condition of the compiled form:

- `facts`: which places are surely there once it is true (or false)? `has(p)`, `"k" in m`,
  `p.?q.hasValue()` say so, and definitions all of whose heads do; `&&`, `||`, `!` and `?:` combine.
- `check`: is every optional field that it reads among the facts that hold there? An operand of `&&` is
  read under what the others say when true, in any order, since a false operand absorbs the error of the
  others; an operand of `||` under what the others say when false.

A place is known by its key: the path from a top-level name or a loop variable. A fact about a place says
nothing about the places on the way to it: those have to be guarded where the fact itself is read, and two
conditions must not vouch for each other in a circle.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assentry.code import form
from assentry.diagnostics import Diagnostic
from assentry.source import Source

Key = tuple[object, ...]
"""The path of a place: `("action", ".destination", ".host")`; what no fact can name has no key."""

Facts = frozenset[Key]
_Found = Facts | None  # None: it cannot come to this, so everything would follow

_NOTHING: Facts = frozenset()


def key_of(raw: form.Raw) -> Key | None:
    """The key of a place; None when a computed element lies on the way."""
    match raw:
        case form.Root(name=name):
            return (name,)
        case form.Item(name=name):
            return ("$", name)
        case form.Field(base=base, name=name):
            found = key_of(base)
            return None if found is None else (*found, f".{name}")
        case form.Element(base=base, key=key):
            found, step = key_of(base), _step(key)
            return None if found is None or step is None else (*found, step)
    raise AssertionError(type(raw).__name__)


def _step(key: form.Expr) -> object | None:
    """An element's key as a step of a path: the same step is the same element."""
    match key:
        case form.Lit(value=str() as name):
            return f".{name}"  # `m["k"]` and `m.k` are one place
        case form.Lit(value=value):
            return ("[]", type(value).__name__, repr(value))
        case form.Var(name=name):
            return ("[]", "$", name)
        case form.Fit(raw=raw):
            inner = key_of(raw)
            return None if inner is None else ("[]", *inner)
        case form.Inlined(body=body):
            return _step(body)
        case _:
            return None


# ---- what a condition says ----


def facts(expr: form.Expr, truth: bool, definitions: Sequence[Facts]) -> Facts:
    """The places that are surely there once `expr` is true (or, with `truth` false, false).

    `definitions` holds for each definition what it says when true.
    """
    return _facts(expr, truth, definitions) or _NOTHING


def definition_facts(definition: form.DefinitionForm, definitions: Sequence[Facts]) -> Facts:
    """The places that are surely there once a definition is true: what all of its heads say."""
    heads = [[_facts(condition, True, definitions) for condition in head.conditions] for head in definition.heads]
    found = _common(map(_union, heads))
    if found is None:
        # It can never be true; what its conditions would say still reads better than nothing at all.
        found = _common(_union(part for part in parts if part is not None) for parts in heads)
    return found or _NOTHING


def _facts(expr: form.Expr, truth: bool, definitions: Sequence[Facts]) -> _Found:
    match expr:
        case form.Lit(value=bool() as value):
            return _NOTHING if value is truth else None
        case form.Has(field=field):
            return _known(key_of(field)) if truth else _NOTHING
        case form.Contains(item=item, raw=raw):
            return _contained(item, raw) if truth else _NOTHING
        case form.Call(function="hasValue", args=(form.Maybe(raw=raw),)):
            return _known(key_of(raw)) if truth else _NOTHING
        case form.Define(index=index):
            return definitions[index] if truth else _NOTHING
        case form.Not(operand=operand):
            return _facts(operand, not truth, definitions)
        case form.And(operands=operands) | form.Or(operands=operands):
            found = [_facts(operand, truth, definitions) for operand in operands]
            return _union(found) if isinstance(expr, form.And) is truth else _common(found)
        case form.If(condition=condition, then=then, otherwise=otherwise):
            return _common(
                _union([_facts(condition, side, definitions), _facts(branch, truth, definitions)])
                for side, branch in ((True, then), (False, otherwise))
            )
        case form.Inlined(body=body) | form.Let(body=body):
            return _facts(body, truth, definitions)
        case form.Loop():
            return _loop_facts(expr, truth, definitions)
        case _:
            return _NOTHING


def _loop_facts(loop: form.Loop, truth: bool, definitions: Sequence[Facts]) -> Facts:
    """What a loop says of the places outside it: for one element at least the body came to this."""
    if (loop.kind, truth) not in {("exists", True), ("exists_one", True), ("all", False)}:
        return _NOTHING
    own = {loop.first, loop.second}
    return frozenset(key for key in facts(loop.body, truth, definitions) if not _mentions(key, own))


def _mentions(key: Key, names: set[str | None]) -> bool:
    """Whether a path begins at, or is indexed by, one of these loop variables."""
    return any(
        (step == "$" and at + 1 < len(key) and key[at + 1] in names)
        or (isinstance(step, tuple) and _mentions(step, names))
        for at, step in enumerate(key)
    )


def _contained(item: form.Expr, raw: form.Raw) -> Facts:
    found, step = key_of(raw), _step(item)
    return _NOTHING if found is None or step is None else frozenset({(*found, step)})


def _known(key: Key | None) -> Facts:
    return _NOTHING if key is None else frozenset({key})


def _union(found: Iterable[_Found]) -> _Found:
    """What holds when all of it does."""
    total: set[Key] = set()
    for part in found:
        if part is None:
            return None
        total |= part
    return frozenset(total)


def _common(found: Iterable[_Found]) -> _Found:
    """What holds when some of it does."""
    parts = [part for part in found if part is not None]
    return frozenset.intersection(*parts) if parts else None


# ---- what a condition reads ----


@dataclass(frozen=True, slots=True)
class Unguarded:
    """A place that is read where a field on the way to it may be absent.

    `missing` are those fields, the outermost first. `file` is the index of the file that the spans point
    into (None: the conditions' own).
    """

    file: int | None
    place: form.Raw
    missing: tuple[form.Field, ...]


@dataclass(frozen=True, slots=True)
class _Operand:
    """One part of a conjunction (`truth`) or disjunction (not `truth`), in its file."""

    expr: form.Expr
    truth: bool
    file: int | None


def unguarded(conditions: Sequence[form.Expr], definitions: Sequence[Facts]) -> list[Unguarded]:
    """The unguarded reads of conditions that are ANDed."""
    reader = _Reader(definitions)
    parts = [part for condition in conditions for part in _parts(condition, True, None)]
    found = reader.together(parts, _NOTHING)
    # By place in the text: nodes with constants in them cannot be hashed.
    return list({(read.file, read.place.span): read for read in found}.values())


def check(
    conditions: Sequence[form.Expr], definitions: Sequence[Facts], source: Source, sources: Sequence[Source] = ()
) -> list[Diagnostic]:
    """The findings for conditions of `source` that are ANDed; `sources` are all files of the rule set, by index."""
    return [
        _finding(found, source if found.file is None else sources[found.file])
        for found in unguarded(conditions, definitions)
    ]


def _parts(expr: form.Expr, truth: bool, file: int | None) -> Iterator[_Operand]:
    """The operands of nested `&&` (or, under a negation, `||`) as one flat list."""
    match expr:
        case form.And(operands=operands) if truth:
            for operand in operands:
                yield from _parts(operand, truth, file)
        case form.Or(operands=operands) if not truth:
            for operand in operands:
                yield from _parts(operand, truth, file)
        case form.Not(operand=operand):
            yield from _parts(operand, not truth, file)
        case form.Inlined(body=body):
            yield from _parts(body, truth, expr.file)
        case _:
            yield _Operand(expr, truth, file)


class _Reader:
    """Finds the reads of an expression that the facts at hand do not cover."""

    def __init__(self, definitions: Sequence[Facts]) -> None:
        self.definitions = definitions

    def together(self, operands: Sequence[_Operand], known: Facts) -> list[Unguarded]:
        """Operands that absorb each other's errors: each may rely on what the covered ones among the others say.

        Relying on covered ones alone keeps two operands from vouching for each other in a circle. Each
        round settles at least one more step of some path, so there are few.
        """
        pending = list(operands)
        while True:
            found = [(operand, self.reads(operand.expr, known, operand.file)) for operand in pending]
            open_ = [operand for operand, reads in found if reads]
            if not open_:
                return []
            if len(open_) == len(pending):
                return self.told_apart(pending, known) or [read for _, reads in found for read in reads]
            said = [facts(operand.expr, operand.truth, self.definitions) for operand, reads in found if not reads]
            known = known.union(*said)
            pending = open_

    def told_apart(self, operands: Sequence[_Operand], known: Facts) -> list[Unguarded]:
        """What is missing when all the others are believed: without findings that follow from another's."""
        said = [facts(operand.expr, operand.truth, self.definitions) for operand in operands]
        times = Counter(key for keys in said for key in keys)
        return [
            read
            for operand, own in zip(operands, said, strict=True)
            for read in self.reads(
                operand.expr, known | (times.keys() - {key for key in own if times[key] == 1}), operand.file
            )
        ]

    def reads(self, expr: form.Expr, known: Facts, file: int | None) -> list[Unguarded]:
        """The reads in an expression that these facts do not cover, in the order of the text."""
        found: list[Unguarded] = []
        self._add_reads(found, expr, known, file)
        return found

    def _add_reads(self, found: list[Unguarded], expr: form.Expr, known: Facts, file: int | None) -> None:
        match expr:
            case form.Lit():
                pass
            case form.Raw():
                self._add_place(found, expr, known, file)
            case form.Has(field=form.Field() as field) | form.Maybe(raw=form.Field() as field):
                self._add_place(found, field.base, known, file)
            case form.And() | form.Or():
                truth = isinstance(expr, form.And)
                found += self.together(list(_parts(expr, truth, file)), known)
            case form.Inlined(body=body):
                self._add_reads(found, body, known, expr.file)
            case form.If(condition=condition, then=then, otherwise=otherwise):
                self._add_reads(found, condition, known, file)
                self._add_reads(found, then, known | facts(condition, True, self.definitions), file)
                self._add_reads(found, otherwise, known | facts(condition, False, self.definitions), file)
            case form.Loop(where=form.Expr() as where, body=body):
                self._add_reads(found, expr.range, known, file)
                self._add_reads(found, where, known, file)
                self._add_reads(found, body, known | facts(where, True, self.definitions), file)
            case _:
                for child in form.children(expr):
                    self._add_reads(found, child, known, file)

    def _add_place(self, found: list[Unguarded], raw: form.Raw, known: Facts, file: int | None) -> None:
        missing: list[form.Field] = []
        keys: list[form.Expr] = []
        place = raw
        while isinstance(place, _STEPS):
            if isinstance(place, form.Element):
                keys.append(place.key)
            elif not place.required and key_of(place) not in known:
                missing.append(place)
            place = place.base
        if missing:
            found.append(Unguarded(file, raw, tuple(reversed(missing))))
        for key in reversed(keys):
            self._add_reads(found, key, known, file)


_STEPS = (form.Field, form.Element)


# ---- how it is said ----


def _finding(found: Unguarded, source: Source) -> Diagnostic:
    last = found.missing[-1]
    named = [part for part in found.missing if key_of(part) is not None]
    guard = " && ".join(f"has({path_text(part, source)})" for part in named)
    advice = f"read it as `{path_text(found.place, source, optional=True)}.orValue(...)`"
    return Diagnostic(
        "unguarded-field",
        f"`{path_text(last, source)}` may be absent",
        source,
        last.span,
        f"guard it with `{guard} && ...` or {advice}" if guard else advice,
    )


def path_text(raw: form.Raw, source: Source, *, optional: bool = False) -> str:
    """A place as one writes it; with `optional`, each optional step as `.?name`."""
    show: Callable[[form.Raw], str] = lambda base: path_text(base, source, optional=optional)  # noqa: E731
    match raw:
        case form.Root(name=name):
            return name
        case form.Item(name=name):
            return name.partition("#")[0]
        case form.Field(base=base, name=name, required=required):
            plain = name if name.isidentifier() else f"`{name}`"
            return f"{show(base)}{'.?' if optional and not required else '.'}{plain}"
        case form.Element(base=base, key=form.Lit(value=value)):
            return f"{show(base)}[{json.dumps(value, ensure_ascii=False, default=str)}]"
        case form.Element(base=base, key=key):
            return f"{show(base)}[{source.excerpt(key.span)}]"
    raise AssertionError(type(raw).__name__)
