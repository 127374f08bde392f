"""Clocks that run, and can be moved on, for tests that cannot wait: this machine's, and a PostgreSQL server's."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg

from assentry.ledger.clock import Reading, SystemClock

_MAKE = (
    "CREATE TABLE step (id integer PRIMARY KEY, milliseconds bigint)",
    "INSERT INTO step VALUES (1, 0)",
    """CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.clock_timestamp() + interval '1 ms' * (SELECT milliseconds FROM public.step WHERE id = 1) $$""",
)
_DROP = ("DROP FUNCTION IF EXISTS public.clock_timestamp()", "DROP TABLE IF EXISTS step")


@dataclass
class MovableClock:
    """This machine's clock; `tick` lets time pass, in milliseconds."""

    passed: int = 0
    _system: SystemClock = field(default_factory=SystemClock)

    def read(self) -> Reading:
        reading = self._system.read()
        return reading._replace(wall=reading.wall + self.passed, mono=reading.mono + self.passed)

    def tick(self, milliseconds: int) -> None:
        self.passed += milliseconds

    def close(self) -> None:
        """Nothing has to be put back."""


@dataclass(kw_only=True)
class ServerClock(MovableClock):
    """A clock that sessions through `address` read in place of the server's own; ledgers take it for this machine's.

    Time passes with `tick` for both; `step` sets the server's, and no time passes. Both take milliseconds.
    """

    database: str

    def __post_init__(self) -> None:
        self._run(*_DROP, *_MAKE)

    @property
    def address(self) -> str:
        return f"{self.database}?options=-csearch_path%3Dpublic,pg_catalog"

    def tick(self, milliseconds: int) -> None:
        self.step(milliseconds)
        super().tick(milliseconds)

    def step(self, milliseconds: int) -> None:
        self._run(f"UPDATE step SET milliseconds = milliseconds + {milliseconds}")

    def close(self) -> None:
        self._run(*_DROP)

    def _run(self, *texts: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            for text in texts:
                connection.execute(text)
