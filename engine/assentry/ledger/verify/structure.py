"""What the entries say of the log itself: its order in time, its tenant, its documents, what was erased and pruned.

Bodies have a known layout (layout.py), so that most are looked at without parsing: this loop is what `verify` costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assentry.ledger.encoding import canonical, parsed, to_base64
from assentry.ledger.verify.findings import Cause, Finding, merged
from assentry.ledger.verify.keys import Announcement, announced

_OWN = frozenset((b"opened", b"key", b"erased", b"pruned", b"policy"))
"""Types that say something of the log itself."""

_SEALED = b'"sealed":{"ciphertext":"'
_STORED = 24 + 44 + len(b'","commitment":"') + 44 + len(b'","stored":')


@dataclass
class Structure:
    """Reads all entries in order, and remembers what they say."""

    tenant: str
    announcements: list[Announcement] = field(default_factory=list)
    development: bool = False
    documents: bool = True
    pruned: int = 0
    erased: set[int] = field(default_factory=set)
    policy: str | None = None
    """The digest of the policy in force; known when no entry that could say so was pruned."""
    _at: bytes = b""
    _layout: list[int] = field(default_factory=list)
    _alien: list[int] = field(default_factory=list)
    _back: list[int] = field(default_factory=list)
    _missing: list[int] = field(default_factory=list)
    _swapped: list[int] = field(default_factory=list)
    _stray: list[int] = field(default_factory=list)

    def read(self, start: int, bodies: Sequence[bytes | None], documents: Sequence[tuple[int, bytes]] | None) -> None:
        """Look at consecutive entries and their documents; `documents` is None where they are left out."""
        marker = b',"tenant":' + canonical(self.tenant) + b',"type":"'
        length, at = len(marker), self._at
        sealed: dict[int, bytes] = {}
        for index, body in enumerate(bodies, start):
            if body is None:
                continue
            place = body.rfind(marker)
            if place < 0 or body[:7] != b'{"at":"' or body[-8:] != b'","v":1}':
                self._odd(index, body)
                continue
            time = body[7:31]
            if time >= at:
                at = time
            else:
                self._back.append(index)
            if body[place + length : -8] in _OWN:
                self._own(index, body)
            if body[place - 1] == 0x7D:  # a brace: a sealed document stands before the tenant
                sealed[index] = body
        self._at = at
        if documents is not None and (sealed or documents):
            self._documents(sealed, dict(documents))

    def learn(self, bodies: Iterable[tuple[int, bytes]]) -> None:
        """Take what entries behind those that were read say of what was erased and pruned."""
        for index, body in bodies:
            if body.endswith((b'"erased","v":1}', b'"pruned","v":1}')):
                self._own(index, body)

    def _odd(self, index: int, body: bytes) -> None:
        """A body that the log would not have written: another tenant's, or no body at all."""
        try:
            content = parsed(body)
            tenant = content["tenant"]
        except (ValueError, TypeError, KeyError):
            tenant = self.tenant
        (self._layout if tenant == self.tenant else self._alien).append(index)

    def _own(self, index: int, body: bytes) -> None:
        try:
            content = parsed(body)
            data = content["data"]
            match content["type"]:
                case "opened":
                    self._opened(data)
                case "key":
                    self.announcements += announced(index, data)
                case "erased":
                    self.erased.update(int(document) for document in data["documents"])
                case "pruned":
                    self._pruned(data)
                case "policy":
                    self.policy = str(data["digest"])
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            self._layout.append(index)

    def _opened(self, data: Mapping[str, object]) -> None:
        self.development = bool(data["development"])
        self.documents = data["documents"] == "sealed"
        keys = data["keys"]
        if not isinstance(keys, list):
            raise TypeError("keys are a list")
        for key in keys:
            self.announcements += announced(None, key)

    def _pruned(self, data: Mapping[str, object]) -> None:
        """What was pruned is remembered by the entry that says so."""
        self.pruned = max(self.pruned, int(str(data["below"])))
        opened, keys = data["opened"], data["keys"]
        if isinstance(opened, dict):
            self._opened(opened)
        if not isinstance(keys, list):
            raise TypeError("keys are a list")
        for key in keys:
            self.announcements += announced(int(key["index"]), key)

    def _documents(self, sealed: Mapping[int, bytes], found: dict[int, bytes]) -> None:
        for index, body in sealed.items():
            place = body.rfind(_SEALED)
            digest = found.pop(index, None)
            if digest is not None:
                if body[place + 24 : place + 68] != to_base64(digest).encode():
                    self._swapped.append(index)
            elif body[place + _STORED : place + _STORED + 4] == b"true":
                self._missing.append(index)
        self._stray += found

    @property
    def newest(self) -> str:
        """The newest time that an entry has."""
        return self._at.decode(errors="replace")

    @property
    def policy_known(self) -> bool:
        return self.policy is not None or not self.pruned

    def findings(self) -> list[Finding]:
        """What is wrong with what was read."""
        gone = [index for index in self._missing if index not in self.erased and index >= self.pruned]
        return [
            *merged(Cause.LAYOUT, self._layout, "the body is not of the form that the log writes"),
            *merged(Cause.TENANT, self._alien, f"the body is of another tenant than `{self.tenant}`"),
            *merged(Cause.TIME, self._back, "its time lies before that of an earlier entry"),
            *merged(Cause.DOCUMENT, self._swapped, "the sealed document is not the one that the body names"),
            *merged(Cause.DOCUMENT, gone, "the sealed document is missing, and no entry says that it was erased"),
            *merged(Cause.DOCUMENT, self._stray, "a sealed document stands here that no body names"),
        ]
