"""Documents sealed beside entries: the action as it was decided, the card, the names behind opaque ids, people's words.

    beside `requested`, `allowed`     {"action": {...}, "names": [...], "card": {...}}
    beside `drawn`                    {"card": {...}}
    beside what a person did          {"names": [...], "text": "..."}

What is erased is gone: a request whose document was erased cannot run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assentry.errors import LedgerError, SealedError
from assentry.gate.canonical import canonical, parse
from assentry.gate.mirror import Mirror
from assentry.gate.opaque import Names
from assentry.gate.stamp import Document
from assentry.ledger.encoding import to_base64
from assentry.ledger.entry import Entry, Sealed
from assentry.ledger.store import Ledger

KEPT = 1024
"""Requests whose documents are kept open at once."""


_listed = lru_cache(maxsize=1024)(lambda names: canonical(list(names)))
"""Names as they stand in a document; those of one caller are sealed with each of its actions."""


@dataclass(frozen=True)
class File:
    """What is sealed about one request, opened: its action, the card in force, the names of its chain."""

    action: Document
    card: Mapping[str, Any] | None
    names: tuple[str, ...]


class Documents:
    """Seals and opens the documents of one log."""

    def __init__(self, ledger: Ledger, mirror: Mirror, names: Names) -> None:
        self._ledger = ledger
        self._mirror = mirror
        self._names = names
        self._open: OrderedDict[str, tuple[int, File]] = OrderedDict()
        self._unstored: OrderedDict[str, tuple[tuple[str, ...], bytes]] = OrderedDict()
        """Documents of which the ledger keeps digests only, by the digest, with those whom they are about."""
        self._known = (0, 0)
        """The erasures that were taken notice of, here or in another process, and how often names were forgotten."""

    # ---- sealing ----

    def of_action(
        self, data: bytes, names: Iterable[str], about: Iterable[str] = (), card: bytes | None = None
    ) -> Sealed:
        """Seal an action's canonical bytes with the names of its chain; `about` are more people that it is about."""
        known = tuple(names)
        listed = _listed(known)
        drawn = b"" if card is None else b',"card":' + card
        return self._seal(b'{"action":' + data + drawn + b',"names":' + listed + b"}", (*known, *about))

    def of_card(self, card: bytes, names: Iterable[str]) -> Sealed:
        """Seal a card; it is about those of its request's chain."""
        return self._seal(b'{"card":' + card + b"}", names)

    def of_person(self, names: Iterable[str], text: str) -> Sealed:
        """Seal a person's words; they are about that person."""
        known = list(names)
        return self._seal(canonical({"names": known, "text": text}), known)

    def _seal(self, document: bytes, subjects: Iterable[str]) -> Sealed:
        about = tuple(dict.fromkeys(self._names.ids(subjects)))
        sealed = self._ledger.seal(document, about)
        if sealed.ciphertext is None:
            self._unstored[to_base64(sealed.digest)] = (about, document)
            while len(self._unstored) > KEPT:
                self._unstored.popitem(last=False)
        return sealed

    # ---- opening ----

    def file(self, request: str) -> File:
        """What is sealed about a request. Raises SealedError when it was erased, LedgerError when there is none."""
        known = (self._mirror.erasures, self._names.forgotten)
        if known != self._known:
            self._known = known
            self._open.clear()
        last = self._mirror.last(request)
        kept = self._open.get(request)
        if kept is not None and kept[0] == last:
            return kept[1]
        found = self._read(request)
        self._open[request] = (last, found)
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return found

    def _read(self, request: str) -> File:
        """Open all that is sealed beside a request's entries, and learn the names in it."""
        action: Document | None = None
        card: Mapping[str, Any] | None = None
        names: tuple[str, ...] = ()
        for entry in self._ledger.request_entries(request):
            if "sealed" not in entry.content:
                continue
            try:
                document = parse(self._unsealed(entry))
            except SealedError:
                if entry.index == self._mirror.birth(request):
                    raise
                continue
            for name in document.get("names", ()):
                self._names.id(name)
            if "action" in document:
                action, names = document["action"], tuple(document["names"])
            card = document.get("card", card)
        if action is None:
            raise LedgerError(f"nothing is kept of what request `{request}` asks for")
        return File(action, card, names)

    def _unsealed(self, entry: Entry) -> bytes:
        try:
            return self._ledger.unseal(entry.index)
        except SealedError:
            sealed = entry.content["sealed"]
            kept = self._unstored.get(str(sealed["ciphertext"])) if isinstance(sealed, dict) else None
            if kept is None:
                raise
            return kept[1]

    def learn(self, request: str) -> None:
        """Learn the names in what is sealed about a request, as far as it is there."""
        try:
            self.file(request)
        except SealedError:
            return

    def forget(self, subject: str) -> None:
        """Let go of what is kept here about a subject, by its id."""
        for digest, (about, _) in list(self._unstored.items()):
            if subject in about:
                self._unstored.pop(digest, None)
