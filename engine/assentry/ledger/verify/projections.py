"""The tables by which entries are found, held to the bodies: requests, claims, subjects, and rows that no entry has.

Nobody signed these tables, but whoever asks for a request, a claim or a person's documents is answered by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import cast

from assentry.errors import InputError
from assentry.ledger.backend import TILE, Backend, ReadRow
from assentry.ledger.encoding import canonical_text, parsed
from assentry.ledger.verify.findings import Cause, Finding, merged

_CLAIMING, _CLAIMED = b'"claims":[', b'],"data":{'
"""Between them a body lists its claims: no string within can hold a bare quotation mark."""

_SUBJECTS, _TENANT = b'"subjects":', b'},"tenant":'

_STRAY = {"entry": Cause.BEYOND, "claim": Cause.CLAIM, "tile": Cause.TILE}
"""Causes by table; those of the others are documents."""


class Projections:
    """Reads what the tables say of the entries `[start, size)`; `end` is where they ended when it began."""

    def __init__(self, backend: Backend, start: int, size: int, end: int) -> None:
        self._backend = backend
        self._start, self._size, self._end = start, size, end
        self._columns: list[int] = []
        self._claims: list[int] = []
        self._claimed = 0
        self._unfiled: list[int] = []
        self._filed = 0

    def read(self, rows: Sequence[ReadRow], documents: Iterable[int]) -> None:
        """Hold the rows of consecutive entries to their bodies; `documents` are those with a sealed one."""
        self._columns += _misnamed(rows)
        claiming = [(idx, body) for idx, _, body, _ in rows if body.startswith(_CLAIMING, 33)]
        if claiming:
            self._hold_claims(claiming)
        sealed = set(documents)
        if sealed:
            self._hold_subjects([(idx, body) for idx, _, body, _ in rows if idx in sealed])

    def _hold_claims(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Each claim that a body makes has to be entered for it."""
        found = list(zip(entries, _claims([body for _, body in entries]), strict=True))
        self._claims += [idx for (idx, _), names in found if names is None]
        pairs = [(str(name), idx) for (idx, _), names in found for name in names or ()]
        self._claimed += len(pairs)
        claimed = dict(pairs)
        entered = self._backend.claims_of(list(claimed))
        if entered != claimed:
            self._claims += [idx for name, idx in claimed.items() if entered.get(name) != idx]

    def _hold_subjects(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Each document has to be filed under all whom it is about: who is erased is looked for there."""
        named = {(subject, idx) for idx, body in entries for subject in _subjects(body)}
        self._filed += len(named)
        self._unfiled += [idx for _, idx in named - self._backend.filed(sorted(named))]

    # ---- at the end ----

    def findings(self) -> list[Finding]:
        """What is wrong with what was read, and rows that were not."""
        return [
            *merged(Cause.COLUMN, self._columns, "the column of the request does not say what the body says"),
            *merged(Cause.CLAIM, self._claims, "a claim of this entry is missing, or another entry has it"),
            *merged(
                Cause.DOCUMENT,
                self._unfiled,
                "the sealed document is not filed under one whom its body says it is about",
            ),
            *self._invented_claims(),
            *self._invented_subjects(),
            *self._strays(),
        ]

    def _invented_claims(self) -> list[Finding]:
        """Claims that no body makes would refuse what nobody has had."""
        if self._backend.count_claims(self._start, self._size) <= self._claimed:
            return []
        within = ((name, idx) for name, idx in self._backend.claims() if self._start <= idx < self._size)
        invented = [idx for name, idx in within if not any(name in _claims_of_one(body) for body in self._bodies(idx))]
        return merged(Cause.CLAIM, invented, "a claim is entered for this entry that its body does not make")

    def _invented_subjects(self) -> list[Finding]:
        """Whoever is erased would take along documents about others."""
        if self._backend.count_subjects(self._start, self._size) <= self._filed:
            return []
        filed = self._backend.subjects(self._start, self._size)
        invented = [idx for name, idx in filed if not any(name in _subjects(body) for body in self._bodies(idx))]
        return merged(
            Cause.DOCUMENT, invented, "the sealed document is filed under one whom its body does not say it is about"
        )

    def _bodies(self, idx: int) -> Iterator[bytes]:
        return (body for _, _, body, _ in whole(self._backend.entries(idx, idx + 1)))

    def _strays(self) -> list[Finding]:
        """Rows where the log has no entry; those behind its end are none if entries were appended meanwhile."""
        found: dict[str, list[int]] = {}
        rows = [*((table, idx, idx) for table, idx in self._backend.strays(self._size)), *self._stray_tiles()]
        now = self._backend.extent()
        for table, first, last in rows:
            if last < self._end or last >= now:
                found.setdefault(table, []).append(first)
        return [
            finding
            for table, indices in found.items()
            for finding in merged(
                _STRAY.get(table, Cause.DOCUMENT),
                indices,
                f"a row of `{table}` stands where the log that is signed has no entry",
            )
        ]

    def _stray_tiles(self) -> Iterator[tuple[str, int, int]]:
        """Of each level the first and the last tile, by their first and last entries."""
        for level, *ends in self._backend.tiles():
            span = TILE ** (level + 1)
            for idx in ends:
                if idx < 0 or (idx + 1) * span > self._size:
                    yield "tile", idx * span, (idx + 1) * span - 1


def whole(rows: Iterable[ReadRow]) -> list[ReadRow]:
    """The rows that have a body: in a damaged file some have none, whatever the column says."""
    return [row for row in rows if cast(bytes | None, row[2]) is not None]


def _misnamed(rows: Sequence[ReadRow]) -> list[int]:
    """The entries whose bodies do not name the request that the column says."""
    try:
        named = _named([request for _, request, _, _ in rows])
        return [
            idx for (idx, _, body, _), name in zip(rows, named, strict=True) if body.rfind(name) < 0
        ]  # near the end
    except (TypeError, InputError):  # somebody put something else than text into a column
        return [idx for idx, request, body, _ in rows if not _is_named(request, body)]


def _is_named(request: str | None, body: bytes) -> bool:
    try:
        return body.rfind(_named([request])[0]) >= 0
    except (TypeError, InputError):
        return False


def _named(requests: Sequence[str | None]) -> list[bytes]:
    """How bodies name these requests. All are written at once, as lines, which takes a fifth of the time."""
    there = [request for request in requests if request is not None]
    texts = canonical_text("\n".join(there))[1:-1].split(b"\\n")
    if len(texts) != len(there):  # one of them holds a line's end, or what looks like one when it is written
        texts = [canonical_text(request)[1:-1] for request in there]
    named = [b'},"request":"' + text + b'",' for text in texts]
    if len(named) == len(requests):
        return named
    following = iter(named)
    return [b'},"request":null,' if request is None else next(following) for request in requests]


def _claims(bodies: Sequence[bytes]) -> list[list[object] | None]:
    """What bodies claim, None where that cannot be read.

    All are read at once, which takes a third of the time. Lines keep them apart: no string of JSON spans one.
    """
    texts = [body[42 : body.find(_CLAIMED, 42) + 1] for body in bodies]
    with suppress(ValueError):
        found = parsed(b"[" + b",\n".join(texts) + b"]")
        if len(found) == len(bodies) and all(type(names) is list for names in found):
            return cast(list[list[object] | None], found)
    return [_listed(text) for text in texts]


def _claims_of_one(body: bytes) -> list[object]:
    return (_listed(body[42 : body.find(_CLAIMED, 42) + 1]) or []) if body.startswith(_CLAIMING, 33) else []


def _subjects(body: bytes) -> list[str]:
    """Whom the sealed document of a body is about."""
    place = body.rfind(_SUBJECTS)
    names = _listed(body[place + len(_SUBJECTS) : body.rfind(_TENANT)]) if place >= 0 else None
    return list(map(str, names or []))


def _listed(text: bytes) -> list[object] | None:
    with suppress(ValueError):
        names = parsed(text)
        return names if isinstance(names, list) else None
    return None
