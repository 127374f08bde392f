"""An exported log is one to others: Tessera's own `fsck` reads it, and sees what was changed in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assentry.ledger import opening
from assentry.ledger.export import export
from assentry.ledger.note import Signer
from tests.support.fsck import check, find
from tests.support.ledgers import item

ORIGIN = "log.example/acme"
SIGNER = Signer.generate(ORIGIN)


@pytest.fixture(scope="module")
def fsck() -> Path:
    """Tessera's program, or a skip that says why there is none."""
    found = find()
    if isinstance(found, str):
        pytest.skip(found)
    return found


def exported(folder: Path, size: int) -> Path:
    """The export of a log of so many entries."""
    with opening.memory("acme", SIGNER) as log:
        for start in range(1, size, 8192):
            log.append([item(number) for number in range(start, min(start + 8192, size))])
        export(log, SIGNER, folder)
    return folder


def holds(program: Path, folder: Path) -> bool:
    return check(program, folder, str(SIGNER.verifier), ORIGIN)[0]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1000, 65_537])
def test_logs_of_all_shapes(fsck: Path, tmp_path: Path, size: int) -> None:
    done, printed = check(fsck, exported(tmp_path / "export", size), str(SIGNER.verifier), ORIGIN)
    assert done, printed
    assert f"log with size {size} " in printed


@pytest.mark.parametrize("part", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "checkpoint"])
def test_it_sees_what_we_see(fsck: Path, tmp_path: Path, part: str) -> None:
    folder = exported(tmp_path / "export", 600)
    assert holds(fsck, folder)
    data = bytearray((folder / part).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / part).write_bytes(data)
    assert not holds(fsck, folder)


def test_another_key(fsck: Path, tmp_path: Path) -> None:
    folder = exported(tmp_path / "export", 3)
    assert not check(fsck, folder, str(Signer.generate(ORIGIN).verifier), ORIGIN)[0]
