"""SQLite keeps what it is given, whatever a column's type: odd values are findings or typed errors, never a crash."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from assentry.errors import AssentryError
from assentry.ledger import opening
from assentry.ledger.selftest.run import examine
from assentry.ledger.selftest.scene import TENANT, Scene
from assentry.ledger.selftest.stage import FileStage
from assentry.ledger.tables import metadata
from tests.support.ledgers import item

VALUES = ("x'00'", "'text'", "7", "1.5", "NULL", "CAST(x'ff' AS TEXT)", "-9000000000000000000")
COLUMNS = [(table.name, column.name) for table in metadata.sorted_tables for column in table.c]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(FileStage(tmp_path_factory.mktemp("scene"))).build()


def odd(path: Path, table: str, column: str, value: str) -> bool:
    """Put a value into a column of all rows, or of the last where only one can have it; whether the table lets it in."""
    mine = "tenant = 'acme'" if table == "log" else "log = 1"
    last = f'"{column}" = (SELECT max("{column}") FROM "{table}" WHERE {mine})'
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for which in (mine, f"{mine} AND {last}"):
            with suppress(sqlite3.Error):
                connection.execute(f'UPDATE "{table}" SET "{column}" = {value} WHERE {which}')
                return True
    return False


def use(scene: Scene, stage: FileStage) -> None:
    """Verify, read and append. Whatever is wrong is a finding, or an error with a type."""
    with suppress(AssentryError):
        examine(scene, stage, "witness")
    with (
        suppress(AssentryError),
        opening.open_log(stage.place, scene.second, tenant=TENANT, sealing=scene.sealing) as log,
    ):
        list(log.entries(0, 600))
        log.request_entries("r-1")
        log.receipt(100)
        log.append([item(1, "r-1", log.last("r-1"))])
        log.erase("p-1", "odd")


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{table}.{column}" for table, column in COLUMNS])
def test_odd_values_in(scene: Scene, tmp_path: Path, table: str, column: str) -> None:
    for number, value in enumerate(VALUES):
        stage = FileStage(tmp_path, f"copy-{number}")
        shutil.copy(scene.stage.again("whole").place, stage.place)
        if odd(Path(stage.place), table, column, value):
            use(scene, stage)
        Path(stage.place).unlink()
