"""What the commands under `assentry ledger` share: options, keys, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assentry.ledger.log import Log
    from assentry.ledger.reader import Reader

place_argument = click.argument("place", envvar="ASSENTRY_LEDGER")
"""Where the ledger is: an SQLite file, or a PostgreSQL address."""

tenant_option = click.option("--tenant", metavar="NAME", help="Whose log; needed where a ledger holds several.")

keys_option = click.option(
    "--keys",
    metavar="DIR",
    envvar="ASSENTRY_LEDGER_KEYS",
    help="The folder of the keys. Default: PLACE-keys, for a file.",
)

json_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)

Progress = Callable[[int, int], object]


def key_folder(place: str, keys: str | None) -> Path:
    """The folder of the keys. Raises UsageError where none can be guessed."""
    if keys is not None:
        return Path(keys)
    if "://" in place and not place.startswith("sqlite:///"):
        raise click.UsageError("say where the keys are: --keys DIR")
    return Path(f"{place.removeprefix('sqlite:///')}-keys")


def open_to_write(place: str, tenant: str | None, keys: str | None) -> Log:
    """The log with its keys. Raises a LedgerError."""
    from assentry.errors import LedgerKey
    from assentry.ledger import keyfiles, opening

    folder = key_folder(place, keys)
    signer = keyfiles.read_signer(folder / keyfiles.LOG_KEY)
    path = folder / keyfiles.SEALING_KEY
    sealing = keyfiles.read_sealing(path) if path.exists() else None
    try:
        return opening.open_log(place, signer, tenant=tenant, sealing=sealing)
    except LedgerKey as error:
        if keyfiles.pending(folder) is None:
            raise
        raise LedgerKey(f"{error}; a rotation was interrupted: run `assentry ledger rotate` again") from error


def open_to_read(place: str, tenant: str | None, keys: str | None = None, *, sealing: bool = False) -> Reader:
    """The log without its signing key; with its sealing key where sealed documents are to be read."""
    from assentry.ledger import keyfiles, opening

    key = keyfiles.read_sealing(key_folder(place, keys) / keyfiles.SEALING_KEY) if sealing else None
    return opening.open_reader(place, tenant=tenant, sealing=key)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def move(done: int, total: int) -> None:
            if done % 4096 < 256 or done == total:
                bar.update(task, completed=done, total=total)

        yield move


def read_bytes(path: str) -> bytes:
    """A file's bytes. Raises InputError, naming the file."""
    from assentry.errors import InputError

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from error
