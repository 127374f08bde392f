"""`assentry ledger serve-witness`: watch logs for others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit

if TYPE_CHECKING:
    from assentry.ledger.note import Signer


@click.command(name="serve-witness", short_help="watch logs for others")
@click.option("--store", metavar="DIR", required=True, help="What it remembers; a git work tree gets commits.")
@click.option("--key", metavar="FILE", required=True, help="Its private key; made when there is none.")
@click.option("--name", metavar="NAME", help="Its name, such as witness.example/w1: for a new key.")
@click.option("--log", "logs", multiple=True, required=True, metavar="KEY", help="A log's public key, or its file.")
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8470", show_default=True, help="Where it listens.")
def command(store: str, key: str, name: str | None, logs: tuple[str, ...], listen: str) -> Exit:
    """Serve a witness (C2SP tlog-witness) over HTTP until it is interrupted; put TLS in front of it.

    It cosigns a checkpoint only if that continues the newest one it has seen. Run it where the log's operator
    cannot touch it.

    \b
    Example:
      assentry ledger serve-witness --store /var/lib/witness --key w1.key --name witness.example/w1 --log log.pub
    """
    from assentry.cli.page import Page, Styled
    from assentry.ledger import keyfiles
    from assentry.ledger.witness.judge import Witness
    from assentry.ledger.witness.server import Server
    from assentry.ledger.witness.store import FileStore, GitStore

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        raise click.UsageError("--listen has the form HOST:PORT")
    signer = _signer(Path(key), name)
    folder = Path(store)
    kept = GitStore(folder) if (folder / ".git").exists() else FileStore(folder)
    watched = [keyfiles.read_verifier(text) for text in logs]
    page = Page()
    with Server(host.strip("[]"), int(port), Witness(signer, watched, kept)) as server:
        page.line(Styled("witness ", "allow"), f"{signer.verifier}")
        page.line("listens on ", f"http://{host}:{server.server_address[1]}")
        for one in watched:
            page.line("watches ", str(one))
        sys.stdout.flush()  # in a file of its own nobody would see it otherwise
        server.serve_forever()
    return Exit.FINE


def _signer(path: Path, name: str | None) -> Signer:
    from assentry.ledger import keyfiles
    from assentry.ledger.note import COSIGNATURE, Signer

    if not path.exists():
        if name is None:
            raise click.UsageError("a new key needs a name: --name")
        signer = Signer.generate(name, COSIGNATURE)
        keyfiles.write_private(path, signer.private_text())
        path.with_suffix(".pub").write_text(f"{signer.verifier}\n", encoding="utf-8")
    return keyfiles.read_signer(path)
