"""A stage for rehearsals in PostgreSQL: a database whose state is kept and put back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from assentry.ledger.selftest.stage import Rows
from assentry.ledger.tables import metadata
from tests.support.postgres import Server

_NUMBERS = itertools.count()


class ServerVandal:
    """A vandal with SQL access."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self._connection = connection

    def run(self, text: str, /, **params: object) -> Rows:
        cursor = self._connection.execute(re.sub(r":(\w+)", r"%(\1)s", text), params)
        return cursor.fetchall() if cursor.description is not None else []


@dataclass(frozen=True)
class ServerStage:
    """A database of a running server; copies are kept as schemas, since databases take long to make."""

    server: Server
    name: str

    @classmethod
    def new(cls, server: Server) -> ServerStage:
        stage = cls(server, f"stage_{next(_NUMBERS)}")
        server.sql(f"CREATE DATABASE {stage.name}")
        return stage

    @property
    def place(self) -> str:
        return self.server.address(self.name)

    def keep(self, name: str) -> None:
        with self._connection() as connection:
            connection.execute(f"CREATE SCHEMA kept_{name}")
            for table in metadata.tables:
                connection.execute(f'CREATE TABLE kept_{name}."{table}" AS TABLE public."{table}"')

    def again(self, name: str) -> ServerStage:
        """The kept state in the place of the one there is: attacks come one after the other."""
        with self._connection() as connection:
            for table in metadata.tables:
                connection.execute(f'DELETE FROM public."{table}"')
                connection.execute(f'INSERT INTO public."{table}" SELECT * FROM kept_{name}."{table}"')
        return self

    @contextmanager
    def vandal(self) -> Iterator[ServerVandal]:
        with self._connection() as connection:
            yield ServerVandal(connection)

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.place)
