"""From what the gate knows of a request to the card that people see."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assentry.approvals.request import Chain
from assentry.code.form import Raw, RuleForm
from assentry.controls import resolve
from assentry.evaluator.explain import Explanation
from assentry.evaluator.policy import Policy
from assentry.evaluator.reasons import NONE, routes_of
from assentry.evaluator.ruling import Approval
from assentry.evaluator.verdict import Verdict
from assentry.review import card as cards
from assentry.review.card import Card
from assentry.review.flags import flags_of
from assentry.review.paths import Path, dotted, touches, written
from assentry.review.read import read_by
from assentry.review.redaction import Redacted, Redactor
from assentry.review.rows import Row, capped, compared, is_hidden, lines_of, lookup, one_line, rows, text_of
from assentry.review.viewer import Viewer
from assentry.review.visible import plain

WORDS: Path = ("action", "reason")
"""Where the agent says why."""

MAX_WORDS = 600
MAX_WORDS_LINES = 12
"""Characters and lines of the agent's words that are quoted."""

MAX_FIELDS = 2000
MAX_CHARACTERS = 200_000
"""Values on one card, and their characters: more than that nobody reads, and the card is incomplete."""

MAX_CHANGES = 100
MAX_PRINTED = 200
"""Characters of one value in a rule's reason."""

_HEAD: frozenset[Path] = frozenset(
    {("action", "name"), ("resource", "type"), ("resource", "id"), ("subject", "type"), WORDS}
)


@dataclass(frozen=True, kw_only=True)
class Review:
    """What the gate knows of a request. Times are milliseconds since 1970, by the ledger.

    `action` is the document that was decided, parsed back from its canonical bytes, `verdict` that of `policy` on it,
    `chain` who asks, as the transport proved it. `terms` are those in force, where they are more than the verdict's.
    `previous` is the whole document of the last similar action (`similar`), asked at `previous_at`, and what became of
    it. `material` are places that the tool acts on, besides those that the schema marks `x-effect`, `classes` places with
    the class that the tool gives to what stands there, besides the schema's; both are named from the document down.
    `marks` are what the gate marks the request with (`development`). `salt` is 128 random bits in hex; drawn anew when
    it is None.
    """

    request: str
    action: Mapping[str, object]
    verdict: Verdict
    policy: Policy
    chain: Chain
    asked_at: int
    deadline: int
    terms: Approval | None = None
    previous: Mapping[str, object] | None = None
    previous_at: int | None = None
    previous_status: str | None = None
    material: tuple[tuple[str, ...], ...] = ()
    classes: tuple[tuple[tuple[str, ...], str], ...] = ()
    marks: tuple[str, ...] = ()
    salt: str | None = None


def similar(action: Mapping[str, object]) -> tuple[str, str] | None:
    """What similar actions have in common: the action's name and the resource's type. None where one is missing."""
    name, kind = lookup(action, ("action", "name")), lookup(action, ("resource", "type"))
    return (name, kind) if isinstance(name, str) and isinstance(kind, str) else None


def draw(review: Review, viewer: Viewer | None = None) -> Card:
    """The card of a request for those who may see what this viewer may. Never raises for what the document holds."""
    return _Drawing(review, viewer or Viewer()).card()


