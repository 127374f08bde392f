"""Tessera's own `fsck`, which checks a log in tlog-tiles form: found, or installed where Go is."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

VERSION = "v1.0.4"
MODULE = f"github.com/transparency-dev/tessera/cmd/fsck@{VERSION}"
PATIENCE = 120
"""Seconds that the installation may take."""

_ROOT = Path(__file__).parents[2]


@cache
def find() -> Path | str:
    """The program that ASSENTRY_FSCK names, or one made by `go install`; else the reason why there is none."""
    named = os.environ.get("ASSENTRY_FSCK")
    if named is not None:
        return Path(named) if os.access(named, os.X_OK) else f"ASSENTRY_FSCK names `{named}`, which is no program"
    folder = _ROOT / "build" / f"fsck-{VERSION}"
    if not (folder / "fsck").exists():
        go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
        if go is None:
            return "Go is not installed, so that Tessera's fsck cannot be either"
        command = [go, "install", MODULE]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                env={**os.environ, "GOBIN": str(folder)},
            )
        except subprocess.TimeoutExpired:
            return f"`go install {MODULE}` took longer than {PATIENCE} s"
        if done.returncode:
            return f"`go install {MODULE}` failed: {done.stderr.strip().splitlines()[-1:]}"
    return folder / "fsck"


def check(program: Path, folder: Path, key: str, origin: str) -> tuple[bool, str]:
    """Whether an export holds by Tessera's lights, and what it printed."""
    public = folder.with_name(f"{folder.name}.pub")
    public.write_text(f"{key}\n", encoding="utf-8")
    words = [f"--storage_url=file://{folder}/", f"--origin={origin}", f"--public_key={public}", "--ui=false", "-N=4"]
    try:
        done = subprocess.run([program, *words], check=False, capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired:  # with too few workers it waits for ever for itself where a tile is wrong
        return False, "it came to no end"
    return done.returncode == 0 and "Successfully" in done.stderr, done.stderr
