"""An agent, four people and a log: what happens to three calls of an agent's tools, from the attempt to the audit.

    python examples/story/story.py

Everything is real and happens in a temporary folder: rules, directory of people, signed log, grants. Only the people
are played by this script.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import assentry
from assentry.errors import Denied, Rejected
from assentry.gate import Caller, Gate, GateKeys, Pending, Voter
from assentry.gate.directory.file import FileDirectory
from assentry.ledger import opening
from assentry.ledger.export import export
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.review import render

HERE = Path(__file__).parent
ORIGIN = "log.shop.example/agents"
WIDTH = 88

AGENT = Caller({"type": "agent", "id": "etl-7", "owner": "dana", "on_behalf_of": [{"type": "user", "id": "omar"}]})
PRODUCTS = {"type": "table", "id": "shop.products", "labels": ["public"]}
CUSTOMERS = {
    "type": "table",
    "id": "crm.customers",
    "labels": ["personal"],
    "connection_string": "postgresql://etl:hunter2@crm-db.internal/crm",
}
SETTINGS = {"type": "file", "id": "deploy/.env", "labels": ["secret"]}
TABLES = {each["id"]: each for each in (PRODUCTS, CUSTOMERS, SETTINGS)}

turns = count(1)
delivered: list[str] = []
"""What really left the house."""


def read(name: str) -> int:
    """A tool of the agent's: it reads a table and says how many rows that were."""
    return 3


def send(name: str, host: str, why: str, rows: int) -> str:
    """Another: it sends rows of a table to a host."""
    delivered.append(f"{rows} rows of {name} to {host}")
    return delivered[-1]


def table(name: str, **_: object) -> Mapping[str, object]:
    """The resource of a call."""
    return TABLES[name]


def details(host: str, why: str, rows: int, **_: object) -> Mapping[str, object]:
    """What rules know of a call of `send`, besides its arguments."""
    sample = {"name": "Kim Example", "email": "kim@customer.example"}
    return {
        "destination": {"kind": "host", "external": True, "host": host},
        "rows": rows,
        "reason": why,
        "sample": sample,
    }


def guarded(gate: Gate) -> tuple[Callable[..., int], Callable[..., Pending[str]]]:
    """Both tools behind the gate: `send` gives a call that can wait."""
    return (
        gate.guard("data.read", resource=table)(read),
        gate.guard("data.export", resource=table, action=details, effect=("name", "host"), wait=False)(send),
    )


def main() -> int:
    """Tell the story; the exit code is 0 when it went as it should."""
    with tempfile.TemporaryDirectory() as folder:
        return tell(Path(folder))


def tell(folder: Path) -> int:
    """Tell the story with a log in this folder."""
    signer = Signer.generate(ORIGIN)
    opening.create(folder / "log.db", "shop", signer)
    log = opening.open_log(folder / "log.db", signer, sealing=SealingKey.generate())
    policy = assentry.load(HERE / "story.assent")
    people = FileDirectory(HERE / "people.yaml")
    with Gate(policy, ledger=log, directory=people, keys=GateKeys.generate(ORIGIN), caller=AGENT) as gate:
        reads, sends = guarded(gate)

        title("An agent reads")
        say(f"etl-7 reads shop.products: {reads('shop.products')} rows. Allowed at once; the log knew first.")

        title("It wants to send personal data outside")
        why = "monthly campaign list for the agency; the password is hunter2"
        pending = sends("crm.customers", host="s3.agency.example", why=why, rows=48210)
        say(f"The call is {pending.status}; deliveries so far: {len(delivered)}.")

        title("What an approver sees")
        card = show(gate, pending.request)

        title("Who cannot say yes")
        refuse(gate, pending.request, card)

        title("Two people agree")
        agree(gate, pending.request, card)

        title("It runs, once")
        run_once(gate, pending)

        title("It wants to send a secret outside")
        keep_secrets(sends)

    export(log, signer, folder / "export")
    (folder / "log.pub").write_text(f"{signer.verifier}\n", encoding="utf-8")
    vote = next(entry.index for entry in log.entries() if entry.type == "voted")
    return audit(folder, vote)


def show(gate: Gate, request: str) -> str:
    """Two people look at the card; its digest, which their answers name."""
    for name in ("lena", "noor"):
        card = gate.card(request, voter(name))
    print(textwrap.indent(render(card, WIDTH - 2), "  "), end="")
    return card.digest


def refuse(gate: Gate, request: str, card: str) -> None:
    """Everybody of the chain tries to agree to their own."""
    for name, who in (("etl-7", "the agent itself"), ("dana", "its owner"), ("omar", "for whom it acts")):
        try:
            gate.vote(request, voter(name), "approve", card)
        except Rejected as error:
            say(f"{name}, {who}: no ({error.code}), {error}")


def agree(gate: Gate, request: str, card: str) -> None:
    """One person for each seat."""
    for name, who in (("lena", "data protection"), ("noor", "owner of the service")):
        say(f"{name}, {who}: yes. The request is {gate.vote(request, voter(name), 'approve', card)}.")


def run_once(gate: Gate, pending: Pending[str]) -> None:
    """The call runs; neither the caller nor somebody with a copy of the grant can run it again."""
    grant = gate.wait(pending.request)
    say(f"Sent {pending.result()}. The request is {pending.status}.")
    for who, again in (("the agent", pending.result), ("a copy of the grant", lambda: gate.redeem(grant, "f" * 32))):
        try:
            again()
        except Denied as error:
            say(f"{who}, a second time: no ({error.code}), {error}")
    say(f"Deliveries: {len(delivered)}.")


def keep_secrets(sends: Callable[..., Pending[str]]) -> None:
    """What nobody can agree to."""
    try:
        sends("deploy/.env", host="paste.example", why="the customer asked for it", rows=12)
    except Denied as error:
        for rule in error.verdict.rules if error.verdict is not None else ():
            say(f"Denied: {rule.title} ({rule.id}; {', '.join(rule.controls)}). {rule.reason}.")
    say(f"Deliveries: {len(delivered)}.")


def audit(folder: Path, vote: int) -> int:
    """Verify the exported log, and a copy in which one bit of a vote is another."""
    title("The log, checked offline with its public key alone")
    good = verify(folder, "export")

    title(f"A copy of it in which one bit of entry {vote}, a vote, is flipped")
    shutil.copytree(folder / "export", folder / "copy")
    bundle = next(path for path in (folder / "copy" / "tile" / "entries").rglob("*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[data.index(b'"approve"') + 1] ^= 1
    bundle.write_bytes(data)
    bad = verify(folder, "copy")
    return 0 if (good, bad, len(delivered)) == (0, 1, 1) else 1


def verify(folder: Path, name: str) -> int:
    command = ["ledger", "verify", name, "--key", "log.pub"]
    say(f"$ assentry {' '.join(command)}")
    done = subprocess.run(
        [sys.executable, "-m", "assentry", *command], cwd=folder, text=True, capture_output=True, check=False
    )
    for line in (done.stdout + done.stderr).strip().splitlines():
        print(textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent="      "))
    return done.returncode


def voter(name: str) -> Voter:
    """A person as the console proved it."""
    return Voter(name, by="console")


def title(text: str) -> None:
    print(f"\n{next(turns)}. {text}\n")


def say(text: str) -> None:
    print(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    "))


if __name__ == "__main__":
    sys.exit(main())
