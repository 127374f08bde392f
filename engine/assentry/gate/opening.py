"""How a gate comes to be: what has to fit together before it decides anything, and what it announces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Lock

from assentry.approvals import Settings
from assentry.approvals.directory import Directory
from assentry.errors import Denied, GateError, LedgerKey
from assentry.evaluator.policy import Policy
from assentry.gate import announce
from assentry.gate.clerk import Clerk
from assentry.gate.directory.source import DirectorySource
from assentry.gate.documents import Documents
from assentry.gate.grant import Grant
from assentry.gate.judge import Judge
from assentry.gate.keys import GateKeys
from assentry.gate.metrics import Meter
from assentry.gate.mint import Mint
from assentry.gate.opaque import Names
from assentry.gate.parts import Listener, Parts
from assentry.gate.tool import Tool, Tools
from assentry.ledger import opening
from assentry.ledger.entry import Conflict, Item, Moment, Refused, draft
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.ledger.store import Ledger

_IN_FORCE = "in force already"


ATTEMPTS = 4
"""How often a first key is announced while others are quicker; whoever was is read the next time."""


def parts(  # noqa: PLR0913 -- what the gate was given
    policy: Policy,
    ledger: Ledger | None,
    directory: DirectorySource | Directory,
    keys: GateKeys | None,
    settings: Settings,
    audience: str | None,
    listeners: tuple[Listener, ...],
    tools: Iterable[Tool],
) -> Parts:
    """Put a gate's parts together, and announce its key. Raises GateError where they do not fit, LedgerError."""
    log = opening.memory("development", sealing=SealingKey.generate()) if ledger is None else ledger
    head = log.head()
    keys = keys or _throwaway(log, head.origin)
    try:
        log.seal(b"")
    except LedgerKey as error:
        raise GateError("the gate does not start: the ledger was opened without its sealing key") from error
    names = Names(keys.tenant)
    meter = Meter()
    clerk = Clerk(log, directory, names, settings, meter)
    signer = keys.signer(development=log.development)
    known = _announced(clerk, _role(log), signer, keys.tenant.mark)
    mint = Mint(log, signer, known.epoch, head.origin, head.tenant, audience or head.tenant, known.keys[:-1])
    judge = Judge(policy, head.tenant, keys.tenant)
    documents = Documents(log, clerk.mirror, names)
    return Parts(
        log, clerk, documents, names, keys.tenant, Tools(tools), judge, mint, Lock(), meter, listeners, ledger is None
    )


def _announced(clerk: Clerk, role: announce.Role, signer: Signer, tenant: str) -> announce.Announced:
    """The keys of a role, of which this gate's is the newest; announced here where it is the first.

    With another secret of the tenant nobody would be who they are in the log, and no effect the same.
    """
    for _ in range(ATTEMPTS):
        clerk.mirror.catch_up()
        known = announce.read(clerk.mirror.keys, role)
        if known.keys and known.keys[-1] != signer.verifier:
            raise GateError(f"the gate does not start: grants of this log are signed by `{known.keys[-1]}`")
        if known.tenant not in {None, tenant}:
            raise GateError("the gate does not start: the tenant's key is another than that of this log")
        if known.keys:
            return known
        announce.announce(clerk.ledger, role, known, None, signer, "first", tenant)
    raise GateError("the gate does not start: keys of grants were announced that cannot be read from the log")


def _throwaway(log: Ledger, origin: str) -> GateKeys:
    if not log.development:
        raise GateError("the gate does not start: only a log for development goes without keys that are kept")
    return GateKeys.generate(origin)


def rotate(made: Parts, signer: Signer, reason: str) -> None:
    """Sign grants with another key from now on, announced in the log and signed by the one in force.

    Raises GateError when another was announced at the same time, LedgerError.
    """
    old = made.mint.signer
    role = _role(made.ledger)
    made.clerk.mirror.catch_up()
    known = announce.read(made.clerk.mirror.keys, role)
    if known.keys[-1] != old.verifier or not announce.announce(
        made.ledger, role, known, old, signer, reason, made.key.mark
    ):
        raise GateError("another key of grants was announced at the same time")
    made.mint = replace(made.mint, signer=signer, epoch=known.epoch + 1, retired=(*made.mint.retired, old.verifier))


def _role(log: Ledger) -> announce.Role:
    return "development" if log.development else "grant"


def announce_policy(made: Parts) -> None:
    """Put the gate's policy in force, unless it is. Raises GateError when that cannot be, LedgerError."""
    digest = made.judge.policy.digest
    write = draft("policy", {"digest": digest})

    def build(moment: Moment) -> bytes:
        if moment.policy == digest:
            raise Refused(_IN_FORCE)
        return write(moment)

    if made.ledger.now().policy == digest:
        return
    (result,) = made.ledger.append([Item(build, policy=digest)])
    if isinstance(result, Conflict) and result.detail != _IN_FORCE:
        raise GateError(f"the policy cannot be put in force: {result.reason}")


def use(made: Parts, policy: Policy) -> None:
    """Replace the policy; whoever decides meanwhile waits for it, and decides by the new one."""
    with made.changing:
        before, made.judge = made.judge, replace(made.judge, policy=policy)
        try:
            announce_policy(made)
        except BaseException:
            made.judge = before
            raise


def check_bound(made: Parts, grant: Grant, audience: str | None) -> None:
    """Hold a grant to this log, this tenant, its audience and its mode. Raises Denied."""
    content = grant.content
    if (content["origin"], content["tenant"]) != (made.mint.origin, made.mint.tenant):
        raise Denied("permit", "the grant is of another log", request=grant.request)
    if content["audience"] != (audience or made.mint.audience):
        raise Denied("permit", "the grant is for another executor", request=grant.request)


def close(made: Parts) -> None:
    """Let go of what the gate opened."""
    if made.owns_ledger:
        made.ledger.close()