@dataclass(slots=True)
class _Drawing:
    review: Review
    viewer: Viewer
    redactor: Redactor = field(init=False)
    redacted: Redacted = field(init=False)
    explanation: Explanation = field(init=False)
    read: frozenset[Path] = field(init=False)
    volatile: frozenset[Path] = field(init=False)

    def __post_init__(self) -> None:
        review = self.review
        document = dict(review.action)
        self.redactor = self._redactor()
        self.redacted = self.redactor.document(document)
        self.explanation = review.policy.explain(document, toward="allow")
        self.read = read_by(review.policy.form, self._deciding())
        self.volatile = _volatile(review.policy)

    def _redactor(self, *, numbered: bool = True) -> Redactor:
        review = self.review
        shapes, redact = review.policy.form.shapes, review.verdict.redact
        return Redactor(shapes, redact, self.viewer, review.chain.names, dict(review.classes), numbered)

    def _deciding(self) -> set[str]:
        """The rules that decided or could not be judged, and those that made up the risk when one of them reads it."""
        verdict = self.review.verdict
        found = {rule.id for rule in verdict.rules} | {error.id for error in verdict.errors}
        if any(rule.id in found and rule.reads_risk for rule in self.review.policy.rules):
            found |= {rule.id for rule in self._risky()}
        return found

    def _risky(self) -> list[RuleForm]:
        states = {rule.id: rule.state for rule in self.explanation.rules if rule.effect == "risk" and not rule.shadow}
        return [rule for rule in self.review.policy.rules if states.get(rule.id, "not fired") != "not fired"]

    # ---- the card ----

    def card(self) -> Card:
        review = self.review
        all_rows = rows(self.redacted.document)
        kept = _bounded([row for row in all_rows if row[0] != WORDS])
        words, hidden, errors = self._words(), self._hidden(), self._errors()
        complete = self.redacted.whole and len(kept) >= len(all_rows) - 1 and len(hidden) <= MAX_FIELDS
        flags = flags_of(self.redacted, hidden, words, review.marks, complete=complete, errors=bool(errors))
        return Card(
            request=self._own(review.request),
            salt=review.salt or secrets.token_hex(16),
            asked_at=moment(review.asked_at),
            deadline=moment(review.deadline),
            policy=review.verdict.policy,
            shows=tuple(sorted(self.viewer.classes)),
            who=self._who(),
            action=self._value(("action", "name")) or "",
            resource=cards.Resource(self._value(("resource", "type")), self._value(("resource", "id"))),
            words=words,
            rules=self._rules(),
            errors=errors,
            risk=review.verdict.risk,
            risks=tuple(cards.Risk(rule.id, plain(rule.title), rule.weight) for rule in self._risky()),
            seats=self._seats(),
            fields=tuple(self._field(row) for row in kept if not self._is_elsewhere(row)),
            earlier=self._earlier(all_rows),
            instead=self._instead(),
            hidden=hidden[:MAX_FIELDS],
            flags=tuple(flags),
        )

    def _own(self, text: str) -> str:
        """A text of the request itself, in one line."""
        return one_line(self.redactor.text(text))

    def _value(self, names: tuple[str, ...]) -> str | None:
        """A value of the redacted document, in one line."""
        value = lookup(self.redacted.document, names)
        return None if value is None else one_line(text_of(value))

    def _who(self) -> cards.Who:
        chain = self.review.chain
        owner, holder = (None if name is None else self._name(name) for name in (chain.owner, chain.holder))
        behalf = tuple(map(self._name, chain.on_behalf_of))
        return cards.Who(self._name(chain.requester), self._value(("subject", "type")), owner, behalf, holder)

    def _name(self, name: str) -> str:
        return one_line(self.redactor.name(name))

    def _words(self) -> cards.Quote | None:
        """The agent's words, capped; a mark is never cut."""
        text = lookup(self.redacted.document, map(str, WORDS))
        if not isinstance(text, str) or not text:
            return None
        kept = capped("\n".join(text.split("\n")[:MAX_WORDS_LINES]), MAX_WORDS)
        return cards.Quote(lines_of(kept), len(text) - len(kept))

    def _seats(self) -> tuple[cards.Seat, ...]:
        terms = self.review.terms or self.review.verdict.approval
        return tuple(cards.Seat(seat.count, seat.selector, plain(seat.name)) for seat in terms.seats) if terms else ()

    # ---- rules ----

    def _rules(self) -> tuple[cards.Rule, ...]:
        by_id = {rule.id: rule for rule in self.review.policy.rules}
        return tuple(
            cards.Rule(fired.id, plain(fired.title), self._reason(by_id[fired.id]), _controls(fired.controls), fired.at)
            for fired in self.review.verdict.rules
        )

    def _reason(self, rule: RuleForm) -> str:
        """The rule's reason, filled in from the redacted document: what is hidden there is hidden here."""
        return one_line("".join(plain(part) if isinstance(part, str) else self._printed(part) for part in rule.reason))

    def _printed(self, part: Raw) -> str:
        value = lookup(self.redacted.document, next(iter(routes_of([part]))))
        text = NONE if value is None else text_of(value) if isinstance(value, str) else _compact(value)
        return text if len(text) <= MAX_PRINTED else f"{capped(text, MAX_PRINTED - 3)}..."

    def _errors(self) -> tuple[str, ...]:
        return tuple(
            self._own(f"{error.id}: {cause.where or 'the action'}: expected {cause.expected}, found {cause.found}")
            for error in self.review.verdict.errors
            for cause in error.causes
        )

    def _instead(self) -> tuple[cards.Flip, ...]:
        change = self.explanation.nearest
        flips = change.flips if change is not None and self.review.verdict.decision != "allow" else ()
        return tuple(cards.Flip(flip.rule, one_line(plain(flip.text)), flip.to) for flip in flips)

    # ---- the document ----

    def _is_elsewhere(self, row: Row) -> bool:
        """Whether the card's head says what a row says, or only that this is another attempt."""
        path, text = row
        names = path in {("subject", "id"), ("subject", "owner")} or path[:2] == ("subject", "on_behalf_of")
        volatile = touches(path, self.volatile) and not touches(path, self.read)
        return path in _HEAD or volatile or (names and text in self.review.chain.names)

    def _field(self, row: Row) -> cards.Field:
        path, text = row
        return cards.Field(written(path), lines_of(text), touches(path, self.read), is_hidden(text))

    def _hidden(self) -> tuple[cards.Hidden, ...]:
        material = [*self.read, *self.review.material]
        return tuple(
            cards.Hidden(each.place, each.mark, each.why, each.effect or touches(each.path, material))
            for each in self.redacted.hidden
        )

    def _earlier(self, now: Sequence[Row]) -> cards.Earlier | None:
        review = self.review
        if review.previous is None:
            return None
        # Redacted on its own, without numbers: marks say nothing across requests.
        before = rows(self._redactor(numbered=False).document(dict(review.previous)).document)
        rest = ([row for row in each if not touches(row[0], self.volatile)] for each in (before, now))
        changes, hidden = compared(*rest)
        at = None if review.previous_at is None else moment(review.previous_at)
        status = None if review.previous_status is None else plain(review.previous_status)
        left_out = len(changes[MAX_CHANGES:]) + len(hidden[MAX_CHANGES:])
        return cards.Earlier(at, status, tuple(changes[:MAX_CHANGES]), tuple(hidden[:MAX_CHANGES]), left_out)


def moment(milliseconds: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _controls(ids: Iterable[str]) -> tuple[cards.Control, ...]:
    return tuple(cards.Control(each, "" if (known := resolve(each)) is None else known.title) for each in ids)


def _compact(value: object) -> str:
    return ", ".join(f"{written(path)} {text}".strip() for path, text in rows(value))


def _bounded(every: Sequence[Row]) -> list[Row]:
    """The rows that fit a card."""
    kept: list[Row] = []
    left = MAX_CHARACTERS
    for row in every[:MAX_FIELDS]:
        left -= len(row[1]) + sum(len(str(step)) for step in row[0])
        if left < 0:
            break
        kept.append(row)
    return kept


def _volatile(policy: Policy) -> frozenset[Path]:
    """The places that differ between two attempts at the same thing, by the schema."""
    marked = (shape.name for shape in policy.form.shapes if ("x-volatile", "true") in shape.marks)
    return frozenset(dotted(name) for name in marked if name)
